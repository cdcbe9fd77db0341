package table

import "iter"

// Overlay collects changes over a base that stays as it is, until the changes
// are applied or dropped. It is a Table itself, so overlays stack: one for a
// block, one for each message in it. Whoever walks it may change it meanwhile,
// and sees the changes of what is still to come.
type Overlay struct {
	base    Reader
	changes map[string]change
	order   order // of the changed keys
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
	k := string(key)
	if _, ok := o.changes[k]; !ok {
		o.order.add(k)
	}
	o.changes[k] = c
}

// Ascend walks keys in order.
func (o *Overlay) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		m := merge{
			overlay: o,
			step:    o.order.after,
			before:  func(a, b string) bool { return a < b },
			inside:  func(key string) bool { return to == nil || key < string(to) },
		}
		m.key, m.more = o.order.from(string(from))
		m.walk(o.base.Ascend(from, to), yield)
	}
}

// Descend walks keys backwards.
func (o *Overlay) Descend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		m := merge{
			overlay: o,
			step:    o.order.before,
			before:  func(a, b string) bool { return a > b },
			inside:  func(key string) bool { return key >= string(from) },
		}
		if to == nil {
			m.key, m.more = o.order.last()
		} else {
			m.key, m.more = o.order.before(string(to))
		}
		m.walk(o.base.Descend(from, to), yield)
	}
}

// merge walks the changed keys and the base together in one direction.
type merge struct {
	overlay *Overlay
	key     string // the next changed one
	more    bool   // there is one
	step    func(key string) (string, bool)
	before  func(a, b string) bool
	inside  func(key string) bool
}

func (m *merge) walk(base iter.Seq2[[]byte, []byte], yield func([]byte, []byte) bool) {
	for key, value := range base {
		k := string(key)
		for m.has() && m.before(m.key, k) {
			if !m.own(yield) {
				return
			}
		}
		if c, changed := m.overlay.changes[k]; changed {
			value = c.value
			if c.deleted {
				continue
			}
		}
		if !yield(key, value) {
			return
		}
		m.key, m.more = m.step(k)
	}
	for m.has() {
		if !m.own(yield) {
			return
		}
	}
}

func (m *merge) has() bool { return m.more && m.inside(m.key) }

// own yields the changed key, unless it is deleted, and steps on.
func (m *merge) own(yield func([]byte, []byte) bool) bool {
	c := m.overlay.changes[m.key]
	if !c.deleted && !yield([]byte(m.key), c.value) {
		return false
	}
	m.key, m.more = m.step(m.key)
	return true
}

// Changes are the changed keys in order, with nil for a deleted one.
func (o *Overlay) Changes() iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for _, chunk := range o.order.chunks {
			for _, key := range chunk {
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
	o.order = order{}
}

// Len is the number of changed keys.
func (o *Overlay) Len() int { return len(o.changes) }
