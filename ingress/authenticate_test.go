package ingress

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

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

type change = func(*certificate.Delegation)

func to(targets ...principal.Principal) change {
	return func(d *certificate.Delegation) { d.Targets = append([]principal.Principal{}, targets...) }
}

func permissions(text string) change { return func(d *certificate.Delegation) { d.Permissions = text } }
func until(ns uint64) change         { return func(d *certificate.Delegation) { d.Expiration = ns } }

func manyTargets(n int) []principal.Principal {
	targets := make([]principal.Principal, n)
	for i := range targets {
		targets[i] = canister
	}
	return targets
}

func edKeys(n int) []scheme {
	keys := make([]scheme, n)
	for i := range keys {
		keys[i] = ed25519Scheme(byte(i + 1))
	}
	return keys
}

func TestChainRules(t *testing.T) {
	notTarget := "Canister " + canister.String() + " is not one of the delegation targets"
	const queriesOnly = "Invalid delegation: its permissions allow queries only"
	call, query, read := callContent(), queryContent(), readContent()
	for _, c := range []struct {
		name    string
		content Content
		keys    []scheme
		changes []change
		want    string
	}{
		{"one", call, edKeys(2), nil, ""},
		{"twenty", call, edKeys(21), nil, ""},
		{"twenty-one", call, edKeys(22), nil, "Invalid delegation: a chain of 21 delegations, limit 20"},
		{"of all schemes", call, schemes(1), nil, ""},
		{"to itself", call, []scheme{ed25519Scheme(1), ed25519Scheme(1)}, nil, "Invalid delegation: a key occurs twice in the chain"},
		{"back to the first", call, []scheme{ed25519Scheme(1), p256Scheme(1), ed25519Scheme(1)}, nil, "Invalid delegation: a key occurs twice in the chain"},
		{"back to one on the way", call, append(edKeys(3), ed25519Scheme(2)), nil, "Invalid delegation: a key occurs twice in the chain"},
		{"the same again at the end", call, append(edKeys(3), ed25519Scheme(3)), nil, "Invalid delegation: a key occurs twice in the chain"},

		{"expires now", call, edKeys(2), []change{until(now)}, ""},
		{"expired", call, edKeys(2), []change{until(now - 1)}, "Specified sender delegation has expired: "},
		{"expired on the way", call, edKeys(3), []change{until(now - 1), until(now + 1)}, "Specified sender delegation has expired: "},
		{"expired at the end", query, edKeys(3), []change{nil, until(now - 1)}, "Specified sender delegation has expired: "},
		{"expired, for a read_state", read, edKeys(2), []change{until(now - 1)}, "Specified sender delegation has expired: "},
		{"never expires", call, edKeys(2), []change{until(math.MaxUint64)}, ""},

		{"the one target", call, edKeys(2), []change{to(canister)}, ""},
		{"one of the targets", query, edKeys(2), []change{to(other, canister)}, ""},
		{"another target", call, edKeys(2), []change{to(other)}, notTarget},
		{"another target, for a query", query, edKeys(2), []change{to(other)}, notTarget},
		{"no target at all", call, edKeys(2), []change{to()}, notTarget},
		{"targets that meet", call, edKeys(3), []change{to(other, canister), to(canister)}, ""},
		{"targets that do not meet", call, edKeys(3), []change{to(canister), to(other)}, notTarget},
		{"targets in the middle", call, edKeys(4), []change{nil, to(other), nil}, notTarget},
		{"targets later only", call, edKeys(3), []change{nil, to(canister)}, ""},
		{"targets do not bind a read_state here", read, edKeys(2), []change{to(other)}, ""},
		{"a thousand targets", call, edKeys(2), []change{to(manyTargets(1000)...)}, ""},
		{"a thousand and one", call, edKeys(2), []change{to(manyTargets(1001)...)}, "Invalid delegation: 1001 targets, limit 1000"},

		{"all, for a call", call, edKeys(2), []change{permissions("all")}, ""},
		{"queries, for a call", call, edKeys(2), []change{permissions("queries")}, queriesOnly},
		{"queries, for a query", query, edKeys(2), []change{permissions("queries")}, ""},
		{"queries, for a read_state", read, edKeys(2), []change{permissions("queries")}, ""},
		{"queries on the way", call, edKeys(3), []change{permissions("queries"), permissions("all")}, queriesOnly},
		{"queries at the end", call, edKeys(3), []change{permissions("all"), permissions("queries")}, queriesOnly},
		{"another permission", query, edKeys(2), []change{permissions("calls")}, `Invalid delegation: unknown permissions "calls"`},
		{"another permission in other letters", read, edKeys(2), []change{permissions("Queries")}, "Invalid delegation: unknown permissions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := request(t, c.content, c.keys, c.changes...)
			wantRefusal(t, verifier().Verify(e, now), 400, c.want)
			// The wire loses nothing of it; what it refuses is refused before.
			if parsed, err := Parse(e.Encode()); err == nil {
				wantRefusal(t, verifier().Verify(parsed, now), 400, c.want)
			} else if c.want == "" {
				t.Errorf("does not survive the wire: %v", err)
			}
		})
	}
}

