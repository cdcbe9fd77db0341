// Package table owns the port behind which all state is kept: ordered keys
// with values, an overlay that makes changes all-or-nothing, and a store in
// memory.
//
// It must not know what is stored, nor any disk.
package table

import (
	"bytes"
	"iter"
	"slices"
)

// Reader reads a table. Slices that it returns must not be changed and are
// valid until the next write.
type Reader interface {
	// Get is the value of a key.
	Get(key []byte) ([]byte, bool)
	// Ascend walks the keys from from up to, not including, to. A nil to means
	// the end.
	Ascend(from, to []byte) iter.Seq2[[]byte, []byte]
	// Descend walks the same keys backwards.
	Descend(from, to []byte) iter.Seq2[[]byte, []byte]
}

// Table is a Reader that can be changed. It keeps copies of nothing: keys and
// values that are put must not change afterwards. A store that fails panics
// with a *Fault, since no rule can go on without its state.
type Table interface {
	Reader
	Put(key, value []byte)
	Delete(key []byte)
}

// Fault is the failure of a store.
type Fault struct{ Err error }

func (f *Fault) Error() string { return "storage failed: " + f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// Memory is a table in memory, for tests and small tools: adding a key costs
// as much as there are keys behind it.
type Memory struct {
	entries []memoryEntry
	shared  bool // a snapshot holds entries
}

type memoryEntry struct{ key, value []byte }

// NewMemory is an empty table.
func NewMemory() *Memory { return &Memory{} }

func (m *Memory) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(m.entries, key, func(e memoryEntry, key []byte) int { return bytes.Compare(e.key, key) })
}

// Get is the value of a key.
func (m *Memory) Get(key []byte) ([]byte, bool) {
	if i, ok := m.find(key); ok {
		return m.entries[i].value, true
	}
	return nil, false
}

func (m *Memory) span(from, to []byte) []memoryEntry {
	start, _ := m.find(from)
	end := len(m.entries)
	if to != nil {
		end, _ = m.find(to)
	}
	return m.entries[min(start, end):end]
}

// Ascend walks keys in order.
func (m *Memory) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for _, e := range m.span(from, to) {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Descend walks keys backwards.
func (m *Memory) Descend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for _, e := range slices.Backward(m.span(from, to)) {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

// own makes the entries this table's alone before they are changed.
func (m *Memory) own() {
	if m.shared {
		m.entries, m.shared = slices.Clone(m.entries), false
	}
}

// Put sets a value.
func (m *Memory) Put(key, value []byte) {
	m.own()
	i, ok := m.find(key)
	if ok {
		m.entries[i].value = value
		return
	}
	m.entries = slices.Insert(m.entries, i, memoryEntry{key, value})
}

// Delete removes a key, if it is there.
func (m *Memory) Delete(key []byte) {
	m.own()
	if i, ok := m.find(key); ok {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

// Snapshot is the table as it is now, whatever happens to it later.
func (m *Memory) Snapshot() Reader {
	m.shared = true
	return &Memory{entries: m.entries, shared: true}
}

// Len is the number of keys.
func (m *Memory) Len() int { return len(m.entries) }
