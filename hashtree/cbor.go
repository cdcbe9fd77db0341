package hashtree

import (
	"bytes"
	"errors"
	"fmt"

	"internetidentity/cbor"
)

// Bounds of a decoded tree: honest ones are about as deep as the logarithm of
// their size.
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

// DecodeFrom reads a tree inside a bigger message.
func DecodeFrom(r *cbor.Reader) (Tree, error) {
	d := treeDecoder{r: r}
	n, err := d.node(0, &level{})
	if err != nil {
		return Tree{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return Tree{n}, nil
}

// MarshalCBOR lets structs with a tree be encoded.
func (t Tree) MarshalCBOR() ([]byte, error) { return t.AppendCBOR(nil), nil }

// UnmarshalCBOR lets structs with a tree be decoded.
func (t *Tree) UnmarshalCBOR(data []byte) error {
	decoded, err := Decode(bytes.Clone(data))
	if err == nil {
		*t = decoded
	}
	return err
}

type treeDecoder struct {
	r     *cbor.Reader
	nodes int
}

// level is what has been seen, from left to right, of the trees that stand
// side by side under one label. Labels must increase, and a value stands
// alone.
type level struct {
	last    []byte
	labeled bool
	others  int // pruned trees
	leaf    bool
}

func (d *treeDecoder) node(depth int, l *level) (*node, error) {
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
		left, err := d.node(depth+1, l)
		if err != nil {
			return nil, err
		}
		right, err := d.node(depth+1, l)
		if err != nil {
			return nil, err
		}
		return Fork(Tree{left}, Tree{right}).n, nil
	case kindLabeled:
		return d.labeled(depth, l)
	case kindLeaf:
		value, err := d.r.Bytes()
		if err != nil {
			return nil, err
		}
		if l.leaf || l.labeled || l.others > 0 {
			return nil, errors.New("a value beside something else")
		}
		l.leaf = true
		return Leaf(value).n, nil
	default:
		hash, err := d.r.Bytes()
		if err != nil {
			return nil, err
		}
		if len(hash) != len(Digest{}) || l.leaf {
			return nil, errors.New("misplaced or short digest")
		}
		l.others++
		return Pruned(Digest(hash)).n, nil
	}
}

func (d *treeDecoder) labeled(depth int, l *level) (*node, error) {
	label, err := d.r.Bytes()
	if err != nil {
		return nil, err
	}
	if l.leaf || l.labeled && bytes.Compare(l.last, label) >= 0 {
		return nil, errors.New("labels out of order")
	}
	l.last, l.labeled = label, true
	sub, err := d.node(depth+1, &level{})
	if err != nil {
		return nil, err
	}
	return Labeled(label, Tree{sub}).n, nil
}
