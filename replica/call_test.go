package replica_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/replica"
)

func TestCallIsAnsweredWithItsCertificate(t *testing.T) {
	r := newRig(t)
	for _, layout := range []certificate.Layout{certificate.Flat, certificate.Sharded} {
		e := r.call("ada", "whoami")
		encoded, err := r.Call(t.Context(), e, layout)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := r.outcome(encoded, e.ID), "replied "+whoIs(e.Content.Sender); got != want {
			t.Errorf("the outcome is %q, want %q", got, want)
		}
		c := r.certified(encoded)
		delegation, err := certificate.Parse(c.Delegation.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		id := c.Delegation.SubnetID.Bytes()
		_, flat := delegation.Tree.Lookup([]byte("subnet"), id, []byte("canister_ranges"))
		shards, sharded := delegation.Tree.Subtree([]byte("canister_ranges"), id)
		if want := layout == certificate.Flat; (flat.String() == "found") != want || (sharded.String() == "found" && len(shards.Labels()) == 1) == want {
			t.Errorf("layout %v: flat ranges are %v, shards %v", layout, flat, sharded)
		}
	}
	// A reject is certified too.
	e := r.request("ada", ingress.Content{Kind: ingress.Call, Canister: self, Method: "identity_info", Arg: []byte("DIDL")})
	encoded, err := r.Call(t.Context(), e, certificate.Sharded)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.outcome(encoded, e.ID); !strings.HasPrefix(got, "rejected 05 IC0503 ") {
		t.Errorf("a bad argument gives %q", got)
	}
}

func TestCallsThatAreRefusedMakeNoBlock(t *testing.T) {
	r := newRig(t)
	good := r.call("ada", "whoami")
	change := func(f func(*ingress.Envelope)) *ingress.Envelope {
		e := *good
		f(&e)
		return &e
	}
	content := func(f func(*ingress.Content)) *ingress.Envelope {
		c := good.Content
		f(&c)
		return r.request("ada", c)
	}
	for _, test := range []struct {
		name, want string
		e          *ingress.Envelope
	}{
		{"a signature of another request", "400 Invalid signature: ", change(func(e *ingress.Envelope) { e.Signature = r.call("ada", "whoami").Signature })},
		{"no signature", "400 Missing signature from user: ", change(func(e *ingress.Envelope) { e.Signature = nil })},
		{"another's key", "400 The user id ", change(func(e *ingress.Envelope) { e.PublicKey = person("bob").PublicKey() })},
		{"a signature of nobody", "400 Signature is not allowed for the anonymous user", change(func(e *ingress.Envelope) { e.Content.Sender = principal.Anonymous() })},
		{"expired", "400 Invalid request expiry: ", content(func(c *ingress.Content) { c.Expiry = begin - 1 })},
		{"too far ahead", "400 Invalid request expiry: ", content(func(c *ingress.Content) { c.Expiry = begin + ingress.MaxExpiry + 1 })},
		{"an unknown method", "rejected 5 IC0536 Canister has no update method 'x'.", content(func(c *ingress.Content) { c.Method = "x" })},
		{"another canister", "rejected 3 IC0301 Canister ryjl3-tyaaa-aaaaa-aaaba-cai not found", content(func(c *ingress.Content) { c.Canister = principal.MustParse("ryjl3-tyaaa-aaaaa-aaaba-cai") })},
		{"the management canister", "rejected 5 IC0536 Management canister has no method 'whoami'", content(func(c *ingress.Content) { c.Canister = principal.Principal{} })},
	} {
		_, err := r.Call(t.Context(), test.e, certificate.Sharded)
		if got := refusal(err); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if submitted := r.Submit(t.Context(), test.e); refusal(submitted) != refusal(err) {
			t.Errorf("%s: without waiting %q", test.name, refusal(submitted))
		}
	}
	if h := r.Height(); h != 0 {
		t.Errorf("refused calls made %d blocks", h)
	}
}

// TestTheSameCallFromManyConnectionsRunsOnce sends a call whose second run
// would end otherwise.
func TestTheSameCallFromManyConnectionsRunsOnce(t *testing.T) {
	r := newRig(t)
	e := r.call("ada", "identity_registration_start")
	var all sync.WaitGroup
	outcomes := make(chan string, 50)
	for range 50 {
		all.Go(func() {
			encoded, err := r.Call(t.Context(), e, certificate.Sharded)
			if err != nil {
				t.Error(err)
				return
			}
			outcomes <- r.outcome(encoded, e.ID)
		})
	}
	all.Wait()
	close(outcomes)
	first := <-outcomes
	for other := range outcomes {
		if other != first {
			t.Errorf("one is told %q, another %q", first, other)
		}
	}
	again := r.call("ada", "identity_registration_start")
	encoded, err := r.Call(t.Context(), again, certificate.Sharded)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.outcome(encoded, again.ID); got == first {
		t.Errorf("a second registration is told the same: %q", got)
	}
}

func TestCallSentAgainReturnsItsOutcomeInAFreshCertificate(t *testing.T) {
	r := newRig(t)
	e := r.call("ada", "whoami")
	first, err := r.Call(t.Context(), e, certificate.Sharded)
	if err != nil {
		t.Fatal(err)
	}
	for _, restart := range []bool{false, true} {
		r.clock.Add(minute)
		if restart {
			r.close()
			r.open(r.disk.fs)
		}
		again, err := r.Call(t.Context(), e, certificate.Sharded)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := r.outcome(again, e.ID), r.outcome(first, e.ID); got != want {
			t.Errorf("sent again it is told %q, want %q", got, want)
		}
		if signed, err := r.certified(again).Time(); err != nil || signed != r.clock.Load() {
			t.Errorf("the certificate is of %d, want %d", signed, r.clock.Load())
		}
		height := r.Height()
		if err := r.Submit(t.Context(), e); err != nil {
			t.Errorf("sent again without waiting: %v", err)
		}
		if _, err := r.Call(t.Context(), e, certificate.Sharded); err != nil {
			t.Errorf("sent again at once: %v", err)
		}
		if h := r.Height(); h != height {
			t.Errorf("a call that is known made %d blocks", h-height)
		}
	}
}

func TestOldCallCannotBeReplayed(t *testing.T) {
	r := newRig(t)
	e := r.call("ada", "whoami")
	if _, err := r.Call(t.Context(), e, certificate.Sharded); err != nil {
		t.Fatal(err)
	}
	r.clock.Add(10 * minute)
	if now := r.time(); now != begin+10*minute { // a block that forgets it
		t.Fatalf("the time is %d", now)
	}
	if _, err := r.Call(t.Context(), e, certificate.Sharded); !strings.HasPrefix(refusal(err), "400 Invalid request expiry: ") {
		t.Errorf("a replayed call gives %q", refusal(err))
	}
}

// TestOutcomeThatIsForgottenMeanwhile: the call is known when it comes, and its
// time is over in the block that is made to answer it.
func TestOutcomeThatIsForgottenMeanwhile(t *testing.T) {
	r := newRig(t)
	e := r.call("ada", "whoami")
	if _, err := r.Call(t.Context(), e, certificate.Sharded); err != nil {
		t.Fatal(err)
	}
	r.close()
	var admitted atomic.Bool
	r.now = func() uint64 {
		if admitted.CompareAndSwap(false, true) {
			return begin
		}
		return begin + 10*minute
	}
	admitted.Store(true)
	r.open(r.disk.fs)
	admitted.Store(false)
	if certified, err := r.Call(t.Context(), e, certificate.Sharded); !strings.HasPrefix(refusal(err), "400 Invalid request expiry: ") {
		t.Errorf("answered with %v, %d bytes", err, len(certified))
	}
}

// TestWaitingCallsShareABlock holds the disk while calls come in.
func TestWaitingCallsShareABlock(t *testing.T) {
	r := newRig(t)
	held, release := r.disk.hold()
	defer release()
	if err := r.Submit(t.Context(), r.call("ada", "whoami")); err != nil {
		t.Fatal(err)
	}
	<-held
	const calls = 100
	var last *ingress.Envelope
	for range calls {
		last = r.call("ada", "whoami")
		if err := r.Submit(t.Context(), last); err != nil {
			t.Fatal(err)
		}
	}
	release()
	if _, err := r.Call(t.Context(), last, certificate.Sharded); err != nil {
		t.Fatal(err)
	}
	if h := r.Height(); h != 2 {
		t.Errorf("%d calls behind a slow block made %d blocks, want one more", calls, h)
	}
}

func TestCallerWhoGoesAwayDoesNotTakeTheCallAlong(t *testing.T) {
	r := newRig(t)
	held, release := r.disk.hold()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	e := r.call("ada", "whoami")
	gone := make(chan error)
	go func() {
		_, err := r.Call(ctx, e, certificate.Sharded)
		gone <- err
	}()
	<-held
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller is told %v", err)
	}
	release()
	encoded, err := r.Call(t.Context(), e, certificate.Sharded)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.outcome(encoded, e.ID); !strings.HasPrefix(got, "replied") {
		t.Errorf("the call ended with %q", got)
	}
	if h := r.Height(); h != 1 {
		t.Errorf("%d blocks", h)
	}
}

