package chain

import (
	"context"
	"errors"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/types"

	"internetidentity/ingress"
	"internetidentity/replica"
	"internetidentity/subnet"
)

// pool is the engine's mempool as it is needed here.
type pool interface {
	CheckTx(tx types.Tx, callback func(*abci.ResponseCheckTx), info mempool.TxInfo) error
}

// orders brings calls of this machine's clients into blocks, and remembers who
// waits for which. It sends ticks and messages of ceremonies when they are due.
type orders struct {
	app   *app
	wake  chan struct{}
	ended chan struct{} // closed when run has ended

	mu      sync.Mutex
	pool    pool        // nil while the engine does not take calls
	lags    func() bool // whether the engine is catching up
	waiting map[ingress.RequestID]*order
	shown   uint64 // height of the newest view
	wanted  bool   // somebody wants a younger state
}

// order is a call on its way.
type order struct {
	*replica.Waiting
	expiry uint64
	height uint64 // of the state with its outcome; zero before
}

var (
	errLags = &ingress.Refusal{Status: 503, Text: "This machine is behind the others of its cluster and is catching up. Try again in a moment, or ask another one."}
	errBusy = &ingress.Refusal{Status: 503, Text: "The service is busy. Try again in a moment."}
	errGone = &ingress.Refusal{Status: 503, Text: "This machine has stopped. It is not known whether the call was executed: ask another machine for its status."}
)

func newOrders(a *app) *orders {
	return &orders{
		app: a, wake: make(chan struct{}, 1), ended: make(chan struct{}),
		lags: func() bool { return true }, waiting: map[ingress.RequestID]*order{},
	}
}

// open begins to take calls for a pool.
func (o *orders) open(p pool, lags func() bool) {
	o.mu.Lock()
	o.pool, o.lags = p, lags
	o.mu.Unlock()
}

// behind reports whether this machine takes no calls since it catches up.
func (o *orders) behind() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pool == nil || o.lags()
}

// count is how many calls wait.
func (o *orders) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiting)
}

// Order puts a call into the pool.
func (o *orders) Order(call subnet.Call) (*replica.Waiting, error) {
	id := call.Envelope.ID
	o.mu.Lock()
	p, lags := o.pool, o.lags
	if w, ok := o.waiting[id]; ok {
		o.mu.Unlock()
		return w.Waiting, nil
	}
	if p == nil || lags() {
		o.mu.Unlock()
		return nil, errLags
	}
	if len(o.waiting) >= maxMempoolTxs {
		o.mu.Unlock()
		return nil, errBusy
	}
	w := &order{Waiting: replica.NewWaiting(call), expiry: call.Envelope.Content.Expiry}
	o.waiting[id] = w
	o.mu.Unlock()

	// From now on a block ends it. It may have been in one already, through
	// another machine.
	if s := o.app.look(); s.state.Known(id) {
		o.executed(id, s.state.Height)
		return w.Waiting, nil
	}
	if err := o.send(p, callTx(call.Envelope)); err != nil {
		o.drop(id)
		return nil, err
	}
	return w.Waiting, nil
}

// send puts a transaction into the pool. One that is there already is no
// error.
func (o *orders) send(p pool, tx []byte) error {
	var response *abci.ResponseCheckTx
	err := p.CheckTx(tx, func(r *abci.ResponseCheckTx) { response = r }, mempool.TxInfo{})
	var full mempool.ErrMempoolIsFull
	switch {
	case errors.Is(err, mempool.ErrTxInCache):
		return nil
	case errors.As(err, &full):
		return errBusy
	case err != nil:
		return err
	case response != nil && response.Code != abci.CodeTypeOK:
		return &ingress.Refusal{Status: 503, Text: "The call cannot be taken now: " + response.Log}
	}
	return nil
}

// drop forgets a call without waking anybody.
func (o *orders) drop(id ingress.RequestID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.waiting, id)
}

// Want asks for a younger state.
func (o *orders) Want() error {
	o.mu.Lock()
	lags := o.pool == nil || o.lags()
	o.wanted = true
	o.mu.Unlock()
	if lags {
		return errLags
	}
	o.pulse()
	return nil
}

// Broken ends all that waits.
func (o *orders) Broken() {
	o.mu.Lock()
	all := o.waiting
	o.waiting = map[ingress.RequestID]*order{}
	o.pool = nil
	o.mu.Unlock()
	for _, w := range all {
		w.End(errGone)
	}
}

// refuse ends a call that will not be executed.
func (o *orders) refuse(id ingress.RequestID, err error) {
	o.mu.Lock()
	w, ok := o.waiting[id]
	delete(o.waiting, id)
	o.mu.Unlock()
	if ok {
		w.End(err)
	}
}

// executed says in which state the outcome of a call is; when the state has
// been shown the call ends.
func (o *orders) executed(id ingress.RequestID, height uint64) {
	o.mu.Lock()
	w, ok := o.waiting[id]
	if ok && height > o.shown {
		w.height = height
		ok = false
	} else {
		delete(o.waiting, id)
	}
	o.mu.Unlock()
	if ok {
		w.End(nil)
	}
}

// visible ends the calls whose outcome can be seen.
func (o *orders) visible(height uint64) {
	var ready []*order
	o.mu.Lock()
	o.shown = height
	for id, w := range o.waiting {
		if w.height != 0 && w.height <= height {
			ready = append(ready, w)
			delete(o.waiting, id)
		}
	}
	o.mu.Unlock()
	for _, w := range ready {
		w.End(nil)
	}
}

// forget ends calls that have expired and so can be in no block any more.
func (o *orders) forget(now uint64) {
	var late []*order
	o.mu.Lock()
	for id, w := range o.waiting {
		if w.height == 0 && w.expiry < now {
			late = append(late, w)
			delete(o.waiting, id)
		}
	}
	o.mu.Unlock()
	for _, w := range late {
		w.End(&ingress.Refusal{Status: 400, Text: "The call has expired before it could be executed."})
	}
}

// pulse has run look at once.
func (o *orders) pulse() {
	select {
	case o.wake <- struct{}{}:
	default: // it will
	}
}

// run sends what is due until the context ends.
func (o *orders) run(ctx context.Context) {
	defer close(o.ended)
	clock := time.NewTicker(pulseTime)
	defer clock.Stop()
	for {
		regular := false
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
			regular = true
		case <-o.wake:
		}
		o.mu.Lock()
		p, lags, wanted := o.pool, o.lags, o.wanted
		o.wanted = false // who is not content with what comes asks again
		o.mu.Unlock()
		if p == nil || lags() {
			continue
		}
		for _, tx := range o.app.due(wanted, regular) {
			if err := o.send(p, tx); err != nil {
				o.app.config.logger.Debug("a transaction of this machine is not taken", "error", err)
			}
		}
	}
}

// due are the transactions that this machine has to send.
func (a *app) due(wanted, regular bool) [][]byte {
	s := a.look()
	var txs [][]byte
	if s.making != nil {
		txs = a.ceremonyTxs(s.making, s.held)
	}
	old := s.state != nil && s.time+heartbeat < a.config.now()
	uncertified := s.view != nil && regular
	if wanted || old || s.due || uncertified || s.making != nil && regular {
		txs = append(txs, tickTx(s.steps))
	}
	return txs
}
