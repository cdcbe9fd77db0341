// Package store owns the database on disk: a table with one durable atomic
// commit per block, consistent snapshots, and a copy for a backup.
//
// It must not know what is stored. It is the only package that imports the
// database.
package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"strconv"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"internetidentity/table"
)

// Options of a database; the zero value is good.
type Options struct {
	// Logger receives the database's complaints. Default: none are kept.
	Logger *slog.Logger
	// CacheBytes bounds the memory for what was read lately. Default 512 MiB;
	// a database takes no more than it has.
	CacheBytes int64
	// ReadOnly changes no file of a database, which must be there.
	ReadOnly bool
	// FS is the file system, for tests of crashes. Default: the disk.
	FS vfs.FS
}

const (
	defaultCache = 512 << 20
	// memtableBytes holds the writes that are not in files yet. Small, since
	// a service at rest should take little memory.
	memtableBytes = 32 << 20
	// formatVersion is written into every database. A program refuses one
	// with a greater number.
	formatVersion = 1
)

var (
	// ErrInUse: another process has the database.
	ErrInUse = errors.New("the data folder is in use by another process")
	// ErrNewerVersion: a newer program has written the database.
	ErrNewerVersion = errors.New("the data folder was written by a newer version of this program")
)

// Keys of the store itself begin with 0x00, which no table above uses.
var versionKey = []byte{0x00, 'v'}

// Store is an open database.
type Store struct {
	db    *pebble.DB
	cache *pebble.Cache
	guard *guard
}

// Open opens the database in a folder, or makes one.
func Open(dir string, options Options) (_ *Store, err error) {
	fs := options.FS
	if fs == nil {
		fs = vfs.Default
	}
	if options.CacheBytes == 0 {
		options.CacheBytes = defaultCache
	}
	if !options.ReadOnly {
		if err := fs.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	}
	s := &Store{guard: newGuard(fs, dir), cache: pebble.NewCache(options.CacheBytes)}
	if s.db, err = s.open(dir, options); err != nil {
		s.cache.Unref()
		if isLocked(err) {
			return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
		}
		return nil, fmt.Errorf("open the database in %s: %w", dir, err)
	}
	s.guard.armed.Store(true)
	if err := s.checkVersion(dir, options.ReadOnly); err != nil {
		_ = s.Close() // the first error tells more
		return nil, err
	}
	return s, nil
}

func (s *Store) open(dir string, o Options) (_ *pebble.DB, err error) {
	// The database ends in Fatalf at some errors of the disk.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%v", cause)
		}
	}()
	events := &pebble.EventListener{
		// It would try again for ever.
		BackgroundError: s.guard.fail,
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			s.guard.fail(fmt.Errorf("%s is damaged: %w", info.Path, info.Details))
		},
	}
	options := &pebble.Options{
		FS:            s.guard,
		Cache:         s.cache,
		MemTableSize:  memtableBytes,
		Logger:        logger{o.Logger},
		ReadOnly:      o.ReadOnly,
		EventListener: events,
	}
	for i := range options.Levels {
		// Most look-ups of a sign-in are for what is not there, which a filter
		// tells without reading the disk; ten bits a key are wrong once in a
		// hundred times.
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return pebble.Open(dir, options)
}

// checkVersion reads the format version, and writes it into a new database.
func (s *Store) checkVersion(dir string, readOnly bool) error {
	value, closer, err := s.db.Get(versionKey)
	if errors.Is(err, pebble.ErrNotFound) {
		if readOnly {
			return fmt.Errorf("the database in %s is empty", dir)
		}
		return s.guard.run(func() error {
			return s.db.Set(versionKey, []byte(strconv.Itoa(formatVersion)), pebble.Sync)
		})
	}
	if err != nil {
		return err
	}
	defer closer.Close()
	version, err := strconv.Atoi(string(value))
	if err != nil {
		return fmt.Errorf("the database in %s has a damaged format version", dir)
	}
	if version > formatVersion {
		return fmt.Errorf("%w: format %d in %s, this program knows up to %d", ErrNewerVersion, version, dir, formatVersion)
	}
	return nil
}

