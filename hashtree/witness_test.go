package hashtree

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model is a Map as plain as can be: the values by their paths.
type model map[string]string

const separator = "/" // stands in no label

func key(path Path) string { return string(bytes.Join(path, []byte(separator))) + separator }

func (m model) put(path Path, value string) {
	for other := range m {
		if strings.HasPrefix(other, key(path)) || strings.HasPrefix(key(path), other) {
			delete(m, other)
		}
	}
	m[key(path)] = value
}

func (m model) delete(path Path) {
	for other := range m {
		if len(path) == 0 || strings.HasPrefix(other, key(path)) {
			delete(m, other)
		}
	}
}

// lookup is what a tree of all must say.
func (m model) lookup(path Path) (string, Status) {
	if value, there := m[key(path)]; there && len(path) > 0 {
		return value, Found
	}
	for other := range m {
		if len(path) == 0 || strings.HasPrefix(other, key(path)) {
			return "", Malformed // a level
		}
	}
	return "", Absent
}

// build puts the content in the order of the keys.
func (m model) build() Map {
	var built Map
	for _, k := range slices.Sorted(maps.Keys(m)) {
		built = built.Put(P(strings.Split(strings.TrimSuffix(k, separator), separator)...), []byte(m[k]))
	}
	return built
}

// TestWitnesses takes a map through changes and asks it for witnesses.
func TestWitnesses(t *testing.T) { rapid.Check(t, witnesses) }

func witnesses(t *rapid.T) {
	content := model{}
	var m Map
	for range rapid.IntRange(0, 30).Draw(t, "steps") {
		path := P(rapid.SliceOfN(rapid.Custom(drawLabel), 1, 3).Draw(t, "path")...)
		if rapid.IntRange(0, 7).Draw(t, "delete") == 7 {
			content.delete(path)
			m = m.Delete(path)
		} else {
			value := rapid.StringN(0, 3, -1).Draw(t, "value")
			content.put(path, value)
			m = m.Put(path, []byte(value))
		}
		if rapid.Bool().Draw(t, "hash in between") {
			m.Digest()
		}
	}
	if got, want := m.Digest(), content.build().Digest(); got != want {
		t.Fatalf("the digest depends on the history: %x, %x", got, want)
	}
	asked := rapid.SliceOfN(rapid.Custom(drawPath), 0, 6).Draw(t, "asked")
	serves(t, content, m, asked)
	for _, path := range asked {
		serves(t, content, m, []Path{path})
	}
}

// serves checks that a witness tells all that is asked for, and nothing else.
func serves(t rapid.TB, content model, m Map, asked []Path) {
	witness, err := Decode(m.Witness(asked...).AppendCBOR(nil))
	if err != nil {
		t.Fatalf("the witness does not decode: %v", err)
	}
	if witness.Digest() != m.Digest() {
		t.Fatal("the witness has another digest")
	}
	for _, path := range asked {
		want, wantStatus := content.lookup(path)
		got, status := witness.Lookup(path...)
		if status != wantStatus || string(got) != want {
			t.Fatalf("%q: %v %q, want %v %q", path, status, got, wantStatus, want)
		}
		if answer(witness, path) != answer(m.Tree(), path) {
			t.Fatalf("%q: not all of it is shown", path)
		}
		value, there := m.Get(path)
		if there != (wantStatus == Found) || string(value) != want {
			t.Fatalf("%q: the map says %q %v", path, value, there)
		}
	}
	hides(t, content, asked, witness)
	isMinimal(t, asked, witness)
}

// answer is all that a tree says about a path.
func answer(tree Tree, path Path) string {
	below, status := tree.Subtree(path...)
	return status.String() + string(below.AppendCBOR(nil))
}

// hides checks that a witness tells no value that was not asked for.
func hides(t rapid.TB, content model, asked []Path, witness Tree) {
	for k := range content {
		path := P(strings.Split(strings.TrimSuffix(k, separator), separator)...)
		wanted := slices.ContainsFunc(asked, func(p Path) bool {
			return len(p) == 0 || strings.HasPrefix(k, key(p)) || strings.HasPrefix(key(p), k)
		})
		if _, status := witness.Lookup(path...); !wanted && status != Unknown {
			t.Fatalf("%q was not asked for and is %v", path, status)
		}
	}
}

