package webauthn

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// wrap is a SubjectPublicKeyInfo as the standard library writes it.
func wrap(oid asn1.ObjectIdentifier, key []byte) []byte {
	return must(asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		PublicKey asn1.BitString
	}{pkix.AlgorithmIdentifier{Algorithm: oid}, asn1.BitString{Bytes: key, BitLength: 8 * len(key)}}))
}

var coseOID = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 56387, 1, 1}

func TestEncodeDERIsASN1(t *testing.T) {
	for _, length := range []int{0, 1, 77, 108, 109, 110, 111, 112, 126, 127, 128, 234, 235, 236, 237, 238, 239, 240, 254, 255, 256, 257, 530, maxCOSEBytes, 65_515, 65_516, 65_535, 65_536, 70_000} {
		key := make([]byte, length)
		if got, want := EncodeDER(key), wrap(coseOID, key); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %x…, want %x…", length, got[:min(len(got), 30)], want[:min(len(want), 30)])
		}
	}
}

func TestKeysSurviveDER(t *testing.T) {
	// Keys of every length of wrapping, by a key id that makes them longer.
	for length := range 600 {
		key := marshal(coseP256(&p256Key().PublicKey).with(2, make([]byte, length)))
		k, err := ParseDER(wrap(coseOID, key))
		if err != nil {
			t.Fatalf("%d bytes: %v", len(key), err)
		}
		if !bytes.Equal(k.COSE(), key) {
			t.Fatalf("%d bytes: another key", len(key))
		}
	}
	for _, a := range authenticators() {
		if k := a.key(t); !bytes.Equal(k.COSE(), a.cose) {
			t.Errorf("%s: another key", a.name)
		}
	}
}

func TestParseDERIsStrict(t *testing.T) {
	a := es256()
	good := EncodeDER(a.cose)
	n := len(a.cose)
	seq := func(parts ...[]byte) []byte { return appendDER(nil, 0x30, bytes.Join(parts, nil)) }
	bits := func(unused byte, key []byte) []byte { return appendDER(nil, 0x03, append([]byte{unused}, key...)) }
	algorithm := []byte(oid)
	plain, err := x509.MarshalPKIXPublicKey(&p256Key().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseDER(seq(algorithm, bits(0, a.cose))); err != nil {
		t.Fatalf("the parts do not make the whole: %v", err)
	}
	for name, der := range map[string][]byte{
		"nothing":                          nil,
		"the COSE key alone":               a.cose,
		"the algorithm alone":              algorithm,
		"no key":                           seq(algorithm),
		"an empty bit string":              seq(algorithm, []byte{0x03, 0x00}),
		"an empty key":                     seq(algorithm, bits(0, nil)),
		"bytes behind":                     append(bytes.Clone(good), 0),
		"bytes behind the bit string":      seq(algorithm, bits(0, a.cose), []byte{5, 0}),
		"bytes in front":                   append([]byte{0}, good...),
		"cut short":                        good[:len(good)-1],
		"unused bits":                      seq(algorithm, bits(1, a.cose)),
		"an octet string":                  seq(algorithm, appendDER(nil, 0x04, append([]byte{0}, a.cose...))),
		"a set":                            append([]byte{0x31}, good[1:]...),
		"a canister's key":                 wrap(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 56387, 1, 2}, a.cose),
		"a longer algorithm":               wrap(append(bytes2oid(coseOID), 1), a.cose),
		"a P-256 key without COSE":         plain,
		"parameters of the algorithm":      seq(appendDER(nil, 0x30, append(bytes.Clone(algorithm[2:]), 5, 0)), bits(0, a.cose)),
		"a long head of the whole":         append([]byte{0x30, 0x81, good[1]}, good[2:]...),
		"a longer head of the whole":       append([]byte{0x30, 0x82, 0, good[1]}, good[2:]...),
		"an indefinite whole":              append(append([]byte{0x30, 0x80}, good[2:]...), 0, 0),
		"a long head of the algorithm":     seq([]byte{0x30, 0x81, 0x0c}, algorithm[2:], bits(0, a.cose)),
		"a long head of the bit string":    seq(algorithm, []byte{0x03, 0x81, byte(n + 1), 0}, a.cose),
		"a longer head of the bit string":  seq(algorithm, []byte{0x03, 0x82, 0, byte(n + 1), 0}, a.cose),
		"a short length of the bit string": seq(algorithm, []byte{0x03, byte(n), 0}, a.cose),
		"a long length of the bit string":  seq(algorithm, []byte{0x03, byte(n + 2), 0}, a.cose),
		"wrapped twice":                    EncodeDER(good),
		"something else wrapped":           EncodeDER([]byte("key")),
		"a megabyte":                       EncodeDER(make([]byte, 1<<20)),
		"the algorithm a thousand times":   bytes.Repeat(algorithm, 70),
	} {
		if _, err := ParseDER(der); err == nil {
			t.Errorf("%s: parsed %s", name, hex.EncodeToString(der[:min(len(der), 100)]))
		}
	}
}

func bytes2oid(o asn1.ObjectIdentifier) asn1.ObjectIdentifier {
	return append(asn1.ObjectIdentifier{}, o...)
}

// There is one form: whatever parses is what we would write.
func TestEveryByteOfTheWrappingCounts(t *testing.T) {
	keys := authenticators()
	rapid.Check(t, func(t *rapid.T) {
		a := keys[rapid.IntRange(0, len(keys)-1).Draw(t, "key")]
		der := EncodeDER(a.cose)
		wrapping := len(der) - len(a.cose)
		der[rapid.IntRange(0, wrapping-1).Draw(t, "at")] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		if _, err := ParseDER(der); err == nil {
			t.Fatalf("parsed %x", der[:wrapping])
		}
	})
}
