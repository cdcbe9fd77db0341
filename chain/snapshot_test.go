package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
)

// take gives a new machine a snapshot, with parts that may be changed.
func (s *sim) take(m, from *simMachine, snapshot *abci.Snapshot, hash []byte, change func(index uint32, part []byte) []byte) abci.ResponseApplySnapshotChunk_Result {
	s.t.Helper()
	offer, err := m.OfferSnapshot(s.t.Context(), &abci.RequestOfferSnapshot{Snapshot: snapshot, AppHash: hash})
	if err != nil || offer.Result != abci.ResponseOfferSnapshot_ACCEPT {
		s.t.Fatalf("the offer: %v, %v", offer, err)
	}
	for index := range snapshot.Chunks {
		part, err := from.LoadSnapshotChunk(s.t.Context(), &abci.RequestLoadSnapshotChunk{Height: snapshot.Height, Format: snapshot.Format, Chunk: index})
		if err != nil {
			s.t.Fatal(err)
		}
		r, err := m.ApplySnapshotChunk(s.t.Context(), &abci.RequestApplySnapshotChunk{Index: index, Chunk: change(index, slices.Clone(part.Chunk)), Sender: "from"})
		if err != nil {
			s.t.Fatal(err)
		}
		if r.Result != abci.ResponseApplySnapshotChunk_ACCEPT {
			return r.Result
		}
	}
	return abci.ResponseApplySnapshotChunk_ACCEPT
}

func same(_ uint32, part []byte) []byte { return part }

func TestSnapshots(t *testing.T) {
	s := readySim(t)
	e, tx := s.call(1, "whoami")
	s.pool = [][]byte{tx}
	s.block(0)
	from := s.list[0]
	from.snapshots.mu.Lock()
	from.snapshots.taken = 0 // another one is due
	from.snapshots.mu.Unlock()
	s.pool = [][]byte{tickTx(from.look().steps)}
	s.block(1)
	from.snapshots.work.Wait()
	list, err := from.ListSnapshots(t.Context(), &abci.RequestListSnapshots{})
	if err != nil || len(list.Snapshots) == 0 {
		t.Fatalf("no snapshots: %v", err)
	}
	snapshot := list.Snapshots[len(list.Snapshots)-1]
	if snapshot.Height != uint64(s.height) {
		t.Fatalf("the snapshot is of block %d, want %d", snapshot.Height, s.height)
	}
	hash := from.head.Hash

	fresh := s.add(9)
	// A part that is not what was offered is asked for again, from others.
	if got := s.take(fresh, from, snapshot, hash, func(_ uint32, part []byte) []byte { return part[:len(part)-1] }); got != abci.ResponseApplySnapshotChunk_RETRY {
		t.Errorf("a damaged part: %v", got)
	}
	// One who lies in the offer too is found out at the end.
	lie := *snapshot
	changed := func(_ uint32, part []byte) []byte {
		part[len(part)-1] ^= 1
		return part
	}
	part, err := from.LoadSnapshotChunk(t.Context(), &abci.RequestLoadSnapshotChunk{Height: snapshot.Height, Format: snapshot.Format})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(changed(0, slices.Clone(part.Chunk)))
	lie.Metadata = append(sum[:], lie.Metadata[32:]...)
	if got := s.take(fresh, from, &lie, hash, changed); got != abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT {
		t.Errorf("a false state: %v", got)
	}
	if got := s.take(fresh, from, snapshot, hash, same); got != abci.ResponseApplySnapshotChunk_ACCEPT {
		t.Fatalf("the true state: %v", got)
	}
	if info, err := fresh.Info(t.Context(), &abci.RequestInfo{}); err != nil || info.LastBlockHeight != s.height || !bytes.Equal(info.LastBlockAppHash, hash) {
		t.Errorf("after the snapshot: %v, %v", info, err)
	}
	// It goes on with the others, and after a crash too.
	s.crash(fresh)
	for range 3 {
		s.pool = [][]byte{tickTx(from.look().steps)}
		s.block(2)
	}
	if got := s.outcome(from, e, 1); got != "replied" {
		t.Errorf("the call ended with %q", got)
	}
}

// TestFoundingAfterHalfASnapshot: what was not taken over to the end is no part
// of the state.
func TestFoundingAfterHalfASnapshot(t *testing.T) {
	s := newSim(t, 1)
	want := s.list[0].head.Hash
	fresh := s.add(0)
	fresh.restoring = &restoring{}
	if err := fresh.write(fresh.restoring, appendRecord(nil, []byte{0x10, 'x'}, []byte("left over"))); err != nil {
		t.Fatal(err)
	}
	if err := fresh.refresh(); err != nil {
		t.Fatal(err)
	}
	state, err := json.Marshal(s.terms)
	if err != nil {
		t.Fatal(err)
	}
	r, err := fresh.InitChain(t.Context(), &abci.RequestInitChain{AppStateBytes: state})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.AppHash, want) {
		t.Error("the new cluster has what was left over")
	}
}

func TestDigestFollowsTheSet(t *testing.T) {
	var one, other digest
	one.add([]byte("a"), []byte("1"))
	one.add([]byte("b"), []byte("2"))
	other.add([]byte("b"), []byte("3"))
	other.add([]byte("b"), []byte("2"))
	other.add([]byte("a"), []byte("1"))
	if one == other {
		t.Error("another set has the same digest")
	}
	other.remove([]byte("b"), []byte("3"))
	if one != other {
		t.Error("the digest depends on the history")
	}
	var shifted digest
	shifted.add([]byte("a1"), nil)
	shifted.add([]byte("b"), []byte("2"))
	if one == shifted {
		t.Error("a key and its value run into one another")
	}
	again, err := parseDigest(one.bytes())
	if err != nil || again != one {
		t.Errorf("read back: %v", err)
	}
}
