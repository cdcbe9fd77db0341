package chain

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/table"
)

// restoring is a snapshot that is being taken over. Its parts are written as
// they come; without the head, which is written last, they count for nothing.
type restoring struct {
	height uint64
	hash   []byte // of the application, as the engine has verified it
	parts  []byte // 32 bytes for each
	next   uint32
	digest digest
}

// maxParts of a snapshot: 64 GiB.
const maxParts = 65536

// ListSnapshots tells what this machine can give.
func (a *app) ListSnapshots(context.Context, *abci.RequestListSnapshots) (*abci.ResponseListSnapshots, error) {
	return &abci.ResponseListSnapshots{Snapshots: a.snapshots.said()}, nil
}

// LoadSnapshotChunk gives a part of a snapshot.
func (a *app) LoadSnapshotChunk(_ context.Context, r *abci.RequestLoadSnapshotChunk) (*abci.ResponseLoadSnapshotChunk, error) {
	part, err := a.snapshots.part(r.Height, r.Format, r.Chunk)
	return &abci.ResponseLoadSnapshotChunk{Chunk: part}, err
}

// OfferSnapshot begins to take a snapshot over.
func (a *app) OfferSnapshot(_ context.Context, r *abci.RequestOfferSnapshot) (_ *abci.ResponseOfferSnapshot, err error) {
	defer catchFault(&err)
	s := r.Snapshot
	if s.Format != snapshotFormat {
		return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT_FORMAT}, nil
	}
	next := &restoring{height: s.Height, hash: r.AppHash, parts: s.Metadata}
	if s.Chunks > maxParts || len(s.Metadata) != sha256.Size*int(s.Chunks) {
		return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT}, nil
	}
	if a.machine != nil {
		return nil, errors.New("a snapshot is offered to a machine that has a state")
	}
	if err := a.clear(); err != nil {
		return nil, err
	}
	a.restoring = next
	return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_ACCEPT}, nil
}

// ApplySnapshotChunk writes a part, and after the last looks at the whole.
func (a *app) ApplySnapshotChunk(_ context.Context, r *abci.RequestApplySnapshotChunk) (_ *abci.ResponseApplySnapshotChunk, err error) {
	defer catchFault(&err)
	t := a.restoring
	if t == nil || r.Index != t.next || int(r.Index) >= len(t.parts)/sha256.Size {
		return nil, fmt.Errorf("part %d of a snapshot comes out of turn", r.Index)
	}
	if hash := sha256.Sum256(r.Chunk); string(hash[:]) != string(t.parts[sha256.Size*r.Index:][:sha256.Size]) {
		return &abci.ResponseApplySnapshotChunk{
			Result: abci.ResponseApplySnapshotChunk_RETRY, RefetchChunks: []uint32{r.Index}, RejectSenders: []string{r.Sender},
		}, nil
	}
	if err := a.write(t, r.Chunk); err != nil {
		return a.rejected(err), nil
	}
	if t.next++; int(t.next) < len(t.parts)/sha256.Size {
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_ACCEPT}, nil
	}
	a.restoring = nil
	if err := a.restored(t); err != nil {
		return a.rejected(err), nil
	}
	return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_ACCEPT}, nil
}

func (a *app) rejected(err error) *abci.ResponseApplySnapshotChunk {
	a.restoring = nil
	a.config.logger.Warn("a snapshot is of no use", "error", err)
	return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT}
}

func (a *app) write(t *restoring, part []byte) error {
	changes := table.NewOverlay(table.NewMemory())
	for len(part) > 0 {
		key, value, rest, err := takeRecord(part)
		if err != nil {
			return err
		}
		if len(key) == 0 || key[0] < spaceStart || key[0] == spaceLocal {
			return errors.New("a key that no state has")
		}
		changes.Put(key, value)
		t.digest.add(key, value)
		part = rest
	}
	return a.config.store.Commit(changes)
}

// restored puts the state in force, if it is the one that was agreed on.
func (a *app) restored(t *restoring) error {
	if err := a.refresh(); err != nil {
		return err
	}
	m, err := reopen(a.config.bundle, t.digest, a.base)
	if err != nil {
		return err
	}
	if got := m.appHash(); string(got) != string(t.hash) {
		return errors.New("it is not the state that was agreed on")
	}
	a.machine = m
	if err := a.commit(int64(t.height), table.NewOverlay(a.base)); err != nil {
		return err
	}
	return a.shown()
}

// refresh looks at the store as it is now.
func (a *app) refresh() error {
	last := a.base
	a.base = a.config.store.Snapshot()
	return last.Close()
}

// clear removes what an unfinished attempt has left.
func (a *app) clear() error {
	for {
		changes := table.NewOverlay(a.base)
		for key := range a.base.Ascend([]byte{spaceStart}, nil) {
			if changes.Delete(key); changes.Len() == 10_000 {
				break
			}
		}
		if changes.Len() == 0 {
			return nil
		}
		if err := a.config.store.Commit(changes); err != nil {
			return err
		}
		if err := a.refresh(); err != nil {
			return err
		}
	}
}
