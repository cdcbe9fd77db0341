package hashtree

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func drawLabel(t *rapid.T) string {
	// Few letters and lengths, so that prefixes and collisions are common.
	return rapid.StringOfN(rapid.SampledFrom([]rune("\x00ab\xff")), 0, 4, -1).Draw(t, "label")
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

func TestPutReplacesWhatIsInItsWay(t *testing.T) {
	value := Map{}.Put(P("a"), []byte("1"))
	level := Map{}.Put(P("a", "b"), []byte("2"))
	if value.Put(P("a", "b"), []byte("2")).Digest() != level.Digest() {
		t.Error("a value stays above a level")
	}
	if level.Put(P("a"), []byte("1")).Digest() != value.Digest() {
		t.Error("a level stays below a value")
	}
	if value.Graft([]byte("a"), Map{}.Put(P("b"), []byte("2"))).Digest() != level.Digest() {
		t.Error("a value stays above what is grafted")
	}
}

func TestNilIsAnEmptyValue(t *testing.T) {
	m := Map{}.Put(P("a"), nil)
	if value, ok := m.Get(P("a")); !ok || value == nil || len(value) != 0 {
		t.Errorf("%#v %v", value, ok)
	}
	if value, status := m.Witness(P("a")).Lookup([]byte("a")); status != Found || len(value) != 0 {
		t.Errorf("%v %q", status, value)
	}
}

func TestGetAndSubKnowOnlyTheirKind(t *testing.T) {
	m := Map{}.Put(P("value"), []byte("1")).Put(P("level", "x"), []byte("2"))
	for _, path := range []Path{nil, P("level"), P("other"), P("value", "x"), P("level", "y")} {
		if value, ok := m.Get(path); ok || value != nil {
			t.Errorf("the value at %q is %q", path, value)
		}
	}
	for _, label := range []string{"value", "other"} {
		if sub, ok := m.Sub([]byte(label)); ok || sub.Len() != 0 {
			t.Errorf("the level under %s has %d labels", label, sub.Len())
		}
	}
}

func TestDeleteLeavesWhatIsNotThere(t *testing.T) {
	m := Map{}.Put(P("a", "b"), []byte("1"))
	for _, path := range []Path{P("x"), P("a", "x"), P("a", "b", "x"), P("x", "b")} {
		if m.Delete(path).Digest() != m.Digest() {
			t.Errorf("deleting %q changed something", path)
		}
	}
	if m.Delete(nil).Len() != 0 || m.Delete(P("a", "b")).Len() != 0 {
		t.Error("an empty level stays")
	}
	// The caller may reuse the path of a deletion.
	path := P("a", "b")
	kept := m.Put(P("a", "c"), nil).Delete(path)
	path[0][0] = 'z'
	if _, ok := kept.Get(P("a", "c")); !ok {
		t.Error("the path of a deletion was kept")
	}
}

func TestPutWithoutAPathPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Map{}.Put(nil, nil)
}

// A map that was hashed is only read, also while others are made of it. The
// race detector is what makes this a test.
func TestReadersDoNotDisturbTheWriter(t *testing.T) {
	m := large(100)
	want := m.Digest()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for i := range 50 {
				if witness := m.Witness(hashedPath(i), hashedPath(-i)); witness.Digest() != want {
					t.Error("a witness has another digest")
				}
				if _, there := m.Get(hashedPath(i)); !there {
					t.Error("a value is gone")
				}
			}
		})
	}
	changed := m
	for i := range 50 {
		changed = changed.Put(hashedPath(1000+i), nil).Delete(hashedPath(i))
		changed.Digest()
	}
	readers.Wait()
	if m.Digest() != want || changed.Digest() == want {
		t.Error("the writer changed what the readers read")
	}
}
