package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/store"
	"internetidentity/table"
)

// snapshotFormat of the parts of a snapshot.
const snapshotFormat = 1

// snapshots are the states that this machine can give to machines that join.
type snapshots struct {
	store *store.Store
	work  sync.WaitGroup

	mu     sync.Mutex
	list   []*offered // under mu; oldest first
	taken  int64      // under mu; height of the last one that was begun
	closed bool       // under mu
}

// offered is a state with its division into parts.
type offered struct {
	data *store.Snapshot
	said *abci.Snapshot
	from [][]byte // the first key of every part
	use  sync.RWMutex
}

func newSnapshots(s *store.Store) *snapshots { return &snapshots{store: s} }

// take keeps the state after a block when it is time for another, and reports
// whether it was. Dividing it takes long and goes on beside everything else.
func (s *snapshots) take(h head) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.taken != 0 && h.Height < s.taken+snapshotBlocks {
		return false
	}
	s.taken = h.Height
	data := s.store.Snapshot()
	s.work.Go(func() {
		o, err := divide(data, h)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil || s.closed {
			_ = data.Close() // the disk has failed, which those who write notice
			return
		}
		s.list = append(s.list, o)
		if len(s.list) > keptSnapshots {
			s.list[0].close()
			s.list = slices.Delete(s.list, 0, 1)
		}
	})
	return true
}

func (o *offered) close() {
	o.use.Lock()
	defer o.use.Unlock()
	_ = o.data.Close() // see take
}

// divide cuts a state into parts, the same on every machine.
func divide(data *store.Snapshot, h head) (o *offered, err error) {
	defer catchFault(&err)
	o = &offered{data: data}
	var hashes, part []byte // 32 bytes for each part
	for from := []byte{spaceStart}; from != nil; {
		o.from = append(o.from, from)
		part, from = cut(data, from)
		hash := sha256.Sum256(part)
		hashes = append(hashes, hash[:]...)
	}
	hash := sha256.Sum256(append(slices.Clone(h.Hash), hashes...))
	o.said = &abci.Snapshot{
		Height: uint64(h.Height), Format: snapshotFormat, Chunks: uint32(len(o.from)),
		Hash: hash[:], Metadata: hashes,
	}
	return o, nil
}

// spaceStart is the first key space; the store has those before for itself.
const spaceStart = 0x01

// cut makes the part that begins at a key, and tells where the next begins.
func cut(data table.Reader, from []byte) (part, next []byte) {
	for key, value := range data.Ascend(from, nil) {
		if key[0] == spaceLocal {
			continue
		}
		if len(part) >= chunkBytes {
			return part, slices.Clone(key)
		}
		part = appendRecord(part, key, value)
	}
	return part, nil
}

// A part is records, each a key and a value with their lengths before them.

func appendRecord(b, key, value []byte) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	return append(binary.AppendUvarint(b, uint64(len(value))), value...)
}

func takeRecord(part []byte) (key, value, rest []byte, err error) {
	for _, field := range []*[]byte{&key, &value} {
		n, size := binary.Uvarint(part)
		if size <= 0 || n > uint64(len(part)-size) {
			return nil, nil, nil, errors.New("a part of a snapshot is damaged")
		}
		*field, part = part[size:size+int(n)], part[size+int(n):]
	}
	return key, value, part, nil
}

func (s *snapshots) find(height uint64, format uint32) *offered {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.list {
		if o.said.Height == height && format == snapshotFormat {
			o.use.RLock()
			return o
		}
	}
	return nil
}

func (s *snapshots) said() []*abci.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*abci.Snapshot
	for _, o := range s.list {
		list = append(list, o.said)
	}
	return list
}

// part is one of a snapshot; nil when it is not here.
func (s *snapshots) part(height uint64, format, index uint32) (part []byte, err error) {
	defer catchFault(&err)
	o := s.find(height, format)
	if o == nil {
		return nil, nil
	}
	defer o.use.RUnlock()
	if int(index) >= len(o.from) {
		return nil, nil
	}
	part, _ = cut(o.data, o.from[index])
	return part, nil
}

// close lets all of them go.
func (s *snapshots) close() error {
	s.mu.Lock()
	s.closed = true
	list := s.list
	s.list = nil
	s.mu.Unlock()
	s.work.Wait()
	var failures []error
	for _, o := range list {
		o.use.Lock()
		failures = append(failures, o.data.Close())
		o.use.Unlock()
	}
	return errors.Join(failures...)
}
