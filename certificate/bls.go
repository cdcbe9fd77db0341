package certificate

import (
	"errors"
	"fmt"

	secret "github.com/cloudflare/circl/ecc/bls12381"
	scheme "github.com/cloudflare/circl/sign/bls"
	public "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// hashDomain is the domain separation tag of the Internet Computer's BLS
// signatures: signatures in G1, keys in G2 (IC interface spec, Certificate).
const hashDomain = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"

// Sizes in bytes.
const (
	blsKeyLen       = 96
	blsSignatureLen = 48
	blsSecretLen    = 32
)

// ErrSignature is the error of a BLS signature that does not verify.
var ErrSignature = errors.New("BLS signature does not verify")

// BLSPublicKey is a compressed point of G2.
type BLSPublicKey [blsKeyLen]byte

// VerifyBLS checks a signature of 48 bytes over a message. The point of a key
// or signature must lie in its prime-order subgroup, and neither may be the
// identity.
func VerifyBLS(k BLSPublicKey, message, signature []byte) error {
	key, err := k.point()
	if err != nil {
		return err
	}
	return verifyPoint(key, message, signature)
}

// point decompresses the key and checks it.
func (k BLSPublicKey) point() (*public.G2Affine, error) {
	var key public.G2Affine
	if _, err := key.SetBytes(k[:]); err != nil || key.IsInfinity() {
		return nil, errors.New("BLS public key is not a valid point")
	}
	return &key, nil
}

// verifyPoint is VerifyBLS with a key that has been checked.
func verifyPoint(key *public.G2Affine, message, signature []byte) error {
	if len(signature) != blsSignatureLen {
		return fmt.Errorf("BLS signature has %d bytes, want %d", len(signature), blsSignatureLen)
	}
	var point public.G1Affine
	if _, err := point.SetBytes(signature); err != nil || point.IsInfinity() {
		return errors.New("BLS signature is not a valid point")
	}
	hashed, err := public.HashToG1(message, []byte(hashDomain))
	if err != nil {
		return fmt.Errorf("hash to curve: %w", err)
	}
	// e(signature, g2) = e(H(message), key), as one product with a negation.
	_, _, _, generator := public.Generators()
	point.Neg(&point)
	ok, err := public.PairingCheck([]public.G1Affine{point, hashed}, []public.G2Affine{generator, *key})
	if err != nil || !ok {
		return ErrSignature
	}
	return nil
}

// SigningKey is a BLS secret key. Signing takes the same time for every key;
// making or reading one, which happens once at a start, need not.
//
// It has no text form, so that no log can show it by accident. The scalar is
// behind a pointer because fmt prints what is inside of a nested struct without
// asking it, and does not follow pointers there.
type SigningKey struct {
	scalar *secret.Scalar
	public BLSPublicKey
}

// keyInfo tells our derived keys from those that others derive from a seed.
const keyInfo = "internet identity signing key"

// DeriveSigningKey makes a key from 32 random bytes, as the BLS signature
// draft's KeyGen does.
func DeriveSigningKey(seed [32]byte) *SigningKey {
	generated, err := scheme.KeyGen[scheme.KeyG2SigG1](seed[:], nil, []byte(keyInfo))
	if err != nil {
		// KeyGen refuses only seeds shorter than 32 bytes.
		panic(fmt.Sprintf("certificate: derive a key: %v", err))
	}
	b, err := generated.MarshalBinary()
	if err != nil {
		panic(fmt.Sprintf("certificate: encode a key: %v", err))
	}
	k, err := ParseSigningKey(b)
	if err != nil {
		panic(fmt.Sprintf("certificate: a derived key: %v", err))
	}
	return k
}

// ParseSigningKey reads a secret scalar of 32 bytes, big endian, as Bytes
// wrote it: not zero, and below the order of the groups.
func ParseSigningKey(b []byte) (*SigningKey, error) {
	if len(b) != blsSecretLen {
		return nil, fmt.Errorf("BLS secret key has %d bytes, want %d", len(b), blsSecretLen)
	}
	k := &SigningKey{scalar: new(secret.Scalar)}
	if err := k.scalar.UnmarshalBinary(b); err != nil || k.scalar.IsZero() == 1 {
		return nil, errors.New("BLS secret key is out of range")
	}
	var point secret.G2
	point.ScalarMult(k.scalar, secret.G2Generator())
	copy(k.public[:], point.BytesCompressed())
	return k, nil
}

// Bytes is the secret scalar, 32 bytes, big endian: for the key file only.
func (k *SigningKey) Bytes() []byte {
	b, err := k.scalar.MarshalBinary()
	if err != nil {
		// The library never fails here.
		panic(fmt.Sprintf("certificate: encode a scalar: %v", err))
	}
	return b
}

// Public is the public key.
func (k *SigningKey) Public() BLSPublicKey { return k.public }

// Sign signs a message; the signature is unique and has 48 bytes.
func (k *SigningKey) Sign(message []byte) []byte {
	var point secret.G1
	point.Hash(message, []byte(hashDomain))
	point.ScalarMult(k.scalar, &point)
	return point.BytesCompressed()
}

// String hides the secret.
func (k SigningKey) String() string { return "BLS secret key of " + k.public.SubnetID().String() }

// GoString hides the secret.
func (k SigningKey) GoString() string { return k.String() }
