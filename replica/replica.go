// Package replica owns the running of a subnet on one machine: it checks the
// senders of requests in parallel, puts calls into blocks that grow with the
// load, makes every block durable and certified, wakes those who wait, and
// answers queries from snapshots.
//
// It must not know HTTP, nor what a canister does. It decides nothing about a
// call except whether there is room for it: package subnet does.
//
// One goroutine, the maker, changes the state. A block is closed when the one
// before it is durable, so under load many calls share one commit and one
// signature, and an idle machine does nothing. What the maker publishes is a
// view, which never changes; every other goroutine only reads views.
package replica

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/store"
	"internetidentity/subnet"
)

// Config is what a replica needs. Every field is required.
type Config struct {
	Store  *store.Store
	Subnet subnet.Config

	// RootKey vouches for SubnetKey, which is the key in Subnet and signs
	// every state. NodeKey signs answers to queries.
	RootKey   *certificate.SigningKey
	SubnetKey *certificate.SigningKey
	NodeKey   ed25519.PrivateKey

	// Now is the wall clock, in nanoseconds since 1970.
	Now func() uint64
	// Random is the source of the blocks' seeds.
	Random io.Reader
	Logger *slog.Logger
}

// Replica is a running subnet. All methods may be called concurrently.
type Replica struct {
	*Front
	config   Config
	subnet   *subnet.Subnet
	vouchers Vouchers // of the maker

	work chan struct{} // tells the maker that there is something to do
	done chan struct{} // closed when the maker has ended

	closing sync.Once

	lock  sync.Mutex
	queue queue // under lock
	ended bool  // under lock; all requests have left
	dead  bool  // under lock; no call is taken any more
}

// Start opens the subnet in the store and begins to make blocks.
func Start(ctx context.Context, config Config) (*Replica, error) {
	if config.SubnetKey.Public() != config.Subnet.Key {
		return nil, errors.New("the subnet key is not the key of the configured subnet")
	}
	r := &Replica{
		config: config,
		work:   make(chan struct{}, 1),
		done:   make(chan struct{}),
		queue:  newQueue(),
	}
	var err error
	r.Front, err = NewFront(FrontConfig{
		Store: config.Store, Nodes: config.Subnet.Nodes, NodeKey: config.NodeKey,
		RootKey: config.RootKey.Public(), Senders: NewSenders(config.RootKey.Public(), runtime.NumCPU()),
		Now: config.Now, Logger: config.Logger, Orderer: r,
	})
	if err != nil {
		return nil, err
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		r.Release()
		return nil, err
	}
	go r.make()
	return r, nil
}

// open publishes the view of the last block.
func (r *Replica) open() (err error) {
	base := r.config.Store.Snapshot()
	defer func() { err = errors.Join(err, base.Close()) }()
	defer catchFault(&err)
	s, state, changes, err := subnet.Open(base, r.config.Subnet, r.config.Now())
	if err == nil && changes.Len() > 0 {
		err = r.config.Store.Commit(changes)
	}
	if err != nil {
		return err
	}
	if now := r.config.Now(); now+clockSlack < state.Time {
		r.config.Logger.Warn("the clock is behind the last block: time stands still until it has caught up",
			"behind_seconds", (state.Time-now)/1e9)
	}
	r.subnet = s
	r.publish(state, r.sign(state))
	return nil
}

// Stats are what an operator watches.
type Stats struct {
	// Height and Time of the last block; the time in nanoseconds since 1970.
	Height, Time uint64
	// Waiting calls, and their size in bytes.
	Waiting, WaitingBytes int
}

// Stats reads them.
func (r *Replica) Stats() Stats {
	height, time := r.Last()
	r.lock.Lock()
	defer r.lock.Unlock()
	return Stats{Height: height, Time: time, Waiting: len(r.queue.waiting), WaitingBytes: r.queue.bytes}
}

// Close takes no more requests, executes the calls that it has taken, answers
// them, and returns when nothing of the replica runs any more. The store stays
// open.
func (r *Replica) Close() error {
	r.closing.Do(func() {
		r.Stop()
		r.lock.Lock()
		r.ended = true
		r.lock.Unlock()
		r.wake()
		<-r.done
		r.Release()
	})
	return nil
}

// Order queues a call for the maker.
func (r *Replica) Order(call subnet.Call) (*Waiting, error) {
	r.lock.Lock()
	if r.dead {
		r.lock.Unlock()
		return nil, errBroken
	}
	waiting, err := r.queue.add(call)
	r.lock.Unlock()
	if err == nil {
		r.wake()
	}
	return waiting, err
}

// Want has the maker make a block even when nothing waits.
func (r *Replica) Want() error {
	r.lock.Lock()
	r.queue.wanted = true
	r.lock.Unlock()
	r.wake()
	return nil
}

// Broken lets go of the calls that wait.
func (r *Replica) Broken() {
	r.lock.Lock()
	r.dead = true
	waiting := r.queue.drop()
	r.lock.Unlock()
	for _, call := range waiting {
		call.End(&ingress.Refusal{Status: 503, Text: "The service has stopped before it could take the call."})
	}
	r.wake()
}

// wake tells the maker to look around.
func (r *Replica) wake() {
	select {
	case r.work <- struct{}{}:
	default: // it has been told already
	}
}