func TestForgedChains(t *testing.T) {
	keys := []scheme{p256Scheme(1), es256Scheme(2), ed25519Scheme(3)}
	stranger := ed25519Scheme(66)
	for _, c := range []struct {
		name   string
		change func(e *Envelope)
		want   string
	}{
		{"honest", func(e *Envelope) {}, ""},
		{"the request signed by the first key", func(e *Envelope) { e.Signature = signRequest(e, keys[0]) }, "Invalid signature: "},
		{"the request signed by a key on the way", func(e *Envelope) { e.Signature = signRequest(e, keys[1]) }, "Invalid signature: "},
		{"the request signed by a stranger", func(e *Envelope) { e.Signature = signRequest(e, stranger) }, "Invalid signature: "},
		{"the last delegation taken away", func(e *Envelope) { e.Delegations = e.Delegations[:1] }, "Invalid signature: "},
		{"the whole chain taken away", func(e *Envelope) { e.Delegations = nil }, "Invalid signature: "},
		{"the first delegation taken away", func(e *Envelope) { e.Delegations = e.Delegations[1:] }, "Invalid delegation: "},
		{"the delegations exchanged", func(e *Envelope) {
			slices.Reverse(e.Delegations)
			e.Signature = signRequest(e, keys[1])
		}, "Invalid delegation: "},
		{"a stranger in between", func(e *Envelope) {
			e.Delegations[1] = delegate(stranger, keys[2])
		}, "Invalid delegation: "},
		{"a stranger at the end", func(e *Envelope) {
			e.Delegations = append(e.Delegations, delegate(stranger, ed25519Scheme(67)))
			e.Signature = signRequest(e, ed25519Scheme(67))
		}, "Invalid delegation: "},
		{"a later expiration", func(e *Envelope) { e.Delegations[0].Delegation.Expiration++ }, "Invalid delegation: "},
		{"targets taken away", func(e *Envelope) { e.Delegations[0].Delegation.Targets = nil }, "Invalid delegation: "},
		{"targets emptied", func(e *Envelope) { e.Delegations[0].Delegation.Targets = []principal.Principal{} }, "Invalid delegation: "},
		{"permissions taken away", func(e *Envelope) { e.Delegations[1].Delegation.Permissions = "" }, "Invalid delegation: "},
		{"no signature", func(e *Envelope) { e.Delegations[0].Signature = nil }, "Invalid delegation: "},
		{"a delegation signed as a request", func(e *Envelope) {
			hash := e.Delegations[0].Delegation.Hash()
			e.Delegations[0].Signature = keys[0].sign(append([]byte(requestDomain), hash[:]...))
		}, "Invalid delegation: "},
		{"another sender", func(e *Envelope) { e.PublicKey = stranger.key }, "does not match the public key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := request(t, callContent(), keys, to(canister), permissions("all"))
			c.change(e)
			wantRefusal(t, verifier().Verify(e, now), 400, c.want)
		})
	}
}