// isMinimal checks that every part of a witness is there for some answer:
// without it one would be another.
func isMinimal(t rapid.TB, asked []Path, witness Tree) {
	if len(asked) == 0 && !witness.IsEmpty() && witness.n.kind != kindPruned {
		t.Fatal("nothing was asked for and something is shown")
	}
	for i := range count(witness.node()) {
		at := i
		less := Tree{without(witness.node(), &at)}
		if less.Digest() != witness.Digest() {
			t.Fatal("hiding a part changed the digest")
		}
		if len(asked) > 0 && !slices.ContainsFunc(asked, func(p Path) bool { return answer(less, p) != answer(witness, p) }) {
			t.Fatalf("part %d of the witness for %q serves nothing: %x", i, asked, witness.AppendCBOR(nil))
		}
	}
}

// count is the number of nodes that are not pruned.
func count(n *node) int {
	switch n.kind {
	case kindPruned:
		return 0
	case kindFork:
		return 1 + count(n.left) + count(n.right)
	case kindLabeled:
		return 1 + count(n.left)
	default:
		return 1
	}
}

// without prunes the node with a number.
func without(n *node, number *int) *node {
	if n.kind == kindPruned {
		return n
	}
	if *number--; *number == -1 {
		return Pruned(n.digest).n
	}
	switch n.kind {
	case kindFork:
		left := without(n.left, number)
		return Fork(Tree{left}, Tree{without(n.right, number)}).n
	case kindLabeled:
		return Labeled(n.data, Tree{without(n.left, number)}).n
	default:
		return n
	}
}

// A verifier that reads absence carelessly takes a revealed label that is a
// prefix of the wanted one for a proof, so nothing is revealed that is not
// needed.
func TestWitnessesOfPrefixes(t *testing.T) {
	m := Map{}.
		Put(P("canister", "x"), []byte("1")).
		Put(P("canister_ranges", "y"), []byte("2")).
		Put(P("subnet"), []byte("3")).
		Put(P("time"), []byte("4"))
	for _, c := range []struct {
		name  string
		asked Path
		want  Status
		shown []string
	}{
		{"a longer label", P("canister_ranges", "y"), Found, []string{"canister_ranges"}},
		{"its prefix", P("canister", "x"), Found, []string{"canister"}},
		{"between the two", P("canister_"), Absent, []string{"canister", "canister_ranges"}},
		{"a prefix of all", P("can"), Absent, []string{"canister"}},
		{"the empty label", P(""), Absent, []string{"canister"}},
		{"behind a prefix", P("subnets"), Absent, []string{"subnet", "time"}},
		{"behind the last", P("timeout"), Absent, []string{"time"}},
	} {
		witness := m.Witness(c.asked)
		if _, status := witness.Lookup(c.asked...); status != c.want {
			t.Errorf("%s: %v, want %v", c.name, status, c.want)
		}
		var shown []string
		for _, label := range witness.Labels() {
			shown = append(shown, string(label))
		}
		if !slices.Equal(shown, c.shown) {
			t.Errorf("%s shows %q, want %q", c.name, shown, c.shown)
		}
		if witness.Digest() != m.Digest() {
			t.Errorf("%s: another digest", c.name)
		}
	}
}

// Neighbours prove absence by their labels alone.
func TestNeighboursKeepTheirValues(t *testing.T) {
	secret := []byte("a secret of a neighbour")
	m := Map{}.Put(P("a"), secret).Put(P("c", "x"), secret)
	witness := m.Witness(P("b"))
	if bytes.Contains(witness.AppendCBOR(nil), secret) {
		t.Error("a proof of absence tells a value")
	}
	for _, path := range []Path{P("a"), P("c", "x"), P("c")} {
		if _, status := witness.Lookup(path...); status != Unknown {
			t.Errorf("%q is %v", path, status)
		}
	}
}

func TestWitnessOfTheEmptyMap(t *testing.T) {
	for _, asked := range [][]Path{nil, {nil}, {P("a")}, {P("a", "b"), P("c")}} {
		if witness := (Map{}).Witness(asked...); !witness.IsEmpty() {
			t.Errorf("%q: not empty", asked)
		}
	}
}
