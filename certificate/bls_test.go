package certificate

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	public "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"pgregory.net/rapid"
)

func drawKey(t *rapid.T) *SigningKey {
	return DeriveSigningKey([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")))
}

func TestSignatureVerifiesForItsKeyAndMessageOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, message := drawKey(t), rapid.SliceOf(rapid.Byte()).Draw(t, "message")
		signature := key.Sign(message)
		if err := VerifyBLS(key.Public(), message, signature); err != nil {
			t.Fatalf("an honest signature: %v", err)
		}
		if again := key.Sign(message); !bytes.Equal(again, signature) {
			t.Fatal("a second signature of the same message differs")
		}
		if VerifyBLS(key.Public(), append(message, 0), signature) == nil {
			t.Fatal("verifies for another message")
		}
		if other := drawKey(t); other.Public() != key.Public() && VerifyBLS(other.Public(), message, signature) == nil {
			t.Fatal("verifies under another key")
		}
		at := rapid.IntRange(0, len(signature)*8-1).Draw(t, "bit")
		forged := bytes.Clone(signature)
		forged[at/8] ^= 1 << (at % 8)
		if VerifyBLS(key.Public(), message, forged) == nil {
			t.Fatalf("verifies with bit %d changed", at)
		}
	})
}

// TestBothLibrariesAgreeOnKeys compares the constant-time library that signs
// with the other one, which verifies.
func TestBothLibrariesAgreeOnKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := drawKey(t)
		_, _, _, generator := public.Generators()
		var point public.G2Affine
		point.ScalarMultiplication(&generator, new(big.Int).SetBytes(key.Bytes()))
		if want := BLSPublicKey(point.Bytes()); key.Public() != want {
			t.Fatalf("public key %x, want %x", key.Public(), want)
		}
	})
}

func TestSigningKeySurvivesStorage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := drawKey(t)
		again, err := ParseSigningKey(key.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if again.Public() != key.Public() || !bytes.Equal(again.Bytes(), key.Bytes()) {
			t.Fatal("another key came back")
		}
	})
}

func TestDerivedKeyDependsOnEverySeedBit(t *testing.T) {
	seen := map[BLSPublicKey]int{DeriveSigningKey([32]byte{}).Public(): -1}
	for bit := range 256 {
		var seed [32]byte
		seed[bit/8] = 1 << (bit % 8)
		key := DeriveSigningKey(seed).Public()
		if other, known := seen[key]; known {
			t.Fatalf("bits %d and %d of the seed give the same key", other, bit)
		}
		seen[key] = bit
	}
}

// order is the order of both groups.
func order() *big.Int { return fr.Modulus() }

func TestParseSigningKeyRefusesWhatBytesNeverWrites(t *testing.T) {
	encode := func(n *big.Int) []byte { return n.FillBytes(make([]byte, blsSecretLen)) }
	one := big.NewInt(1)
	for _, c := range []struct {
		name   string
		scalar []byte
		want   string
	}{
		{"one", encode(one), ""},
		{"the greatest", encode(new(big.Int).Sub(order(), one)), ""},
		{"zero", encode(new(big.Int)), "out of range"},
		{"the order, which is zero", encode(order()), "out of range"},
		{"one in another form", encode(new(big.Int).Add(order(), one)), "out of range"},
		{"all ones", bytes.Repeat([]byte{0xff}, blsSecretLen), "out of range"},
		{"nothing", nil, "0 bytes"},
		{"too short", make([]byte, blsSecretLen-1), "31 bytes"},
		{"too long", append(encode(one), 0), "33 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseSigningKey(c.scalar)
			wantError(t, err, c.want)
		})
	}
}

func TestSigningKeyIsNeverPrinted(t *testing.T) {
	key := DeriveSigningKey([32]byte{7})
	type holder struct{ inner SigningKey }
	secret := hex.EncodeToString(key.Bytes())
	limbs := fmt.Sprint(*key.scalar) // how the library prints it
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{key, *key, holder{*key}, &holder{*key}, []any{key}, map[string]SigningKey{"k": *key}} {
			text := strings.ToLower(fmt.Sprintf(verb, value))
			if strings.Contains(text, secret) || strings.Contains(text, limbs) {
				t.Errorf("%s of %T shows the secret: %s", verb, value, text)
			}
		}
	}
	encoded, err := json.Marshal(map[string]any{"key": key, "value": *key})
	if err != nil {
		t.Fatal(err)
	}
	if string(encoded) != `{"key":{},"value":{}}` {
		t.Errorf("JSON shows %s", encoded)
	}
	if text := fmt.Sprint(key); !strings.Contains(text, key.Public().SubnetID().String()) {
		t.Errorf("the text %q does not tell which key it is", text)
	}
}

