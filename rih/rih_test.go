package rih

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The example of the interface specification, Request ids.
func TestSpecificationExample(t *testing.T) {
	hash := Map(
		Field{"request_type", Text("call")},
		Field{"sender", Blob([]byte{0x04})},
		Field{"ingress_expiry", Nat(1_685_570_400_000_000_000)},
		Field{"canister_id", Blob([]byte{0, 0, 0, 0, 0, 0, 0x04, 0xd2})},
		Field{"method_name", Text("hello")},
		Field{"arg", Blob([]byte("DIDL\x00\xfd*"))},
	)
	const want = "1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101"
	if got := hex.EncodeToString(hash[:]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNatIsItsShortestLEB128(t *testing.T) {
	for n, want := range map[uint64]string{
		0:              "00",
		1:              "01",
		127:            "7f",
		128:            "8001",
		624_485:        "e58e26",
		1 << 63:        "80808080808080808001",
		math.MaxUint64: "ffffffffffffffffff01",
	} {
		leb, err := hex.DecodeString(want)
		if err != nil {
			t.Fatal(err)
		}
		if Nat(n) != sha256.Sum256(leb) {
			t.Errorf("%d is not hashed as %s", n, want)
		}
	}
}

func TestTextsAndBlobsAreHashedAlike(t *testing.T) {
	for _, s := range []string{"", "a", "äöü", "\x00"} {
		if Text(s) != sha256.Sum256([]byte(s)) || Blob([]byte(s)) != Text(s) {
			t.Errorf("%q", s)
		}
	}
	if Blob(nil) != Text("") {
		t.Error("nil is not the empty blob")
	}
}

// Every structure is told apart from those that look like it.
func TestStructureCounts(t *testing.T) {
	a, b := Text("a"), Text("b")
	all := map[string]Value{
		"nothing in a list":      Array(),
		"a list":                 Array(a, b),
		"the list reversed":      Array(b, a),
		"a list of a list":       Array(Array(a, b)),
		"two lists":              Array(Array(a), Array(b)),
		"a list of one":          Array(a),
		"the one alone":          a,
		"a map":                  Map(Field{"a", a}),
		"a map of a map":         Map(Field{"a", Map(Field{"a", a})}),
		"a map of a list":        Map(Field{"a", Array(a)}),
		"a map with a long name": Map(Field{"aa", a}),
		"two values":             Map(Field{"a", a}, Field{"a", b}),
		"one value twice":        Map(Field{"a", a}, Field{"a", a}),
		"two names":              Map(Field{"a", a}, Field{"b", b}),
		"two names, exchanged":   Map(Field{"a", b}, Field{"b", a}),
		"an empty name":          Map(Field{"", a}),
	}
	seen := map[Value]string{}
	for name, hash := range all {
		if other, twice := seen[hash]; twice {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[hash] = name
	}
	if Array() != Map() || Array() != sha256.Sum256(nil) {
		t.Error("nothing is not the hash of nothing")
	}
	// What the specification does not tell apart: a row is the hashes of name
	// and value one behind the other, and so is a list of two.
	if Map(Field{"a", b}) != Array(a, b) {
		t.Error("a field is not hashed as its name and its value")
	}
}

func drawFields(t *rapid.T) []Field {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Field {
		// Few names, so that some stand twice.
		return Field{rapid.SampledFrom([]string{"", "a", "b", "arg"}).Draw(t, "name"), Nat(rapid.Uint64Range(0, 3).Draw(t, "value"))}
	}), 0, 8).Draw(t, "fields")
}

func TestOrderOfFieldsDoesNotCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := drawFields(t)
		shuffled := rapid.Permutation(fields).Draw(t, "shuffled")
		if Map(fields...) != Map(shuffled...) {
			t.Fatal("the order counts")
		}
	})
}

func TestMapHashesSortedRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := drawFields(t)
		before := slices.Clone(fields)
		var rows [][]byte
		for _, f := range fields {
			name := sha256.Sum256([]byte(f.Name))
			rows = append(rows, append(name[:], f.Value[:]...))
		}
		slices.SortFunc(rows, bytes.Compare)
		if got, want := Map(fields...), Value(sha256.Sum256(bytes.Join(rows, nil))); got != want {
			t.Fatalf("%x, want %x", got, want)
		}
		if !slices.Equal(fields, before) {
			t.Fatal("the fields were changed")
		}
	})
}

func TestEveryFieldCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := drawFields(t)
		if len(fields) == 0 {
			return
		}
		at := rapid.IntRange(0, len(fields)-1).Draw(t, "at")
		if Map(slices.Delete(slices.Clone(fields), at, at+1)...) == Map(fields...) {
			t.Fatal("a field more makes no difference")
		}
	})
}

func BenchmarkRequestID(b *testing.B) {
	arg := make([]byte, 500)
	b.ReportAllocs()
	for b.Loop() {
		Map(
			Field{"request_type", Text("call")},
			Field{"sender", Blob(arg[:29])},
			Field{"ingress_expiry", Nat(1_685_570_400_000_000_000)},
			Field{"canister_id", Blob(arg[:10])},
			Field{"method_name", Text("prepare_delegation")},
			Field{"arg", Blob(arg)},
		)
	}
}
