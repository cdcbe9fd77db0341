package replica_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/store"
)

// p256 is a key of the kind that browsers make.
type p256 struct{ key *ecdsa.PrivateKey }

func newP256(t testing.TB) p256 {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.NewChaCha8([32]byte{4}))
	if err != nil {
		t.Fatal(err)
	}
	return p256{key}
}

func (k p256) PublicKey() []byte {
	der, err := x509.MarshalPKIXPublicKey(k.key.Public())
	if err != nil {
		panic(err)
	}
	return der
}

func (k p256) Sign(payload []byte) ([]byte, error) {
	hash := sha256.Sum256(payload)
	r, s, err := ecdsa.Sign(rand.NewChaCha8(hash), k.key, hash[:])
	if err != nil {
		return nil, err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signature, nil
}

// BenchmarkP256 is the measure for the others: one bare verification.
func BenchmarkP256(b *testing.B) {
	key := newP256(b)
	hash := sha256.Sum256(nil)
	signature, err := ecdsa.SignASN1(rand.NewChaCha8([32]byte{}), key.key, hash[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.key.PublicKey, hash[:], signature) {
			b.Fatal("the signature does not verify")
		}
	}
}

// BenchmarkCall prepares delegations on a disk: the signature of the sender,
// the call, the durable block, the certificate. One client waits for each
// block alone; many share them.
func BenchmarkCall(b *testing.B) {
	for _, clients := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			r := &rig{t: b, clock: &atomic.Uint64{}}
			r.clock.Store(begin)
			var err error
			if r.store, err = store.Open(b.TempDir(), store.Options{}); err != nil {
				b.Fatal(err)
			}
			r.config = configuration(b, r.store)
			r.config.Now = r.clock.Load
			r.start()
			defer r.close()
			key := newP256(b)
			signed := func(method, arg string) *ingress.Envelope {
				e, err := ingress.Sign(ingress.Content{
					Kind: ingress.Call, Canister: self, Method: method, Arg: arguments(b, method, arg),
					Expiry: begin + 4*minute, Nonce: fmt.Append(nil, r.nonces.Add(1)),
				}, key, nil, nil)
				if err != nil {
					b.Fatal(err)
				}
				return e
			}
			call := func(e *ingress.Envelope) {
				if _, err := r.Call(b.Context(), e, certificate.Sharded); err != nil {
					b.Error(err)
				}
			}
			call(signed("identity_registration_start", "()"))
			call(signed("identity_registration_finish", `(record { authn_method = record {
				authn_method = variant { PubKey = record { pubkey = blob "key" } };
				security_settings = record { protection = variant { Unprotected }; purpose = variant { Authentication } };
				metadata = vec {}; } })`))
			const arg = `(10000, "https://app.example", blob "session", null)`
			first := signed("prepare_delegation", arg).Content
			calls := make(chan *ingress.Envelope, b.N)
			for range b.N {
				c := first
				c.Nonce = fmt.Append(nil, r.nonces.Add(1))
				e, err := ingress.Sign(c, key, nil, nil)
				if err != nil {
					b.Fatal(err)
				}
				calls <- e
			}
			close(calls)
			blocks := r.Height()
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					for e := range calls {
						call(e)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/float64(r.Height()-blocks), "calls/block")
		})
	}
}
