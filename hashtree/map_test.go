package hashtree

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawLabel(t *rapid.T) string {
	// Few letters and lengths, so that prefixes and collisions are common.
	return rapid.StringOfN(rapid.SampledFrom([]rune("\x00ab\xff")), 0, 4, -1).Draw(t, "label")
}

// build puts the content in the order of the keys given.
func build(content map[[2]string]string, keys [][2]string) Map {
	var m Map
	for _, key := range keys {
		m = m.Put(P(key[0], key[1]), []byte(content[key]))
	}
	return m
}

func TestMapAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := map[[2]string]string{}
		var m Map
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			key := [2]string{drawLabel(t), drawLabel(t)}
			if rapid.Bool().Draw(t, "delete") {
				delete(model, key)
				m = m.Delete(P(key[0], key[1]))
			} else {
				model[key] = rapid.String().Draw(t, "value")
				m = m.Put(P(key[0], key[1]), []byte(model[key]))
			}
			if rapid.Bool().Draw(t, "hash in between") {
				m.Digest()
			}
		}
		keys := slices.Collect(maps.Keys(model))
		slices.SortFunc(keys, func(a, b [2]string) int {
			return bytes.Compare(binary.BigEndian.AppendUint64([]byte(a[0]+"|"+a[1]), 0), []byte(b[0]+"|"+b[1]))
		})
		if got, want := m.Digest(), build(model, keys).Digest(); got != want {
			t.Fatalf("the digest depends on the history: %x, %x", got, want)
		}
		// Every path that was asked for is answered by its witness alone.
		var paths []Path
		for range rapid.IntRange(0, 5).Draw(t, "asked") {
			paths = append(paths, P(drawLabel(t), drawLabel(t)))
		}
		if len(keys) > 0 {
			key := keys[rapid.IntRange(0, len(keys)-1).Draw(t, "present")]
			paths = append(paths, P(key[0], key[1]))
		}
		witness := m.Witness(paths...)
		if witness.Digest() != m.Digest() {
			t.Fatal("the witness has another digest")
		}
		decoded, err := Decode(witness.AppendCBOR(nil))
		if err != nil {
			t.Fatalf("the witness does not decode: %v", err)
		}
		for _, path := range paths {
			want, there := model[[2]string{string(path[0]), string(path[1])}]
			got, status := decoded.Lookup(path...)
			if there && (status != Found || string(got) != want) {
				t.Fatalf("%q: %v, want it found", path, status)
			}
			if !there && status != Absent {
				t.Fatalf("%q: %v, want it absent", path, status)
			}
		}
		// Nothing that was not asked for is revealed.
		for _, key := range keys {
			asked := slices.ContainsFunc(paths, func(p Path) bool { return string(p[0]) == key[0] && string(p[1]) == key[1] })
			if _, status := decoded.Lookup([]byte(key[0]), []byte(key[1])); status == Found && !asked {
				t.Fatalf("%q is revealed", key)
			}
		}
	})
}

func TestLabelsStandInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m Map
		want := map[string]bool{}
		for range rapid.IntRange(0, 30).Draw(t, "labels") {
			label := drawLabel(t)
			m = m.Put(P(label), nil)
			want[label] = true
		}
		var got []string
		for _, label := range m.Tree().Labels() {
			got = append(got, string(label))
		}
		if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("labels %q", got)
		}
		if m.Len() != len(want) {
			t.Fatalf("length %d, want %d", m.Len(), len(want))
		}
	})
}

func TestOldMapStaysValid(t *testing.T) {
	old := Map{}.Put(P("a", "b"), []byte("1"))
	digest := old.Digest()
	changed := old.Put(P("a", "c"), []byte("2")).Delete(P("a", "b"))
	if old.Digest() != digest {
		t.Error("a change reached the old map")
	}
	if _, ok := changed.Get(P("a", "b")); ok {
		t.Error("the deleted value is still there")
	}
	if value, ok := old.Get(P("a", "b")); !ok || string(value) != "1" {
		t.Error("the old value is gone")
	}
}

func TestGraft(t *testing.T) {
	sub := Map{}.Put(P("x"), []byte("1"))
	m := Map{}.Put(P("s", "old"), nil).Graft([]byte("s"), sub)
	if m.Digest() != (Map{}).Put(P("s", "x"), []byte("1")).Digest() {
		t.Error("grafting differs from putting")
	}
	if got, ok := m.Sub([]byte("s")); !ok || got.Digest() != sub.Digest() {
		t.Error("the sub-map is not what was grafted")
	}
	if m.Graft([]byte("s"), Map{}).Len() != 0 {
		t.Error("grafting nothing leaves a label")
	}
}

func hashedPath(i int) Path {
	a, b := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))), sha256.Sum256([]byte{byte(i)})
	return Path{[]byte("sig"), a[:], b[:]}
}

func large(n int) Map {
	var m Map
	for i := range n {
		m = m.Put(hashedPath(i), nil)
	}
	m.Digest()
	return m
}

func BenchmarkUpdate100Of100k(b *testing.B) {
	m := large(100_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		changed := m
		for j := range 100 {
			changed = changed.Put(hashedPath(1_000_000+i*100+j), nil)
		}
		changed.Digest()
	}
}

func BenchmarkWitnessOf100k(b *testing.B) {
	m := large(100_000)
	b.ReportAllocs()
	for b.Loop() {
		m.Witness(hashedPath(77)).AppendCBOR(nil)
	}
}
