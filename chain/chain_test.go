package chain

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/ingress"
)

// schedules of the simulation; II_SCHEDULES asks for more.
const schedules = 2

// TestSimulatedCluster compares the machines after every block of many random
// histories, with crashes between any two steps. A failure names its seed.
func TestSimulatedCluster(t *testing.T) {
	count := uint64(schedules)
	if text := os.Getenv("II_SCHEDULES"); text != "" {
		var err error
		if count, err = strconv.ParseUint(text, 10, 32); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range count {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := simRandom(seed)
			s := readySim(t)
			type sent struct {
				e      *ingress.Envelope
				person byte
			}
			var all []sent
			for range 25 {
				for range random.IntN(3) {
					person := byte(random.IntN(5))
					e, tx := s.call(person, "whoami")
					all = append(all, sent{e, person})
					s.pool = append(s.pool, tx)
					if random.IntN(4) == 0 {
						s.pool = append(s.pool, tx) // the same again
					}
				}
				if random.IntN(8) == 0 {
					s.crash(s.list[random.IntN(4)])
				}
				s.block(random.IntN(4))
			}
			s.block(0) // certifies the last one
			for _, m := range s.list {
				for _, c := range all {
					if got := s.outcome(m, c.e, c.person); got != "replied" {
						t.Fatalf("%s: a call ended with %q", m.name, got)
					}
				}
			}
		})
	}
}

// TestCrashBeforeCommit replays the block that was not durable.
func TestCrashBeforeCommit(t *testing.T) {
	s := readySim(t)
	_, tx := s.call(1, "whoami")
	s.pool = [][]byte{tx}
	p := s.proposal(s.list[0])
	m := s.list[2]
	first, err := m.FinalizeBlock(t.Context(), &abci.RequestFinalizeBlock{Txs: p.Txs, Height: p.Height})
	if err != nil {
		t.Fatal(err)
	}
	s.crash(m)
	info, err := m.Info(t.Context(), &abci.RequestInfo{})
	if err != nil {
		t.Fatal(err)
	}
	if info.LastBlockHeight != s.height {
		t.Fatalf("after the crash the machine is at block %d, want %d", info.LastBlockHeight, s.height)
	}
	s.vote(s.list)
	s.height++
	if again := s.finish(m, p.Txs); !bytes.Equal(again, first.AppHash) {
		t.Error("the block gives another state the second time")
	}
}

// TestLiarsChangeNothing: shares that are wrong are refused and counted, those
// that slip in as late votes are left out, and nobody can block or bend a
// certificate.
func TestLiarsChangeNothing(t *testing.T) {
	s := readySim(t)
	s.vote(s.list)
	vote := s.votes.Votes[1]
	for name, change := range map[string]func([]byte) []byte{
		"nothing":        func(b []byte) []byte { return nil },
		"too short":      func(b []byte) []byte { return b[:len(b)-1] },
		"too long":       func(b []byte) []byte { return append(b, 0) },
		"no point":       func(b []byte) []byte { b[3] ^= 1; return b },
		"swapped shares": func(b []byte) []byte { return append(slices.Clone(b[48:96]), b[:48]...) },
		"another's":      func([]byte) []byte { return slices.Clone(s.votes.Votes[2].VoteExtension) },
	} {
		m := s.list[0]
		before := m.config.metrics.wrongShares.Load()
		r, err := m.VerifyVoteExtension(t.Context(), &abci.RequestVerifyVoteExtension{
			ValidatorAddress: vote.Validator.Address, Height: s.height + 1, VoteExtension: change(slices.Clone(vote.VoteExtension)),
		})
		if err != nil || r.IsAccepted() {
			t.Errorf("%s: accepted (%v)", name, err)
		}
		if m.config.metrics.wrongShares.Load() != before+1 {
			t.Errorf("%s: not counted", name)
		}
	}
	// A late vote is checked by nobody; the proposer leaves its shares out.
	s.apply(nil)
	s.votes.Votes[1].VoteExtension = slices.Clone(s.votes.Votes[2].VoteExtension)
	e, tx := s.call(1, "whoami")
	s.pool = [][]byte{tx}
	s.block(0)
	s.block(0)
	if got := s.outcome(s.list[3], e, 1); got != "replied" {
		t.Errorf("the call ended with %q", got)
	}
}

