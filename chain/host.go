package chain

import (
	"context"
	"sync/atomic"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/replica"
)

// The front answers; until it has something to show, this machine says so.

func (c *Chain) front() (*replica.Front, error) {
	s := c.app.look()
	switch {
	case s.front != nil && s.member:
		return s.front, nil
	case s.height == 0:
		return nil, errLags
	case s.state == nil:
		return nil, refusal(503, "The machines of this cluster are making its keys. Try again in a moment.")
	}
	return nil, refusal(503, "This machine is no member of its cluster. Ask another one.")
}

// RootKey is the key that clients trust; false before it is made.
func (c *Chain) RootKey() (certificate.BLSPublicKey, bool) {
	if front := c.app.look().front; front != nil {
		return front.RootKey(), true
	}
	return certificate.BLSPublicKey{}, false
}

// Healthy reports whether calls are taken.
func (c *Chain) Healthy() bool {
	front, err := c.front()
	return err == nil && front.Healthy() && !c.app.orders.behind()
}

// Call is replica.Front's.
func (c *Chain) Call(ctx context.Context, e *ingress.Envelope, layout certificate.Layout) ([]byte, error) {
	front, err := c.front()
	if err != nil {
		return nil, err
	}
	return front.Call(ctx, e, layout)
}

// Submit is replica.Front's.
func (c *Chain) Submit(ctx context.Context, e *ingress.Envelope) error {
	front, err := c.front()
	if err != nil {
		return err
	}
	return front.Submit(ctx, e)
}

// Query is replica.Front's.
func (c *Chain) Query(ctx context.Context, e *ingress.Envelope) (*ingress.QueryResponse, error) {
	front, err := c.front()
	if err != nil {
		return nil, err
	}
	return front.Query(ctx, e)
}

// ReadState is replica.Front's.
func (c *Chain) ReadState(ctx context.Context, scope ingress.Scope, e *ingress.Envelope, layout certificate.Layout) ([]byte, error) {
	front, err := c.front()
	if err != nil {
		return nil, err
	}
	return front.ReadState(ctx, scope, e, layout)
}

// Ask is replica.Front's.
func (c *Chain) Ask(ctx context.Context, canister principal.Principal, method string, arg []byte) (ingress.Outcome, error) {
	front, err := c.front()
	if err != nil {
		return ingress.Outcome{}, err
	}
	return front.Ask(ctx, canister, method, arg)
}

// Metrics count what other machines do wrong.
type Metrics struct {
	// invalidTxs came from clients of others or from the members themselves;
	// refusedBlocks were proposed and not voted for; wrongShares stood in
	// votes; equivocations are votes for two blocks at one height.
	invalidTxs, refusedBlocks, wrongShares, equivocations atomic.Uint64
}

// Stats are what an operator watches.
type Stats struct {
	// Height of the last block, and Steps that have changed the state.
	Height int64
	Steps  uint64
	// Certified is the height of the newest state that can be shown, and Time
	// the time of it in nanoseconds since 1970. Zero without one.
	Certified, Time uint64
	// Peers that are connected; Behind: blocks are being caught up with.
	Peers  int
	Behind bool
	// Waiting calls of this machine's clients.
	Waiting int
	// What other machines have done wrong since the start.
	InvalidTransactions, RefusedBlocks, WrongShares, Equivocations uint64
}

// Stats reads them.
func (c *Chain) Stats() Stats {
	s, m := c.app.look(), c.app.config.metrics
	stats := Stats{
		Height: s.height, Steps: s.steps, Peers: c.engine.Switch().Peers().Size(),
		Behind: c.app.orders.behind(), Waiting: c.app.orders.count(),
		InvalidTransactions: m.invalidTxs.Load(), RefusedBlocks: m.refusedBlocks.Load(), WrongShares: m.wrongShares.Load(), Equivocations: m.equivocations.Load(),
	}
	if s.front != nil {
		stats.Certified, stats.Time = s.front.Last()
	}
	return stats
}
