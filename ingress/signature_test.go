package ingress

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/webauthn"
)

func verify(key, payload, signature []byte) error {
	return VerifySignature(verifier().Certificates, key, payload, signature)
}

func TestEverySchemeSignsForItsKeyAndPayloadOnly(t *testing.T) {
	first, second := schemes(1), schemes(2)
	payload := []byte("\x0aic-requestpayload")
	for i, s := range first {
		t.Run(s.name, func(t *testing.T) {
			signature := s.sign(payload)
			wantError(t, verify(s.key, payload, signature), "")
			for name, forged := range map[string][]byte{
				"nothing":        nil,
				"empty":          {},
				"cut short":      signature[:len(signature)-1],
				"with a byte":    append(bytes.Clone(signature), 0),
				"zeros":          make([]byte, len(signature)),
				"64 zeros":       make([]byte, 64),
				"of another":     second[i].sign(payload),
				"another's text": s.sign(payload[1:]),
			} {
				if verify(s.key, payload, forged) == nil {
					t.Errorf("a signature %s verifies", name)
				}
			}
			// Bits here and there, since a canister's signature costs pairings.
			for at := 0; at < len(signature); at += 1 + len(signature)/24 {
				forged := bytes.Clone(signature)
				forged[at] ^= 0x40
				if verify(s.key, payload, forged) == nil {
					t.Errorf("verifies with byte %d changed", at)
				}
			}
			for j, s2 := range first {
				if j != i && verify(s2.key, payload, signature) == nil {
					t.Errorf("verifies under the key of %s", s2.name)
				}
			}
			if verify(s.key, append(bytes.Clone(payload), 0), signature) == nil {
				t.Error("verifies for another payload")
			}
		})
	}
}

func TestKeysHaveOneEncoding(t *testing.T) {
	payload := []byte("payload")
	for _, s := range schemes(1) {
		signature := s.sign(payload)
		longer := append(bytes.Clone(s.key), 0)
		cut := s.key[:len(s.key)-1]
		// The same key with its length in a longer form.
		long := append([]byte{0x30, 0x82, 0, s.key[1]}, s.key[2:]...)
		if s.key[1] == 0x82 {
			long = append([]byte{0x30, 0x83, 0}, s.key[2:]...)
		}
		for name, key := range map[string][]byte{"longer": longer, "cut": cut, "a long form of": long} {
			if verify(key, payload, signature) == nil {
				t.Errorf("%s: verifies under %s key", s.name, name)
			}
		}
	}
}

// TestKeyPrefixes repeats the prefixes from the specification, since the rig
// takes them from the code.
func TestKeyPrefixes(t *testing.T) {
	for _, c := range []struct {
		scheme scheme
		prefix string
	}{
		{ed25519Scheme(1), "302a300506032b6570032100"},
		{p256Scheme(1), "3059301306072a8648ce3d020106082a8648ce3d03010703420004"},
		{secp256k1Scheme(1), "3056301006072a8648ce3d020106052b8104000a03420004"},
		{es256Scheme(1), "305e300c060a2b0601040183b8430101034e00a5010203262001215820"},
		{canisterScheme(1), "303c300c060a2b0601040183b8430102032c000a00000000000000070101"},
	} {
		if got := hex.EncodeToString(c.scheme.key); got[:len(c.prefix)] != c.prefix {
			t.Errorf("%s: key %s, want the prefix %s", c.scheme.name, got, c.prefix)
		}
		wantError(t, verify(c.scheme.key, []byte("payload"), c.scheme.sign([]byte("payload"))), "")
	}
}

func TestKeysOfOtherKindsAreRefused(t *testing.T) {
	plainRSA, err := x509.MarshalPKIXPublicKey(&rsaKeys()[0].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	point := p256Point(p256Key(1))
	compressed := append([]byte{2 + point[64]&1}, point[1:33]...)
	offCurve := bytes.Clone(point)
	offCurve[64] ^= 1
	kPoint := secp256k1Scheme(1).key[len(secp256k1Prefix):]
	kCompressed := secp256k1.PrivKeyFromBytes(seed(1)).PubKey().SerializeCompressed()
	kHybrid := bytes.Clone(kPoint)
	kHybrid[0] = 6 + kPoint[64]&1
	kOff := bytes.Clone(kPoint)
	kOff[64] ^= 1
	for _, c := range []struct {
		name string
		key  []byte
		want string
	}{
		{"nothing", nil, "of no supported kind"},
		{"a byte", []byte{0x30}, "of no supported kind"},
		{"a bare point", point, "of no supported kind"},
		{"plain RSA", plainRSA, "of no supported kind"},
		{"a subnet's key", rootKey.Public().DER(), "of no supported kind"},
		{"Ed25519 of 31 bytes", append([]byte(ed25519Prefix), make([]byte, 31)...), "of no supported kind"},
		{"Ed25519 of 33 bytes", append([]byte(ed25519Prefix), make([]byte, 33)...), "of no supported kind"},
		{"P-256, no point", []byte(p256Prefix), "not a point on P-256"},
		{"P-256, compressed", append([]byte(p256Prefix), compressed...), "not a point on P-256"},
		{"P-256, off the curve", append([]byte(p256Prefix), offCurve...), "not a point on P-256"},
		{"P-256, infinity", append([]byte(p256Prefix), 0), "not a point on P-256"},
		{"P-256, a point of secp256k1", append([]byte(p256Prefix), kPoint...), "not a point on P-256"},
		{"secp256k1, no point", []byte(secp256k1Prefix), "not an uncompressed point"},
		{"secp256k1, compressed", append([]byte(secp256k1Prefix), kCompressed...), "not an uncompressed point"},
		{"secp256k1, hybrid", append([]byte(secp256k1Prefix), kHybrid...), "not an uncompressed point"},
		{"secp256k1, off the curve", append([]byte(secp256k1Prefix), kOff...), "not a point on secp256k1"},
		{"COSE with its identifier further in", append([]byte{0x30, 0x10, 0x30, 0x0e}, []byte(coseOID)...), "not a DER-encoded COSE key"},
		{"a canister's with its identifier further in", append([]byte{0x30, 0x10, 0x30, 0x0e}, []byte(canisterOID)...), "not a DER-encoded canister signature key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, verify(c.key, []byte("payload"), make([]byte, 64)), c.want)
		})
	}
}

