package hashtree

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// sample is the example of the interface specification, Certification.
func sample() Tree {
	return Fork(
		Fork(
			Labeled([]byte("a"), Fork(
				Fork(Labeled([]byte("x"), Leaf([]byte("hello"))), Empty()),
				Labeled([]byte("y"), Leaf([]byte("world"))))),
			Labeled([]byte("b"), Leaf([]byte("good")))),
		Fork(
			Labeled([]byte("c"), Empty()),
			Labeled([]byte("d"), Leaf([]byte("morning")))))
}

func TestSampleDigest(t *testing.T) {
	const want = "eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0"
	digest := sample().Digest()
	if got := hex.EncodeToString(digest[:]); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestLookup(t *testing.T) {
	prunedB := Fork(
		Labeled([]byte("a"), Leaf([]byte("1"))),
		Fork(Pruned(Digest{1}), Labeled([]byte("d"), Fork(Empty(), Pruned(Digest{2})))))
	for _, c := range []struct {
		name  string
		tree  Tree
		path  Path
		want  Status
		value string
	}{
		{"a value", sample(), P("a", "x"), Found, "hello"},
		{"a second value", sample(), P("d"), Found, "morning"},
		{"between two labels", sample(), P("aa"), Absent, ""},
		{"before the first", sample(), P("A"), Absent, ""},
		{"behind the last", sample(), P("e"), Absent, ""},
		{"in an empty level", sample(), P("c", "x"), Absent, ""},
		{"an empty level as a value", sample(), P("c"), Absent, ""},
		{"below a value", sample(), P("b", "x"), Absent, ""},
		{"a level is no value", sample(), P("a"), Malformed, ""},
		{"left of a pruned part", prunedB, P("0"), Absent, ""},
		{"hidden by a pruned part", prunedB, P("b"), Unknown, ""},
		{"behind the last label", prunedB, P("e"), Absent, ""},
		{"inside a pruned part", prunedB, P("d", "x"), Unknown, ""},
		{"the empty tree", Empty(), P("a"), Absent, ""},
		{"the empty path", Leaf([]byte("v")), nil, Found, "v"},
	} {
		value, status := c.tree.Lookup(c.path...)
		if status != c.want || string(value) != c.value {
			t.Errorf("%s: %v %q, want %v %q", c.name, status, value, c.want, c.value)
		}
	}
}

func TestDecodeRefusesWhatIsNotATree(t *testing.T) {
	deep := bytes.Repeat([]byte{0x83, 1, 0x81, 0}, maxDepth+2)
	for name, text := range map[string]string{
		"nothing":               "",
		"a fork without a side": "8301" + "8100",
		"an unknown kind":       "8105",
		"a short digest":        "8204" + "41" + "00",
		"labels out of order":   "8301" + "830241" + "62" + "8100" + "830241" + "61" + "8100",
		"a label twice":         "8301" + "830241" + "61" + "8100" + "830241" + "61" + "8100",
		"a value beside labels": "8301" + "830241" + "61" + "8100" + "820341" + "00",
		"two values":            "8301" + "820341" + "00" + "820341" + "00",
		"bytes behind":          "8100" + "00",
		"too deep":              hex.EncodeToString(deep),
		"a length of a lie":     "82035b7fffffffffffffff",
	} {
		data, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(data); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample().AppendCBOR(nil))
	f.Add(Map{}.Put(P("a", "b"), []byte("v")).Witness(P("a", "c")).AppendCBOR(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		tree, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Decode(tree.AppendCBOR(nil))
		if err != nil || again.Digest() != tree.Digest() {
			t.Fatalf("a decoded tree does not survive encoding: %v", err)
		}
		tree.Lookup([]byte("a"), []byte("b"))
	})
}
