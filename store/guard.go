package store

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// guard stands between the database and the disk. The first write that fails
// is the end: a database that goes on after one may lose what it has
// acknowledged, and this one ends the whole process at some of them. So the
// failed write never returns to it. Everybody else is told, can answer those
// who wait, and stop; what was committed before is on the disk.
type guard struct {
	vfs.FS
	dir string // of the database; a backup elsewhere may fail
	// armed from the end of opening, which can fail in the ordinary way.
	armed atomic.Bool

	once   sync.Once
	failed chan struct{} // closed when err is set
	err    error
}

func newGuard(fs vfs.FS, dir string) *guard {
	return &guard{FS: fs, dir: filepath.Clean(dir), failed: make(chan struct{})}
}

// fail is the end of the database; the first reason counts.
func (g *guard) fail(err error) {
	g.once.Do(func() {
		g.err = fmt.Errorf("the database has failed: %w", err)
		close(g.failed)
	})
}

// wrote passes the result of a write on, or keeps its failure for ever.
func (g *guard) wrote(err error) error {
	if err == nil || !g.armed.Load() {
		return err
	}
	g.fail(err)
	select {}
}

// run does work of the database that writes, until it ends or the disk fails.
func (g *guard) run(work func() error) error {
	select {
	case <-g.failed:
		return g.err
	default:
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if cause := recover(); cause != nil {
				g.fail(fmt.Errorf("%v", cause))
			}
		}()
		done <- work()
	}()
	select {
	case err := <-done:
		return err
	case <-g.failed:
		return g.err
	}
}

// The operations that write what must not be lost. Removing files is not among
// them.

// Create is vfs.FS's.
func (g *guard) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := g.FS.Create(name, c)
	return g.file(name, f, err)
}

// ReuseForWrite is vfs.FS's.
func (g *guard) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := g.FS.ReuseForWrite(from, to, c)
	return g.file(to, f, err)
}

// OpenDir is vfs.FS's: a folder is opened to be synced.
func (g *guard) OpenDir(name string) (vfs.File, error) {
	f, err := g.FS.OpenDir(name)
	return g.file(name, f, err)
}

// Rename is vfs.FS's.
func (g *guard) Rename(from, to string) error {
	err := g.FS.Rename(from, to)
	if g.owns(to) {
		return g.wrote(err)
	}
	return err
}

// Unwrap is vfs.FS's.
func (g *guard) Unwrap() vfs.FS { return g.FS }

// owns reports whether a path is the database's folder or a file in it.
func (g *guard) owns(name string) bool {
	return filepath.Clean(name) == g.dir || filepath.Dir(name) == g.dir
}

func (g *guard) file(name string, f vfs.File, err error) (vfs.File, error) {
	if !g.owns(name) {
		return f, err
	}
	if err := g.wrote(err); err != nil {
		return nil, err
	}
	return &guardedFile{f, g}, nil
}

type guardedFile struct {
	vfs.File
	guard *guard
}

func (f *guardedFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	return n, f.guard.wrote(err)
}

func (f *guardedFile) WriteAt(b []byte, at int64) (int, error) {
	n, err := f.File.WriteAt(b, at)
	return n, f.guard.wrote(err)
}

func (f *guardedFile) Preallocate(offset, length int64) error {
	return f.guard.wrote(f.File.Preallocate(offset, length))
}

func (f *guardedFile) Sync() error { return f.guard.wrote(f.File.Sync()) }

func (f *guardedFile) SyncData() error { return f.guard.wrote(f.File.SyncData()) }

func (f *guardedFile) SyncTo(length int64) (bool, error) {
	full, err := f.File.SyncTo(length)
	return full, f.guard.wrote(err)
}