func TestECDSANumbers(t *testing.T) {
	payload := []byte("payload")
	for _, c := range []struct {
		scheme scheme
		n      *big.Int
	}{
		{p256Scheme(1), elliptic.P256().Params().N},
		{secp256k1Scheme(1), secp256k1.S256().N},
	} {
		signature := c.scheme.sign(payload)
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		zero := new(big.Int)
		limit := new(big.Int).Lsh(big.NewInt(1), 256)
		// shift adds the order where there is room for it.
		shift := func(x *big.Int) *big.Int {
			if y := new(big.Int).Add(x, c.n); y.Cmp(limit) < 0 {
				return y
			}
			return c.n
		}
		for _, pair := range []struct {
			name string
			r, s *big.Int
			want string
		}{
			{"as signed", r, s, ""},
			{"the other s", r, new(big.Int).Sub(c.n, s), ""},
			{"the other r", new(big.Int).Sub(c.n, r), s, "signature does not verify"},
			{"r is zero", zero, s, "signature does not verify"},
			{"s is zero", r, zero, "signature does not verify"},
			{"both are zero", zero, zero, "signature does not verify"},
			{"r is the order", c.n, s, "signature does not verify"},
			{"s is the order", r, c.n, "signature does not verify"},
			{"r in another form", shift(r), s, "signature does not verify"},
			{"s in another form", r, shift(s), "signature does not verify"},
			{"exchanged", s, r, "signature does not verify"},
			{"the greatest", new(big.Int).Sub(limit, big.NewInt(1)), s, "signature does not verify"},
		} {
			t.Run(c.scheme.name+" "+pair.name, func(t *testing.T) {
				wantError(t, verify(c.scheme.key, payload, raw(pair.r, pair.s)), pair.want)
			})
		}
	}
	t.Run("P-256 in DER", func(t *testing.T) {
		wantError(t, verify(p256Scheme(1).key, payload, signP256(p256Key(1), payload)), "signature does not verify")
	})
}

func TestEd25519SignatureHasOneForm(t *testing.T) {
	s := ed25519Scheme(1)
	signature := s.sign([]byte("payload"))
	// S + L is the same number to a careless verifier.
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	number := make([]byte, 32)
	for i := range number {
		number[i] = signature[63-i]
	}
	sum := new(big.Int).Add(new(big.Int).SetBytes(number), order).FillBytes(make([]byte, 32))
	forged := bytes.Clone(signature)
	for i := range sum {
		forged[63-i] = sum[i]
	}
	wantError(t, verify(s.key, []byte("payload"), forged), "signature does not verify")
}

func TestWebAuthnRules(t *testing.T) {
	key := p256Key(1)
	der := webauthn.EncodeDER(es256COSE(key))
	payload := []byte("\x0aic-request" + string(make([]byte, 32)))
	sign := func(message []byte) []byte { return signP256(key, message) }
	hash := sha256.Sum256(payload)
	honest := assertion(payload, nil, sign)
	parsed, err := webauthn.ParseAssertion(honest)
	if err != nil {
		t.Fatal(err)
	}
	asBytes, err := cbor.MarshalTagged(map[string][]byte{
		"authenticator_data": parsed.AuthenticatorData, "client_data_json": parsed.ClientDataJSON, "signature": parsed.Signature,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		signature []byte
		want      string
	}{
		{"honest", honest, ""},
		{"client data as bytes", asBytes, ""},
		{"another origin", assertion(payload, func(c *clientData) { c.Origin = "https://evil.example" }, sign), ""},
		{"without the tag", honest[3:], "self-describe tag"},
		{"a registration", assertion(payload, func(c *clientData) { c.Type = "webauthn.create" }, sign), "type"},
		{"a challenge for another payload", assertion(payload[1:], nil, sign), "challenge"},
		{"the hash as challenge", assertion(hash[:], nil, sign), "challenge"},
		{"the challenge with padding", assertion(payload, func(c *clientData) { c.Challenge += "==" }, sign), "challenge"},
		{"no challenge", assertion(payload, func(c *clientData) { c.Challenge = "" }, sign), "challenge"},
		{"r and s side by side", assertion(payload, nil, func(message []byte) []byte { return raw(rawP256(sign(message))) }), "does not verify"},
		{"signed without authenticator data", assertion(payload, nil, func(message []byte) []byte { return sign(message[37:]) }), "does not verify"},
		{"the payload itself signed", raw(rawP256(sign(payload))), "WebAuthn"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, verify(der, payload, c.signature), c.want) })
	}
}

func TestCanisterSignatureNeedsTheRoot(t *testing.T) {
	s := canisterScheme(1)
	signature := s.sign([]byte("payload"))
	wantError(t, verify(s.key, []byte("payload"), signature), "")
	stranger := certificate.Verifier{Root: subnetKey.Public()}
	wantError(t, VerifySignature(stranger, s.key, []byte("payload"), signature), "does not verify")
	wantError(t, VerifySignature(certificate.Verifier{}, s.key, []byte("payload"), signature), "not a valid point")
	wantError(t, verify(canisterSchemeOf(other, 1).key, []byte("payload"), signature), "no certified data")
}
