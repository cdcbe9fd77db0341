package certificate

import (
	"bytes"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/principal"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBLSKeyHasOneEncoding(t *testing.T) {
	key := DeriveSigningKey([32]byte{1}).Public()
	der := key.DER()
	const prefix = "308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100"
	if want := append(unhex(t, prefix), key[:]...); !bytes.Equal(der, want) {
		t.Fatalf("DER is %x, want %x", der, want)
	}
	for _, c := range []struct {
		name string
		der  []byte
		want string
	}{
		{"ours", der, ""},
		{"nothing", nil, "not a DER-encoded BLS"},
		{"the bare key", key[:], "not a DER-encoded BLS"},
		{"a byte less", der[:132], "not a DER-encoded BLS"},
		{"a byte more", append(bytes.Clone(der), 0), "not a DER-encoded BLS"},
		{"another algorithm", flip(der, 10), "not a DER-encoded BLS"},
		{"another curve", flip(der, 30), "not a DER-encoded BLS"},
		{"unused bits", flip(der, 36), "not a DER-encoded BLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := ParseBLSPublicKeyDER(c.der)
			wantError(t, err, c.want)
			if err == nil && parsed != key {
				t.Errorf("another key came back: %x", parsed)
			}
		})
	}
	if id := key.SubnetID(); !id.IsSelfAuthenticating() || id != principal.SelfAuthenticating(der) {
		t.Errorf("the subnet of the key is %s", id)
	}
}

func TestCanisterKeyForm(t *testing.T) {
	seed := bytes.Repeat([]byte{0xab}, 32)
	key := CanisterKey{Canister: canisterID(7), Seed: seed}
	want := "303c300c060a2b0601040183b8430102032c000a" + "00000000000000070101" + hex.EncodeToString(seed)
	if got := hex.EncodeToString(key.DER()); got != want {
		t.Errorf("DER is %s, want %s", got, want)
	}
	if key.Principal() != principal.SelfAuthenticating(key.DER()) {
		t.Error("the principal of the key is not the one of its DER form")
	}
}

func TestCanisterKeySurvivesEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		canister, err := principal.FromBytes(rapid.SliceOfN(rapid.Byte(), 0, principal.MaxLength).Draw(t, "canister"))
		if err != nil {
			t.Fatal(err)
		}
		// Where the length takes more bytes is where it goes wrong.
		length := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(maxSeedLen-2, maxSeedLen)).Draw(t, "length")
		key := CanisterKey{Canister: canister, Seed: bytes.Repeat([]byte{rapid.Byte().Draw(t, "seed")}, length)}
		parsed, err := ParseCanisterKey(key.DER())
		if err != nil {
			t.Fatal(err)
		}
		if parsed.Canister != key.Canister || !bytes.Equal(parsed.Seed, key.Seed) {
			t.Fatal("another key came back")
		}
	})
}

func TestParseCanisterKeyRefuses(t *testing.T) {
	const (
		oid   = "300c060a2b0601040183b8430102"
		other = "300c060a2b0601040183b8430101" // WebAuthn
	)
	for _, c := range []struct{ name, der, want string }{
		{"an id and a seed", "3016" + oid + "0306" + "00" + "02" + "0101" + "abcd", ""},
		{"no seed", "3014" + oid + "0304" + "00" + "02" + "0101", ""},
		{"an empty id", "3012" + oid + "0302" + "00" + "00", ""},
		{"nothing", "", "not a DER-encoded canister signature key"},
		{"a sequence alone", "3000", "not a DER-encoded canister signature key"},
		{"another algorithm", "3016" + other + "0306" + "00" + "02" + "0101" + "abcd", "not a DER-encoded canister signature key"},
		{"no bit string", "300e" + oid, "not a DER-encoded canister signature key"},
		{"an empty bit string", "3010" + oid + "0300", "not a DER-encoded canister signature key"},
		{"no length of the id", "3011" + oid + "0301" + "00", "not a DER-encoded canister signature key"},
		{"unused bits", "3016" + oid + "0306" + "01" + "02" + "0101" + "abcd", "not a DER-encoded canister signature key"},
		{"an id that reaches beyond the end", "3016" + oid + "0306" + "00" + "05" + "0101" + "abcd", "not a DER-encoded canister signature key"},
		{"an octet string", "3016" + oid + "0406" + "00" + "02" + "0101" + "abcd", "not a DER-encoded canister signature key"},
		{"a byte behind", "3016" + oid + "0306" + "00" + "02" + "0101" + "abcd" + "00", "not a DER-encoded canister signature key"},
		{"a byte behind inside", "3017" + oid + "0306" + "00" + "02" + "0101" + "abcd" + "00", "not a DER-encoded canister signature key"},
		{"cut short", "3016" + oid + "0306" + "00" + "02" + "0101" + "ab", "not a DER-encoded canister signature key"},
		{"a long form of a short length", "308116" + oid + "0306" + "00" + "02" + "0101" + "abcd", "not a DER-encoded canister signature key"},
		{"a longer form of a short length", "30820016" + oid + "0306" + "00" + "02" + "0101" + "abcd", "not a DER-encoded canister signature key"},
		{"an indefinite length", "3080" + oid + "0306" + "00" + "02" + "0101" + "abcd" + "0000", "not a DER-encoded canister signature key"},
		{"a length of eight bytes", "3088ffffffffffffffff", "not a DER-encoded canister signature key"},
		{"an id of 30 bytes", "3032" + oid + "0322" + "00" + "1e" + hex.EncodeToString(make([]byte, 32)), "more than 29 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseCanisterKey(unhex(t, c.der))
			wantError(t, err, c.want)
		})
	}
	long := CanisterKey{Canister: canisterID(1), Seed: make([]byte, maxSeedLen+1)}
	_, err := ParseCanisterKey(long.DER())
	wantError(t, err, "not a DER-encoded canister signature key")
}

func TestParsedCanisterKeyDoesNotShareMemory(t *testing.T) {
	der := CanisterKey{Canister: canisterID(1), Seed: []byte("seed")}.DER()
	key, err := ParseCanisterKey(der)
	if err != nil {
		t.Fatal(err)
	}
	clear(der)
	if string(key.Seed) != "seed" || key.Canister != canisterID(1) {
		t.Error("the key changes with the bytes it was read from")
	}
}

// A key that parses has one encoding only, so that a principal has one key.
func FuzzParseCanisterKey(f *testing.F) {
	f.Add(CanisterKey{Canister: canisterID(7), Seed: []byte("seed")}.DER())
	f.Add(CanisterKey{Canister: canisterID(7), Seed: make([]byte, 300)}.DER())
	f.Add(CanisterKey{}.DER())
	f.Fuzz(func(t *testing.T, der []byte) {
		key, err := ParseCanisterKey(der)
		if err == nil && !bytes.Equal(key.DER(), der) {
			t.Fatalf("%x has a second encoding %x", der, key.DER())
		}
	})
}
