package demo

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"internetidentity/certificate"
	"internetidentity/principal"
)

// good is a sign-in with nothing wrong: one hop, signed by the service, to a
// session key that signs the challenge.
func good(t *testing.T, a *app, s service) signIn {
	t.Helper()
	session := newKey(1)
	challenge := a.challenge(t)
	return signIn{
		Challenge: challenge,
		Chain:     s.chain(identity, certificate.Delegation{PublicKey: session.der(), Expiration: in(time.Hour)}),
		Signature: prove(session, challenge),
	}
}

// in is a time after the start of the test, in nanoseconds since 1970.
func in(d time.Duration) uint64 { return uint64(start.Add(d).UnixNano()) }

func TestGoodSignInIsAccepted(t *testing.T) {
	s := newService()
	a := newApp(t, s)
	w := a.send(t, good(t, a, s))
	var verified struct{ Principal, Expiration string }
	if err := json.Unmarshal(w.Body.Bytes(), &verified); w.Code != http.StatusOK || err != nil {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	want := principal.SelfAuthenticating(certificate.CanisterKey{Canister: identity, Seed: seed}.DER())
	if verified.Principal != want.String() {
		t.Errorf("principal %s, want %s", verified.Principal, want)
	}
	if verified.Expiration != strconv.FormatUint(in(time.Hour), 10) {
		t.Errorf("expiration %s, want %d", verified.Expiration, in(time.Hour))
	}
}

// A session key may hand on what it was given, for example to a worker.
func TestChainOfTwoHopsEndsWithTheEarlier(t *testing.T) {
	s := newService()
	a := newApp(t, s)
	request := good(t, a, s)
	second := newKey(2)
	request.Chain.Delegations = append(request.Chain.Delegations,
		newKey(1).delegate(certificate.Delegation{PublicKey: second.der(), Expiration: in(time.Minute)}))
	wantRefusal(t, a.send(t, request), http.StatusUnauthorized, "did not sign the challenge")

	request.Challenge = a.challenge(t)
	request.Signature = prove(second, request.Challenge)
	w := a.send(t, request)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), strconv.FormatUint(in(time.Minute), 10)) {
		t.Errorf("answered %d %s, want the expiration of the second hop", w.Code, w.Body)
	}
}

func TestBadSignInIsRefused(t *testing.T) {
	s := newService()
	session, stranger := newKey(1), newKey(9)
	hop := certificate.Delegation{PublicKey: session.der(), Expiration: in(time.Hour)}
	limited := func(change func(d *certificate.Delegation)) certificate.Chain {
		d := hop
		change(&d)
		return s.chain(identity, d)
	}
	for _, c := range []struct {
		name   string
		change func(r *signIn)
		want   string
	}{
		{"another canister of the same subnet", func(r *signIn) {
			r.Chain = s.chain(canisterID(8), hop)
		}, "signed by canister"},
		{"a service with another root key", func(r *signIn) {
			other := service{certificate.DeriveSigningKey([32]byte{3}), s.subnet}
			r.Chain = other.chain(identity, hop)
		}, "BLS signature does not verify"},
		{"an expired delegation", func(r *signIn) {
			r.Chain = limited(func(d *certificate.Delegation) { d.Expiration = in(-time.Nanosecond) })
		}, "expired"},
		{"a later expiration than was signed", func(r *signIn) {
			r.Chain.Delegations[0].Delegation.Expiration++
		}, "has not signed this"},
		{"another session key than was signed", func(r *signIn) {
			r.Chain.Delegations[0].Delegation.PublicKey = stranger.der()
			r.Signature = prove(stranger, r.Challenge)
		}, "has not signed this"},
		{"another person's key", func(r *signIn) {
			r.Chain.PublicKey = certificate.CanisterKey{Canister: identity, Seed: []byte("another person")}.DER()
		}, "has not signed this"},
		{"a key of their own in place of the service's", func(r *signIn) {
			r.Chain.PublicKey = stranger.der()
			r.Chain.Delegations[0] = stranger.delegate(hop)
		}, "not a DER-encoded canister signature key"},
		{"a chain for some canisters", func(r *signIn) {
			r.Chain = limited(func(d *certificate.Delegation) { d.Targets = []principal.Principal{identity} })
		}, "certain canisters or queries only"},
		{"a chain for no canister", func(r *signIn) {
			r.Chain = limited(func(d *certificate.Delegation) { d.Targets = []principal.Principal{} })
		}, "certain canisters or queries only"},
		{"a chain for queries", func(r *signIn) {
			r.Chain = limited(func(d *certificate.Delegation) { d.Permissions = "queries" })
		}, "certain canisters or queries only"},
		{"a chain without a hop", func(r *signIn) { r.Chain.Delegations = nil }, "no delegation"},
		{"the same hop twice", func(r *signIn) {
			r.Chain.Delegations = append(r.Chain.Delegations, session.delegate(hop))
		}, "twice"},
		{"a stolen chain, without its key", func(r *signIn) {
			r.Signature = prove(stranger, r.Challenge)
		}, "did not sign the challenge"},
		{"no signature", func(r *signIn) { r.Signature = "" }, "did not sign the challenge"},
		{"a signature that is no hex", func(r *signIn) { r.Signature = "zz" }, "not hex"},
		{"a signature of another challenge", func(r *signIn) {
			r.Signature = prove(session, strings.Repeat("00", 32))
		}, "did not sign the challenge"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newApp(t, s)
			request := good(t, a, s)
			c.change(&request)
			wantRefusal(t, a.send(t, request), http.StatusUnauthorized, c.want)
		})
	}
}

func TestBodyThatCannotBeReadIsRefused(t *testing.T) {
	a := newApp(t, newService())
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"nothing", "", http.StatusBadRequest},
		{"no JSON", "challenge=1", http.StatusBadRequest},
		{"a list", "[]", http.StatusBadRequest},
		{"a challenge that is a number", `{"challenge":1}`, http.StatusBadRequest},
		{"a chain that is a text", `{"chain":"x"}`, http.StatusBadRequest},
		{"no hex in the chain", `{"chain":{"publicKey":"zz","delegations":[]}}`, http.StatusBadRequest},
		{"a body that ends too early", `{"challenge":"`, http.StatusBadRequest},
		{"nested deeply", strings.Repeat("[", 60_000), http.StatusBadRequest},
		{"more than a sign-in can need", `{"challenge":"` + strings.Repeat("a", maxSignInBytes) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefusal(t, a.do("POST", "/api/sign-in", []byte(c.body)), c.status, "could not be read")
		})
	}
}

// Whatever strangers send is answered, and never as a person.
func FuzzSignIn(f *testing.F) {
	s := newService()
	session := newKey(1)
	chain, err := json.Marshal(signIn{
		Challenge: strings.Repeat("ab", 32),
		Chain:     s.chain(identity, certificate.Delegation{PublicKey: session.der(), Expiration: in(time.Hour)}),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(chain)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"challenge":"","chain":{"publicKey":"","delegations":[{"delegation":{},"signature":""}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := &signIns{config: Config{RootKey: s.root.Public(), Canister: identity, Now: func() time.Time { return start }}}
		var request signIn
		if json.Unmarshal(body, &request) != nil {
			return
		}
		if _, _, err := a.verify(request.Challenge, request.Chain, request.Signature); err == nil {
			t.Errorf("accepted %s", body)
		}
	})
}
