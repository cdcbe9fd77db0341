package chain

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/identity"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/store"
	"internetidentity/threshold"
)

var self = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

// sim is a cluster with a consensus that always agrees, in one goroutine.
type sim struct {
	t      testing.TB
	list   []*simMachine
	terms  Terms
	now    uint64
	height int64
	votes  abci.ExtendedCommitInfo // for the block before
	pool   [][]byte
	nonce  uint64
}

type simMachine struct {
	*app
	fs   *vfs.MemFS
	keys MemberKeys
	name string
}

func simKeys(i int) MemberKeys {
	key := func(use string) [32]byte { return sha256.Sum256(fmt.Append(nil, use, i)) }
	secret := func(use string) ed25519.PrivateKey { b := key(use); return ed25519.NewKeyFromSeed(b[:]) }
	return MemberKeys{Validator: secret("validator"), Peer: secret("peer"), Node: secret("node"), Dealing: threshold.NewSecret(key("dealing"))}
}

// foundation is a cluster of four that has just got ready. Making its keys takes
// seconds, so it is done once, and every test begins with a copy of the disks.
var foundation struct {
	once   sync.Once
	disks  []*vfs.MemFS
	sim    sim
	failed bool
}

// readySim is a copy of the foundation.
func readySim(t *testing.T) *sim {
	t.Helper()
	f := &foundation
	f.once.Do(func() {
		f.failed = true
		s := newSim(t, 4)
		s.ready()
		for _, m := range s.list {
			f.disks = append(f.disks, m.fs.CrashClone(vfs.CrashCloneCfg{}))
		}
		f.sim, f.failed = *s, false
	})
	if f.failed {
		t.Fatal("the foundation failed")
	}
	s := f.sim
	s.t, s.list, s.pool = t, nil, nil
	for i, disk := range f.disks {
		m := &simMachine{fs: disk.CrashClone(vfs.CrashCloneCfg{}), keys: simKeys(i), name: fmt.Sprint("m", i)}
		s.open(m)
		s.list = append(s.list, m)
		t.Cleanup(func() { s.close(m) })
	}
	s.block(0) // certifies what was opened
	return &s
}

