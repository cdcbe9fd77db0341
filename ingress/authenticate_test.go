package ingress

import (
	"errors"
	"math"
	"testing"

	"internetidentity/certificate"
	"internetidentity/principal"
)

func TestEverySchemeAuthenticates(t *testing.T) {
	for _, s := range schemes(1) {
		for _, content := range []Content{callContent(), queryContent(), readContent()} {
			e := request(t, content, []scheme{s})
			if e.Content.Sender != s.principal() {
				t.Errorf("%s: the sender is %s", s.name, e.Content.Sender)
			}
			wantError(t, verifier().Verify(e, now), "")
			// One signature for another request.
			changed := *e
			changed.Content.Expiry++
			changed.ID = changed.Content.ID()
			wantRefusal(t, verifier().Verify(&changed, now), 400, "Invalid signature: ")
			// And by way of a session key, as after a sign-in.
			e = request(t, content, []scheme{s, ed25519Scheme(9)})
			if e.Content.Sender != s.principal() {
				t.Errorf("%s, delegated: the sender is %s", s.name, e.Content.Sender)
			}
			wantError(t, verifier().Verify(e, now), "")
		}
	}
}

func TestAnonymousSenderShowsNothing(t *testing.T) {
	const notAllowed = "Signature is not allowed for the anonymous user"
	for _, c := range []struct {
		name   string
		change func(e *Envelope)
		want   string
	}{
		{"plain", func(e *Envelope) {}, ""},
		{"a key", func(e *Envelope) { e.PublicKey = ed25519Scheme(1).key }, notAllowed},
		{"an empty key", func(e *Envelope) { e.PublicKey = []byte{} }, notAllowed},
		{"a signature", func(e *Envelope) { e.Signature = ed25519Scheme(1).sign(nil) }, notAllowed},
		{"an empty signature", func(e *Envelope) { e.Signature = []byte{} }, notAllowed},
		{"a chain", func(e *Envelope) { e.Delegations = chain([]scheme{ed25519Scheme(1), ed25519Scheme(2)}) }, notAllowed},
		{"an empty chain", func(e *Envelope) { e.Delegations = []certificate.SignedDelegation{} }, notAllowed},
		{"a sender info", func(e *Envelope) { e.Content.SenderInfo = &SenderInfo{} }, "Invalid sender info: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &Envelope{Content: callContent()}
			e.Content.Sender = principal.Anonymous()
			c.change(e)
			e.ID = e.Content.ID()
			authority, err := verifier().Authenticate(e)
			wantRefusal(t, err, 400, c.want)
			if err == nil && (authority.NotAfter != math.MaxUint64 || authority.Targets != nil || authority.QueriesOnly) {
				t.Errorf("the authority is %+v", authority)
			}
		})
	}
}

