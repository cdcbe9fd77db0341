package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"sync"
	"testing"

	"internetidentity/cbor"
)

// authenticator signs as a security key does, with the standard library.
type authenticator struct {
	name string
	cose []byte
	sign func(message []byte) []byte
}

func (a *authenticator) key(t testing.TB) PublicKey {
	t.Helper()
	k, err := ParseDER(EncodeDER(a.cose))
	if err != nil {
		t.Fatalf("%s: %v", a.name, err)
	}
	return k
}

// marshal writes test data, which always has an encoding.
func marshal(v any) []byte {
	b, err := cbor.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// cose writes a key by its labels.
type cose map[int]any

// with is the key with one label changed, or left out if it is nil.
func (c cose) with(label int, value any) cose {
	changed := cose{}
	for l, v := range c {
		changed[l] = v
	}
	if changed[label] = value; value == nil {
		delete(changed, label)
	}
	return changed
}

func coseP256(k *ecdsa.PublicKey) cose {
	point, err := k.Bytes()
	if err != nil {
		panic(err)
	}
	return cose{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}
}

func coseEd25519(k ed25519.PublicKey) cose { return cose{1: 1, 3: -8, -1: 6, -2: []byte(k)} }

func coseRSA(modulus, exponent *big.Int) cose {
	return cose{1: 3, 3: -257, -1: modulus.Bytes(), -2: exponent.Bytes()}
}

// Keys are made once: an RSA key takes a second.
var (
	p256Key = sync.OnceValue(func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return k
	})
	ed25519Key = sync.OnceValue(func() ed25519.PrivateKey {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			panic(err)
		}
		return k
	})
	rsa2048Key = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	rsa4096Key = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(4096) })
)

func newRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

func must(signature []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return signature
}

func es256() *authenticator {
	return &authenticator{"ES256", marshal(coseP256(&p256Key().PublicKey)), func(message []byte) []byte {
		hash := sha256.Sum256(message)
		return must(ecdsa.SignASN1(rand.Reader, p256Key(), hash[:]))
	}}
}

func eddsa() *authenticator {
	return &authenticator{"EdDSA", marshal(coseEd25519(ed25519Key().Public().(ed25519.PublicKey))), func(message []byte) []byte {
		return ed25519.Sign(ed25519Key(), message)
	}}
}

func rs256(name string, k *rsa.PrivateKey) *authenticator {
	return &authenticator{name, marshal(coseRSA(k.N, big.NewInt(int64(k.E)))), func(message []byte) []byte {
		hash := sha256.Sum256(message)
		return must(rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, hash[:]))
	}}
}

// authenticators has one of each kind.
func authenticators() []*authenticator {
	return []*authenticator{es256(), eddsa(), rs256("RS256", rsa2048Key()), rs256("RS256 of 4096 bits", rsa4096Key())}
}

// payload is what a delegation signs: a domain and a hash.
func payload() []byte {
	hash := sha256.Sum256([]byte("delegation"))
	return append([]byte("\x1aic-request-auth-delegation"), hash[:]...)
}

func authenticatorData() []byte {
	rp := sha256.Sum256([]byte("localhost"))
	return append(rp[:], FlagUserPresent|FlagUserVerified, 0, 0, 0, 7)
}

// clientData is what Chromium writes, with a field that nobody needs.
func clientData(challenge []byte) []byte {
	b, err := json.Marshal(map[string]any{
		"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(challenge),
		"origin": "http://localhost:4943", "crossOrigin": false,
	})
	return must(b, err)
}

// assert signs any data.
func (a *authenticator) assert(data, client []byte) *Assertion {
	assertion := &Assertion{AuthenticatorData: data, ClientDataJSON: client}
	assertion.Signature = a.sign(assertion.SignedBytes())
	return assertion
}

// honest is an assertion of the payload.
func (a *authenticator) honest() *Assertion {
	return a.assert(authenticatorData(), clientData(payload()))
}

// reparse takes an assertion over the wire.
func reparse(t testing.TB, a *Assertion) *Assertion {
	t.Helper()
	parsed, err := ParseAssertion(a.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(parsed.AuthenticatorData, a.AuthenticatorData) || !bytes.Equal(parsed.ClientDataJSON, a.ClientDataJSON) || !bytes.Equal(parsed.Signature, a.Signature) {
		t.Fatalf("the wire changed %+v to %+v", a, parsed)
	}
	return parsed
}