// outsideSubgroup is a point of the curve of G1 that is not in the subgroup.
func outsideSubgroup(t *testing.T) []byte {
	t.Helper()
	for x := uint64(1); x < 1000; x++ {
		var fx, y fp.Element
		fx.SetUint64(x)
		y.Square(&fx).Mul(&y, &fx)
		y.Add(&y, new(fp.Element).SetUint64(4)) // y² = x³ + 4
		if y.Sqrt(&y) == nil {
			continue
		}
		point := public.G1Affine{X: fx, Y: y}
		if !point.IsOnCurve() || point.IsInSubGroup() {
			continue
		}
		b := point.Bytes()
		return b[:]
	}
	t.Fatal("no such point found")
	return nil
}

// outsideSubgroupKey is the same for G2.
func outsideSubgroupKey(t *testing.T) BLSPublicKey {
	t.Helper()
	var four fp.Element
	four.SetUint64(4)
	for x := uint64(1); x < 1000; x++ {
		var point public.G2Affine
		point.X.A0.SetUint64(x)
		point.Y.Square(&point.X).Mul(&point.Y, &point.X)
		point.Y.A0.Add(&point.Y.A0, &four) // y² = x³ + 4(1 + i)
		point.Y.A1.Add(&point.Y.A1, &four)
		if point.Y.Legendre() != 1 {
			continue
		}
		point.Y.Sqrt(&point.Y)
		if !point.IsOnCurve() || point.IsInSubGroup() {
			continue
		}
		return BLSPublicKey(point.Bytes())
	}
	t.Fatal("no such point found")
	return BLSPublicKey{}
}

func TestVerifyBLSRefusesPointsThatAreNone(t *testing.T) {
	key := DeriveSigningKey([32]byte{1})
	message := []byte("message")
	signature := key.Sign(message)
	identity := append([]byte{0xc0}, make([]byte, blsSignatureLen-1)...)
	identityKey := BLSPublicKey{0xc0}
	// The coordinate p is zero in another form.
	p := fp.Modulus().FillBytes(make([]byte, blsSignatureLen))
	p[0] |= 0x80
	var negated public.G1Affine
	if _, err := negated.SetBytes(signature); err != nil {
		t.Fatal(err)
	}
	negated.Neg(&negated)
	negative := negated.Bytes()
	uncompressed := negated.RawBytes()

	for _, c := range []struct {
		name      string
		key       BLSPublicKey
		signature []byte
		want      string
	}{
		{"honest", key.Public(), signature, ""},
		// With both identities the equation holds for every message.
		{"identity key and identity signature", identityKey, identity, "public key is not a valid point"},
		{"identity key", identityKey, signature, "public key is not a valid point"},
		{"identity signature", key.Public(), identity, "signature is not a valid point"},
		{"identity with loose bits", key.Public(), flip(identity, 47), "signature is not a valid point"},
		{"key outside of the subgroup", outsideSubgroupKey(t), signature, "public key is not a valid point"},
		{"signature outside of the subgroup", key.Public(), outsideSubgroup(t), "signature is not a valid point"},
		{"zero key", BLSPublicKey{}, signature, "public key is not a valid point"},
		{"coordinate beyond the field", key.Public(), p, "signature is not a valid point"},
		{"uncompressed signature, cut", key.Public(), uncompressed[:blsSignatureLen], "signature is not a valid point"},
		{"uncompressed signature, whole", key.Public(), uncompressed[:], "96 bytes"},
		{"the other of the two points", key.Public(), negative[:], "does not verify"},
		{"nothing", key.Public(), nil, "0 bytes"},
		{"a byte less", key.Public(), signature[:47], "47 bytes"},
		{"a byte more", key.Public(), append(bytes.Clone(signature), 0), "49 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, VerifyBLS(c.key, message, c.signature), c.want) })
	}
}

// TestVerifyBLSRepeats: one form of the library's pairing check changes what it
// is given, and says false the second time.
func TestVerifyBLSRepeats(t *testing.T) {
	key := DeriveSigningKey([32]byte{1})
	signature := key.Sign([]byte("message"))
	point, err := key.Public().point()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := verifyPoint(point, []byte("message"), signature); err != nil {
			t.Fatalf("check %d: %v", i, err)
		}
	}
	if key.Public() != BLSPublicKey(point.Bytes()) {
		t.Error("the key has changed")
	}
}
