package table

import "slices"

// chunkKeys is the most keys of one chunk: adding a key moves no more than
// these, whatever the number of keys.
const chunkKeys = 128

// order is a set of keys in order, in chunks of which none is empty.
type order struct {
	chunks [][]string
}

// chunk is the last chunk that begins at or before a key; -1 when there is
// none.
func (o *order) chunk(key string) int {
	i, found := slices.BinarySearchFunc(o.chunks, key, func(c []string, key string) int {
		switch {
		case c[0] < key:
			return -1
		case c[0] > key:
			return 1
		}
		return 0
	})
	if found {
		return i
	}
	return i - 1
}

// add puts a new key into its place.
func (o *order) add(key string) {
	c := max(o.chunk(key), 0)
	if len(o.chunks) == 0 {
		o.chunks = append(o.chunks, nil)
	}
	i, _ := slices.BinarySearch(o.chunks[c], key)
	o.chunks[c] = slices.Insert(o.chunks[c], i, key)
	if whole := o.chunks[c]; len(whole) > chunkKeys {
		half := len(whole) / 2
		o.chunks[c] = whole[:half:half]
		o.chunks = slices.Insert(o.chunks, c+1, slices.Clone(whole[half:]))
	}
}

// from is the first key that is not before another.
func (o *order) from(key string) (string, bool) {
	c := max(o.chunk(key), 0)
	if len(o.chunks) == 0 {
		return "", false
	}
	i, _ := slices.BinarySearch(o.chunks[c], key)
	if i == len(o.chunks[c]) {
		c, i = c+1, 0
	}
	if c == len(o.chunks) {
		return "", false
	}
	return o.chunks[c][i], true
}

// before is the last key before another.
func (o *order) before(key string) (string, bool) {
	c := o.chunk(key)
	if c < 0 {
		return "", false
	}
	i, _ := slices.BinarySearch(o.chunks[c], key)
	if i > 0 {
		return o.chunks[c][i-1], true
	}
	if c == 0 {
		return "", false
	}
	return o.chunks[c-1][len(o.chunks[c-1])-1], true
}

// last is the last key of all.
func (o *order) last() (string, bool) {
	if len(o.chunks) == 0 {
		return "", false
	}
	c := o.chunks[len(o.chunks)-1]
	return c[len(c)-1], true
}

// after is the first key behind another.
func (o *order) after(key string) (string, bool) { return o.from(key + "\x00") }
