package cbor

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// unhex reads hexadecimal digits with spaces between them.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample has a field of every kind that messages use.
type sample struct {
	Number *uint64    `cbor:"n"`
	Blob   []byte     `cbor:"b"`
	Strict Bytes      `cbor:"s"`
	Text   string     `cbor:"t"`
	Paths  [][][]byte `cbor:"p"`
	Inner  *sample    `cbor:"i"`
	Raw    RawMessage `cbor:"r"`
	Label  int64      `cbor:"-1,keyasint"`
}

func TestUnmarshalReadsWhatClientsWrite(t *testing.T) {
	for _, c := range []struct{ name, message, want string }{
		{"a number", "a1 616e 1904d2", "1234"},
		{"a number with a wide head", "a1 616e 1b00000000000004d2", "1234"},
		{"the largest number", "a1 616e 1bffffffffffffffff", "18446744073709551615"},
		{"a bignum", "a1 616e c2 42 04d2", "1234"},
		{"a bignum with leading zeros", "a1 616e c2 4a 000000000000000004d2", "1234"},
		{"the largest bignum", "a1 616e c2 48 ffffffffffffffff", "18446744073709551615"},
		{"an empty bignum", "a1 616e c2 40", "0"},
		{"a bignum whose tag has a wide head", "a1 616e d802 42 04d2", "1234"},
		{"a bignum whose length has a wide head", "a1 616e c2 5a00000002 04d2", "1234"},
		{"a bignum behind another", "a2 6178 c2 41 07 616e c2 42 04d2", "1234"},
		{"a tag in front", "d9d9f7 a1 616e 1904d2", "1234"},
		{"a tag in front of bignums", "d9d9f7 a1 616e c2 42 04d2", "1234"},
		{"unknown fields", "a3 6178 83 01 f4 20 616e 1904d2 05 6161", "1234"},
		{"null for none", "a1 616e f6", "none"},
		{"undefined for none", "a1 616e f7", "none"},
	} {
		var s sample
		if err := Unmarshal(unhex(t, c.message), &s); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := "none"
		if s.Number != nil {

			got = strconv.FormatUint(*s.Number, 10)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestUnmarshalIsStrict(t *testing.T) {
	deep := strings.Repeat("81", maxDepth-1) + "80"
	for name, message := range map[string]string{
		"nothing":                             "",
		"a tag alone":                         "d9d9f7",
		"bytes behind":                        "a0 00",
		"two tags in front":                   "d9d9f7 d9d9f7 a0",
		"a tag in front with a wide head":     "da0000d9f7 a0",
		"another tag in front":                "d818 a0",
		"a tag inside":                        "a1 616e d818 01",
		"a self-describe tag inside":          "a1 6169 d9d9f7 a0",
		"a tag on a field that nobody reads":  "a1 6178 c1 00",
		"a bignum of nine bytes":              "a1 616e c2 49 010000000000000000",
		"a negative bignum":                   "a1 616e c3 41 00",
		"a bignum in a bignum":                "a1 616e c2 c2 41 00",
		"a bignum that is a text":             "a1 616e c2 61 30",
		"a bignum that is a number":           "a1 616e c2 05",
		"a bignum without its bytes":          "a1 616e c2",
		"a bignum of half its bytes":          "a1 616e c2 42 00",
		"a bignum as a byte string":           "a1 6162 c2 41 05",
		"a bignum as a text":                  "a1 6174 c2 41 41",
		"a duplicate name":                    "a2 616e 01 616e 01",
		"a duplicate name that is not known":  "a2 6178 01 6178 01",
		"a duplicate number":                  "a2 20 01 20 01",
		"a duplicate number, wide and narrow": "a2 20 01 3800 01",
		"a duplicate inside":                  "a1 6169 a2 616e 01 616e 01",
		"a name as a byte string":             "a1 416e 01",
		"an array for a struct":               "81 01",
		"a number for a struct":               "01",
		"a negative number":                   "a1 616e 20",
		"a number as a text":                  "a1 616e 6131",
		"a number as a float":                 "a1 616e f93c00",
		"a number as a boolean":               "a1 616e f5",
		"a number as a simple value":          "a1 616e e5",
		"a number as a wide simple value":     "a1 616e f820",
		"a simple value that nobody reads":    "a1 6178 e0",
		"a byte string as a text":             "a1 6162 6141",
		"a text as a byte string":             "a1 6174 4141",
		"a text that is not UTF-8":            "a1 6174 61ff",
		"a text with half a surrogate":        "a1 6174 63eda080",
		"a text with an overlong slash":       "a1 6174 62c0af",
		"a name that is not UTF-8":            "a1 61ff 01",
		"an indefinite map":                   "bf 616e 01 ff",
		"an indefinite array":                 "a1 6170 9f ff",
		"an indefinite byte string":           "a1 6162 5f 4100 ff",
		"an indefinite text":                  "a1 6174 7f 6141 ff",
		"an indefinite array nobody reads":    "a1 6178 9f ff",
		"a break":                             "ff",
		"a head of reserved width":            "a1 616e 1c",
		"a head cut short":                    "a1 616e 19 04",
		"a byte string cut short":             "a1 6162 42 00",
		"a byte string of 2^63-1 bytes":       "a1 6162 5b7fffffffffffffff 00",
		"a byte string of 2^64-1 bytes":       "a1 6162 5bffffffffffffffff 00",
		"an array of 2^32 elements":           "a1 6170 9b0000000100000000 00",
		"an array of 2^64-1 elements":         "a1 6170 9bffffffffffffffff 00",
		"a map of 2^64-1 pairs":               "bbffffffffffffffff 00",
		"a map without its last value":        "a1 616e",
		"a level too deep":                    "a1 6178" + deep,
		"ten thousand levels":                 "a1 6178" + strings.Repeat("81", 10_000) + "80",
		"ten thousand tags":                   "a1 616e" + strings.Repeat("c2", 10_000) + "40",
		"an element too many":                 "a1 6170 99" + hex.EncodeToString(binary.BigEndian.AppendUint16(nil, maxElements+1)) + strings.Repeat("80", maxElements+1),
	} {
		var s sample
		if err := Unmarshal(unhex(t, message), &s); err == nil {
			t.Errorf("%s: read as %+v", name, s)
		}
	}
}

func TestBoundsAreReached(t *testing.T) {
	for name, message := range map[string]string{
		"depth":    "a1 6178" + strings.Repeat("81", maxDepth-2) + "80",
		"elements": "a1 6170 99" + hex.EncodeToString(binary.BigEndian.AppendUint16(nil, maxElements)) + strings.Repeat("80", maxElements),
	} {
		if err := Unmarshal(unhex(t, message), new(sample)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A map within the bound, and one pair beyond it.
	for pairs, want := range map[int]bool{maxPairs: true, maxPairs + 1: false} {
		b := AppendMap(nil, pairs)
		for i := range pairs {
			b = AppendUint(AppendUint(b, uint64(i)), 0)
		}
		if err := Unmarshal(b, new(sample)); (err == nil) != want {
			t.Errorf("%d pairs: %v", pairs, err)
		}
	}
}

// A name is one name: not the same in upper case, nor in another script.
func TestNamesAreCaseSensitive(t *testing.T) {
	var v struct {
		Key []byte `cbor:"sender_pubkey"`
	}
	for _, name := range []string{"Sender_Pubkey", "SENDER_PUBKEY", "sender_pub\u212aey", "Key", "key"} {
		if err := Unmarshal(AppendBytes(AppendText(AppendMap(nil, 1), name), []byte{1}), &v); err != nil || v.Key != nil {
			t.Errorf("%q was taken for the field: %v %x", name, err, v.Key)
		}
	}
	if err := Unmarshal(AppendBytes(AppendText(AppendMap(nil, 1), "sender_pubkey"), []byte{1}), &v); err != nil || len(v.Key) != 1 {
		t.Errorf("the right name was not: %v %x", err, v.Key)
	}
}

func TestByteStrings(t *testing.T) {
	for _, c := range []struct {
		name, value  string
		blob, strict bool // is read
		none         bool // as nil
	}{
		{"a byte string", "43010203", true, true, false},
		{"an empty one", "40", true, true, false},
		{"an array of small numbers", "83010203", true, false, false},
		{"an empty array", "80", true, false, false},
		{"an array of large numbers", "81190100", false, false, false},
		{"a text", "6161", false, false, false},
		{"a number", "05", false, false, false},
		{"null", "f6", true, true, true},
		{"undefined", "f7", true, true, true},
	} {
		var s sample
		err := Unmarshal(unhex(t, "a1 6162"+c.value), &s)
		if (err == nil) != c.blob || err == nil && (s.Blob == nil) != c.none {
			t.Errorf("%s as []byte: %v %#v", c.name, err, s.Blob)
		}
		err = Unmarshal(unhex(t, "a1 6173"+c.value), &s)
		if (err == nil) != c.strict || err == nil && (s.Strict == nil) != c.none {
			t.Errorf("%s as Bytes: %v %#v", c.name, err, s.Strict)
		}
	}
}

func TestNullLeavesValuesAlone(t *testing.T) {
	v := struct {
		N uint64 `cbor:"n"`
		T string `cbor:"t"`
	}{7, "seven"}
	if err := Unmarshal(unhex(t, "a2 616e f6 6174 f6"), &v); err != nil || v.N != 7 || v.T != "seven" {
		t.Errorf("%v %+v", err, v)
	}
}

func TestDecodedValuesDoNotShareMemory(t *testing.T) {
	message := unhex(t, "a4 6162 4161 6173 4161 6170 81 81 4161 6172 4161")
	var s sample
	if err := Unmarshal(message, &s); err != nil {
		t.Fatal(err)
	}
	clear(message)
	if string(s.Blob) != "a" || string(s.Strict) != "a" || string(s.Paths[0][0]) != "a" || string(s.Raw) != "\x41a" {
		t.Errorf("the message changed what was decoded of it: %+v", s)
	}
}

// What a stranger put into a message must not make its error long, nor dear.
func TestErrorsAreShort(t *testing.T) {
	long := bytes.Repeat([]byte{0xff}, 1<<20)
	name := strings.Repeat("x", 1<<20)
	for what, message := range map[string][]byte{
		"a bignum of a megabyte": AppendBytes(append(AppendText(AppendMap(nil, 1), "n"), 0xc2), long),
		"a long name twice":      AppendUint(AppendText(AppendUint(AppendText(AppendMap(nil, 2), name), 0), name), 0),
		"a long text as bytes":   AppendText(AppendText(AppendMap(nil, 1), "b"), name),
		"a long name":            AppendUint(AppendBytes(AppendMap(nil, 1), long), 0),
	} {
		if err := Unmarshal(message, new(sample)); err == nil || len(err.Error()) > 200 {
			t.Errorf("%s: %.300v", what, err)
		}
	}
	duplicate := unhex(t, "a1 6169 a2 616e 01 616e 01")
	if err := Unmarshal(duplicate, new(sample)); !errors.Is(err, ErrDuplicate) {
		t.Errorf("a duplicate name: %v", err)
	}
}

func TestUnmarshalTagged(t *testing.T) {
	var n uint64
	if err := UnmarshalTagged(unhex(t, "05"), &n); !errors.Is(err, ErrTag) {
		t.Errorf("without the tag: %v", err)
	}
	if err := UnmarshalTagged(unhex(t, "d9d9"), &n); !errors.Is(err, ErrTag) {
		t.Errorf("with half the tag: %v", err)
	}
	if err := UnmarshalTagged(unhex(t, "d9d9f7 05"), &n); err != nil || n != 5 {
		t.Errorf("with the tag: %v %d", err, n)
	}
	if err := UnmarshalTagged(unhex(t, "d9d9f7 d9d9f7 05"), &n); err == nil {
		t.Error("with two tags: read")
	}
}

// The bytes of a byte string that look like a bignum are bytes.
func TestByteStringsStayAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOf(rapid.SampledFrom([]byte{0xc2, 0x41, 0x40, 0x05, 0x5b, 0xd9, 0xf7, 0x81})).Draw(t, "content")
		number := rapid.Uint64().Draw(t, "number")
		digits := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, number), "\x00")
		message := AppendMap(nil, 3)
		message = AppendBytes(AppendText(message, "b"), content)
		message = AppendBytes(append(AppendText(message, "n"), 0xc2), digits)
		message = AppendBytes(AppendText(message, "s"), content)
		before := bytes.Clone(message)
		var s sample
		if err := Unmarshal(message, &s); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(s.Blob, content) || !bytes.Equal(s.Strict, content) || *s.Number != number {
			t.Fatalf("%+v", s)
		}
		if !bytes.Equal(message, before) {
			t.Fatal("the message was changed")
		}
	})
}
