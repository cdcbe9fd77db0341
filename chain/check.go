package chain

import (
	"context"
	"errors"
	"fmt"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/replica"
	"internetidentity/subnet"
)

// transaction is one that has been read; one field is set, or it is a tick.
type transaction struct {
	call     *subnet.Call
	ceremony *ceremonyMessage
	ballot   *ballot
}

var errNoKeys = errors.New("the cluster has no keys yet")

// read takes a transaction apart and checks all of it that does not depend on
// the clock or on the state.
func read(ctx context.Context, senders *replica.Senders, tx []byte) (t transaction, err error) {
	if len(tx) == 0 {
		return t, errors.New("an empty transaction")
	}
	switch tx[0] {
	case txCall:
		if senders == nil {
			return t, errNoKeys
		}
		e, err := parseCall(tx[1:])
		if err != nil {
			return t, err
		}
		authority, err := senders.Authenticate(ctx, e)
		if err != nil {
			return t, err
		}
		t.call = &subnet.Call{Envelope: e, Authority: authority}
		return t, nil
	case txTick:
		_, err := parseTick(tx[1:])
		return t, err
	case txCeremony:
		t.ceremony, err = parseCeremony(tx[1:])
		return t, err
	case txBallot:
		t.ballot, err = parseBallot(tx[1:])
		return t, err
	}
	return t, fmt.Errorf("a transaction of unknown kind %d", tx[0])
}

// readAll reads the transactions of a block beside one another.
func readAll(ctx context.Context, senders *replica.Senders, txs [][]byte) ([]transaction, []error) {
	list, failures := make([]transaction, len(txs)), make([]error, len(txs))
	var all sync.WaitGroup
	for i, tx := range txs {
		all.Go(func() { list[i], failures[i] = read(ctx, senders, tx) })
	}
	all.Wait()
	return list, failures
}

// CheckTx lets a transaction wait for a block, and looks again after each block
// whether it still may.
func (a *app) CheckTx(ctx context.Context, r *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	s := a.look()
	t, err := read(ctx, s.senders, r.Tx)
	if err != nil && !errors.Is(err, errNoKeys) && r.Type == abci.CheckTxType_New {
		a.config.metrics.invalidTxs.Add(1)
	}
	if err == nil {
		err = a.mayWait(s, t, r.Tx)
	}
	if err == nil {
		return &abci.ResponseCheckTx{}, nil
	}
	if t.call != nil && r.Type == abci.CheckTxType_Recheck && s.state != nil && !s.state.Known(t.call.Envelope.ID) {
		a.orders.refuse(t.call.Envelope.ID, err)
	}
	return &abci.ResponseCheckTx{Code: 1, Log: err.Error()}, nil
}

func (a *app) mayWait(s seen, t transaction, tx []byte) error {
	switch {
	case t.call != nil && s.state == nil:
		return errNoKeys
	case t.call != nil:
		e := t.call.Envelope
		if s.state.Known(e.ID) {
			return errors.New("the call has been executed")
		}
		if err := t.call.Authority.Check(e, max(a.config.now(), s.time)); err != nil {
			return err
		}
		return s.state.Induct(e)
	case t.ballot != nil:
		return t.ballot.check(&s.ledger)
	case t.ceremony != nil:
		return s.making.check(t.ceremony)
	}
	if steps, err := parseTick(tx[1:]); err != nil || steps != s.steps {
		return errors.New("a tick for another block")
	}
	return nil
}
