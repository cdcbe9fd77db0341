package identity

import (
	"encoding/binary"
	"slices"

	"internetidentity/table"
)

// The apps of a sum by their weight. Anybody can ask for the first of them, and
// anybody can make sign-ins at as many origins as he likes; so asking must not
// cost more when there are more. Keys in the order of weights would do that,
// but for the marks that a database leaves where a key was: the greatest moves
// with every sign-in and leaves its marks exactly where the reader begins. A
// heap keeps its places and changes only what stands there.
//
// A rank stands before those of the places 2n+1 and 2n+2.

// Weight is an origin's part of a sum.
type Weight struct {
	Origin Origin
	Weight uint64
}

// before is the order: the greatest first, equals by their origins.
func (w Weight) before(other Weight) bool {
	return w.Weight > other.Weight || w.Weight == other.Weight && w.Origin < other.Origin
}

// ranking is one heap.
type ranking struct {
	table.Reader
	// table to change it; nil when it is only read.
	table table.Table
	// of is the window, the domain and the sum.
	of []byte
}

func rankingOf(r table.Reader, window Window, domain Domain, sum Sum) *ranking {
	return &ranking{Reader: r, of: []byte{byte(window), byte(domain), byte(sum)}}
}

func (r *ranking) placeKey(origin Origin) []byte { return key(spacePlace, r.of, []byte(origin)) }

func (r *ranking) rankKey(place uint64) []byte { return key(spaceRank, r.of, u64(place)) }

func (r *ranking) sizeKey() []byte { return key(spaceRank, r.of) }

// size is how many origins there are.
func (r *ranking) size() uint64 {
	value, ok := r.Get(r.sizeKey())
	if !ok {
		return 0
	}
	return binary.BigEndian.Uint64(value)
}

func (r *ranking) resize(size uint64) { r.table.Put(r.sizeKey(), u64(size)) }

// at is what stands at a place, which is below the size.
func (r *ranking) at(place uint64) Weight {
	value, ok := r.Get(r.rankKey(place))
	if !ok || len(value) < 8 {
		panic(&table.Fault{Err: errRecord})
	}
	return Weight{Origin(value[8:]), binary.BigEndian.Uint64(value)}
}

func (r *ranking) set(place uint64, w Weight) {
	r.table.Put(r.rankKey(place), append(u64(w.Weight), w.Origin...))
	r.table.Put(r.placeKey(w.Origin), u64(place))
}

// place of an origin.
func (r *ranking) place(origin Origin) (place uint64, ok bool) {
	value, ok := r.Get(r.placeKey(origin))
	if !ok {
		return 0, false
	}
	return binary.BigEndian.Uint64(value), true
}

// add makes an origin heavier.
func (r *ranking) add(origin Origin, weight uint64) {
	place, ok := r.place(origin)
	if ok {
		weight += r.at(place).Weight
	} else {
		place = r.size()
		r.resize(place + 1)
	}
	r.rise(place, Weight{origin, weight})
}

// take makes an origin lighter, and lets it go when nothing is left.
func (r *ranking) take(origin Origin, weight uint64) {
	place, ok := r.place(origin)
	if !ok {
		return
	}
	if old := r.at(place).Weight; old > weight {
		r.sink(place, r.size(), Weight{origin, old - weight})
		return
	}
	r.table.Delete(r.placeKey(origin))
	last := r.size() - 1
	moved := r.at(last)
	r.table.Delete(r.rankKey(last))
	r.resize(last)
	if place == last {
		return
	}
	// The last one fills the gap, and belongs above or below it.
	if place > 0 && moved.before(r.at((place-1)/2)) {
		r.rise(place, moved)
		return
	}
	r.sink(place, last, moved)
}

// rise puts a weight at a place, or above it where it belongs.
func (r *ranking) rise(place uint64, w Weight) {
	for place > 0 {
		above := r.at((place - 1) / 2)
		if !w.before(above) {
			break
		}
		r.set(place, above)
		place = (place - 1) / 2
	}
	r.set(place, w)
}

// sink puts a weight at a place, or below it where it belongs.
func (r *ranking) sink(place, size uint64, w Weight) {
	for {
		next := 2*place + 1
		if next >= size {
			break
		}
		below := r.at(next)
		if next+1 < size {
			if other := r.at(next + 1); other.before(below) {
				next, below = next+1, other
			}
		}
		if !below.before(w) {
			break
		}
		r.set(place, below)
		place = next
	}
	r.set(place, w)
}

// top are the first ones in order. Each is found among those whose place above
// is taken already.
func (r *ranking) top(limit int) []Weight {
	type candidate struct {
		place uint64
		Weight
	}
	size := r.size()
	var waiting []candidate
	offer := func(place uint64) {
		if place >= size {
			return
		}
		c := candidate{place, r.at(place)}
		at := slices.IndexFunc(waiting, func(other candidate) bool { return c.before(other.Weight) })
		if at < 0 {
			at = len(waiting)
		}
		waiting = slices.Insert(waiting, at, c)
	}
	var top []Weight
	offer(0)
	for len(waiting) > 0 && len(top) < limit {
		first := waiting[0]
		waiting = waiting[1:]
		top = append(top, first.Weight)
		offer(2*first.place + 1)
		offer(2*first.place + 2)
	}
	return top
}

// TopOrigins are the origins with the greatest weights, at most limit.
func TopOrigins(r table.Reader, window Window, domain Domain, sum Sum, limit int) []Weight {
	return rankingOf(r, window, domain, sum).top(limit)
}

// countSums is how many sums are kept, of all windows, domains and kinds.
func countSums(r table.Reader) (n uint64) {
	for _, of := range Sums() {
		n += rankingOf(r, of.Window, of.Domain, of.Sum).size()
	}
	return n
}
