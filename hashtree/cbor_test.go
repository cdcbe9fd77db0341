package hashtree

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"internetidentity/cbor"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEncodeAndDecodeEveryKind(t *testing.T) {
	digest := strings.Repeat("07", 32)
	for _, c := range []struct {
		name, encoded string
		tree          Tree
	}{
		{"empty", "81 00", Empty()},
		{"a fork", "83 01 8100 8100", Fork(Empty(), Empty())},
		{"a label", "83 02 4161 8100", Labeled([]byte("a"), Empty())},
		{"a label of nothing", "83 02 40 8100", Labeled(nil, Empty())},
		{"a value", "82 03 4161", Leaf([]byte("a"))},
		{"an empty value", "82 03 40", Leaf(nil)},
		{"a pruned tree", "82 04 5820" + digest, Pruned(Digest(bytes.Repeat([]byte{7}, 32)))},
		{"pruned trees beside labels", "83 01 83 02 4161 8100 83 01 82 04 5820" + digest + " 83 02 4162 8100", Fork(Labeled([]byte("a"), Empty()), Fork(Pruned(Digest(bytes.Repeat([]byte{7}, 32))), Labeled([]byte("b"), Empty())))},
	} {
		encoded := unhex(t, c.encoded)
		if got := c.tree.AppendCBOR(nil); !bytes.Equal(got, encoded) {
			t.Errorf("%s: %x, want %x", c.name, got, encoded)
		}
		for _, front := range []string{"", "d9d9f7"} {
			tree, err := Decode(append(unhex(t, front), encoded...))
			if err != nil || tree.Digest() != c.tree.Digest() {
				t.Errorf("%s behind %q: %v", c.name, front, err)
			}
		}
	}
}

func TestDecodeRefusesWhatIsNotATree(t *testing.T) {
	digest := "5820" + strings.Repeat("07", 32)
	for name, text := range map[string]string{
		"nothing":                            "",
		"a tag alone":                        "d9d9f7",
		"two tags":                           "d9d9f7 d9d9f7 8100",
		"a tag inside":                       "83 01 8100 d9d9f7 8100",
		"an empty array":                     "80",
		"a number":                           "00",
		"a map":                              "a1 00 00",
		"an indefinite array":                "9f 00 ff",
		"a kind that is no number":           "81 40",
		"a negative kind":                    "81 20",
		"an unknown kind":                    "81 05",
		"a huge kind":                        "81 1bffffffffffffffff",
		"an empty tree with something in it": "82 00 8100",
		"a fork without a side":              "83 01 8100",
		"a fork of one":                      "82 01 8100",
		"a fork of three":                    "84 01 8100 8100 8100",
		"a label without a tree":             "82 02 4161",
		"a label that is a text":             "83 02 6161 8100",
		"a value that is a text":             "82 03 6161",
		"a value that is missing":            "81 03",
		"a value cut short":                  "82 03 42 00",
		"a short digest":                     "82 04 41 00",
		"a long digest":                      "82 04 5821" + strings.Repeat("07", 33),
		"labels out of order":                "83 01 83024162 8100 83024161 8100",
		"labels out of order far apart":      "83 01 83 01 8100 83024162 8100 83 01 8100 83024161 8100",
		"labels out of order over a digest":  "83 01 83024162 8100 83 01 8204" + digest + " 83024161 8100",
		"a label twice":                      "83 01 83024161 8100 83024161 8100",
		"a label behind a longer one":        "83 01 8302426161 8100 83024161 8100",
		"a bad order below a label":          "83 02 4161 83 01 83024162 8100 83024161 8100",
		"a value beside a label":             "83 01 83024161 8100 820341 00",
		"a label beside a value":             "83 01 820341 00 83024161 8100",
		"two values":                         "83 01 820341 00 820341 00",
		"a value beside a digest":            "83 01 8204" + digest + " 820341 00",
		"a digest beside a value":            "83 01 820341 00 8204" + digest,
		"a value beside nothing":             "83 01 8100 820341 00",
		"nothing beside a value":             "83 01 820341 00 8100",
		"bytes behind":                       "8100 00",
		"a value of a lie":                   "82 03 5b7fffffffffffffff",
		"an array of a lie":                  "9bffffffffffffffff",
	} {
		if _, err := Decode(unhex(t, text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodeIsBounded(t *testing.T) {
	labels := func(n int) []byte {
		return append(bytes.Repeat([]byte{0x83, 2, 0x41, 'a'}, n), 0x81, 0)
	}
	forks := func(n int) []byte {
		return append(bytes.Repeat([]byte{0x83, 1}, n), bytes.Repeat([]byte{0x81, 0}, n+1)...)
	}
	// A full tree of forks over empty trees, of 2^(depth+1)-1 nodes.
	var full func(depth int) []byte
	full = func(depth int) []byte {
		if depth == 0 {
			return []byte{0x81, 0}
		}
		half := full(depth - 1)
		return append(append([]byte{0x83, 1}, half...), half...)
	}
	for _, c := range []struct {
		name string
		data []byte
		ok   bool
	}{
		{"labels to the bound", labels(maxDepth), true},
		{"labels beyond it", labels(maxDepth + 1), false},
		{"forks to the bound", forks(maxDepth), true},
		{"forks beyond it", forks(maxDepth + 1), false},
		{"a million labels", labels(1_000_000), false},
		{"a million forks", forks(1_000_000), false},
		{"nodes to the bound", full(17), true},
		{"nodes beyond it", full(18), false},
	} {
		if _, err := Decode(c.data); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A tree in a bigger message leaves what stands behind it.
func TestDecodeFromStopsBehindTheTree(t *testing.T) {
	r := cbor.NewReader(unhex(t, "82 03 4161 05"))
	tree, err := DecodeFrom(r)
	if err != nil {
		t.Fatal(err)
	}
	if value, status := tree.Lookup(); status != Found || string(value) != "a" {
		t.Errorf("%v %q", status, value)
	}
	if n, err := r.Uint(); err != nil || n != 5 {
		t.Errorf("behind the tree: %d %v", n, err)
	}
}
