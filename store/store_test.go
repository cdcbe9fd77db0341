package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"internetidentity/internal/tabletest"
	"internetidentity/store"
	"internetidentity/table"
)

// disk is a table over a store, for the suite: every operation goes through
// an overlay, and a restart commits it and opens the database again.
type disk struct {
	*table.Overlay
	store    *store.Store
	snapshot *store.Snapshot
	fs       vfs.FS
}

func openDisk(t *testing.T, fs vfs.FS) *disk {
	t.Helper()
	s, err := store.Open("data", store.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	snapshot := s.Snapshot()
	return &disk{Overlay: table.NewOverlay(snapshot), store: s, snapshot: snapshot, fs: fs}
}

func (d *disk) restart(t *testing.T) *disk {
	t.Helper()
	if err := errors.Join(d.store.Commit(d.Overlay), d.snapshot.Close(), d.store.Close()); err != nil {
		t.Fatal(err)
	}
	return openDisk(t, d.fs)
}

func TestStoreIsATable(t *testing.T) {
	var opened []*disk
	tabletest.Run(t, func() table.Table {
		d := openDisk(t, vfs.NewMem())
		opened = append(opened, d)
		return table.Prefix(d, []byte{1})
	}, func(table.Table) table.Table {
		last := len(opened) - 1
		opened[last] = opened[last].restart(t)
		return table.Prefix(opened[last], []byte{1})
	})
	for _, d := range opened {
		if err := errors.Join(d.snapshot.Close(), d.store.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	first, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second opening: %v", err)
	}
}

func TestNewerVersionIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := table.NewOverlay(table.NewMemory())
	o.Put([]byte{0x00, 'v'}, []byte("2"))
	if err := errors.Join(s.Commit(o), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrNewerVersion) {
		t.Errorf("a newer database: %v", err)
	}
}

// TestPowerCutsLoseNoBlock cuts the power after a random number of blocks: what
// was committed is there, and no block is there in part.
func TestPowerCutsLoseNoBlock(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const records = 7
	for range 40 {
		fs := vfs.NewCrashableMem()
		s, err := store.Open("data", store.Options{FS: fs})
		if err != nil {
			t.Fatal(err)
		}
		committed := random.IntN(12)
		for block := range committed {
			o := table.NewOverlay(table.NewMemory())
			for i := range records {
				o.Put(fmt.Appendf(nil, "\x01%d", i), []byte(strconv.Itoa(block)))
			}
			if err := s.Commit(o); err != nil {
				t.Fatal(err)
			}
		}
		crashed := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(101), RNG: random})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		after, err := store.Open("data", store.Options{FS: crashed})
		if err != nil {
			t.Fatal(err)
		}
		snapshot := after.Snapshot()
		for i := range records {
			value, ok := snapshot.Get(fmt.Appendf(nil, "\x01%d", i))
			if ok != (committed > 0) || ok && string(value) != strconv.Itoa(committed-1) {
				t.Fatalf("record %d is %q after %d blocks", i, value, committed)
			}
		}
		if err := errors.Join(snapshot.Close(), after.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckpointIsAWholeCopy(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(filepath.Join(dir, "db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := table.NewOverlay(table.NewMemory())
	o.Put([]byte("\x01a"), []byte("1"))
	if err := errors.Join(s.Commit(o), s.Checkpoint(filepath.Join(dir, "copy")), s.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := store.Open(filepath.Join(dir, "copy"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	snapshot := c.Snapshot()
	if v, ok := snapshot.Get([]byte("\x01a")); !ok || string(v) != "1" {
		t.Errorf("the copy has %q", v)
	}
	if err := errors.Join(snapshot.Close(), c.Close()); err != nil {
		t.Error(err)
	}
}
