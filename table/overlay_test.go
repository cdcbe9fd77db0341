package table_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/table"
)

// TestBigOverlayKeepsOrder has enough keys to fill many chunks.
func TestBigOverlayKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := table.NewOverlay(table.NewMemory())
		model := map[string]string{}
		prefix := rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 0, 2, -1)
		for i := range rapid.IntRange(0, 3000).Draw(t, "keys") {
			// A multiple of a prime visits the numbers in no order.
			key := fmt.Sprint(prefix.Draw(t, "prefix"), i*7919%3000)
			model[key] = fmt.Sprint(i)
			o.Put([]byte(key), []byte(model[key]))
		}
		var want []string
		for _, key := range slices.Sorted(maps.Keys(model)) {
			want = append(want, key+"="+model[key])
		}
		if got := listed(o.Ascend(nil, nil)); !slices.Equal(got, want) {
			t.Fatalf("ascending: %d keys, want %d", len(got), len(want))
		}
		if got := listed(o.Changes()); !slices.Equal(got, want) {
			t.Fatalf("changes: %d keys, want %d", len(got), len(want))
		}
		got := listed(o.Descend(nil, nil))
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Fatalf("descending: %d keys, want %d", len(got), len(want))
		}
	})
}

func listed(all func(func(k, v []byte) bool)) []string {
	var list []string
	for k, v := range all {
		list = append(list, string(k)+"="+string(v))
	}
	return list
}

// TestWalkerMayChangeTheOverlay walks and changes what is still to come.
func TestWalkerMayChangeTheOverlay(t *testing.T) {
	base := table.NewMemory()
	for _, key := range []string{"b", "d", "f", "h"} {
		base.Put([]byte(key), []byte("base"))
	}
	change := func(o *table.Overlay) {
		o.Delete([]byte("d"))
		o.Put([]byte("e"), []byte("new"))
		o.Put([]byte("f"), []byte("changed"))
	}
	o := table.NewOverlay(base)
	var got []string
	for key, value := range o.Ascend(nil, nil) {
		if string(key) == "b" {
			change(o)
		}
		got = append(got, string(key)+"="+string(value))
	}
	if want := []string{"b=base", "e=new", "f=changed", "h=base"}; !slices.Equal(got, want) {
		t.Errorf("ascending sees %v, want %v", got, want)
	}
	o, got = table.NewOverlay(base), nil
	for key, value := range o.Descend(nil, nil) {
		if string(key) == "h" {
			change(o)
		}
		got = append(got, string(key)+"="+string(value))
	}
	if want := []string{"h=base", "f=changed", "e=new", "b=base"}; !slices.Equal(got, want) {
		t.Errorf("descending sees %v, want %v", got, want)
	}
	o, got = table.NewOverlay(base), nil
	for key := range o.Ascend(nil, nil) {
		o.Delete(key)
		got = append(got, string(key))
	}
	if want := []string{"b", "d", "f", "h"}; !slices.Equal(got, want) || len(listed(o.Ascend(nil, nil))) != 0 {
		t.Errorf("deleting each key while walking saw %v, want %v, and left %v", got, want, listed(o.Ascend(nil, nil)))
	}
}

func TestWalkThatEndsEarlyEndsTheBase(t *testing.T) {
	base := table.NewMemory()
	for i := range 10 {
		base.Put([]byte{byte(i)}, nil)
	}
	o := table.NewOverlay(base)
	o.Put([]byte{20}, nil)
	for _, walk := range []func(from, to []byte) func(func(k, v []byte) bool){
		func(from, to []byte) func(func(k, v []byte) bool) { return o.Ascend(from, to) },
		func(from, to []byte) func(func(k, v []byte) bool) { return o.Descend(from, to) },
	} {
		for stop := range 11 {
			seen := 0
			for range walk(nil, nil) {
				seen++
				if seen > stop {
					break
				}
			}
			if seen != stop+1 {
				t.Errorf("stopped after %d keys, saw %d", stop+1, seen)
			}
		}
	}
}

// BenchmarkOverlay adds keys to a block and walks a few after each, as the
// messages of a block do.
func BenchmarkOverlay(b *testing.B) {
	base := table.NewMemory()
	for _, keys := range []int{100, 10_000} {
		b.Run(fmt.Sprint("keys=", keys), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o := table.NewOverlay(base)
				for i := range keys {
					o.Put(fmt.Appendf(nil, "%08d", i*7919%keys), nil)
					for range o.Ascend(nil, nil) {
						break
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys), "ns/key")
		})
	}
}
