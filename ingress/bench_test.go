package ingress

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"

	"internetidentity/certificate"
)

// BenchmarkBareP256 is the unit in which the others are told: the check of one
// P-256 signature and nothing around it.
func BenchmarkBareP256(b *testing.B) {
	key := p256Key(1)
	message := []byte("message")
	signature := signP256(key, message)
	hash := sha256.Sum256(message)
	b.ReportAllocs()
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, hash[:], signature) {
			b.Fatal("does not verify")
		}
	}
}

// delegationCache remembers as a host does.
type delegationCache map[[32]byte]*certificate.VerifiedDelegation

func (c delegationCache) Get(key [32]byte) (*certificate.VerifiedDelegation, bool) {
	d, ok := c[key]
	return d, ok
}

func (c delegationCache) Put(key [32]byte, d *certificate.VerifiedDelegation) { c[key] = d }

func benchmarkAuthenticate(b *testing.B, keys ...scheme) {
	e, err := Parse(request(b, callContent(), keys).Encode())
	if err != nil {
		b.Fatal(err)
	}
	v := verifier()
	v.Certificates.Cache = delegationCache{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Authenticate(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	for _, s := range schemes(1) {
		b.Run(s.name, func(b *testing.B) { benchmarkAuthenticate(b, s) })
	}
	// As after a sign-in: the canister's word for a session key of the browser.
	b.Run("canister to P-256", func(b *testing.B) { benchmarkAuthenticate(b, canisterScheme(1), p256Scheme(2)) })
	// As on the page of the service: a passkey's word for a session key.
	b.Run("WebAuthn to P-256", func(b *testing.B) { benchmarkAuthenticate(b, es256Scheme(1), p256Scheme(2)) })
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name    string
		content Content
		keys    []scheme
	}{
		{"call", callContent(), []scheme{p256Scheme(1)}},
		{"call with a chain", callContent(), []scheme{canisterScheme(1), p256Scheme(2)}},
		{"read_state", readContent(), []scheme{p256Scheme(1)}},
	} {
		body := request(b, c.content, c.keys).Encode()
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	e := request(b, callContent(), []scheme{canisterScheme(1), p256Scheme(2)})
	b.ReportAllocs()
	for b.Loop() {
		e.Encode()
	}
}

// BenchmarkRefuseManyTargets is the dearest chain that no signature is needed
// for.
func BenchmarkRefuseManyTargets(b *testing.B) {
	e := request(b, callContent(), edKeys(21))
	for i := range e.Delegations {
		e.Delegations[i].Delegation.Targets = manyTargets(maxTargets)
	}
	e.Signature = make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := verifier().Authenticate(e); err == nil {
			b.Fatal("accepted")
		}
	}
}
