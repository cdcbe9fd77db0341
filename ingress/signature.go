package ingress

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"math/big"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secpecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"internetidentity/certificate"
	"internetidentity/webauthn"
)

// The one DER form of each plain key, up to the key itself (IC interface spec,
// Signatures). Points are uncompressed.
const (
	ed25519Prefix   = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
	p256Prefix      = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
	secp256k1Prefix = "\x30\x56\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a\x03\x42\x00"
	canisterOID     = "\x06\x0a\x2b\x06\x01\x04\x01\x83\xb8\x43\x01\x02"
	coseOID         = "\x06\x0a\x2b\x06\x01\x04\x01\x83\xb8\x43\x01\x01"
)

// errSignature says no more than that: a verifier's reasons help forgers only.
var errSignature = errors.New("signature does not verify")

// VerifySignature checks a signature of any scheme over a payload. The key is
// in DER and tells the scheme.
func VerifySignature(v certificate.Verifier, keyDER, payload, signature []byte) error {
	if raw, ok := bytes.CutPrefix(keyDER, []byte(ed25519Prefix)); ok && len(raw) == ed25519.PublicKeySize {
		if len(signature) != ed25519.SignatureSize || !ed25519.Verify(raw, payload, signature) {
			return errSignature
		}
		return nil
	}
	if raw, ok := bytes.CutPrefix(keyDER, []byte(p256Prefix)); ok {
		return verifyP256(raw, payload, signature)
	}
	if raw, ok := bytes.CutPrefix(keyDER, []byte(secp256k1Prefix)); ok {
		return verifySecp256k1(raw, payload, signature)
	}
	// The OID of the other two stands within the first bytes.
	head := keyDER[:min(len(keyDER), 24)]
	if bytes.Contains(head, []byte(coseOID)) {
		key, err := webauthn.ParseDER(keyDER)
		if err != nil {
			return err
		}
		assertion, err := webauthn.ParseAssertion(signature)
		if err != nil {
			return err
		}
		return assertion.Verify(key, payload)
	}
	if bytes.Contains(head, []byte(canisterOID)) {
		return v.CanisterSignature(keyDER, payload, signature)
	}
	return errors.New("public key is of no supported kind")
}

// rawSignature is the length of r and s.
const rawSignature = 64

// verifyP256 accepts both of the two values that s can have: browsers make
// either.
func verifyP256(point, payload, signature []byte) error {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return errors.New("public key is not a point on P-256")
	}
	if len(signature) != rawSignature {
		return errSignature
	}
	hash := sha256.Sum256(payload)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, hash[:], r, s) {
		return errSignature
	}
	return nil
}

// verifySecp256k1 accepts a high s too, since some clients do not normalise.
func verifySecp256k1(point, payload, signature []byte) error {
	if len(point) != 65 || point[0] != 4 {
		return errors.New("public key is not an uncompressed point on secp256k1")
	}
	key, err := secp256k1.ParsePubKey(point)
	if err != nil {
		return errors.New("public key is not a point on secp256k1")
	}
	if len(signature) != rawSignature {
		return errSignature
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(signature[:32]) || s.SetByteSlice(signature[32:]) || r.IsZero() || s.IsZero() {
		return errSignature
	}
	hash := sha256.Sum256(payload)
	if !secpecdsa.NewSignature(&r, &s).Verify(hash[:], key) {
		return errSignature
	}
	return nil
}