func newSim(t testing.TB, n int) *sim {
	s := &sim{t: t, now: uint64(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())}
	init, err := canister.Init{
		Captcha:   &identity.CaptchaConfig{Trigger: identity.CaptchaDisabled, MaxUnsolved: 500},
		RateLimit: &canister.RateLimit{TimePerToken: 1, MaxTokens: 1 << 30},
	}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	first, last := []byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1}
	s.terms = Terms{Canister: self.Bytes(), Ranges: [][2][]byte{{first, last}}, Init: init}
	for i := range n {
		s.terms.Members = append(s.terms.Members, NewMember(fmt.Sprint("m", i), simKeys(i)))
	}
	genesis, err := Genesis("sim", s.terms, time.Unix(0, int64(s.now)))
	if err != nil {
		t.Fatal(err)
	}
	if s.terms, err = GenesisTerms(genesis); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s.add(i)
	}
	state := s.appState(genesis)
	for _, m := range s.list {
		if _, err := m.InitChain(t.Context(), &abci.RequestInitChain{AppStateBytes: state}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *sim) add(i int) *simMachine {
	m := &simMachine{fs: vfs.NewCrashableMem(), keys: simKeys(i), name: fmt.Sprint("m", i)}
	s.open(m)
	s.list = append(s.list, m)
	s.t.Cleanup(func() { s.close(m) })
	return m
}

func (s *sim) open(m *simMachine) { s.openAt(m, m.fs, "data") }

func (s *sim) openAt(m *simMachine, fs vfs.FS, dir string) {
	s.t.Helper()
	data, err := store.Open(dir, store.Options{FS: fs, CacheBytes: 1 << 20})
	if err != nil {
		s.t.Fatal(err)
	}
	m.app, err = openApp(appConfig{
		store: data, keys: m.keys, now: func() uint64 { return s.now },
		logger: slog.New(slog.DiscardHandler), metrics: &Metrics{}, trusted: func(Trust) {},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sim) close(m *simMachine) {
	s.t.Helper()
	if err := errors.Join(m.app.close(), m.config.store.Close()); err != nil {
		s.t.Errorf("%s: %v", m.name, err)
	}
}

// crash loses what a machine has not made durable.
func (s *sim) crash(m *simMachine) {
	s.t.Helper()
	fs := m.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 0})
	s.close(m)
	m.fs = fs
	s.open(m)
}

// voters are the machines that vote for a block, by their place in the crew.
func (s *sim) voters(height int64) (list []*simMachine) {
	crew := &s.list[0].machine.ledger.Crew
	if t := s.list[0].machine.votersOf(height); t != nil {
		crew = &t.crew
	}
	for _, m := range s.list {
		if _, ok := crew.member(m.keys.address()); ok {
			list = append(list, m)
		}
	}
	return list
}

// proposal is the block of a machine out of all that waits.
func (s *sim) proposal(by *simMachine) *abci.RequestProcessProposal {
	s.t.Helper()
	at := time.Unix(0, int64(s.now)).Add(-time.Second) // of the votes before
	p, err := by.PrepareProposal(s.t.Context(), &abci.RequestPrepareProposal{
		MaxTxBytes: maxBlockBytes, Txs: s.pool, LocalLastCommit: s.votes, Height: s.height + 1, Time: at,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return &abci.RequestProcessProposal{Txs: p.Txs, Height: s.height + 1, Time: at, ProposerAddress: by.keys.address()}
}

// block makes one; by is who proposes.
func (s *sim) block(by int) {
	s.t.Helper()
	s.now += 50_000_000
	s.collect()
	voters := s.voters(s.height + 1)
	p := s.proposal(voters[by%len(voters)])
	for _, m := range voters {
		if r, err := m.ProcessProposal(s.t.Context(), p); err != nil || !r.IsAccepted() {
			s.t.Fatalf("%s refuses the block %d: %v", m.name, p.Height, m.verify(s.t.Context(), p))
		}
	}
	s.vote(voters)
	s.apply(p.Txs)
}

// vote lets all vote for the next block, and verify what the others said.
func (s *sim) vote(voters []*simMachine) {
	s.t.Helper()
	s.votes = abci.ExtendedCommitInfo{}
	for _, m := range voters {
		v, err := m.ExtendVote(s.t.Context(), &abci.RequestExtendVote{Height: s.height + 1})
		if err != nil {
			s.t.Fatalf("%s: %v", m.name, err)
		}
		s.votes.Votes = append(s.votes.Votes, abci.ExtendedVoteInfo{
			Validator: abci.Validator{Address: m.keys.address(), Power: 1}, VoteExtension: v.VoteExtension,
		})
	}
	for _, m := range s.list {
		for _, v := range s.votes.Votes {
			if string(v.Validator.Address) == string(m.keys.address()) {
				continue
			}
			r, err := m.VerifyVoteExtension(s.t.Context(), &abci.RequestVerifyVoteExtension{
				ValidatorAddress: v.Validator.Address, Height: s.height + 1, VoteExtension: v.VoteExtension,
			})
			if err != nil || !r.IsAccepted() {
				s.t.Fatalf("%s refuses a vote for block %d", m.name, s.height+1)
			}
		}
	}
}

// apply lets every machine finish the block, and compares where they are.
func (s *sim) apply(txs [][]byte) {
	s.t.Helper()
	s.height++
	var first []byte
	for i, m := range s.list {
		hash := s.finish(m, txs)
		if i == 0 {
			first = hash
		} else if string(hash) != string(first) {
			s.t.Fatalf("after block %d machine %d has another state than machine 0", s.height, i)
		}
	}
	s.pool = nil
}

func (s *sim) finish(m *simMachine, txs [][]byte) []byte {
	s.t.Helper()
	r, err := m.FinalizeBlock(s.t.Context(), &abci.RequestFinalizeBlock{Txs: txs, Height: s.height})
	if err == nil {
		_, err = m.Commit(s.t.Context(), &abci.RequestCommit{})
	}
	if err != nil {
		s.t.Fatalf("%s at block %d: %v", m.name, s.height, err)
	}
	return r.AppHash
}

// collect takes what the machines want to send by themselves.
func (s *sim) collect() {
	seen := map[string]bool{}
	for _, tx := range s.pool {
		seen[string(tx)] = true
	}
	for _, m := range s.list {
		for _, tx := range m.due(false, true) {
			if r, err := m.CheckTx(s.t.Context(), &abci.RequestCheckTx{Tx: tx}); err == nil && r.IsOK() && !seen[string(tx)] {
				seen[string(tx)] = true
				s.pool = append(s.pool, tx)
			}
		}
	}
}

// ready makes blocks until every machine can show something.
func (s *sim) ready() {
	s.t.Helper()
	for range 40 {
		shown := true
		for _, m := range s.voters(s.height + 1) {
			seen := m.look()
			if seen.front == nil || !seen.front.Healthy() {
				shown = false
			}
		}
		if shown {
			return
		}
		s.block(int(s.height))
	}
	s.t.Fatal("the cluster does not get ready")
}

// call is one of a person, as a transaction.
func (s *sim) call(person byte, method string) (*ingress.Envelope, []byte) {
	s.t.Helper()
	s.nonce++
	key := simSigner{ed25519.NewKeyFromSeed(append(make([]byte, 31), person))}
	e, err := ingress.Sign(ingress.Content{
		Kind: ingress.Call, Canister: self, Method: method, Arg: []byte("DIDL\x00\x00"),
		Expiry: s.now + 4*60*1_000_000_000, Nonce: fmt.Append(nil, s.nonce),
	}, key, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return e, callTx(e)
}

type simSigner struct{ key ed25519.PrivateKey }

func (k simSigner) PublicKey() []byte {
	prefix := []byte{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}
	return append(prefix, k.key.Public().(ed25519.PublicKey)...)
}

func (k simSigner) Sign(payload []byte) ([]byte, error) { return ed25519.Sign(k.key, payload), nil }

func (s *sim) appState(genesis []byte) []byte {
	s.t.Helper()
	b, err := AppState(genesis)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// outcome reads what became of a call, in a certificate that verifies.
func (s *sim) outcome(m *simMachine, e *ingress.Envelope, person byte) string {
	s.t.Helper()
	read, err := ingress.Sign(ingress.Content{
		Kind: ingress.ReadState, Expiry: s.now + 4*60*1_000_000_000, Paths: [][][]byte{{[]byte("request_status"), e.ID[:]}},
	}, simSigner{ed25519.NewKeyFromSeed(append(make([]byte, 31), person))}, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	front := m.look().front
	encoded, err := front.ReadState(s.t.Context(), ingress.Scope{ID: self}, read, certificate.Flat)
	if err != nil {
		return err.Error()
	}
	c, err := certificate.Parse(encoded)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.VerifyForCanister(front.RootKey(), self); err != nil {
		s.t.Fatalf("the certificate of %s: %v", m.name, err)
	}
	status, _ := c.Tree.Lookup([]byte("request_status"), e.ID[:], []byte("status"))
	return string(status)
}

func simRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 11)) }
