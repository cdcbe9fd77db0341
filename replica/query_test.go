package replica_test

import (
	"crypto/ed25519"
	"strings"
	"sync/atomic"
	"testing"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

func TestQueryIsSignedByTheNode(t *testing.T) {
	r := newRig(t)
	for _, test := range []struct{ name, who, method, want string }{
		{"a reply", "ada", "whoami", whoIs(principal.SelfAuthenticating(person("ada").PublicKey()))},
		{"to nobody", "", "whoami", whoIs(principal.Anonymous())},
		{"a reject", "ada", "no_such_method", "IC0536"},
	} {
		e := r.query(test.who, test.method)
		response, err := r.Query(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		o := response.Outcome
		if o.Replied && string(o.Arg) != test.want || !o.Replied && o.ErrorCode != test.want {
			t.Errorf("%s: %+v", test.name, o)
		}
		signature := response.Signatures[0]
		payload := ingress.QueryResponsePayload(o, e.ID, signature.Timestamp)
		if len(response.Signatures) != 1 || signature.Timestamp != r.clock.Load() || signature.Node != r.config.Subnet.Nodes[0].ID ||
			!ed25519.Verify(r.config.NodeKey.Public().(ed25519.PublicKey), payload, signature.Signature) {
			t.Errorf("%s: signed with %+v", test.name, response.Signatures)
		}
	}
}

func TestReadersAreCheckedAsCallersAre(t *testing.T) {
	r := newRig(t)
	bad := r.query("ada", "whoami")
	bad.Signature = r.query("bob", "whoami").Signature
	if _, err := r.Query(t.Context(), bad); !strings.HasPrefix(refusal(err), "400 Invalid signature: ") {
		t.Errorf("a forged query: %v", err)
	}
	read := r.readState("ada")
	read.Signature = bad.Signature
	if _, err := r.ReadState(t.Context(), ingress.Scope{ID: self}, read, certificate.Sharded); !strings.HasPrefix(refusal(err), "400 Invalid signature: ") {
		t.Errorf("a forged read_state: %v", err)
	}
	expired := ingress.Content{Kind: ingress.Query, Canister: self, Method: "whoami", Arg: noArg, Expiry: begin - 1}
	if _, err := r.Query(t.Context(), r.request("ada", expired)); !strings.HasPrefix(refusal(err), "400 Invalid request expiry: ") {
		t.Errorf("an expired query: %v", err)
	}
	if _, err := r.Query(t.Context(), r.request("", expired)); err != nil {
		t.Errorf("an expired query of nobody: %v", err)
	}
	e := r.call("ada", "whoami")
	if _, err := r.Call(t.Context(), e, certificate.Sharded); err != nil {
		t.Fatal(err)
	}
	status := [][]byte{[]byte("request_status"), e.ID[:]}
	if _, err := r.ReadState(t.Context(), ingress.Scope{ID: self}, r.readState("bob", status), certificate.Sharded); !strings.HasPrefix(refusal(err), "403 ") {
		t.Errorf("somebody else's call: %v", err)
	}
	encoded, err := r.ReadState(t.Context(), ingress.Scope{ID: self}, r.readState("ada", status), certificate.Sharded)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.outcome(encoded, e.ID); !strings.HasPrefix(got, "replied") {
		t.Errorf("one's own call: %q", got)
	}
}

// TestVerdictIsOnTheWholeEnvelope: a sender who was right once is not believed
// with anything changed.
func TestVerdictIsOnTheWholeEnvelope(t *testing.T) {
	r := newRig(t)
	content := ingress.Content{Kind: ingress.Query, Sender: principal.Anonymous(), Expiry: begin + minute, Canister: self, Method: "whoami", Arg: noArg, Nonce: []byte{}}
	good, err := ingress.Sign(content, person("ada"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Query(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	delegated := func() *ingress.Envelope {
		d := certificate.Delegation{PublicKey: person("session").PublicKey(), Expiration: begin + hour, Targets: []principal.Principal{}}
		signature, _ := person("ada").Sign(d.SignedBytes())
		e, err := ingress.Sign(content, person("session"), person("ada").PublicKey(), []certificate.SignedDelegation{{Delegation: d, Signature: signature}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if _, err := r.Query(t.Context(), delegated()); !strings.Contains(refusal(err), "is not one of the delegation targets") {
		t.Fatalf("a chain that allows no canister: %v", err)
	}
	changed := func(change func(*ingress.Envelope)) *ingress.Envelope {
		e := *good
		change(&e)
		e.ID = e.Content.ID()
		return &e
	}
	for name, e := range map[string]*ingress.Envelope{
		"another method":   changed(func(e *ingress.Envelope) { e.Content.Method = "stats" }),
		"another argument": changed(func(e *ingress.Envelope) { e.Content.Arg = []byte("DIDL\x00") }),
		"a later expiry":   changed(func(e *ingress.Envelope) { e.Content.Expiry++ }),
		"no nonce":         changed(func(e *ingress.Envelope) { e.Content.Nonce = nil }),
		"a call":           changed(func(e *ingress.Envelope) { e.Content.Kind = ingress.Call }),
		"another signature": changed(func(e *ingress.Envelope) {
			e.Signature = append([]byte{}, e.Signature...)
			e.Signature[0] ^= 1
		}),
		"another key": changed(func(e *ingress.Envelope) { e.PublicKey = person("eve").PublicKey() }),
		"a chain":     changed(func(e *ingress.Envelope) { e.Delegations = delegated().Delegations }),
		"a chain without its targets": func() *ingress.Envelope {
			e := delegated()
			e.Delegations[0].Delegation.Targets = nil
			return e
		}(),
		"a chain that expires later": func() *ingress.Envelope {
			e := delegated()
			e.Delegations[0].Delegation.Expiration++
			return e
		}(),
	} {
		if _, err := r.Query(t.Context(), e); !strings.HasPrefix(refusal(err), "400 ") || strings.Contains(refusal(err), "targets") {
			t.Errorf("%s: %q", name, refusal(err))
		}
	}
}

func TestIdleServiceAnswersWithFreshCertificates(t *testing.T) {
	r := newRig(t)
	for range 3 {
		r.clock.Add(10 * minute)
		if got, want := r.time(), r.clock.Load(); got != want {
			t.Errorf("the time is %d, want %d", got, want)
		}
	}
	if h := r.Height(); h != 3 {
		t.Errorf("%d blocks for three questions", h)
	}
	// Within two seconds the same block will do, for everybody.
	r.clock.Add(2 * second)
	r.time()
	if _, err := r.Query(t.Context(), r.query("ada", "whoami")); err != nil {
		t.Fatal(err)
	}
	if h := r.Height(); h != 3 {
		t.Errorf("a young state was made anew: height %d", h)
	}
	r.clock.Add(1)
	if got, want := r.time(), r.clock.Load(); got != want {
		t.Errorf("the time is %d, want %d", got, want)
	}
	if _, err := r.Ask(t.Context(), self, "stats", noArg); err != nil {
		t.Error(err)
	}
}

// TestBlocksThatTakeLongKeepNobodyWaiting lets every block take longer than a
// state is young.
func TestBlocksThatTakeLongKeepNobodyWaiting(t *testing.T) {
	r := newRig(t)
	r.disk.mu.Lock()
	r.disk.slow = func() { r.clock.Add(3 * second) }
	r.disk.mu.Unlock()
	r.clock.Add(minute)
	if got := r.time(); got < begin+minute {
		t.Errorf("the time is %d", got)
	}
	if h := r.Height(); h > 2 {
		t.Errorf("%d blocks for one question", h)
	}
}

func TestClockThatGoesBack(t *testing.T) {
	r := newRig(t)
	r.clock.Add(hour)
	ahead := r.time()
	r.clock.Add(^uint64(hour - 1)) // an hour back
	if got := r.time(); got != ahead {
		t.Errorf("the time went from %d to %d", ahead, got)
	}
	// Time stands still, and calls that are right by it are executed.
	e := r.request("ada", ingress.Content{Kind: ingress.Call, Canister: self, Method: "whoami", Arg: noArg, Expiry: ahead + minute})
	encoded, err := r.Call(t.Context(), e, certificate.Sharded)
	if err != nil {
		t.Fatal(err)
	}
	if signed, err := r.certified(encoded).Time(); err != nil || signed != ahead {
		t.Errorf("the block is of %d, want %d", signed, ahead)
	}
	if _, err := r.Call(t.Context(), r.call("ada", "whoami"), certificate.Sharded); !strings.HasPrefix(refusal(err), "400 Invalid request expiry: ") {
		t.Errorf("a call of a sender whose clock is right: %v", err)
	}
	r.close()
	r.open(r.disk.fs)
	if got := r.time(); got != ahead {
		t.Errorf("after a restart the time is %d, want %d", got, ahead)
	}
	r.clock.Store(ahead + minute)
	if got := r.time(); got != ahead+minute {
		t.Errorf("when the clock has caught up the time is %d", got)
	}
}

// TestClockThatGoesBackDuringAQuestion: no block has the time that the question
// was asked at.
func TestClockThatGoesBackDuringAQuestion(t *testing.T) {
	r := newRig(t)
	r.close()
	var ahead atomic.Bool
	r.now = func() uint64 {
		if ahead.CompareAndSwap(true, false) {
			return begin + hour // for the question, which is the first to ask
		}
		return begin
	}
	r.open(r.disk.fs)
	height := r.Height()
	ahead.Store(true)
	if _, err := r.Ask(t.Context(), self, "stats", noArg); err != nil {
		t.Fatal(err)
	}
	if n := r.Height() - height; n != 2 {
		t.Errorf("%d blocks for one question", n)
	}
}

func TestDelegationIsRenewedDaily(t *testing.T) {
	r := newRig(t)
	signed := func(layout certificate.Layout) uint64 {
		encoded, err := r.ReadState(t.Context(), ingress.Scope{ID: self}, r.readState(""), layout)
		if err != nil {
			t.Fatal(err)
		}
		delegation, err := certificate.Parse(r.certified(encoded).Delegation.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		of, err := delegation.Time()
		if err != nil {
			t.Fatal(err)
		}
		return of
	}
	for _, test := range []struct{ after, want uint64 }{{0, begin}, {23 * hour, begin}, {24 * hour, begin + 24*hour}, {47 * hour, begin + 24*hour}, {49 * hour, begin + 49*hour}} {
		r.clock.Store(begin + test.after)
		for _, layout := range []certificate.Layout{certificate.Flat, certificate.Sharded} {
			if got := signed(layout); got != test.want {
				t.Errorf("after %d hours the delegation is of %d, want %d", test.after/hour, got, test.want)
			}
		}
	}
}

// TestPageIsAskedForWithACertificate: what the canister answers to the gateway
// carries its proof.
func TestPageIsAskedForWithACertificate(t *testing.T) {
	r := newRig(t)
	outcome, err := r.Ask(t.Context(), self, "stats", noArg)
	if err != nil || !outcome.Replied {
		t.Errorf("%+v, %v", outcome, err)
	}
	if outcome, err := r.Ask(t.Context(), principal.MustParse("ryjl3-tyaaa-aaaaa-aaaba-cai"), "http_request", noArg); err != nil || outcome.ErrorCode != "IC0301" {
		t.Errorf("a canister that is not here: %+v, %v", outcome, err)
	}
}
