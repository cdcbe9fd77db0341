package identity

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/table"
)

// A ranking is compared with a map that is sorted.
func TestRankingIsTheOrderOfItsWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		memory := table.NewMemory()
		r := rankingOf(memory, WindowMonth, DomainIDAI, SumSeconds)
		r.table = memory
		weights := map[Origin]uint64{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			origin := Origin(fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "origin")))
			weight := rapid.Uint64Range(1, 5).Draw(t, "weight")
			if rapid.Bool().Draw(t, "add") {
				r.add(origin, weight)
				weights[origin] += weight
			} else {
				r.take(origin, weight)
				if weights[origin] <= weight {
					delete(weights, origin)
				} else {
					weights[origin] -= weight
				}
			}
		}
		var want []Weight
		for origin, weight := range weights {
			want = append(want, Weight{origin, weight})
		}
		slices.SortFunc(want, func(a, b Weight) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Origin, b.Origin))
		})
		if n := r.size(); n != uint64(len(want)) {
			t.Fatalf("%d sums, want %d", n, len(want))
		}
		// Nothing is left of origins that are gone: two entries for each that
		// is there, and the size.
		if n := memory.Len(); n > 2*len(want)+1 {
			t.Fatalf("%d entries for %d origins", n, len(want))
		}
		for _, limit := range []int{0, 1, 5, 100} {
			if got := TopOrigins(memory, WindowMonth, DomainIDAI, SumSeconds, limit); !slices.Equal(got, want[:min(limit, len(want))]) {
				t.Fatalf("the first %d are %v, want %v", limit, got, want)
			}
		}
	})
}

// reads counts what is asked of a table.
type reads struct {
	table.Table
	gets int
}

func (r *reads) Get(key []byte) ([]byte, bool) {
	r.gets++
	return r.Table.Get(key)
}

func (r *reads) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] { panic("a walk") }

func TestAskingForTheFirstCostsTheSameAmongThousands(t *testing.T) {
	counted := &reads{Table: table.NewMemory()}
	m := &Message{Table: counted}
	for i := range 5000 {
		m.sum(WindowDay, &event{origin: Origin(fmt.Sprintf("https://%d.example", i*7919%5000)), domain: DomainIC0, seconds: uint64(i % 1000)}, 1)
	}
	counted.gets = 0
	if top := TopOrigins(counted, WindowDay, DomainIC0, SumSeconds, 10); len(top) != 10 || top[9].Weight != 998 {
		t.Errorf("the first ten are %v", top)
	}
	// Each of the ten shows two more, and the size is read once.
	if counted.gets > 22 {
		t.Errorf("%d reads for ten origins", counted.gets)
	}
	counted.gets = 0
	m.sum(WindowDay, &event{origin: "https://17.example", domain: DomainIC0, seconds: 5}, 1)
	m.sum(WindowDay, &event{origin: "https://17.example", domain: DomainIC0, seconds: 5}, -1)
	if counted.gets > 100 {
		t.Errorf("%d reads for one sign-in that comes and goes", counted.gets)
	}
	counted.gets = 0
	if n := countSums(counted); n != 5000+4995 || counted.gets != len(Sums()) {
		t.Errorf("%d sums in %d reads", n, counted.gets)
	}
}
