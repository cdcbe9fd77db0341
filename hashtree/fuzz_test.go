package hashtree

import (
	"bytes"
	"testing"
)

func FuzzDecode(f *testing.F) {
	pruned := Fork(Pruned(Digest{1}), Labeled([]byte("b"), Fork(Empty(), Pruned(Digest{2}))))
	for _, tree := range []Tree{
		sample(), pruned, Empty(), Leaf([]byte("a")), Pruned(Digest{3}),
		Map{}.Put(P("a", "b"), []byte("v")).Put(P("c"), nil).Witness(P("a", "c")),
	} {
		f.Add(tree.AppendCBOR(nil), []byte("a"), []byte("x"))
	}
	f.Add(unhex(f, "d9d9f7 83 01 8100 820341 00"), []byte("b"), []byte{})
	f.Add(unhex(f, "83 01 83024162 8100 83024161 8100"), []byte("aa"), []byte{})
	f.Fuzz(func(t *testing.T, data, first, second []byte) {
		tree, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Decode(tree.AppendCBOR(nil))
		if err != nil || again.Digest() != tree.Digest() {
			t.Fatalf("a decoded tree does not survive encoding: %v", err)
		}
		for _, path := range []Path{nil, {first}, {first, second}} {
			want, wantStatus := lookupBySpecification(tree.node(), path)
			got, status := tree.Lookup(path...)
			if status != wantStatus || !bytes.Equal(got, want) {
				t.Fatalf("%q: %v %q, want %v %q", path, status, got, wantStatus, want)
			}
			if _, subStatus := tree.Subtree(path...); status == Found && subStatus != Found {
				t.Fatalf("%q: a value is found where no tree is", path)
			}
		}
	})
}

// FuzzWitness checks maps and witnesses with scripts of short commands: a byte
// for what to do and how long the path is, and a byte for each label.
func FuzzWitness(f *testing.F) {
	const put, remove, ask = 0, 1, 2
	labels := []string{"", "\x00", "a", "a\x00", "aa", "ab", "ab\x00", "b", "ba", "\x7f", "\x80", "\xff", "\xff\xff"}
	command := func(action, length byte) byte { return action + 4*(length-1) }
	f.Add([]byte{command(put, 1), 2, command(ask, 1), 2})
	f.Add([]byte{command(put, 2), 2, 4, command(put, 2), 2, 5, command(ask, 2), 2, 3, command(ask, 1), 4})
	f.Add([]byte{command(put, 1), 2, command(put, 3), 2, 2, 2, command(remove, 2), 2, 2, command(ask, 3), 2, 2, 2})
	f.Add([]byte{command(put, 1), 11, command(put, 1), 12, command(put, 1), 10, command(put, 1), 0, command(ask, 1), 9, command(ask, 1), 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		content, m, asked := model{}, Map{}, []Path(nil)
		for range 40 {
			if len(script) == 0 {
				break
			}
			action, length := script[0]%4, int(script[0]/4)%3+1
			if script = script[1:]; len(script) < length {
				break
			}
			var path Path
			for _, number := range script[:length] {
				path = append(path, []byte(labels[int(number)%len(labels)]))
			}
			script = script[length:]
			switch action {
			case remove:
				content.delete(path)
				m = m.Delete(path)
			case ask:
				asked = append(asked, path)
			default:
				value := string([]byte{byte(len(script))})
				content.put(path, value)
				m = m.Put(path, []byte(value))
			}
		}
		if m.Digest() != content.build().Digest() {
			t.Fatal("the digest depends on the history")
		}
		serves(t, content, m, asked)
	})
}