// Empty tells whether nothing has ever been committed.
func (s *Store) Empty() (empty bool, err error) {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		if !bytes.Equal(it.Key(), versionKey) {
			return false, nil
		}
	}
	return true, it.Error()
}

// Commit makes all changes durable at once: after a crash either all of them
// are there or none. After an error it is not known which, and the store is of
// no more use than to be read and closed.
func (s *Store) Commit(o *table.Overlay) error {
	batch := s.db.NewBatch()
	for key, value := range o.Changes() {
		var err error
		if value == nil {
			err = batch.Delete(key, nil)
		} else {
			err = batch.Set(key, value, nil)
		}
		if err != nil {
			return fmt.Errorf("commit: %w", errors.Join(err, batch.Close()))
		}
	}
	return s.guard.run(func() error {
		return errors.Join(batch.Commit(pebble.Sync), batch.Close())
	})
}

// Compact brings the database into its smallest and fastest form, which it
// otherwise approaches by itself in quiet times. It takes as long as it takes
// to write everything once.
func (s *Store) Compact(ctx context.Context) error {
	return s.guard.run(func() error { return s.db.Compact(ctx, []byte{0x00}, []byte{0xff, 0xff}, true) })
}

// Reading does work that reads a snapshot, and gives the failure of the database
// as an error, which a table has no room for.
func Reading(work func() error) (err error) {
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case *table.Fault:
			err = fmt.Errorf("the database cannot be read: %w", fault)
		default:
			panic(fault)
		}
	}()
	return work()
}

// Checkpoint writes a consistent copy into a folder that must not exist.
func (s *Store) Checkpoint(dir string) error {
	return s.guard.run(func() error { return s.db.Checkpoint(dir, pebble.WithFlushedWAL()) })
}

// Close ends the use of the database. Snapshots must be closed before. A
// database that has failed is left to the end of the process.
func (s *Store) Close() error {
	return s.guard.run(func() error {
		err := s.db.Close()
		s.cache.Unref()
		return err
	})
}

// Snapshot is the database as it is now.
type Snapshot struct {
	snapshot *pebble.Snapshot
	guard    *guard
}

var _ table.Reader = (*Snapshot)(nil)

// Snapshot must be closed by whoever takes it.
func (s *Store) Snapshot() *Snapshot { return &Snapshot{s.db.NewSnapshot(), s.guard} }

// Close lets the database forget the snapshot, which may make it write.
func (s *Snapshot) Close() error { return s.guard.run(s.snapshot.Close) }

// Get is the value of a key. It panics with a *table.Fault when the disk fails.
func (s *Snapshot) Get(key []byte) ([]byte, bool) {
	value, closer, err := s.snapshot.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false
	}
	check(err)
	kept := append([]byte{}, value...)
	check(closer.Close())
	return kept, true
}

// Ascend walks keys in order.
func (s *Snapshot) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return s.walk(from, to, (*pebble.Iterator).First, (*pebble.Iterator).Next)
}

// Descend walks keys backwards.
func (s *Snapshot) Descend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return s.walk(from, to, (*pebble.Iterator).Last, (*pebble.Iterator).Prev)
}

func (s *Snapshot) walk(from, to []byte, start, step func(*pebble.Iterator) bool) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		it, err := s.snapshot.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
		check(err)
		defer func() { check(it.Close()) }()
		for ok := start(it); ok; ok = step(it) {
			value, err := it.ValueAndErr()
			check(err)
			if !yield(append([]byte{}, it.Key()...), append([]byte{}, value...)) {
				return
			}
		}
		check(it.Error())
	}
}

func check(err error) {
	if err != nil {
		panic(&table.Fault{Err: err})
	}
}

// isLocked recognises the error of a folder that another process has locked;
// on this system it comes from the file lock.
func isLocked(err error) bool {
	return errors.Is(err, os.ErrExist) || errors.Is(err, errAgain) || contains(err, "lock held by current process") || contains(err, "resource temporarily unavailable")
}
