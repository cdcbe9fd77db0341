package client

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// Identity is who sends: a key, perhaps with a chain that lets it speak for
// another key. The zero value is the anonymous sender.
type Identity struct {
	Signer ingress.Signer
	Chain  certificate.Chain
}

// Principal is the sender.
func (i Identity) Principal() principal.Principal {
	switch {
	case i.Signer == nil:
		return principal.Anonymous()
	case len(i.Chain.Delegations) > 0:
		return principal.SelfAuthenticating(i.Chain.PublicKey)
	default:
		return principal.SelfAuthenticating(i.Signer.PublicKey())
	}
}

// envelope signs a content.
func (i Identity) envelope(content ingress.Content) (*ingress.Envelope, error) {
	if i.Signer == nil {
		content.Sender = principal.Anonymous()
		return &ingress.Envelope{Content: content, ID: content.ID()}, nil
	}
	return ingress.Sign(content, i.Signer, i.Chain.PublicKey, i.Chain.Delegations)
}

// Delegate lets another key speak for this identity until a time, in
// nanoseconds since 1970.
func (i Identity) Delegate(publicKey []byte, expiration uint64) (certificate.Chain, error) {
	if i.Signer == nil {
		return certificate.Chain{}, errors.New("the anonymous sender cannot delegate")
	}
	d := certificate.Delegation{PublicKey: publicKey, Expiration: expiration}
	signature, err := i.Signer.Sign(d.SignedBytes())
	if err != nil {
		return certificate.Chain{}, err
	}
	chain := certificate.Chain{PublicKey: i.Signer.PublicKey()}
	if len(i.Chain.Delegations) > 0 {
		chain.PublicKey = i.Chain.PublicKey
	}
	chain.Delegations = append(append(chain.Delegations, i.Chain.Delegations...), certificate.SignedDelegation{Delegation: d, Signature: signature})
	return chain, nil
}

// Ed25519 is a key in memory.
type Ed25519 struct{ key ed25519.PrivateKey }

// NewEd25519 makes a key of 32 secret bytes.
func NewEd25519(seed [32]byte) *Ed25519 { return &Ed25519{ed25519.NewKeyFromSeed(seed[:])} }

// GenerateEd25519 makes a key that nobody had before.
func GenerateEd25519() *Ed25519 {
	var seed [32]byte
	rand.Read(seed[:])
	return NewEd25519(seed)
}

// PublicKey in DER.
func (k *Ed25519) PublicKey() []byte { return mustDER(k.key.Public()) }

// Sign signs the payload.
func (k *Ed25519) Sign(payload []byte) ([]byte, error) { return ed25519.Sign(k.key, payload), nil }

// P256 is a key in memory, of the kind that browsers make for sessions.
type P256 struct{ key *ecdsa.PrivateKey }

// GenerateP256 makes a key that nobody had before.
func GenerateP256() (*P256, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &P256{key}, err
}

// PublicKey in DER.
func (k *P256) PublicKey() []byte { return mustDER(k.key.Public()) }

// Sign signs the payload; the signature has the raw form of 64 bytes.
func (k *P256) Sign(payload []byte) ([]byte, error) {
	digest := sha256.Sum256(payload)
	r, s, err := ecdsa.Sign(rand.Reader, k.key, digest[:])
	if err != nil {
		return nil, err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signature, nil
}

// mustDER is for kinds of keys that are always encodable.
func mustDER(public any) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	return der
}
