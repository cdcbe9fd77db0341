// Package webauthn owns what the Internet Computer uses of WebAuthn: COSE
// public keys, authenticator data, client data, and the check of an assertion
// over a payload.
//
// It must not know accounts, origins that may sign in, or challenges beyond
// the payload: the Internet Computer compares neither origin nor relying party.
package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	"internetidentity/cbor"
)

// Algorithm is a COSE algorithm (RFC 9053, RFC 8812).
type Algorithm int64

// The algorithms that the Internet Computer accepts.
const (
	ES256 Algorithm = -7
	EdDSA Algorithm = -8
	RS256 Algorithm = -257
)

func (a Algorithm) String() string {
	switch a {
	case ES256:
		return "ES256"
	case EdDSA:
		return "EdDSA"
	case RS256:
		return "RS256"
	}
	return fmt.Sprintf("algorithm %d", int64(a))
}

// PublicKey is a key of an authenticator.
type PublicKey struct {
	algorithm Algorithm
	key       crypto.PublicKey
	cose      []byte
}

// Algorithm tells how the key signs.
func (k PublicKey) Algorithm() Algorithm { return k.algorithm }

// COSE is the key as it was given.
func (k PublicKey) COSE() []byte { return bytes.Clone(k.cose) }

// coseKey has the labels of all key types (RFC 9052, 7): -1 is the curve or
// the RSA modulus, -2 is x or the exponent, -3 is y.
type coseKey struct {
	Type      int64           `cbor:"1,keyasint"`
	Algorithm int64           `cbor:"3,keyasint"`
	Minus1    cbor.RawMessage `cbor:"-1,keyasint"`
	Minus2    cbor.Bytes      `cbor:"-2,keyasint"`
	Minus3    cbor.Bytes      `cbor:"-3,keyasint"`
}

// COSE key types and curves.
const (
	typeOKP      = 1
	typeEC2      = 2
	typeRSA      = 3
	curveP256    = 1
	curveEd25519 = 6
)

// ParseCOSE reads a key.
func ParseCOSE(cose []byte) (PublicKey, error) {
	if len(cose) > maxCOSEBytes {
		return PublicKey{}, fmt.Errorf("COSE key has %d bytes, limit %d", len(cose), maxCOSEBytes)
	}
	if cbor.HasTag(cose) {
		return PublicKey{}, errors.New("COSE key has a tag")
	}
	var c coseKey
	if err := cbor.Unmarshal(cose, &c); err != nil {
		return PublicKey{}, fmt.Errorf("COSE key: %w", err)
	}
	k := PublicKey{algorithm: Algorithm(c.Algorithm), cose: bytes.Clone(cose)}
	var err error
	switch {
	case c.Type == typeEC2 && k.algorithm == ES256:
		k.key, err = parseP256(c)
	case c.Type == typeOKP && k.algorithm == EdDSA:
		k.key, err = parseEd25519(c)
	case c.Type == typeRSA && k.algorithm == RS256:
		k.key, err = parseRSA(c)
	default:
		err = fmt.Errorf("key type %d with %v is not supported", c.Type, k.algorithm)
	}
	if err != nil {
		return PublicKey{}, fmt.Errorf("COSE key: %w", err)
	}
	return k, nil
}

func (c coseKey) curve() int64 {
	var curve int64
	if cbor.Unmarshal(c.Minus1, &curve) != nil {
		return 0
	}
	return curve
}

func parseP256(c coseKey) (crypto.PublicKey, error) {
	const size = 32
	if c.curve() != curveP256 || len(c.Minus2) != size || len(c.Minus3) != size {
		return nil, errors.New("not a P-256 point")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, c.Minus2...), c.Minus3...))
	if err != nil {
		return nil, errors.New("point is not on P-256")
	}
	return key, nil
}

func parseEd25519(c coseKey) (crypto.PublicKey, error) {
	if c.curve() != curveEd25519 || len(c.Minus2) != ed25519.PublicKeySize || c.Minus3 != nil {
		return nil, errors.New("not an Ed25519 key")
	}
	return ed25519.PublicKey(c.Minus2), nil
}

func parseRSA(c coseKey) (crypto.PublicKey, error) {
	var modulus cbor.Bytes
	if err := cbor.Unmarshal(c.Minus1, &modulus); err != nil || c.Minus3 != nil {
		return nil, errors.New("not an RSA key")
	}
	n, e := new(big.Int).SetBytes(modulus), new(big.Int).SetBytes(c.Minus2)
	if n.BitLen() < minRSABits || n.BitLen() > maxRSABits || n.Bit(0) == 0 {
		return nil, fmt.Errorf("RSA modulus of %d bits, want an odd one of %d to %d", n.BitLen(), minRSABits, maxRSABits)
	}
	if e.BitLen() > maxRSAExponentBits || e.Int64() < 3 || e.Bit(0) == 0 {
		return nil, errors.New("RSA exponent is out of bounds")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

// ErrSignature is the error of a signature that does not verify.
var ErrSignature = errors.New("WebAuthn signature does not verify")

// Verify checks an authenticator's signature over a message: DER for ES256,
// PKCS #1 v1.5 for RS256, 64 bytes for EdDSA.
func (k PublicKey) Verify(message, signature []byte) error {
	ok := false
	switch key := k.key.(type) {
	case *ecdsa.PublicKey:
		hash := sha256.Sum256(message)
		ok = ecdsa.VerifyASN1(key, hash[:], signature)
	case *rsa.PublicKey:
		hash := sha256.Sum256(message)
		ok = rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], signature) == nil
	case ed25519.PublicKey:
		ok = ed25519.Verify(key, message, signature)
	}
	if !ok {
		return ErrSignature
	}
	return nil
}
