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
	config   Config
	subnet   *subnet.Subnet
	node     subnet.Node
	senders  *senders
	vouchers vouchers // of the maker

	work    chan struct{} // tells the maker that there is something to do
	done    chan struct{} // closed when the maker has ended
	stopped chan struct{} // closed when broken
	fatal   chan error

	requests sync.WaitGroup // those that have entered
	closing  sync.Once

	mu        sync.Mutex
	current   *view         // under mu
	published chan struct{} // under mu; closed by the next view
	queue     queue         // under mu
	stopping  bool          // under mu; no request enters
	ended     bool          // under mu; all requests have left
	broken    bool          // under mu; there was an error that cannot be mended
}

var (
	errStopping = &ingress.Refusal{Status: 503, Text: "The service is stopping. Try again in a moment."}
	errBroken   = &ingress.Refusal{Status: 503, Text: "The service has stopped because of a fault. Its operator has been told."}
)

// Start opens the subnet in the store and begins to make blocks.
func Start(ctx context.Context, config Config) (*Replica, error) {
	if config.SubnetKey.Public() != config.Subnet.Key {
		return nil, errors.New("the subnet key is not the key of the configured subnet")
	}
	node, err := ownNode(config)
	if err != nil {
		return nil, err
	}
	r := &Replica{
		config:    config,
		node:      node,
		senders:   newSenders(config.RootKey.Public(), runtime.NumCPU()),
		work:      make(chan struct{}, 1),
		done:      make(chan struct{}),
		stopped:   make(chan struct{}),
		fatal:     make(chan error, 1),
		published: make(chan struct{}),
		queue:     newQueue(),
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		r.current.release()
		return nil, err
	}
	go r.make()
	return r, nil
}

func ownNode(config Config) (subnet.Node, error) {
	for _, node := range config.Subnet.Nodes {
		if string(node.PublicKey) == string(NodePublicKey(config.NodeKey)) {
			return node, nil
		}
	}
	return subnet.Node{}, errors.New("the node key is none of the configured nodes'")
}

// NodePublicKey is the DER form under which a node's key stands in the state.
func NodePublicKey(key ed25519.PrivateKey) []byte {
	// RFC 8410: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING }.
	prefix := []byte{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}
	return append(prefix, key.Public().(ed25519.PublicKey)...)
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

// RootKey is the key that clients trust.
func (r *Replica) RootKey() certificate.BLSPublicKey { return r.config.RootKey.Public() }

// Healthy reports whether calls are taken.
func (r *Replica) Healthy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.stopping && !r.broken
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
	r.mu.Lock()
	defer r.mu.Unlock()
	state := r.current.state
	return Stats{Height: state.Height, Time: state.Time, Waiting: len(r.queue.waiting), WaitingBytes: r.queue.bytes}
}

// Fatal yields one error when the replica can no longer work, for example
// because the disk is full. Nothing that was acknowledged is lost.
func (r *Replica) Fatal() <-chan error { return r.fatal }

// Close takes no more requests, executes the calls that it has taken, answers
// them, and returns when nothing of the replica runs any more. The store stays
// open.
func (r *Replica) Close() error {
	r.closing.Do(func() {
		r.mu.Lock()
		r.stopping = true
		r.mu.Unlock()
		r.requests.Wait()
		r.mu.Lock()
		r.ended = true
		r.mu.Unlock()
		r.wake()
		<-r.done
		r.current.release()
	})
	return nil
}

// enter counts a request in, and leave counts it out. The maker goes on until
// all that have entered before Close have left.
func (r *Replica) enter() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.broken:
		return errBroken
	case r.stopping:
		return errStopping
	}
	r.requests.Add(1)
	return nil
}

func (r *Replica) leave() { r.requests.Done() }

// wake tells the maker to look around.
func (r *Replica) wake() {
	select {
	case r.work <- struct{}{}:
	default: // it has been told already
	}
}

// fail ends all work: what is in memory may not be what is on disk. The first
// error is the one that is told.
func (r *Replica) fail(err error) {
	r.mu.Lock()
	first := !r.broken
	r.broken = true
	waiting := r.queue.drop()
	r.mu.Unlock()
	if first {
		r.config.Logger.Error("the service cannot go on", "error", err)
		r.fatal <- err
		close(r.stopped)
	}
	for _, call := range waiting {
		call.end(&ingress.Refusal{Status: 503, Text: "The service has stopped before it could take the call."})
	}
	r.wake()
}

// now is the wall clock, except that it never is before the last block.
func (r *Replica) now(v *view) uint64 { return max(r.config.Now(), v.state.Time) }
