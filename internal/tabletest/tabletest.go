// Package tabletest owns the conformance suite of table stores: random
// operations compared with a model. Every store runs it.
package tabletest

import (
	"iter"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/table"
)

// Run compares a table with a sorted map. Open gives an empty table, and
// reopen, if it is not nil, the same table after a restart.
func Run(t *testing.T, open func() table.Table, reopen func(table.Table) table.Table) {
	rapid.Check(t, func(t *rapid.T) {
		model := map[string]string{}
		tab := open()
		key := rapid.StringOfN(rapid.SampledFrom([]rune("\x00ab\u00ff")), 0, 3, -1)
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch k := key.Draw(t, "key"); rapid.IntRange(0, 5).Draw(t, "operation") {
			case 0, 1:
				model[k] = rapid.String().Draw(t, "value")
				tab.Put([]byte(k), []byte(model[k]))
			case 2:
				delete(model, k)
				tab.Delete([]byte(k))
			case 3:
				got, ok := tab.Get([]byte(k))
				want, there := model[k]
				if ok != there || string(got) != want {
					t.Fatalf("get %q: %q %v, want %q %v", k, got, ok, want, there)
				}
			case 4:
				var to []byte
				if rapid.Bool().Draw(t, "bounded") {
					to = []byte(key.Draw(t, "to"))
				}
				compare(t, model, []byte(k), to, tab)
			default:
				if reopen != nil {
					tab = reopen(tab)
				}
			}
		}
		compare(t, model, nil, nil, tab)
	})
}

func compare(t *rapid.T, model map[string]string, from, to []byte, r table.Reader) {
	var want []string
	for _, k := range slices.Sorted(maps.Keys(model)) {
		if k >= string(from) && (to == nil || k < string(to)) {
			want = append(want, k, model[k])
		}
	}
	if got := flatten(r.Ascend(from, to)); !slices.Equal(got, want) {
		t.Fatalf("ascend %q %q: %q, want %q", from, to, got, want)
	}
	var backwards []string
	for i := len(want) - 2; i >= 0; i -= 2 {
		backwards = append(backwards, want[i], want[i+1])
	}
	if got := flatten(r.Descend(from, to)); !slices.Equal(got, backwards) {
		t.Fatalf("descend %q %q: %q, want %q", from, to, got, backwards)
	}
}

func flatten(all iter.Seq2[[]byte, []byte]) []string {
	var list []string
	for k, v := range all {
		list = append(list, string(k), string(v))
	}
	return list
}
