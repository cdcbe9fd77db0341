package chain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/canister"
	"internetidentity/cbor"
	"internetidentity/ingress"
	"internetidentity/replica"
	"internetidentity/store"
	"internetidentity/subnet"
	"internetidentity/table"
)

// app is what the engine drives. The engine calls the methods about blocks one
// after another, and those about the mempool, snapshots and information beside
// them.
type app struct {
	abci.BaseApplication
	config appConfig

	// The rest is of the goroutine of blocks.
	machine  *machine
	base     *store.Snapshot // the store after the last block
	head     head
	next     *finalized          // between FinalizeBlock and Commit
	secrets  map[uint64]*secrets // this machine's shares, by epoch
	gathered *gathering          // shares in the votes for the next block
	senders  *replica.Senders

	vouched   *replica.Vouchers // made of the voucher of vouchedAt
	vouchedAt uint64

	mu   sync.Mutex
	seen seen // under mu

	spoken spoken // of the goroutine of orders

	orders    *orders
	snapshots *snapshots
	restoring *restoring
}

type appConfig struct {
	store   *store.Store
	bundle  canister.Bundle
	keys    MemberKeys
	now     func() uint64
	logger  *slog.Logger
	metrics *Metrics
	trusted func(Trust)
	export  string // path of the file that the cluster is founded on
}

// seen is what others than the goroutine of blocks may see of the last block.
type seen struct {
	height int64
	hash   []byte
	steps  uint64
	time   uint64
	state  *subnet.State // nil before the ceremony has made the keys
	// senders are nil with it, and so is front, also on a machine that is no
	// member.
	senders *replica.Senders
	front   *replica.Front
	view    *replica.View // durable, and without a certificate yet
	member  bool
	due     bool      // a voucher is wanted
	ledger  ledger    // read only
	held    *secrets  // of the crew; nil on a machine that has none
	making  *ceremony // nil when none is going on
}

// finalized is a block that is not durable yet.
type finalized struct {
	height  int64
	hash    []byte // of the block
	changes *table.Overlay
	stepped *stepped // nil for a block that made no step
	txs     []transaction
}

// openApp goes on where the store ends.
func openApp(config appConfig) (_ *app, err error) {
	a := &app{config: config, secrets: map[uint64]*secrets{}, base: config.store.Snapshot()}
	a.orders = newOrders(a)
	a.snapshots = newSnapshots(config.store)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	defer catchFault(&err)
	h, found, err := loadHead(a.base)
	if err != nil || !found {
		return a, err
	}
	return a, a.load(h)
}

// load brings what is stored into memory.
func (a *app) load(h head) error {
	stored, err := parseDigest(h.Digest)
	if err != nil {
		return err
	}
	if a.machine, err = reopen(a.config.bundle, stored, a.base); err != nil {
		return err
	}
	// Before an upgrade there is no code for the state.
	waits := a.machine.team != nil && a.machine.subnet == nil
	if got := a.machine.appHash(); !waits && string(got) != string(h.Hash) {
		return fmt.Errorf("the state at height %d is not the one that was agreed: the data folder is damaged, "+
			"or this program is not the version that wrote it", h.Height)
	}
	a.head = h
	return a.shown()
}

// shown makes the last block visible to others.
func (a *app) shown() error {
	m := a.machine
	for _, t := range []*team{m.team, m.next} {
		if t == nil {
			continue
		}
		if _, err := a.shares(&t.crew); err != nil {
			return err
		}
	}
	if m.team != nil && a.senders == nil {
		a.senders = replica.NewSenders(m.team.keys.root.Key(), runtime.NumCPU())
	}
	a.gathered = newGathering(m.votersOf(a.head.Height+1), m.seals(a.head.Height+1))
	making, err := m.ledger.running(a.base)
	if err != nil {
		return err
	}
	front, err := a.front()
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s := &a.seen
	s.height, s.hash, s.steps, s.time = a.head.Height, a.head.Hash, m.ledger.pace.Steps, m.ledger.pace.Time
	s.due, s.making = m.ledger.Due != 0, making
	s.senders, s.front, s.member = a.senders, front, a.member()
	s.ledger, s.held = m.ledger, a.secrets[m.ledger.Crew.Epoch]
	if front == nil || m.state == s.state {
		s.state = m.state
		return nil
	}
	s.state = m.state
	if s.view != nil {
		s.view.Drop() // the next one shows all that it would have shown
	}
	s.view = front.Prepare(m.state)
	return nil
}

