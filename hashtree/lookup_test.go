package hashtree

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// lookupBySpecification is the interface specification's function, word by
// word: flatten the forks, then match the list against its patterns in order.
func lookupBySpecification(n *node, path Path) ([]byte, Status) {
	if len(path) == 0 {
		switch n.kind {
		case kindEmpty:
			return nil, Absent
		case kindLeaf:
			return n.data, Found
		case kindPruned:
			return nil, Unknown
		default:
			return nil, Malformed
		}
	}
	label, trees := path[0], flatten(n)
	below := func(n *node) bool { return n.kind == kindLabeled && bytes.Compare(n.data, label) < 0 }
	above := func(n *node) bool { return n.kind == kindLabeled && bytes.Compare(n.data, label) > 0 }
	for _, tree := range trees {
		if tree.kind == kindLabeled && bytes.Equal(tree.data, label) {
			return lookupBySpecification(tree.left, path[1:])
		}
	}
	for i := range len(trees) - 1 {
		if below(trees[i]) && above(trees[i+1]) {
			return nil, Absent
		}
	}
	switch {
	case len(trees) > 0 && above(trees[0]),
		len(trees) > 0 && below(trees[len(trees)-1]),
		len(trees) == 1 && trees[0].kind == kindLeaf,
		len(trees) == 0:
		return nil, Absent
	}
	return nil, Unknown
}

func flatten(n *node) []*node {
	switch n.kind {
	case kindEmpty:
		return nil
	case kindFork:
		return append(flatten(n.left), flatten(n.right)...)
	default:
		return []*node{n}
	}
}

// drawTree makes a well-formed tree of any shape: labels in order, with
// pruned and empty trees between them.
func drawTree(t *rapid.T, depth int) Tree {
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		switch rapid.IntRange(0, 3).Draw(t, "end") {
		case 0:
			return Empty()
		case 1:
			return Pruned(Digest{rapid.Byte().Draw(t, "digest")})
		default:
			return Leaf(rapid.SliceOfN(rapid.Byte(), 0, 2).Draw(t, "value"))
		}
	}
	labels := rapid.SliceOfNDistinct(rapid.Custom(drawLabel), 0, 4, rapid.ID[string]).Draw(t, "labels")
	slices.Sort(labels)
	var trees []Tree
	between := func() {
		switch rapid.IntRange(0, 4).Draw(t, "between") {
		case 0:
			trees = append(trees, Pruned(Digest{rapid.Byte().Draw(t, "digest")}))
		case 1:
			trees = append(trees, Empty())
		}
	}
	for _, label := range labels {
		between()
		trees = append(trees, Labeled([]byte(label), drawTree(t, depth-1)))
	}
	between()
	return join(t, trees)
}

// join forks a list of trees in any shape.
func join(t *rapid.T, trees []Tree) Tree {
	switch len(trees) {
	case 0:
		return Empty()
	case 1:
		return trees[0]
	}
	at := rapid.IntRange(1, len(trees)-1).Draw(t, "fork")
	return Fork(join(t, trees[:at]), join(t, trees[at:]))
}

func drawPath(t *rapid.T) Path {
	return P(rapid.SliceOfN(rapid.Custom(drawLabel), 0, 3).Draw(t, "path")...)
}

func TestLookupIsTheSpecifications(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 3)
		decoded, err := Decode(tree.AppendCBOR(nil))
		if err != nil {
			t.Fatalf("a well-formed tree is refused: %v", err)
		}
		if decoded.Digest() != tree.Digest() {
			t.Fatal("decoding changed the digest")
		}
		for range 5 {
			path := drawPath(t)
			want, wantStatus := lookupBySpecification(tree.node(), path)
			got, status := decoded.Lookup(path...)
			if status != wantStatus || !bytes.Equal(got, want) {
				t.Fatalf("%q: %v %q, want %v %q", path, status, got, wantStatus, want)
			}
		}
	})
}

// prune hides parts of a tree at random.
func prune(t *rapid.T, n *node) Tree {
	if n.kind == kindPruned || rapid.IntRange(0, 4).Draw(t, "prune") == 0 {
		return Pruned(n.digest)
	}
	switch n.kind {
	case kindFork:
		return Fork(prune(t, n.left), prune(t, n.right))
	case kindLabeled:
		return Labeled(n.data, prune(t, n.left))
	default:
		return Tree{n}
	}
}

// Whoever hides parts of a tree can make an answer unknown, but not another.
func TestPruningNeverChangesAnAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 3)
		pruned := prune(t, tree.node())
		if pruned.Digest() != tree.Digest() {
			t.Fatal("pruning changed the digest")
		}
		for range 5 {
			path := drawPath(t)
			want, wantStatus := tree.Lookup(path...)
			got, status := pruned.Lookup(path...)
			if status == Unknown {
				continue
			}
			if status != wantStatus || !bytes.Equal(got, want) {
				t.Fatalf("%q: %v %q, before %v %q", path, status, got, wantStatus, want)
			}
		}
	})
}

func TestLabels(t *testing.T) {
	tree := Fork(Fork(Labeled([]byte("a"), Empty()), Pruned(Digest{1})), Fork(Empty(), Labeled([]byte("b"), Labeled([]byte("c"), Empty()))))
	var got []string
	for _, label := range tree.Labels() {
		got = append(got, string(label))
	}
	if !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
	if labels := Leaf([]byte("a")).Labels(); labels != nil {
		t.Errorf("a value has the labels %q", labels)
	}
}

func TestStatusesHaveTheSpecificationsNames(t *testing.T) {
	for status, want := range map[Status]string{Unknown: "unknown", Found: "found", Absent: "absent", Malformed: "error"} {
		if status.String() != want {
			t.Errorf("%v, want %s", status, want)
		}
	}
}
