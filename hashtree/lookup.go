package hashtree

import "bytes"

// Status is what a tree says about a path.
type Status uint8

const (
	// Unknown: a pruned part may hide it.
	Unknown Status = iota
	// Found: it is there.
	Found
	// Absent: the tree proves that it is not there.
	Absent
	// Malformed: the path ends where no value can be.
	Malformed
)

func (s Status) String() string {
	return [...]string{"unknown", "found", "absent", "error"}[s]
}

// Lookup finds the value at a path (IC interface spec, Lookup).
func (t Tree) Lookup(path ...[]byte) ([]byte, Status) {
	sub, status := t.Subtree(path...)
	if status != Found {
		return nil, status
	}
	switch n := sub.node(); n.kind {
	case kindLeaf:
		return n.data, Found
	case kindEmpty:
		return nil, Absent
	case kindPruned:
		return nil, Unknown
	default:
		return nil, Malformed
	}
}

// Subtree finds the tree at a path. A pruned tree at the end of the path is
// found, with nothing in it to see.
func (t Tree) Subtree(path ...[]byte) (Tree, Status) {
	n := t.node()
	for _, label := range path {
		sub, status := n.find(label)
		if status != Found {
			return Tree{}, status
		}
		n = sub
	}
	return Tree{n}, Found
}

// find looks for a label among the trees that stand side by side in n.
func (n *node) find(label []byte) (*node, Status) {
	s := search{label: label}
	s.walk(n)
	switch {
	case s.found != nil:
		return s.found, Found
	case s.absent, s.count == 0, s.lastBelow, s.count == 1 && s.leaf:
		return nil, Absent
	default:
		return nil, Unknown
	}
}

// search walks the flattened forks from left to right.
type search struct {
	label     []byte
	found     *node
	absent    bool // the label would stand between two that touch
	count     int
	leaf      bool // the last one seen is a leaf
	lastBelow bool // the last one seen is a label smaller than the wanted one
}

func (s *search) walk(n *node) {
	switch n.kind {
	case kindEmpty:
		return
	case kindFork:
		s.walk(n.left)
		if s.found == nil && !s.absent {
			s.walk(n.right)
		}
		return
	}
	touching := s.count == 0 || s.lastBelow
	s.count++
	s.leaf = n.kind == kindLeaf
	s.lastBelow = false
	if n.kind != kindLabeled {
		return
	}
	switch bytes.Compare(n.data, s.label) {
	case 0:
		s.found = n.left
	case 1:
		s.absent = touching
	case -1:
		s.lastBelow = true
	}
}

// Labels are the labels that the top level reveals, in order.
func (t Tree) Labels() [][]byte {
	var labels [][]byte
	var walk func(n *node)
	walk = func(n *node) {
		switch n.kind {
		case kindFork:
			walk(n.left)
			walk(n.right)
		case kindLabeled:
			labels = append(labels, n.data)
		}
	}
	walk(t.node())
	return labels
}
