package table

import (
	"iter"
	"slices"
)

// Overlay collects changes over a base that stays as it is, until the changes
// are applied or dropped. It is a Table itself, so overlays stack: one for a
// block, one for each message in it.
type Overlay struct {
	base    Reader
	changes map[string]change
	// sorted are the changed keys in order; stale while keys were added.
	sorted []string
	stale  bool
}

type change struct {
	value   []byte
	deleted bool
}

// NewOverlay begins without changes.
func NewOverlay(base Reader) *Overlay {
	return &Overlay{base: base, changes: map[string]change{}}
}

// Get is the value of a key, changed or not.
func (o *Overlay) Get(key []byte) ([]byte, bool) {
	if c, ok := o.changes[string(key)]; ok {
		return c.value, !c.deleted
	}
	return o.base.Get(key)
}

// Put sets a value.
func (o *Overlay) Put(key, value []byte) { o.set(key, change{value: value}) }

// Delete removes a key.
func (o *Overlay) Delete(key []byte) { o.set(key, change{deleted: true}) }

func (o *Overlay) set(key []byte, c change) {
	if _, ok := o.changes[string(key)]; !ok {
		o.sorted = append(o.sorted, string(key))
		o.stale = true
	}
	o.changes[string(key)] = c
}

// keys are the changed keys of a span, in order.
func (o *Overlay) keys(from, to []byte) []string {
	if o.stale {
		slices.Sort(o.sorted)
		o.stale = false
	}
	start, _ := slices.BinarySearch(o.sorted, string(from))
	end := len(o.sorted)
	if to != nil {
		end, _ = slices.BinarySearch(o.sorted, string(to))
	}
	// A copy, since the walker may make changes while it walks.
	return slices.Clone(o.sorted[min(start, end):end])
}

// Ascend walks keys in order.
func (o *Overlay) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		o.merge(o.keys(from, to), o.base.Ascend(from, to), func(a, b string) bool { return a < b }, yield)
	}
}

// Descend walks keys backwards.
func (o *Overlay) Descend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		keys := o.keys(from, to)
		slices.Reverse(keys)
		o.merge(keys, o.base.Descend(from, to), func(a, b string) bool { return a > b }, yield)
	}
}

// merge walks changed keys and base together, in the order of before.
func (o *Overlay) merge(keys []string, base iter.Seq2[[]byte, []byte], before func(a, b string) bool, yield func([]byte, []byte) bool) {
	next := 0
	// own yields a changed key, unless it is deleted.
	own := func(key string) bool {
		c := o.changes[key]
		return c.deleted || yield([]byte(key), c.value)
	}
	for key, value := range base {
		for next < len(keys) && before(keys[next], string(key)) {
			if !own(keys[next]) {
				return
			}
			next++
		}
		if next < len(keys) && keys[next] == string(key) {
			continue
		}
		if !yield(key, value) {
			return
		}
	}
	for ; next < len(keys); next++ {
		if !own(keys[next]) {
			return
		}
	}
}

// Changes are the changed keys in order, with nil for a deleted one.
func (o *Overlay) Changes() iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for _, key := range o.keys(nil, nil) {
			c := o.changes[key]
			value := c.value
			if c.deleted {
				value = nil
			} else if value == nil {
				value = []byte{}
			}
			if !yield([]byte(key), value) {
				return
			}
		}
	}
}

// ApplyTo makes the changes in another table.
func (o *Overlay) ApplyTo(t Table) {
	for key, value := range o.Changes() {
		if value == nil {
			t.Delete(key)
		} else {
			t.Put(key, value)
		}
	}
}

// Reset drops the changes.
func (o *Overlay) Reset() {
	clear(o.changes)
	o.sorted, o.stale = o.sorted[:0], false
}

// Len is the number of changed keys.
func (o *Overlay) Len() int { return len(o.changes) }