func signRequest(e *Envelope, s scheme) []byte {
	return s.sign(append([]byte(requestDomain), e.ID[:]...))
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

func TestVerifyChainAlone(t *testing.T) {
	v := verifier().Certificates
	keys := []scheme{canisterScheme(1), ed25519Scheme(2), p256Scheme(3)}
	whole := func(keys []scheme, changes ...change) certificate.Chain {
		return certificate.Chain{PublicKey: keys[0].key, Delegations: chain(keys, changes...)}
	}
	forged := whole(keys)
	forged.Delegations[1].Delegation.Expiration++
	for _, c := range []struct {
		name  string
		chain certificate.Chain
		want  string
	}{
		{"honest", whole(keys), ""},
		{"of one", whole(keys[:2]), ""},
		{"without a delegation", whole(keys[:1]), "the chain has no delegation"},
		{"nothing", certificate.Chain{}, "the chain has no delegation"},
		{"expires now", whole(keys, until(now)), ""},
		{"expired", whole(keys, nil, until(now-1)), "the chain has expired at 1699999999999999999"},
		{"forged", forged, "signature does not verify"},
		{"by another first key", certificate.Chain{PublicKey: canisterScheme(2).key, Delegations: chain(keys)}, "has not signed this"},
		{"too long", whole(edKeys(22)), "limit 20"},
		{"in a circle", whole(append(edKeys(2), ed25519Scheme(1))), "a key occurs twice"},
		{"permissions of no kind", whole(keys, permissions("x")), "unknown permissions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := VerifyChain(v, c.chain, now)
			wantError(t, err, c.want)
		})
	}
	authority, err := VerifyChain(v, whole(keys, to(canister, other), permissions("queries")), now)
	if err != nil {
		t.Fatal(err)
	}
	if !authority.QueriesOnly || !authority.Allows(other) || authority.Allows(principal.Management()) {
		t.Errorf("the authority is %+v", authority)
	}
}

func TestAuthorityKeepsNothingOfTheEnvelope(t *testing.T) {
	e := request(t, callContent(), edKeys(2), to(canister))
	authority, err := verifier().Authenticate(e)
	if err != nil {
		t.Fatal(err)
	}
	e.Delegations[0].Delegation.Targets[0] = other
	if !authority.Allows(canister) || authority.Allows(other) {
		t.Error("the authority changes with the envelope")
	}
}

func TestTargetsAreIntersected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Custom(func(t *rapid.T) principal.Principal {
			p, _ := principal.FromBytes([]byte{rapid.ByteRange(0, 5).Draw(t, "id")})
			return p
		})
		lists := rapid.SliceOfN(rapid.SliceOfN(id, 0, 6), 0, 4).Draw(t, "lists")
		present := rapid.SliceOfN(rapid.Bool(), len(lists), len(lists)).Draw(t, "present")
		var delegations []certificate.SignedDelegation
		for i, list := range lists {
			d := certificate.Delegation{PublicKey: []byte{byte(i)}}
			if present[i] {
				d.Targets = append([]principal.Principal{}, list...)
			}
			delegations = append(delegations, certificate.SignedDelegation{Delegation: d})
		}
		authority, err := chainAuthority([]byte("root"), delegations)
		if err != nil {
			t.Fatal(err)
		}
		for n := range byte(7) {
			p, _ := principal.FromBytes([]byte{n})
			want := true
			for i, list := range lists {
				want = want && (!present[i] || slices.Contains(list, p))
			}
			if authority.Allows(p) != want {
				t.Fatalf("allows %d: %v, want %v", n, !want, want)
			}
		}
	})
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
