package webauthn

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// oid is the algorithm of COSE keys on the Internet Computer,
// 1.3.6.1.4.1.56387.1.1, as a whole AlgorithmIdentifier (IC interface spec,
// Signatures, Web Authentication).
const oid = "\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x83\xb8\x43\x01\x01"

// EncodeDER wraps a COSE key in a SubjectPublicKeyInfo.
func EncodeDER(cose []byte) []byte {
	bits := appendDER([]byte(oid), 0x03, append([]byte{0}, cose...))
	return appendDER(nil, 0x30, bits)
}

// The wrapping takes two to four bytes for each of two heads, and one for the
// unused bits of the last byte.
const (
	minWrapping = 2 + len(oid) + 2 + 1
	maxWrapping = 4 + len(oid) + 4 + 1
)

// ParseDER reads a COSE key in a SubjectPublicKeyInfo.
func ParseDER(der []byte) (PublicKey, error) {
	if len(der) <= maxCOSEBytes+maxWrapping {
		// The one strict form is the one that we would write.
		for at := minWrapping; at <= maxWrapping && at <= len(der); at++ {
			if cose := der[at:]; bytes.Equal(EncodeDER(cose), der) {
				return ParseCOSE(cose)
			}
		}
	}
	return PublicKey{}, errors.New("not a DER-encoded COSE key")
}

// appendDER appends a DER value with the shortest length.
func appendDER(b []byte, tag byte, content []byte) []byte {
	b = append(b, tag)
	if n := len(content); n < 0x80 {
		b = append(b, byte(n))
	} else {
		length := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, uint64(n)), "\x00")
		b = append(append(b, 0x80|byte(len(length))), length...)
	}
	return append(b, content...)
}
