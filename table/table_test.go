package table_test

import (
	"testing"

	"internetidentity/internal/tabletest"
	"internetidentity/table"
)

func TestMemory(t *testing.T) {
	tabletest.Run(t, func() table.Table { return table.NewMemory() }, nil)
}

func TestOverlay(t *testing.T) {
	// A restart of an overlay is applying it and beginning a new one.
	base := map[table.Table]*table.Memory{}
	open := func(m *table.Memory) table.Table {
		o := table.NewOverlay(m)
		base[o] = m
		return o
	}
	tabletest.Run(t, func() table.Table { return open(table.NewMemory()) }, func(o table.Table) table.Table {
		o.(*table.Overlay).ApplyTo(base[o])
		return open(base[o])
	})
}

func TestPrefix(t *testing.T) {
	tabletest.Run(t, func() table.Table {
		m := table.NewMemory()
		m.Put([]byte{1}, []byte("before"))
		m.Put([]byte{3}, []byte("behind"))
		return table.Prefix(m, []byte{2})
	}, nil)
}

func TestPrefixAtTheEnd(t *testing.T) {
	tabletest.Run(t, func() table.Table {
		m := table.NewMemory()
		m.Put([]byte{0xff}, []byte("before"))
		return table.Prefix(m, []byte{0xff, 0xff})
	}, nil)
}

func TestSnapshotStays(t *testing.T) {
	m := table.NewMemory()
	m.Put([]byte("a"), []byte("1"))
	s := m.Snapshot()
	m.Put([]byte("a"), []byte("2"))
	m.Delete([]byte("a"))
	if v, ok := s.Get([]byte("a")); !ok || string(v) != "1" {
		t.Errorf("the snapshot has %q", v)
	}
}

func TestResetDropsChanges(t *testing.T) {
	o := table.NewOverlay(table.NewMemory())
	o.Put([]byte("a"), nil)
	o.Reset()
	if _, ok := o.Get([]byte("a")); ok || o.Len() != 0 {
		t.Error("a change is left")
	}
}
