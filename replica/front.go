package replica

import (
	"crypto/ed25519"
	"errors"
	"log/slog"
	"sync"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/store"
	"internetidentity/subnet"
)

// Orderer brings calls into blocks: the maker of this machine, or a consensus
// of many.
type Orderer interface {
	// Order takes a call. The answer ends when the call's outcome can be seen
	// in the newest view. The error is a *ingress.Refusal.
	Order(call subnet.Call) (*Waiting, error)
	// Want asks for a block, even an empty one. The error, a *ingress.Refusal,
	// says that none will come soon.
	Want() error
	// Broken says that the front has failed: calls that wait can end.
	Broken()
}

// FrontConfig is what a front needs. Every field without another word is
// required.
type FrontConfig struct {
	Store *store.Store
	// Nodes are those of the subnet; NodeKey, which signs answers to queries,
	// is the key of one of them.
	Nodes   []subnet.Node
	NodeKey ed25519.PrivateKey
	// RootKey is what clients trust, and Senders checks requests under it.
	RootKey certificate.BLSPublicKey
	Senders *Senders

	// Now is the wall clock, in nanoseconds since 1970.
	Now     func() uint64
	Logger  *slog.Logger
	Orderer Orderer

	// Remote: other machines make the blocks, so that a new view can be an old
	// state. Only one whose time is young enough is shown.
	Remote bool
}

// Front answers requests from the newest view. It does not know who makes
// blocks: an Orderer takes the calls, and whoever has a new state publishes it.
type Front struct {
	config  FrontConfig
	node    subnet.Node
	senders *Senders
	stopped chan struct{} // closed when broken
	fatal   chan error

	requests sync.WaitGroup // those that have entered

	mu        sync.Mutex
	current   *View         // under mu
	published chan struct{} // under mu; closed by the next view
	stopping  bool          // under mu; no request enters
	broken    bool          // under mu; there was an error that cannot be mended
}

var (
	errStopping = &ingress.Refusal{Status: 503, Text: "The service is stopping. Try again in a moment."}
	errBroken   = &ingress.Refusal{Status: 503, Text: "The service has stopped because of a fault. Its operator has been told."}
	errLate     = &ingress.Refusal{Status: 503, Text: "This machine has no state that is young enough to be believed: the others of its cluster do not answer in time. Try again, or ask another one."}
	errEmpty    = &ingress.Refusal{Status: 503, Text: "The service has no state to show yet. Try again in a moment."}
)

// NewFront makes a front that has nothing to show until a view is published.
func NewFront(config FrontConfig) (*Front, error) {
	node, err := ownNode(config)
	if err != nil {
		return nil, err
	}
	return &Front{
		config:    config,
		node:      node,
		senders:   config.Senders,
		stopped:   make(chan struct{}),
		fatal:     make(chan error, 1),
		published: make(chan struct{}),
	}, nil
}

func ownNode(config FrontConfig) (subnet.Node, error) {
	for _, node := range config.Nodes {
		if string(node.PublicKey) == string(NodePublicKey(config.NodeKey)) {
			return node, nil
		}
	}
	return subnet.Node{}, errors.New("the node key is none of the configured nodes'")
}

// NodePublicKey is the DER form under which a node's key stands in the state.
func NodePublicKey(key ed25519.PrivateKey) []byte {
	return NodeKeyDER(key.Public().(ed25519.PublicKey))
}

// NodeKeyDER is NodePublicKey for whoever has the public half only, 32 bytes.
func NodeKeyDER(key []byte) []byte {
	// RFC 8410: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING }.
	prefix := []byte{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}
	return append(prefix, key...)
}

// RootKey is the key that clients trust.
func (f *Front) RootKey() certificate.BLSPublicKey { return f.config.RootKey }

// Healthy reports whether calls are taken.
func (f *Front) Healthy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current != nil && !f.stopping && !f.broken
}

// Fatal yields one error when the front can no longer work, for example
// because the disk is full. Nothing that was acknowledged is lost.
func (f *Front) Fatal() <-chan error { return f.fatal }

// Stop takes no more requests, and returns when those that have entered have
// left, which they do as their calls end.
func (f *Front) Stop() {
	f.mu.Lock()
	f.stopping = true
	f.mu.Unlock()
	f.requests.Wait()
}

// Release lets the last view go. Nothing may be asked or published any more.
func (f *Front) Release() {
	f.mu.Lock()
	last := f.current
	f.current = nil
	f.mu.Unlock()
	if last != nil {
		last.release()
	}
}

// enter counts a request in, and leave counts it out.
func (f *Front) enter() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.broken:
		return errBroken
	case f.stopping:
		return errStopping
	case f.current == nil:
		return errEmpty
	}
	f.requests.Add(1)
	return nil
}

func (f *Front) leave() { f.requests.Done() }

// Fail ends all work: what is in memory may not be what is on disk. The first
// error is the one that is told.
func (f *Front) Fail(err error) {
	f.mu.Lock()
	first := !f.broken
	f.broken = true
	f.mu.Unlock()
	if first {
		f.config.Logger.Error("the service cannot go on", "error", err)
		f.fatal <- err
		close(f.stopped)
	}
	f.config.Orderer.Broken()
}

// now is the wall clock, except that it never is before the last block.
func (f *Front) now(v *View) uint64 { return max(f.config.Now(), v.state.Time) }
