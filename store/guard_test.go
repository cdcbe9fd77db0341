package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"internetidentity/store"
	"internetidentity/table"
)

// failingDisk is a disk of which writes fail, all of them from one on.
type failingDisk struct {
	mem    *vfs.MemFS
	fs     vfs.FS
	writes atomic.Int64 // until now
	good   atomic.Int64 // how many succeed
}

var errDisk = errors.New("no space left on device")

func newFailingDisk() *failingDisk {
	d := &failingDisk{mem: vfs.NewCrashableMem()}
	d.good.Store(1 << 60)
	d.fs = errorfs.Wrap(d.mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpCreate, errorfs.OpReuseForWrite, errorfs.OpRename,
			errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFilePreallocate,
			errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
			if d.writes.Add(1) > d.good.Load() {
				return errDisk
			}
		}
		return nil
	}))
	return d
}

// fail lets so many more writes succeed.
func (d *failingDisk) fail(after int64) { d.good.Store(d.writes.Load() + after) }

// block is a commit of some size, so that logs and files change during a few.
func block(n int) *table.Overlay {
	o := table.NewOverlay(table.NewMemory())
	o.Put([]byte("\x01last"), fmt.Append(nil, n))
	o.Put(fmt.Appendf(nil, "\x02%04d", n), bytes.Repeat([]byte{byte(n)}, 600<<10))
	return o
}

func TestFailingDiskIsAnErrorAndLosesNoBlock(t *testing.T) {
	const blocks = 10
	// How many writes there are when nothing fails.
	d := newFailingDisk()
	s, err := store.Open("data", store.Options{FS: d.fs})
	if err != nil {
		t.Fatal(err)
	}
	opened := d.writes.Load()
	for n := range blocks {
		if err := s.Commit(block(n)); err != nil {
			t.Fatal(err)
		}
	}
	all := d.writes.Load() - opened
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for failAt := int64(0); failAt < all; failAt += all/7 + 1 {
		d := newFailingDisk()
		s, err := store.Open("data", store.Options{FS: d.fs})
		if err != nil {
			t.Fatal(err)
		}
		d.fail(failAt)
		acknowledged := -1
		for n := range blocks {
			if err = s.Commit(block(n)); err != nil {
				break
			}
			acknowledged = n
		}
		if err != nil && !errors.Is(err, errDisk) {
			t.Fatalf("write %d fails: the commit fails with %v", failAt, err)
		}
		if acknowledged < blocks-1 {
			// What is there can still be read, and nothing waits for ever.
			snapshot := s.Snapshot()
			if got, _ := snapshot.Get([]byte("\x01last")); acknowledged >= 0 && got == nil {
				t.Errorf("write %d fails: nothing can be read", failAt)
			}
			if err := snapshot.Close(); !errors.Is(err, errDisk) {
				t.Errorf("write %d fails: closing a snapshot gives %v", failAt, err)
			}
			if err := s.Commit(block(blocks)); !errors.Is(err, errDisk) {
				t.Errorf("write %d fails: a later commit gives %v", failAt, err)
			}
		}
		crashed := d.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(101), RNG: random})
		if err := s.Close(); err != nil && !errors.Is(err, errDisk) {
			t.Errorf("write %d fails: close gives %v", failAt, err)
		}
		after, err := store.Open("data", store.Options{FS: crashed})
		if err != nil {
			t.Fatalf("write %d fails: open again: %v", failAt, err)
		}
		snapshot := after.Snapshot()
		for n := range acknowledged + 1 {
			if got, ok := snapshot.Get(fmt.Appendf(nil, "\x02%04d", n)); !ok || len(got) != 600<<10 {
				t.Errorf("write %d fails: block %d of %d is lost", failAt, n, acknowledged)
			}
		}
		if err := errors.Join(snapshot.Close(), after.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestFullBackupDiskDoesNoHarm(t *testing.T) {
	mem := vfs.NewMem()
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if filepath.Dir(op.Path) == "backup" && op.Kind == errorfs.OpFileWrite {
			return errDisk
		}
		return nil
	}))
	s, err := store.Open("data", store.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(block(0)); err != nil {
		t.Fatal(err)
	}
	if err := s.Checkpoint("backup"); !errors.Is(err, errDisk) {
		t.Errorf("a backup on a full disk: %v", err)
	}
	if err := errors.Join(s.Commit(block(1)), s.Close()); err != nil {
		t.Errorf("the service suffers from its backup: %v", err)
	}
}

func TestDiskThatFailsWhileOpeningIsAnError(t *testing.T) {
	whole := newFailingDisk()
	s, err := store.Open("data", store.Options{FS: whole.fs})
	if err != nil {
		t.Fatal(err)
	}
	all := whole.writes.Load()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for failAt := range all {
		d := newFailingDisk()
		d.fail(failAt)
		if _, err := store.Open("data", store.Options{FS: d.fs}); err == nil {
			t.Errorf("write %d of %d fails, and the database opens", failAt, all)
		}
	}
}

// TestDamagedFileIsAFault changes a byte in each part of a data file.
func TestDamagedFileIsAFault(t *testing.T) {
	for _, part := range []int{1, 2, 3} {
		mem := vfs.NewMem()
		s, err := store.Open("data", store.Options{FS: mem})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Commit(block(1)), s.Close()); err != nil {
			t.Fatal(err)
		}
		// Opening again moves the data from the log into a file.
		if s, err = store.Open("data", store.Options{FS: mem}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		names, err := mem.List("data")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if filepath.Ext(name) == ".sst" {
				flip(t, mem, filepath.Join("data", name), part)
			}
		}
		s, err = store.Open("data", store.Options{FS: mem, CacheBytes: 1})
		if err != nil {
			continue // it was noticed at once
		}
		func() {
			defer func() {
				var fault *table.Fault
				if cause := recover(); cause == nil || !errors.As(cause.(error), &fault) {
					t.Errorf("part %d is damaged, and reading it gives %v", part, cause)
				}
			}()
			snapshot := s.Snapshot()
			for range snapshot.Ascend([]byte{1}, nil) {
			}
		}()
		if err := s.Commit(block(2)); err == nil {
			t.Errorf("part %d is damaged, and the database goes on", part)
		}
		if err := s.Close(); err == nil {
			t.Errorf("part %d is damaged, and closing says nothing", part)
		}
	}
}

// flip changes a byte in one of four parts of a file.
func flip(t *testing.T, fs vfs.FS, name string, part int) {
	t.Helper()
	f, err := fs.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	at, one := info.Size()*int64(part)/4, make([]byte, 1)
	if _, err := f.ReadAt(one, at); err != nil {
		t.Fatal(err)
	}
	one[0] ^= 1
	if _, err := f.WriteAt(one, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
