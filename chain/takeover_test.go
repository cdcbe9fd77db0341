package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/table"
)

// BenchmarkTakeOver is how long a machine without data needs for the state of
// others: to divide it, and to take its parts over. A state of a million
// identities is ten times as large as the larger one here.
func BenchmarkTakeOver(b *testing.B) {
	for _, identities := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("identities=%d", identities), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s := newSim(b, 1)
				from := s.list[0]
				size := fill(b, from, identities)
				fresh := s.onDisk(b, 0)
				b.StartTimer()
				from.snapshots.take(head{Height: 1, Hash: from.machine.appHash()})
				from.snapshots.work.Wait()
				list, err := from.ListSnapshots(b.Context(), &abci.RequestListSnapshots{})
				if err != nil || len(list.Snapshots) == 0 {
					b.Fatalf("no snapshot: %v", err)
				}
				snapshot := list.Snapshots[len(list.Snapshots)-1]
				got := s.take(fresh, from, snapshot, from.machine.appHash(), same)
				b.StopTimer()
				if got != abci.ResponseApplySnapshotChunk_ACCEPT {
					b.Fatalf("the state: %v", got)
				}
				b.ReportMetric(float64(size)/float64(identities), "B/identity")
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(identities)*1e6, "s/million")
		})
	}
}

// onDisk is a machine with nothing, on a real disk.
func (s *sim) onDisk(b *testing.B, i int) *simMachine {
	b.Helper()
	m := &simMachine{fs: nil, keys: simKeys(i), name: "fresh"}
	s.openAt(m, vfs.Default, b.TempDir())
	b.Cleanup(func() { s.close(m) })
	return m
}

// fill gives a machine records as identities have them: for each the identity
// itself, three entries that lead to it, what it has changed, and an app.
func fill(b *testing.B, m *simMachine, identities int) (bytes int) {
	b.Helper()
	value := func(n, length int) []byte {
		hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
		return slices.Repeat(hash[:], length/32+1)[:length]
	}
	for at := 0; at < identities; {
		changes := table.NewOverlay(m.base)
		for range 1000 {
			for _, record := range []struct {
				space         byte
				key, contents int
			}{{0x21, 8, 260}, {0x22, 32, 104}, {0x23, 29, 104}, {0x25, 16, 240}, {0x26, 40, 60}, {0x2b, 16, 40}} {
				key := append([]byte{0x10, record.space}, value(at*8+int(record.space), record.key)...)
				contents := value(at, record.contents)
				changes.Put(key, contents)
				bytes += len(key) + len(contents)
			}
			at++
		}
		m.machine.digest.change(m.base, changes.Changes())
		if err := m.config.store.Commit(changes); err != nil {
			b.Fatal(err)
		}
		if err := m.refresh(); err != nil {
			b.Fatal(err)
		}
	}
	return bytes
}
