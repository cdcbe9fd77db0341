package webauthn

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"
)

// BenchmarkBareP256 is the measure of all: one verification of the standard
// library with a key at hand.
func BenchmarkBareP256(b *testing.B) {
	hash := sha256.Sum256([]byte("message"))
	signature := es256().sign([]byte("message"))
	b.ReportAllocs()
	for b.Loop() {
		if !ecdsa.VerifyASN1(&p256Key().PublicKey, hash[:], signature) {
			b.Fatal("does not verify")
		}
	}
}

// BenchmarkAssertion reads and checks what comes over the wire: a key in DER
// and an envelope.
func BenchmarkAssertion(b *testing.B) {
	for _, a := range authenticators() {
		der, message, want := EncodeDER(a.cose), a.honest().Encode(), payload()
		b.Run(a.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				k, err := ParseDER(der)
				if err != nil {
					b.Fatal(err)
				}
				assertion, err := ParseAssertion(message)
				if err != nil {
					b.Fatal(err)
				}
				if err := assertion.Verify(k, want); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParse is the part of it before the signature.
func BenchmarkParse(b *testing.B) {
	a := es256()
	der, message := EncodeDER(a.cose), a.honest().Encode()
	b.Run("key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseDER(der); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("envelope and client data", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			assertion, err := ParseAssertion(message)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := ParseClientData(assertion.ClientDataJSON); err != nil {
				b.Fatal(err)
			}
		}
	})
}