func TestSenderMustBeTheKeysPrincipal(t *testing.T) {
	key := ed25519Scheme(1)
	for _, c := range []struct {
		name   string
		change func(e *Envelope)
		want   string
	}{
		{"honest", func(e *Envelope) {}, ""},
		{"no key", func(e *Envelope) { e.PublicKey = nil }, "Missing signature from user: " + key.principal().String()},
		{"no signature", func(e *Envelope) { e.Signature = nil }, "Missing signature from user: " + key.principal().String()},
		{"an empty signature", func(e *Envelope) { e.Signature = []byte{} }, "Invalid signature: "},
		{"another key", func(e *Envelope) { e.PublicKey = ed25519Scheme(2).key }, "The user id " + key.principal().String() + " does not match the public key 302a"},
		{"another sender", func(e *Envelope) { e.Content.Sender = other }, "The user id " + other.String() + " does not match"},
		{"the management canister", func(e *Envelope) { e.Content.Sender = principal.Management() }, "The user id aaaaa-aa does not match"},
		{"a key of no kind", func(e *Envelope) {
			e.PublicKey = []byte("key")
			e.Content.Sender = principal.SelfAuthenticating(e.PublicKey)
		}, "Invalid signature: Invalid basic signature: public key is of no supported kind"},
		{"an empty key", func(e *Envelope) {
			e.PublicKey = []byte{}
			e.Content.Sender = principal.SelfAuthenticating(nil)
		}, "of no supported kind"},
		{"an empty chain", func(e *Envelope) { e.Delegations = []certificate.SignedDelegation{} }, ""},
		{"signed without the domain", func(e *Envelope) { e.Signature = key.sign(e.ID[:]) }, "Invalid signature: "},
		{"signed as a delegation", func(e *Envelope) {
			e.Signature = key.sign(append([]byte("\x1aic-request-auth-delegation"), e.ID[:]...))
		}, "Invalid signature: "},
		{"a refusal of a long key stays short", func(e *Envelope) { e.PublicKey = make([]byte, maxKeyBytes) }, "does not match"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := request(t, callContent(), []scheme{key})
			c.change(e)
			err := verifier().Verify(e, now)
			wantRefusal(t, err, 400, c.want)
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("a text of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestSenderInfo(t *testing.T) {
	key := canisterScheme(1)
	sign := func(s scheme, info string) []byte { return s.sign([]byte("\x0eic-sender-info" + info)) }
	honest := func() *SenderInfo {
		return &SenderInfo{Info: []byte("info"), Signer: canister, Signature: sign(key, "info")}
	}
	session := ed25519Scheme(2)
	for _, c := range []struct {
		name string
		info *SenderInfo
		keys []scheme
		want string
	}{
		{"honest", honest(), []scheme{key}, ""},
		{"honest, with a session key", honest(), []scheme{key, session}, ""},
		{"empty", &SenderInfo{Signer: canister, Signature: sign(key, "")}, []scheme{key}, ""},
		{"another info", &SenderInfo{Info: []byte("else"), Signer: canister, Signature: sign(key, "info")}, []scheme{key}, "has not signed this"},
		{"another signer", &SenderInfo{Info: []byte("info"), Signer: other, Signature: sign(key, "info")}, []scheme{key}, "signed by " + other.String()},
		{"signed under another seed", &SenderInfo{Info: []byte("info"), Signer: canister, Signature: sign(canisterScheme(2), "info")}, []scheme{key}, "has not signed this"},
		{"signed without the domain", &SenderInfo{Info: []byte("info"), Signer: canister, Signature: key.sign([]byte("info"))}, []scheme{key}, "has not signed this"},
		{"not signed", &SenderInfo{Info: []byte("info"), Signer: canister}, []scheme{key}, "malformed canister signature"},
		{"of a sender with a plain key", honest(), []scheme{session}, "not a DER-encoded canister signature key"},
		{"of a plain key that a canister's delegates to", honest(), []scheme{session, key}, "not a DER-encoded canister signature key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, content := range []Content{callContent(), queryContent()} {
				content.SenderInfo = c.info
				e := request(t, content, c.keys)
				want := c.want
				if want != "" {
					wantRefusal(t, verifier().Verify(e, now), 400, "Invalid sender info: ")
				}
				wantRefusal(t, verifier().Verify(e, now), 400, want)
			}
		})
	}
	t.Run("is part of the request", func(t *testing.T) {
		content := callContent()
		content.SenderInfo = honest()
		e := request(t, content, []scheme{key})
		e.Content.SenderInfo = nil
		e.ID = e.Content.ID()
		wantRefusal(t, verifier().Verify(e, now), 400, "Invalid signature: ")
	})
}

func TestExpiryWindow(t *testing.T) {
	const minute = 60_000_000_000
	for _, c := range []struct {
		name   string
		expiry uint64
		ok     bool
	}{
		{"now", now, true},
		{"in five minutes", now + 5*minute, true},
		{"in five and a half", now + 5*minute + minute/2, true},
		{"a nanosecond later", now + 5*minute + minute/2 + 1, false},
		{"a nanosecond ago", now - 1, false},
		{"at the beginning of time", 0, false},
		{"at the end of time", math.MaxUint64, false},
	} {
		for _, content := range []Content{callContent(), queryContent(), readContent()} {
			content.Expiry = c.expiry
			want := ""
			if !c.ok {
				want = "Invalid request expiry: Specified ingress_expiry not within expected range: " +
					"Minimum allowed expiry: 1700000000000000000, Maximum allowed expiry: 1700000330000000000, Provided expiry: "
			}
			signed := request(t, content, []scheme{ed25519Scheme(1)})
			wantRefusal(t, verifier().Verify(signed, now), 400, want)
			// Nobody in particular may read at any time, but not call.
			anonymous := &Envelope{Content: content}
			anonymous.Content.Sender = principal.Anonymous()
			if content.Kind != Call {
				want = ""
			}
			wantRefusal(t, verifier().Verify(anonymous, now), 400, want)
		}
	}
}

func TestVerdictDoesNotDependOnTheClock(t *testing.T) {
	e := request(t, callContent(), edKeys(3), until(now-5), until(now-7))
	authority, err := verifier().Authenticate(e)
	if err != nil {
		t.Fatal(err)
	}
	if authority.NotAfter != now-7 {
		t.Errorf("not after %d, want the earliest of the chain", authority.NotAfter)
	}
	wantRefusal(t, authority.Check(e, now), 400, "Specified sender delegation has expired: expiry 1699999999999999993, now 1700000000000000000")
}

func TestSignTellsAFailedSigner(t *testing.T) {
	failure := errors.New("the authenticator is gone")
	e, err := Sign(callContent(), failingSigner{failure}, nil, nil)
	if e != nil || !errors.Is(err, failure) {
		t.Errorf("got %v, %v", e, err)
	}
}

type failingSigner struct{ err error }

func (f failingSigner) PublicKey() []byte           { return []byte("key") }
func (f failingSigner) Sign([]byte) ([]byte, error) { return nil, f.err }
