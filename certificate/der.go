package certificate

import (
	"bytes"
	"errors"
	"fmt"

	"internetidentity/principal"
)

// blsDERPrefix is a SubjectPublicKeyInfo with the two OIDs of BLS12-381 keys
// in G2, up to the 96 bytes of the key (IC interface spec, Certificate).
const blsDERPrefix = "\x30\x81\x82\x30\x1d\x06\x0d\x2b\x06\x01\x04\x01\x82\xdc\x7c\x05\x03\x01\x02\x01" +
	"\x06\x0c\x2b\x06\x01\x04\x01\x82\xdc\x7c\x05\x03\x02\x01\x03\x61\x00"

// ParseBLSPublicKeyDER reads a key of 133 bytes.
func ParseBLSPublicKeyDER(der []byte) (BLSPublicKey, error) {
	raw, ok := bytes.CutPrefix(der, []byte(blsDERPrefix))
	if !ok || len(raw) != blsKeyLen {
		return BLSPublicKey{}, errors.New("not a DER-encoded BLS12-381 public key")
	}
	return BLSPublicKey(raw), nil
}

// DER is the encoded key, 133 bytes.
func (k BLSPublicKey) DER() []byte { return append([]byte(blsDERPrefix), k[:]...) }

// SubnetID is the principal of the key, which is the id of the subnet that
// holds it.
func (k BLSPublicKey) SubnetID() principal.Principal {
	return principal.SelfAuthenticating(k.DER())
}

// canisterOID is the algorithm of canister-signature keys,
// 1.3.6.1.4.1.56387.1.2, as a whole AlgorithmIdentifier.
const canisterOID = "\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x83\xb8\x43\x01\x02"

// maxSeedLen bounds the seed of a key; ours have 32 bytes.
const maxSeedLen = 16 << 10

// CanisterKey is the public key under which a canister signs: the canister and
// a seed of its choice.
type CanisterKey struct {
	Canister principal.Principal
	Seed     []byte // at most 16 KiB
}

// ParseCanisterKey reads a DER SubjectPublicKeyInfo.
func ParseCanisterKey(der []byte) (CanisterKey, error) {
	malformed := errors.New("not a DER-encoded canister signature key")
	info, rest, ok := cutDER(der, 0x30)
	if !ok || len(rest) != 0 {
		return CanisterKey{}, malformed
	}
	bits, ok := bytes.CutPrefix(info, []byte(canisterOID))
	if !ok {
		return CanisterKey{}, malformed
	}
	raw, rest, ok := cutDER(bits, 0x03)
	if !ok || len(rest) != 0 || len(raw) < 2 || raw[0] != 0 {
		return CanisterKey{}, malformed
	}
	idLen := int(raw[1])
	raw = raw[2:]
	if idLen > len(raw) || len(raw)-idLen > maxSeedLen {
		return CanisterKey{}, malformed
	}
	id, err := principal.FromBytes(raw[:idLen])
	if err != nil {
		return CanisterKey{}, fmt.Errorf("canister signature key: %w", err)
	}
	return CanisterKey{Canister: id, Seed: bytes.Clone(raw[idLen:])}, nil
}

// DER is the encoded key.
func (k CanisterKey) DER() []byte {
	id := k.Canister.Bytes()
	bits := append([]byte{0, byte(len(id))}, id...)
	bits = append(bits, k.Seed...)
	return appendDER(nil, 0x30, appendDER([]byte(canisterOID), 0x03, bits))
}

// Principal is the self-authenticating principal of the key.
func (k CanisterKey) Principal() principal.Principal {
	return principal.SelfAuthenticating(k.DER())
}

// appendDER appends a DER value with the shortest length.
func appendDER(b []byte, tag byte, content []byte) []byte {
	b = append(b, tag)
	switch n := len(content); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, content...)
}

// cutDER takes one DER value of a tag off the front; lengths must be the
// shortest ones.
func cutDER(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	length, b := int(b[1]), b[2:]
	switch {
	case length == 0x81 && len(b) >= 1 && b[0] >= 0x80:
		length, b = int(b[0]), b[1:]
	case length == 0x82 && len(b) >= 2 && b[0] != 0:
		length, b = int(b[0])<<8|int(b[1]), b[2:]
	case length >= 0x80:
		return nil, nil, false
	}
	if length > len(b) {
		return nil, nil, false
	}
	return b[:length], b[length:], true
}
