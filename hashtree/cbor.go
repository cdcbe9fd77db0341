package hashtree

import (
	"bytes"
	"errors"
	"fmt"

	"internetidentity/cbor"
)

// Bounds of a decoded tree: honest ones are about as deep as the logarithm of
// their size. Two bytes become a node of 80.
const (
	maxDepth = 256
	maxNodes = 1 << 18
)

// ErrMalformed is the error of bytes that are not a well-formed hash tree.
var ErrMalformed = errors.New("malformed hash tree")

// AppendCBOR appends the CBOR form without a tag.
func (t Tree) AppendCBOR(b []byte) []byte { return t.node().appendCBOR(b) }

func (n *node) appendCBOR(b []byte) []byte {
	switch n.kind {
	case kindEmpty:
		return append(cbor.AppendArray(b, 1), byte(kindEmpty))
	case kindFork:
		b = append(cbor.AppendArray(b, 3), byte(kindFork))
		return n.right.appendCBOR(n.left.appendCBOR(b))
	case kindLabeled:
		b = append(cbor.AppendArray(b, 3), byte(kindLabeled))
		return n.left.appendCBOR(cbor.AppendBytes(b, n.data))
	case kindLeaf:
		b = append(cbor.AppendArray(b, 2), byte(kindLeaf))
		return cbor.AppendBytes(b, n.data)
	default:
		b = append(cbor.AppendArray(b, 2), byte(kindPruned))
		return cbor.AppendBytes(b, n.digest[:])
	}
}

// Decode reads a tree and nothing behind it; a self-describe tag may stand in
// front. The tree shares memory with data.
func Decode(data []byte) (Tree, error) {
	r := cbor.NewReader(data)
	t, err := DecodeFrom(r)
	if err != nil {
		return Tree{}, err
	}
	if r.Done() != nil {
		return Tree{}, fmt.Errorf("%w: bytes behind the tree", ErrMalformed)
	}
	return t, nil
}

// DecodeFrom reads a tree inside a bigger message. There is no UnmarshalCBOR:
// trees are deeper than the bound of cbor.Unmarshal.
func DecodeFrom(r *cbor.Reader) (Tree, error) {
	d := treeDecoder{r: r}
	n, err := d.node(0, &level{}, true)
	if err != nil {
		return Tree{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return Tree{n}, nil
}

type treeDecoder struct {
	r     *cbor.Reader
	nodes int
}

// level is what has been seen, from left to right, of the labels that stand
// side by side. They must increase, also over pruned parts between them.
type level struct {
	last    []byte
	labeled bool
}

// node reads a tree. It is alone if no fork stands between it and the root or
// the label above: only then it may be a value (IC interface spec,
// Certification, well_formed).
func (d *treeDecoder) node(depth int, l *level, alone bool) (*node, error) {
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	if d.nodes++; d.nodes > maxNodes {
		return nil, errors.New("too large")
	}
	length, err := d.r.Array()
	if err != nil {
		return nil, err
	}
	k, err := d.r.Uint()
	if err != nil {
		return nil, err
	}
	if k > uint64(kindPruned) || length != [...]int{1, 3, 3, 2, 2}[k] {
		return nil, errors.New("no such node")
	}
	switch kind(k) {
	case kindEmpty:
		return emptyNode, nil
	case kindFork:
		left, err := d.node(depth+1, l, false)
		if err != nil {
			return nil, err
		}
		right, err := d.node(depth+1, l, false)
		if err != nil {
			return nil, err
		}
		return Fork(Tree{left}, Tree{right}).n, nil
	case kindLabeled:
		return d.labeled(depth, l)
	case kindLeaf:
		if !alone {
			return nil, errors.New("a value beside something else")
		}
		value, err := d.r.Bytes()
		if err != nil {
			return nil, err
		}
		return Leaf(value).n, nil
	default:
		hash, err := d.r.Bytes()
		if err != nil {
			return nil, err
		}
		if len(hash) != len(Digest{}) {
			return nil, errors.New("a digest of another length")
		}
		return Pruned(Digest(hash)).n, nil
	}
}

func (d *treeDecoder) labeled(depth int, l *level) (*node, error) {
	label, err := d.r.Bytes()
	if err != nil {
		return nil, err
	}
	if l.labeled && bytes.Compare(l.last, label) >= 0 {
		return nil, errors.New("labels out of order")
	}
	l.last, l.labeled = label, true
	sub, err := d.node(depth+1, &level{}, true)
	if err != nil {
		return nil, err
	}
	return Labeled(label, Tree{sub}).n, nil
}
