package chain

import (
	"context"
	"encoding/hex"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/subnet"
	"internetidentity/table"
)

// FinalizeBlock applies a block that the cluster has agreed on. An error stops
// the machine: it must not go on with another state than the others have.
func (a *app) FinalizeBlock(_ context.Context, r *abci.RequestFinalizeBlock) (_ *abci.ResponseFinalizeBlock, err error) {
	defer catchFault(&err)
	f, txs, err := parseFrame(r.Txs)
	if err != nil {
		return nil, fmt.Errorf("block %d, which was agreed on: %w", r.Height, err)
	}
	for _, m := range r.Misbehavior {
		a.config.metrics.equivocations.Add(1)
		a.config.logger.Warn("a machine has voted twice for one block", "machine", a.name(m.Validator.Address), "height", m.Height)
	}
	n := &finalized{height: r.Height, hash: r.Hash}
	response := &abci.ResponseFinalizeBlock{TxResults: make([]*abci.ExecTxResult, len(r.Txs))}
	for i := range response.TxResults {
		response.TxResults[i] = &abci.ExecTxResult{}
	}
	if f == nil {
		n.changes = table.NewOverlay(a.base)
	} else if err := a.step(n, f, txs, response); err != nil {
		return nil, err
	}
	a.next = n
	response.AppHash = a.machine.appHash()
	return response, nil
}

// step applies a block with a frame.
func (a *app) step(n *finalized, f *frame, txs [][]byte, response *abci.ResponseFinalizeBlock) error {
	// Not the engine's context, whose end would be an outcome of a call.
	list, failures := readAll(context.Background(), a.senders, txs)
	for i := range list {
		if failures[i] != nil {
			return fmt.Errorf("block %d, which was agreed on: transaction %d: %w", n.height, i, failures[i])
		}
	}
	done, err := a.machine.step(a.base, n.height, f, list)
	if err != nil {
		return err
	}
	n.changes, n.stepped, n.txs = done.changes, done, list
	results := response.TxResults[1:] // behind the frame
	for i, refused := range done.refused {
		// A call that was refused may come again, so the mempool must forget it.
		if refused {
			results[i].Code = 1
		}
	}
	response.ValidatorUpdates = done.validators
	return nil
}

// Commit makes the block durable and lets the next begin.
func (a *app) Commit(context.Context, *abci.RequestCommit) (_ *abci.ResponseCommit, err error) {
	defer catchFault(&err)
	n := a.next
	a.next = nil
	for _, note := range a.machine.notes {
		a.config.logger.Warn(note, "height", n.height)
	}
	a.machine.notes = nil
	if err := a.commit(n.height, n.changes); err != nil {
		return nil, err
	}
	if err := a.shown(); err != nil {
		return nil, err
	}
	if n.stepped != nil {
		a.tell(n.stepped.receipts)
	}
	a.orders.forget(a.machine.ledger.pace.Time)
	if a.machine.state != nil && a.snapshots.take(a.head) {
		a.config.trusted(Trust{Height: n.height, Hash: hex.EncodeToString(n.hash)})
	}
	a.orders.pulse()
	return &abci.ResponseCommit{RetainHeight: max(0, n.height-keptBlocks)}, nil
}

// tell passes on what became of calls.
func (a *app) tell(receipts []subnet.Receipt) {
	for i := range receipts {
		receipt := &receipts[i]
		if receipt.Trap != "" {
			a.config.logger.Error("a call failed by an error in the program", "error", receipt.Trap)
		}
		if receipt.Refused != nil {
			a.orders.refuse(receipt.ID, receipt.Refused)
		} else {
			a.orders.executed(receipt.ID, a.machine.state.Height)
		}
	}
}
