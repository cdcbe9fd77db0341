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
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"

	"internetidentity/cbor"
)

func TestParseCOSEOnCurves(t *testing.T) {
	p256 := coseP256(&p256Key().PublicKey)
	x, y := p256[-2].([]byte), p256[-3].([]byte)
	ed := coseEd25519(ed25519Key().Public().(ed25519.PublicKey))
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := p384.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	off := bytes.Clone(y)
	off[31] ^= 1
	p := elliptic.P256().Params().P
	for _, c := range []struct {
		name string
		key  cose
		ok   bool
	}{
		{"P-256", p256, true},
		{"P-256 with a key id and operations", p256.with(2, []byte("id")).with(4, []int{2}), true},
		{"Ed25519", ed, true},

		{"P-256 without a type", p256.with(1, nil), false},
		{"P-256 without an algorithm", p256.with(3, nil), false},
		{"P-256 without a curve", p256.with(-1, nil), false},
		{"P-256 without x", p256.with(-2, nil), false},
		{"P-256 without y", p256.with(-3, nil), false},
		{"P-256 as EdDSA", p256.with(3, -8), false},
		{"P-256 as RS256", p256.with(3, -257), false},
		{"P-256 as ES384", p256.with(3, -35), false},
		{"P-256 as a type of one coordinate", p256.with(1, 1), false},
		{"P-256 as RSA", p256.with(1, 3), false},
		{"P-256 as a symmetric key", p256.with(1, 4), false},
		{"P-256 of type 2^32+2", p256.with(1, 1<<32+2), false},
		{"P-256 with its type as a text", p256.with(1, "EC2"), false},
		{"P-256 with its curve as a text", p256.with(-1, "P-256"), false},
		{"P-256 with its curve as bytes", p256.with(-1, []byte{1}), false},
		{"P-256 under another curve", p256.with(-1, 2), false},
		{"P-256 under secp256k1", p256.with(-1, 8), false},
		{"P-256 compressed", p256.with(-3, true), false},
		{"P-256 with a short x", p256.with(-2, x[1:]), false},
		{"P-256 with a long x", p256.with(-2, append([]byte{0}, x...)), false},
		{"P-256 with a short y", p256.with(-3, y[1:]), false},
		{"P-256 with an empty y", p256.with(-3, []byte{}), false},
		{"P-256 with x as numbers", p256.with(-2, numbers(x)), false},
		{"P-256 with x as a text", p256.with(-2, string(bytes.Repeat([]byte("x"), 32))), false},
		{"P-256 off the curve", p256.with(-3, off), false},
		{"P-256 at zero", p256.with(-2, make([]byte, 32)).with(-3, make([]byte, 32)), false},
		{"P-256 with x beyond the field", p256.with(-2, p.Bytes()), false},
		{"P-384", cose{1: 2, 3: -35, -1: 2, -2: long[1:49], -3: long[49:]}, false},
		{"P-384 as ES256", cose{1: 2, 3: -7, -1: 1, -2: long[1:49], -3: long[49:]}, false},

		{"Ed25519 as ES256", ed.with(3, -7), false},
		{"Ed25519 under X25519", ed.with(-1, 4), false},
		{"Ed25519 under Ed448", ed.with(-1, 7), false},
		{"Ed25519 with a y", ed.with(-3, make([]byte, 32)), false},
		{"Ed25519 with an empty y", ed.with(-3, []byte{}), false},
		{"Ed25519 of 31 bytes", ed.with(-2, make([]byte, 31)), false},
		{"Ed25519 of 33 bytes", ed.with(-2, make([]byte, 33)), false},
		{"Ed25519 as numbers", ed.with(-2, numbers(make([]byte, 32))), false},
	} {
		k, err := ParseCOSE(marshal(c.key))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && !bytes.Equal(k.COSE(), marshal(c.key)) {
			t.Errorf("%s: kept as %x", c.name, k.COSE())
		}
	}
}

// numbers is a byte string as an array.
func numbers(b []byte) []int {
	n := make([]int, len(b))
	for i := range b {
		n[i] = int(b[i])
	}
	return n
}

// odd is an odd number of so many bits, which need not be a real modulus.
func odd(bits int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return n.SetBit(n, 0, 1)
}

