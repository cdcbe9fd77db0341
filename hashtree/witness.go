package hashtree

import (
	"bytes"
	"slices"
)

// Tree is the hash tree of the whole map.
func (m Map) Tree() Tree { return m.root.seal() }

// Digest is the root hash.
func (m Map) Digest() Digest { return m.Tree().Digest() }

// seal hashes what is new.
func (n *mapNode) seal() Tree {
	if n == nil {
		return Empty()
	}
	if n.tree.IsEmpty() {
		switch {
		case !n.isEntry():
			n.tree = Fork(n.left.seal(), n.right.seal())
		case n.value != nil:
			n.tree = Labeled(n.label, Leaf(n.value))
		default:
			n.tree = Labeled(n.label, n.sub.seal())
		}
	}
	return n.tree
}

// Witness is a tree with the digest of the whole map that reveals what is at
// the given paths, values or whole levels, proves of those that are missing
// that they are, and tells only digests of all else.
func (m Map) Witness(paths ...Path) Tree {
	m.root.seal()
	return m.root.witness(paths)
}

// need is why a label of one level is revealed.
type need struct {
	label []byte
	whole bool   // everything below it is asked for
	below []Path // what is asked for below it; nothing for a mere neighbour
}

// witness serves the paths at one level. An empty path asks for all of it.
func (n *mapNode) witness(paths []Path) Tree {
	var needs []need
	for _, path := range paths {
		if len(path) == 0 {
			return n.seal()
		}
		if entry := n.find(path[0]); entry == nil {
			// A missing label is proved by its neighbours.
			before, after := n.neighbours(path[0])
			for _, neighbour := range []*mapNode{before, after} {
				if neighbour != nil {
					needs = append(needs, need{label: neighbour.label})
				}
			}
		} else {
			needs = append(needs, need{label: entry.label, whole: len(path) == 1 || entry.value != nil, below: []Path{path[1:]}})
		}
	}
	slices.SortStableFunc(needs, func(a, b need) int { return bytes.Compare(a.label, b.label) })
	// Several reasons for one label become one.
	merged := needs[:0]
	for _, next := range needs {
		if last := len(merged) - 1; last >= 0 && bytes.Equal(merged[last].label, next.label) {
			merged[last].whole = merged[last].whole || next.whole
			merged[last].below = append(merged[last].below, next.below...)
			continue
		}
		merged = append(merged, next)
	}
	return n.reveal(merged)
}

// reveal shows the needed labels, which are sorted and all there.
func (n *mapNode) reveal(needs []need) Tree {
	switch {
	case n == nil:
		return Empty()
	case len(needs) == 0:
		return Pruned(n.tree.Digest())
	case !n.isEntry():
		split := slices.IndexFunc(needs, func(x need) bool { return labelBit(x.label, n.bit) == 1 })
		if split < 0 {
			split = len(needs)
		}
		return n.showing(n.left.reveal(needs[:split]), n.right.reveal(needs[split:]))
	case needs[0].whole:
		return n.tree
	case len(needs[0].below) == 0:
		return n.showing(Pruned(n.tree.n.left.digest), Tree{})
	default:
		return n.showing(n.sub.witness(needs[0].below), Tree{})
	}
}

// showing is the tree of n with less below it, of which the digests are the
// same: nothing is hashed again. An entry has its level on the left.
func (n *mapNode) showing(left, right Tree) Tree {
	shown := *n.tree.n
	shown.left, shown.right = left.n, right.n
	return Tree{&shown}
}

// neighbours are the entries just before and just after a missing label.
func (n *mapNode) neighbours(label []byte) (before, after *mapNode) {
	if n == nil {
		return nil, nil
	}
	near := n
	for !near.isEntry() {
		near = near.towards(label)
	}
	bit := firstDifference(near.label, label)
	at := n
	for !at.isEntry() && at.bit < bit {
		if labelBit(label, at.bit) == 0 {
			after = at.right
			at = at.left
		} else {
			before = at.left
			at = at.right
		}
	}
	// The whole of at lies on one side of the label.
	if labelBit(label, bit) == 0 {
		after = at
	} else {
		before = at
	}
	return before.last(), after.first()
}

func (n *mapNode) first() *mapNode {
	for n != nil && !n.isEntry() {
		n = n.left
	}
	return n
}

func (n *mapNode) last() *mapNode {
	for n != nil && !n.isEntry() {
		n = n.right
	}
	return n
}
