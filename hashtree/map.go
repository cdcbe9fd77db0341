package hashtree

import (
	"bytes"
	"math/bits"
)

// Map is an ordered tree of labels with values at its leaves. It is a value:
// a change makes a new Map that shares the unchanged parts, and the old one
// stays valid. The zero value is empty.
//
// The shape depends on the content alone and not on the order of changes: each
// level is a crit-bit tree, which branches where its labels first differ. For
// labels that are hashes it is balanced; for others the labels decide, so they
// must come from ourselves and not from strangers.
//
// Hashing is put off: Tree, Digest and Witness hash what is new since the last
// call on any Map that shares it. The one writer calls one of them before it
// hands the Map to concurrent readers, who from then on only read.
type Map struct {
	root *mapNode
}

// mapNode is a branch or an entry. A change copies the branches above it, so
// they are kept small.
type mapNode struct {
	// A branch: entries with a 0 at this bit of their label are left.
	bit         int
	left, right *mapNode

	*mapEntry

	tree Tree // the zero value until it is asked for
}

// mapEntry is a label with a value or a sub-level. Its value is nil when it has
// a sub-level.
type mapEntry struct {
	label []byte
	value []byte
	sub   *mapNode
}

func (n *mapNode) isEntry() bool { return n.mapEntry != nil }

// labelBit is bit i of a label in the order of labels: before each byte stands
// a 1, and behind the last one a 0, so that the end of a label sorts first.
func labelBit(label []byte, i int) byte {
	at, offset := i/9, i%9
	if at >= len(label) {
		return 0
	}
	if offset == 0 {
		return 1
	}
	return label[at] >> (8 - offset) & 1
}

// firstDifference is the first bit in which two labels differ, or -1.
func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if x := a[i] ^ b[i]; x != 0 {
			return i*9 + 1 + bits.LeadingZeros8(x)
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return n * 9
}

// find is the entry of a label, or nil.
func (n *mapNode) find(label []byte) *mapNode {
	if n == nil {
		return nil
	}
	for !n.isEntry() {
		n = n.towards(label)
	}
	if !bytes.Equal(n.label, label) {
		return nil
	}
	return n
}

func (n *mapNode) towards(label []byte) *mapNode {
	if labelBit(label, n.bit) == 0 {
		return n.left
	}
	return n.right
}

// with is n with an entry added or replaced.
func (n *mapNode) with(entry *mapNode) *mapNode {
	if n == nil {
		return entry
	}
	near := n
	for !near.isEntry() {
		near = near.towards(entry.label)
	}
	return n.insert(entry, firstDifference(near.label, entry.label))
}

func (n *mapNode) insert(entry *mapNode, bit int) *mapNode {
	switch {
	case n.isEntry() && bit < 0:
		return entry
	case n.isEntry() || bit >= 0 && bit < n.bit:
		if labelBit(entry.label, bit) == 0 {
			return &mapNode{bit: bit, left: entry, right: n}
		}
		return &mapNode{bit: bit, left: n, right: entry}
	case labelBit(entry.label, n.bit) == 0:
		return &mapNode{bit: n.bit, left: n.left.insert(entry, bit), right: n.right}
	default:
		return &mapNode{bit: n.bit, left: n.left, right: n.right.insert(entry, bit)}
	}
}

// without is n without the entry of a label that it has.
func (n *mapNode) without(label []byte) *mapNode {
	if n.isEntry() {
		return nil
	}
	left, right := n.left, n.right
	if labelBit(label, n.bit) == 0 {
		left = left.without(label)
	} else {
		right = right.without(label)
	}
	switch {
	case left == nil:
		return right
	case right == nil:
		return left
	}
	return &mapNode{bit: n.bit, left: left, right: right}
}

// Put sets the value at a path and makes the levels above it. A value that
// stood on the way is replaced. Neither path nor value may change afterwards.
// It panics on an empty path.
func (m Map) Put(path Path, value []byte) Map {
	if value == nil {
		value = []byte{}
	}
	return Map{m.root.put(path, value)}
}

func (n *mapNode) put(path Path, value []byte) *mapNode {
	if len(path) == 0 {
		panic("hashtree: put without a path")
	}
	if len(path) == 1 {
		return n.with(&mapNode{mapEntry: &mapEntry{label: path[0], value: value}})
	}
	var sub *mapNode
	if old := n.find(path[0]); old != nil {
		sub = old.sub
	}
	return n.with(&mapNode{mapEntry: &mapEntry{label: path[0], sub: sub.put(path[1:], value)}})
}

// Delete removes what is at a path, a value or a whole level, and the levels
// above that are then empty.
func (m Map) Delete(path Path) Map { return Map{m.root.delete(path)} }

func (n *mapNode) delete(path Path) *mapNode {
	if len(path) == 0 {
		return nil
	}
	entry := n.find(path[0])
	switch {
	case entry == nil:
		return n
	case len(path) == 1:
		return n.without(path[0])
	case entry.sub == nil:
		return n
	}
	sub := entry.sub.delete(path[1:])
	switch sub {
	case entry.sub:
		return n
	case nil:
		return n.without(path[0])
	}
	return n.with(&mapNode{mapEntry: &mapEntry{label: entry.label, sub: sub}})
}

// Get is the value at a path.
func (m Map) Get(path Path) ([]byte, bool) {
	n := m.root
	for i, label := range path {
		entry := n.find(label)
		if entry == nil {
			return nil, false
		}
		if i == len(path)-1 {
			return entry.value, entry.value != nil
		}
		n = entry.sub
	}
	return nil, false
}

// Len counts the labels of the top level.
func (m Map) Len() int { return m.root.count() }

func (n *mapNode) count() int {
	switch {
	case n == nil:
		return 0
	case n.isEntry():
		return 1
	default:
		return n.left.count() + n.right.count()
	}
}

// Graft puts a whole map under a label, in place of what was there. An empty
// map removes the label.
func (m Map) Graft(label []byte, sub Map) Map {
	if sub.root == nil {
		return m.Delete(Path{label})
	}
	return Map{m.root.with(&mapNode{mapEntry: &mapEntry{label: label, sub: sub.root}})}
}

// Sub is the map under a label.
func (m Map) Sub(label []byte) (Map, bool) {
	entry := m.root.find(label)
	if entry == nil || entry.sub == nil {
		return Map{}, false
	}
	return Map{entry.sub}, true
}