func TestParseCOSEOfRSA(t *testing.T) {
	e := big.NewInt(65537)
	good := coseRSA(rsa2048Key().N, e)
	for _, c := range []struct {
		name string
		key  cose
		ok   bool
	}{
		{"2048 bits", good, true},
		{"4096 bits", coseRSA(odd(4096), e), true},
		{"an odd number of bits between", coseRSA(odd(3071), e), true},
		{"1024 bits", coseRSA(odd(1024), e), false},
		{"2047 bits", coseRSA(odd(2047), e), false},
		{"2047 bits with a zero in front", good.with(-1, append([]byte{0}, odd(2047).Bytes()...)), false},
		{"4097 bits", coseRSA(odd(4097), e), false},
		{"8192 bits", coseRSA(odd(8192), e), false},
		{"an even modulus", coseRSA(new(big.Int).Lsh(odd(2047), 1), e), false},
		{"no modulus", good.with(-1, nil), false},
		{"an empty modulus", good.with(-1, []byte{}), false},
		{"a modulus as a number", good.with(-1, 65537), false},
		{"a modulus as numbers", good.with(-1, numbers(rsa2048Key().N.Bytes())), false},

		{"exponent 3", good.with(-2, []byte{3}), true},
		{"the largest exponent", good.with(-2, []byte{0x7f, 0xff, 0xff, 0xff}), true},
		{"exponent 0", good.with(-2, []byte{0}), false},
		{"exponent 1", good.with(-2, []byte{1}), false},
		{"exponent 2", good.with(-2, []byte{2}), false},
		{"an even exponent", good.with(-2, []byte{1, 0, 2}), false},
		{"an exponent of 32 bits", good.with(-2, []byte{0x80, 0, 0, 1}), false},
		{"an exponent of 64 bits and one", good.with(-2, []byte{1, 0, 0, 0, 0, 0, 0, 0, 3}), false},
		{"an exponent as long as the modulus", good.with(-2, rsa2048Key().N.Bytes()), false},
		{"no exponent", good.with(-2, nil), false},
		{"an empty exponent", good.with(-2, []byte{}), false},
		{"an exponent as a number", good.with(-2, 65537), false},

		{"a private part", good.with(-3, []byte{1}), false},
		{"RS1", good.with(3, -65535), false},
		{"PS256", good.with(3, -37), false},
		{"RS512", good.with(3, -259), false},
		{"another type", good.with(1, 2), false},
	} {
		if _, err := ParseCOSE(marshal(c.key)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestParseCOSEIsStrict(t *testing.T) {
	good := marshal(coseP256(&p256Key().PublicKey))
	twice := append([]byte{0xa6}, good[1:]...)
	twice = append(twice, 0x20, 0x01) // the curve again
	wide := append([]byte{0xa5, 0x18, 0x01}, good[2:]...)
	for name, key := range map[string][]byte{
		"nothing":                nil,
		"a number":               {1},
		"an array":               {0x80},
		"an empty map":           {0xa0},
		"a tag in front":         append(cbor.AppendTag(nil), good...),
		"another tag in front":   append([]byte{0xd8, 24}, good...),
		"bytes behind":           append(bytes.Clone(good), 0),
		"cut short":              good[:len(good)-1],
		"a label twice":          twice,
		"an indefinite map":      append(append([]byte{0xbf}, good[1:]...), 0xff),
		"longer than a key":      marshal(coseP256(&p256Key().PublicKey).with(2, make([]byte, maxCOSEBytes))),
		"labels as texts":        marshal(map[string]int{"1": 2, "3": -7}),
		"a label as a bignum":    append([]byte{0xa1, 0xc2, 0x41, 0x01}, 0x02),
		"a label of 64 bits":     append([]byte{0xa6, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, good[1:]...),
		"an algorithm of 64 bit": marshal(coseP256(&p256Key().PublicKey).with(3, uint64(1<<63))),
	} {
		if _, err := ParseCOSE(key); err == nil {
			t.Errorf("%s: parsed", name)
		}
	}
	// The encoding itself is the authenticator's matter, and part of the name
	// of who holds the key.
	k, err := ParseCOSE(wide)
	if err != nil || !bytes.Equal(k.COSE(), wide) {
		t.Errorf("a wide head: %v", err)
	}
}

func TestKeysKeepTheirMemory(t *testing.T) {
	for _, a := range authenticators() {
		encoded := bytes.Clone(a.cose)
		k, err := ParseCOSE(encoded)
		if err != nil {
			t.Fatal(err)
		}
		clear(encoded)
		clear(k.COSE())
		if !bytes.Equal(k.COSE(), a.cose) {
			t.Errorf("%s: the key was changed through its bytes", a.name)
		}
		if err := a.honest().Verify(k, payload()); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
	}
}

func TestAlgorithmsHaveNames(t *testing.T) {
	for algorithm, want := range map[Algorithm]string{ES256: "ES256", EdDSA: "EdDSA", RS256: "RS256", -35: "algorithm -35"} {
		if algorithm.String() != want {
			t.Errorf("%s, want %s", algorithm, want)
		}
	}
}

// ES256 is signed in DER, and both values of s are taken: authenticators do
// not agree on one.
func TestES256Signatures(t *testing.T) {
	a := es256()
	k, message := a.key(t), []byte("message")
	type point struct{ R, S *big.Int }
	var signed point
	if _, err := asn1.Unmarshal(a.sign(message), &signed); err != nil {
		t.Fatal(err)
	}
	n := elliptic.P256().Params().N
	high := point{signed.R, new(big.Int).Sub(n, signed.S)}
	der := func(p point) []byte { return must(asn1.Marshal(p)) }
	raw := append(signed.R.FillBytes(make([]byte, 32)), signed.S.FillBytes(make([]byte, 32))...)
	good := der(signed)
	for _, c := range []struct {
		name      string
		signature []byte
		ok        bool
	}{
		{"as it was signed", good, true},
		{"the other s", der(high), true},
		{"r and s raw", raw, false},
		{"r and s exchanged", der(point{signed.S, signed.R}), false},
		{"r of zero", der(point{new(big.Int), signed.S}), false},
		{"s of zero", der(point{signed.R, new(big.Int)}), false},
		{"s beyond the order", der(point{signed.R, new(big.Int).Add(signed.S, n)}), false},
		{"s negative", der(point{signed.R, new(big.Int).Neg(signed.S)}), false},
		{"r beyond the order", der(point{new(big.Int).Add(signed.R, n), signed.S}), false},
		{"bytes behind", append(bytes.Clone(good), 0), false},
		{"a length of two bytes", append([]byte{0x30, 0x81, good[1]}, good[2:]...), false},
		{"an indefinite length", append(append([]byte{0x30, 0x80}, good[2:]...), 0, 0), false},
		{"a third number", must(asn1.Marshal(struct{ R, S, T *big.Int }{signed.R, signed.S, big.NewInt(1)})), false},
		{"an empty sequence", []byte{0x30, 0}, false},
	} {
		if err := k.Verify(message, c.signature); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEdDSASignatures(t *testing.T) {
	a := eddsa()
	k, message := a.key(t), []byte("message")
	good := a.sign(message)
	// The same s beyond the order of the group, in little-endian.
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	reverse := func(b []byte) []byte {
		r := make([]byte, 32)
		for i := range b {
			r[len(b)-1-i] = b[i]
		}
		return r
	}
	s := new(big.Int).SetBytes(reverse(good[32:]))
	beyond := append(bytes.Clone(good[:32]), reverse(s.Add(s, order).FillBytes(make([]byte, 32)))...)
	for _, c := range []struct {
		name      string
		signature []byte
		ok        bool
	}{
		{"as it was signed", good, true},
		{"s beyond the order", beyond, false},
		{"63 bytes", good[:63], false},
		{"65 bytes", append(bytes.Clone(good), 0), false},
		{"zeros", make([]byte, 64), false},
	} {
		if err := k.Verify(message, c.signature); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRS256Signatures(t *testing.T) {
	a := rs256("RS256", rsa2048Key())
	k, message := a.key(t), []byte("message")
	good := a.sign(message)
	hash := sha256.Sum256(message)
	short := sha256.Sum224(message)
	for _, c := range []struct {
		name      string
		signature []byte
		ok        bool
	}{
		{"as it was signed", good, true},
		{"PSS", must(rsa.SignPSS(rand.Reader, rsa2048Key(), crypto.SHA256, hash[:], nil)), false},
		{"another hash", must(rsa.SignPKCS1v15(rand.Reader, rsa2048Key(), crypto.SHA224, short[:])), false},
		{"the hash without its name", must(rsa.SignPKCS1v15(rand.Reader, rsa2048Key(), 0, hash[:])), false},
		{"a zero in front", append([]byte{0}, good...), false},
		{"the modulus more", new(big.Int).Add(new(big.Int).SetBytes(good), rsa2048Key().N).Bytes(), false},
		{"zeros", make([]byte, 256), false},
	} {
		if err := k.Verify(message, c.signature); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