// front is the one that answers requests, made when there are keys.
func (a *app) front() (*replica.Front, error) {
	if a.seen.front != nil || a.machine.team == nil || !a.member() {
		return a.seen.front, nil
	}
	config, err := a.machine.ledger.subnetConfig(a.machine.team.keys.subnet.Key())
	if err != nil {
		return nil, err
	}
	return replica.NewFront(replica.FrontConfig{
		Store: a.config.store, Nodes: config.Nodes, NodeKey: a.config.keys.Node,
		RootKey: a.machine.team.keys.root.Key(), Senders: a.senders, Now: a.config.now, Logger: a.config.logger,
		Orderer: a.orders, Remote: true,
	})
}

// member reports whether this machine is one.
func (a *app) member() bool {
	_, ok := a.machine.ledger.Crew.member(a.config.keys.address())
	return ok
}

// look is what is seen of the last block.
func (a *app) look() seen {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen
}

// Info tells the engine where the state ends, so that it sends what is missing.
func (a *app) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	s := a.look()
	return &abci.ResponseInfo{
		Data: "internet-identity", AppVersion: engineVersion,
		LastBlockHeight: s.height, LastBlockAppHash: s.hash,
	}, nil
}

// InitChain founds the cluster. It comes again when the machine stopped before
// the first block.
func (a *app) InitChain(_ context.Context, r *abci.RequestInitChain) (_ *abci.ResponseInitChain, err error) {
	defer catchFault(&err)
	terms, err := ParseTerms(r.AppStateBytes)
	if err != nil {
		return nil, err
	}
	if a.machine != nil {
		if a.head.Height != 0 {
			return nil, errors.New("the data folder has a state, and the engine begins anew")
		}
		return &abci.ResponseInitChain{AppHash: a.head.Hash}, nil
	}
	// What a snapshot has left that was not taken over to its end.
	if err := a.clear(); err != nil {
		return nil, err
	}
	m, changes, err := found(a.config.bundle, terms, a.config.export, a.base)
	if err != nil {
		return nil, err
	}
	a.machine = m
	if err := a.commit(0, changes); err != nil {
		return nil, err
	}
	return &abci.ResponseInitChain{AppHash: a.head.Hash}, a.shown()
}

// commit makes a block durable together with what this machine must know of
// it.
func (a *app) commit(height int64, changes *table.Overlay) error {
	h := head{Height: height, Hash: a.machine.appHash(), Digest: a.machine.digest.bytes()}
	b, err := cbor.Marshal(h)
	if err != nil {
		return err
	}
	changes.Put(keyHead, b)
	if err := a.config.store.Commit(changes); err != nil {
		return err
	}
	a.head = h
	last := a.base
	a.base = a.config.store.Snapshot()
	return last.Close()
}

// close lets everything of the store go.
func (a *app) close() error {
	a.mu.Lock()
	front, view := a.seen.front, a.seen.view
	a.seen.front, a.seen.view = nil, nil
	a.mu.Unlock()
	if view != nil {
		view.Drop()
	}
	if front != nil {
		front.Release()
	}
	return errors.Join(a.snapshots.close(), a.base.Close())
}

// catchFault turns the panic of a store that fails into an error. Other panics
// are errors in the program and go on.
func catchFault(err *error) {
	switch fault := recover().(type) {
	case nil:
	case *table.Fault:
		*err = errors.Join(*err, fault)
	default:
		panic(fault)
	}
}

// refusal is the sentence of an error that is for a sender.
func refusal(status int, text string) error { return &ingress.Refusal{Status: status, Text: text} }
