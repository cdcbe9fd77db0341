package hashtree

import (
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
		{"beside a value, which no decoded tree has", Fork(Pruned(Digest{1}), Leaf([]byte("v"))), P("a"), Unknown, ""},
		{"the empty tree", Empty(), P("a"), Absent, ""},
		{"the empty path", Leaf([]byte("v")), nil, Found, "v"},
	} {
		value, status := c.tree.Lookup(c.path...)
		if status != c.want || string(value) != c.value {
			t.Errorf("%s: %v %q, want %v %q", c.name, status, value, c.want, c.value)
		}
	}
}

// Each kind of tree has a digest of its own, even over the same bytes.
func TestKindsHashApart(t *testing.T) {
	label := []byte("label")
	all := map[string]Tree{
		"empty":                  Empty(),
		"a leaf":                 Leaf(label),
		"an empty leaf":          Leaf(nil),
		"a label over nothing":   Labeled(label, Empty()),
		"a label over a value":   Labeled(label, Leaf(nil)),
		"a fork":                 Fork(Labeled(label, Empty()), Empty()),
		"the fork reversed":      Fork(Empty(), Labeled(label, Empty())),
		"a long leaf":            Leaf(make([]byte, 1000)),
		"a long label":           Labeled(make([]byte, 1000), Empty()),
		"a fork of empty ones":   Fork(Empty(), Empty()),
		"a leaf of a fork":       Leaf(append([]byte(domainFork), label...)),
		"an empty name":          Labeled(nil, Empty()),
		"an empty name, a value": Labeled(nil, Leaf(nil)),
	}
	seen := map[Digest]string{}
	for name, tree := range all {
		if other, twice := seen[tree.Digest()]; twice {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		seen[tree.Digest()] = name
		if Pruned(tree.Digest()).Digest() != tree.Digest() {
			t.Errorf("%s has another digest when it is pruned", name)
		}
		if tree.IsEmpty() != (name == "empty") {
			t.Errorf("%s: empty %v", name, tree.IsEmpty())
		}
	}
	if (Tree{}).Digest() != Empty().Digest() {
		t.Error("the zero value is not the empty tree")
	}
}

func TestSubtree(t *testing.T) {
	below, status := sample().Subtree([]byte("a"))
	if status != Found {
		t.Fatal(status)
	}
	if value, status := below.Lookup([]byte("y")); status != Found || string(value) != "world" {
		t.Errorf("%v %q", status, value)
	}
	if all, status := sample().Subtree(); status != Found || all.Digest() != sample().Digest() {
		t.Errorf("the empty path leads elsewhere: %v", status)
	}
	pruned := Labeled([]byte("a"), Pruned(Digest{7}))
	if below, status := pruned.Subtree([]byte("a")); status != Found || below.Digest() != (Digest{7}) {
		t.Errorf("a pruned tree at the end of the path: %v", status)
	}
	if below, status := sample().Subtree([]byte("z")); status != Absent || !below.IsEmpty() {
		t.Errorf("a path to nothing: %v", status)
	}
}
