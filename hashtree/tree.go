// Package hashtree owns the Internet Computer's hash trees: building, digests,
// look-ups, their CBOR form, and a persistent map whose tree and witnesses
// cost only what has changed (IC interface spec, Certification).
//
// It must not know what the labels mean, nor who signs a digest.
package hashtree

import (
	"crypto/sha256"
	"hash"
)

// Digest is the root hash of a tree.
type Digest [sha256.Size]byte

type kind uint8

// The kinds carry the numbers of the CBOR form.
const (
	kindEmpty kind = iota
	kindFork
	kindLabeled
	kindLeaf
	kindPruned
)

// Tree is an immutable hash tree that knows its digest. The zero value is the
// empty tree.
type Tree struct {
	n *node
}

type node struct {
	kind        kind
	left, right *node  // fork; a labelled node has its subtree in left
	data        []byte // the label or the value
	digest      Digest
}

// Each kind hashes under a domain of its own, with its length in front.
const (
	domainEmpty   = "\x11ic-hashtree-empty"
	domainFork    = "\x10ic-hashtree-fork"
	domainLabeled = "\x13ic-hashtree-labeled"
	domainLeaf    = "\x10ic-hashtree-leaf"
)

// emptyNode stands for every empty tree.
var emptyNode = &node{kind: kindEmpty, digest: sha256.Sum256([]byte(domainEmpty))}

func (t Tree) node() *node {
	if t.n == nil {
		return emptyNode
	}
	return t.n
}

// Empty is the tree with nothing in it.
func Empty() Tree { return Tree{} }

// Fork puts two trees side by side.
func Fork(left, right Tree) Tree {
	l, r := left.node(), right.node()
	return Tree{&node{kind: kindFork, left: l, right: r, digest: digest(domainFork, l.digest[:], r.digest[:])}}
}

// Labeled puts a tree under a label. The label must not change afterwards.
func Labeled(label []byte, sub Tree) Tree {
	s := sub.node()
	return Tree{&node{kind: kindLabeled, left: s, data: label, digest: digest(domainLabeled, label, s.digest[:])}}
}

// Leaf is a value, which must not change afterwards.
func Leaf(value []byte) Tree {
	return Tree{&node{kind: kindLeaf, data: value, digest: digest(domainLeaf, value, nil)}}
}

// Pruned stands for a tree of which only the digest is told.
func Pruned(d Digest) Tree { return Tree{&node{kind: kindPruned, digest: d}} }

// Digest is the root hash.
func (t Tree) Digest() Digest { return t.node().digest }

// IsEmpty reports whether t is the empty tree.
func (t Tree) IsEmpty() bool { return t.node().kind == kindEmpty }

// digest hashes short input on the stack and long values as a stream.
func digest(domain string, a, b []byte) Digest {
	var buffer [192]byte
	if len(domain)+len(a)+len(b) <= len(buffer) {
		message := append(append(append(buffer[:0], domain...), a...), b...)
		return sha256.Sum256(message)
	}
	var h hash.Hash = sha256.New()
	h.Write([]byte(domain))
	h.Write(a)
	h.Write(b)
	var d Digest
	h.Sum(d[:0])
	return d
}

// Path is a list of labels from the root.
type Path [][]byte

// P makes a path of texts.
func P(labels ...string) Path {
	path := make(Path, len(labels))
	for i, label := range labels {
		path[i] = []byte(label)
	}
	return path
}
