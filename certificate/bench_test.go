package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"
)

// BenchmarkBareP256 is the unit in which the others are told: what a server
// that knows no certificates pays for a sign-in.
func BenchmarkBareP256(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	hash := sha256.Sum256([]byte("message"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, hash[:])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, hash[:], signature) {
			b.Fatal("does not verify")
		}
	}
}

func BenchmarkSign(b *testing.B) {
	key := DeriveSigningKey([32]byte{1})
	b.ReportAllocs()
	for b.Loop() {
		key.Sign([]byte("message"))
	}
}

func BenchmarkVerifyBLS(b *testing.B) {
	key := DeriveSigningKey([32]byte{1})
	public, signature := key.Public(), key.Sign([]byte("message"))
	b.ReportAllocs()
	for b.Loop() {
		if err := VerifyBLS(public, []byte("message"), signature); err != nil {
			b.Fatal(err)
		}
	}
}

// verifiers are the two ways of dealing with delegations.
func (r *rig) verifiers() map[string]Verifier {
	return map[string]Verifier{
		"anew":   {Root: r.root.Public()},
		"cached": {Root: r.root.Public(), Cache: &cache{entries: map[[32]byte]*VerifiedDelegation{}}},
	}
}

// BenchmarkCertificate parses and verifies, as a client does.
func BenchmarkCertificate(b *testing.B) {
	r := newRig()
	encoded := r.certify(r.delegation(Sharded)).Encode()
	for name, v := range r.verifiers() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c, err := Parse(encoded)
				if err != nil {
					b.Fatal(err)
				}
				if err := v.Canister(c, r.canister); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCanisterSignature(b *testing.B) {
	s := newSigner()
	key, signature := s.key(), s.signature()
	for name, v := range s.verifiers() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := v.CanisterSignature(key, s.payload, signature); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkForgedCanisterSignature is what a stranger can make us do.
func BenchmarkForgedCanisterSignature(b *testing.B) {
	s := newSigner()
	key, signature := s.key(), s.signature()
	v := Verifier{Root: s.rig.root.Public()}
	b.ReportAllocs()
	for b.Loop() {
		if v.CanisterSignature(key, []byte("else"), signature) == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	r := newRig()
	encoded := r.certify(r.delegation(Sharded)).Encode()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
