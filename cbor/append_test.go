package cbor

import (
	"bytes"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHeadsAreTheShortest(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "00", 23: "17", 24: "1818", 255: "18ff", 256: "190100", 65535: "19ffff", 65536: "1a00010000",
		math.MaxUint32: "1affffffff", math.MaxUint32 + 1: "1b0000000100000000", math.MaxUint64: "1bffffffffffffffff",
	} {
		if got := hex.EncodeToString(AppendUint(nil, n)); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestMarshalIsDeterministic(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"keys in the order of their encoding", map[any]int{"aa": 1, "b": 2, 10: 3, -1: 4, 100: 5}, "a5 0a03 186405 2004 616202 62616101"},
		{"fields too", struct {
			Long  int `cbor:"long"`
			Short int `cbor:"z"`
		}{1, 2}, "a2 617a02 646c6f6e6701"},
		{"the shortest float", 1.5, "f93e00"},
		{"the one NaN", math.NaN(), "f97e00"},
		{"infinity", math.Inf(1), "f97c00"},
		{"a byte string", []byte{1}, "4101"},
		{"strict bytes", Bytes{1}, "4101"},
		{"no byte string is null", []byte(nil), "f6"},
		{"an empty byte string", []byte{}, "40"},
		{"a raw message", RawMessage{0x05}, "05"},
	} {
		want := strings.ReplaceAll(c.want, " ", "")
		got, err := Marshal(c.value)
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s: %x %v, want %s", c.name, got, err, want)
		}
		if got, err = MarshalTagged(c.value); err != nil || hex.EncodeToString(got) != "d9d9f7"+want {
			t.Errorf("%s with a tag: %x %v", c.name, got, err)
		}
	}
	if b, err := MarshalTagged(make(chan int)); err == nil {
		t.Errorf("a channel has the encoding %x", b)
	}
}

// item is any value that both the Append functions and the library can write.
func item() *rapid.Generator[any] { return rapid.Custom(drawItem) }

func drawItem(t *rapid.T) any {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return rapid.Uint64().Draw(t, "number")
	case 1:
		return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
	case 2:
		return rapid.String().Draw(t, "text")
	case 3:
		return strings.Repeat("x", rapid.IntRange(0, 300).Draw(t, "length"))
	case 4:
		return rapid.SliceOfN(rapid.Deferred(item), 0, 3).Draw(t, "array")
	default:
		return rapid.MapOfN(rapid.Uint64(), rapid.Deferred(item), 0, 3).Draw(t, "map")
	}
}

// appendItem writes an item. The order of numbers is that of their encoding.
func appendItem(b []byte, v any) []byte {
	switch v := v.(type) {
	case uint64:
		return AppendUint(b, v)
	case []byte:
		return AppendBytes(b, v)
	case string:
		return AppendText(b, v)
	case []any:
		b = AppendArray(b, len(v))
		for _, element := range v {
			b = appendItem(b, element)
		}
		return b
	default:
		m := v.(map[uint64]any)
		b = AppendMap(b, len(m))
		for _, key := range slices.Sorted(maps.Keys(m)) {
			b = appendItem(AppendUint(b, key), m[key])
		}
		return b
	}
}

func TestAppendAgreesWithMarshal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := item().Draw(t, "item")
		want, err := MarshalTagged(v)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendItem(AppendTag(nil), v); !bytes.Equal(got, want) {
			t.Fatalf("%x, want %x", got, want)
		}
		// And the reader takes every item out again, with nothing left.
		r := NewReader(want)
		if err := readItem(r, v); err != nil {
			t.Fatal(err)
		}
		if err := r.Done(); err != nil {
			t.Fatal(err)
		}
	})
}