// TestBadBlocks are those for which no honest machine votes.
func TestBadBlocks(t *testing.T) {
	s := readySim(t)
	_, tx := s.call(1, "whoami")
	s.pool = [][]byte{tx}
	s.vote(s.list)
	s.apply(nil)
	s.pool = [][]byte{tx}
	good := s.proposal(s.list[0])
	if err := s.list[1].verify(t.Context(), good); err != nil || len(good.Txs) != 2 {
		t.Fatalf("the good block: %v, %d transactions", err, len(good.Txs))
	}
	framed := func(change func(*frame)) func([][]byte) [][]byte {
		return func(txs [][]byte) [][]byte {
			f, _, err := parseFrame(txs)
			if err != nil {
				t.Fatal(err)
			}
			change(f)
			if txs[0], err = f.tx(); err != nil {
				t.Fatal(err)
			}
			return txs
		}
	}
	tick := tickTx(s.list[0].look().steps)
	other, _ := s.call(2, "whoami")
	forged := *other
	forged.Signature = bytes.Repeat([]byte{1}, 64)
	for name, change := range map[string]func([][]byte) [][]byte{
		"without a frame":     func(txs [][]byte) [][]byte { return txs[1:] },
		"two frames":          func(txs [][]byte) [][]byte { return append(txs, txs[0]) },
		"an empty step":       func(txs [][]byte) [][]byte { return txs[:1] },
		"a forged call":       func(txs [][]byte) [][]byte { return append(txs, callTx(&forged)) },
		"two ticks":           func(txs [][]byte) [][]byte { return append(txs, tick, tick) },
		"an unknown kind":     func(txs [][]byte) [][]byte { return append(txs, []byte{0x77}) },
		"an empty one":        func(txs [][]byte) [][]byte { return append(txs, nil) },
		"bytes behind a call": func(txs [][]byte) [][]byte { return append(txs, append(slices.Clone(txs[1]), 0)) },
		"calls without seed":  framed(func(f *frame) { f.Beacon = nil }),
		"a wrong seed":        framed(func(f *frame) { f.Beacon = slices.Clone(f.Beacon); f.Beacon[0] ^= 0x20 }),
		"a time that is past": framed(func(f *frame) { f.Time = s.list[0].look().time - 1 }),
		"a time to come":      framed(func(f *frame) { f.Time = s.now + maxAhead + 1 }),
		"a voucher":           framed(func(f *frame) { f.Voucher = f.Beacon }),
	} {
		bad := *good
		bad.Txs = change(slices.Clone(good.Txs))
		m := s.list[1]
		before := m.config.metrics.refusedBlocks.Load()
		r, err := m.ProcessProposal(t.Context(), &bad)
		if err != nil || r.IsAccepted() {
			t.Errorf("%s: accepted (%v)", name, err)
		}
		if m.config.metrics.refusedBlocks.Load() != before+1 {
			t.Errorf("%s: not counted", name)
		}
	}
	// The clock goes on, and what was too early is not any more.
	early := *good
	early.Txs = framed(func(f *frame) { f.Time = s.now + maxAhead + 1 })(slices.Clone(good.Txs))
	s.now += 2
	if err := s.list[1].verify(t.Context(), &early); err != nil {
		t.Errorf("a block whose time has come: %v", err)
	}
}

// TestForgedTransactionsAreCounted: what no honest machine passes on is counted,
// and what only comes too late is not.
func TestForgedTransactionsAreCounted(t *testing.T) {
	s := readySim(t)
	m := s.list[0]
	e, good := s.call(1, "whoami")
	forged := *e
	forged.Signature = bytes.Repeat([]byte{1}, 64)
	for _, c := range []struct {
		name    string
		tx      []byte
		taken   bool
		invalid uint64
	}{
		{"a good call", good, true, 0},
		{"a forged call", callTx(&forged), false, 1},
		{"an unknown kind", []byte{0x77}, false, 1},
		{"a tick that is late", tickTx(m.look().steps - 1), false, 0},
		{"a tick", tickTx(m.look().steps), true, 0},
	} {
		before := m.config.metrics.invalidTxs.Load()
		r, err := m.CheckTx(t.Context(), &abci.RequestCheckTx{Tx: c.tx})
		if err != nil || r.IsOK() != c.taken {
			t.Errorf("%s: taken %v (%v)", c.name, r.IsOK(), err)
		}
		if got := m.config.metrics.invalidTxs.Load() - before; got != c.invalid {
			t.Errorf("%s: counted %d times, want %d", c.name, got, c.invalid)
		}
	}
}

// TestSeedIsNobodysChoice: two proposers of the same block give it one seed, and
// the next block has another.
func TestSeedIsNobodysChoice(t *testing.T) {
	s := readySim(t)
	beacon := func(by int) string {
		f, _, err := parseFrame(s.proposal(s.list[by]).Txs)
		if err != nil || f == nil || f.Beacon == nil {
			t.Fatalf("a block without a seed: %v", err)
		}
		return string(f.Beacon)
	}
	seen := map[string]bool{}
	for range 3 {
		_, tx := s.call(1, "whoami")
		s.pool = [][]byte{tx}
		one := beacon(0)
		all := slices.Clone(s.votes.Votes)
		s.votes.Votes = all[1:] // three others' votes
		if beacon(2) != one {
			t.Error("the seed depends on whose votes were there")
		}
		s.votes.Votes = all
		if seen[one] {
			t.Error("a seed comes twice")
		}
		seen[one] = true
		s.block(0)
	}
	s.votes.Votes = s.votes.Votes[:2]
	_, tx := s.call(1, "whoami")
	s.pool = [][]byte{tx}
	if p := s.proposal(s.list[0]); len(p.Txs) != 0 {
		t.Error("two votes out of four give a seed")
	}
}
