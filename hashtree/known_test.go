package hashtree_test

import (
	"bytes"
	"testing"

	"internetidentity/hashtree"
	"internetidentity/internal/answers"
)

// lookup is one question to a tree. Client is what the library says where it
// deviates from the specification; nobody checks that.
type lookup struct {
	Path   []answers.Bytes
	Status string
	Value  *answers.Bytes
	Digest *answers.Bytes
	Client string
}

func (l lookup) path() hashtree.Path {
	var p hashtree.Path
	for _, label := range l.Path {
		p = append(p, label)
	}
	return p
}

// TestKnownAnswers compares digests and look-ups with those of other libraries.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"tree": answers.Each(func(t *testing.T, c struct {
			Tree, Digest     answers.Bytes
			Values, Subtrees []lookup
		}) {
			tree, err := hashtree.Decode(c.Tree)
			if err != nil {
				t.Fatal(err)
			}
			if digest := tree.Digest(); !bytes.Equal(digest[:], c.Digest) {
				t.Errorf("digest %x, want %s", digest, c.Digest)
			}
			encoded := tree.AppendCBOR(nil)
			if !bytes.HasSuffix(c.Tree, encoded) || len(c.Tree)-len(encoded) > 3 {
				t.Errorf("encoded %x, want %s", encoded, c.Tree)
			}
			for _, l := range c.Values {
				value, status := tree.Lookup(l.path()...)
				if status.String() != l.Status {
					t.Errorf("value at %v: %s, want %s", l.Path, status, l.Status)
				}
				if (l.Value != nil) != (status == hashtree.Found) || l.Value != nil && !bytes.Equal(value, *l.Value) {
					t.Errorf("value at %v: %x, want %v", l.Path, value, l.Value)
				}
			}
			for _, l := range c.Subtrees {
				sub, status := tree.Subtree(l.path()...)
				if status.String() != l.Status {
					t.Errorf("tree at %v: %s, want %s", l.Path, status, l.Status)
				}
				if (l.Digest != nil) != (status == hashtree.Found) {
					t.Errorf("tree at %v: digest wanted %v, status %s", l.Path, l.Digest, status)
					continue
				}
				if digest := sub.Digest(); l.Digest != nil && !bytes.Equal(digest[:], *l.Digest) {
					t.Errorf("tree at %v: digest %x, want %s", l.Path, digest, l.Digest)
				}
			}
		}),
		"malformed": answers.Each(func(t *testing.T, c struct{ Tree answers.Bytes }) {
			if tree, err := hashtree.Decode(c.Tree); err == nil {
				t.Errorf("decoded with labels %q, must be refused", tree.Labels())
			}
		}),
	})
}
