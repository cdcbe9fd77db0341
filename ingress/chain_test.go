package ingress

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/certificate"
	"internetidentity/principal"
)

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
			authority, err := VerifyChain(v, c.chain, now)
			wantError(t, err, c.want)
			if err != nil && authority.NotAfter != 0 {
				t.Errorf("a refused chain has the authority %+v", authority)
			}
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