// TestQueueIsBounded fills it with great calls while the disk stands still. Only
// one method takes arguments of any length.
func TestQueueIsBounded(t *testing.T) {
	r := newRig(t)
	held, release := r.disk.hold()
	defer release()
	if err := r.Submit(t.Context(), r.call("ada", "whoami")); err != nil {
		t.Fatal(err)
	}
	<-held
	arg := make([]byte, 1<<20)
	taken := 0
	var last *ingress.Envelope
	var err error
	for err == nil && taken < 1000 {
		e := r.request("", ingress.Content{Kind: ingress.Call, Canister: self, Method: "deploy_archive", Arg: arg})
		if err = r.Submit(t.Context(), e); err == nil {
			last = e
			taken++
		}
	}
	if got := refusal(err); got != "503 The service is busy. Try again in a moment." {
		t.Errorf("a full queue gives %q", got)
	}
	if most := replica.MaxQueueBytes >> 20; taken > most || taken < most-2 {
		t.Errorf("the queue took %d MiB, limit %d", taken, most)
	}
	release()
	// When the last one is done there is room again.
	for _, e := range []*ingress.Envelope{last, r.call("ada", "whoami")} {
		if _, err := r.Call(t.Context(), e, certificate.Sharded); err != nil {
			t.Error(err)
		}
	}
}

// TestWaitingCallCountsAllOfIt: every part that a stranger can make great.
func TestWaitingCallCountsAllOfIt(t *testing.T) {
	const great = 50_000
	many := make([]byte, great)
	for name, e := range map[string]*ingress.Envelope{
		"argument":                  {Content: ingress.Content{Arg: many}},
		"method":                    {Content: ingress.Content{Method: string(many)}},
		"public key":                {PublicKey: many},
		"signature":                 {Signature: many},
		"info":                      {Content: ingress.Content{SenderInfo: &ingress.SenderInfo{Info: many}}},
		"its proof":                 {Content: ingress.Content{SenderInfo: &ingress.SenderInfo{Signature: many}}},
		"key of a delegation":       {Delegations: []certificate.SignedDelegation{{Delegation: certificate.Delegation{PublicKey: many}}}},
		"signature of a delegation": {Delegations: []certificate.SignedDelegation{{Signature: many}}},
		"targets":                   {Delegations: []certificate.SignedDelegation{{Delegation: certificate.Delegation{Targets: make([]principal.Principal, great/30+1)}}}},
	} {
		if n := replica.Weight(e); n < great {
			t.Errorf("%s of %d bytes: the call counts %d", name, great, n)
		}
	}
}
