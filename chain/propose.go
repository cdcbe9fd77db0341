package chain

import (
	"context"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/threshold"
)

// frameBytes is the room that a frame takes in a block, at most.
const frameBytes = 256

// PrepareProposal makes the block that this machine proposes.
func (a *app) PrepareProposal(ctx context.Context, r *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	m := a.machine
	f := frame{Time: max(a.config.now(), uint64(r.Time.UnixNano()), m.ledger.pace.Time)}
	if voters := m.votersOf(r.Height - 1); voters != nil {
		f.Beacon = a.combine(voters.keys.subnet, beaconMessage(r.Height-1), sharesOf(&r.LocalLastCommit, voters, beaconShare))
		if m.ledger.Due != 0 {
			f.Voucher = a.combine(voters.keys.root, m.voucherMessage(), sharesOf(&r.LocalLastCommit, voters, voucherShare))
		}
	}
	list, failures := readAll(ctx, a.senders, r.Txs)
	txs, room := [][]byte{nil}, r.MaxTxBytes-frameBytes
	for i, tx := range r.Txs {
		t := list[i]
		switch {
		case failures[i] != nil, t.call != nil && f.Beacon == nil:
			continue
		case t.ballot != nil && t.ballot.check(&m.ledger) != nil:
			continue
		case t.ceremony != nil && a.look().making.check(t.ceremony) != nil:
			continue
		}
		// The engine counts a few bytes for each transaction.
		if room -= int64(len(tx)) + 16; room < 0 {
			break
		}
		txs = append(txs, tx)
	}
	if len(txs) == 1 && f.Voucher == nil {
		return &abci.ResponsePrepareProposal{}, nil
	}
	first, err := f.tx()
	if err != nil {
		return nil, err
	}
	txs[0] = first
	return &abci.ResponsePrepareProposal{Txs: txs}, nil
}

// combine makes a signature out of the shares in votes; nil if they are too
// few.
func (a *app) combine(g *threshold.Group, message []byte, shares map[int][]byte) []byte {
	signature, err := g.Combine(message, shares)
	if err != nil {
		a.config.logger.Debug("the votes have too few shares", "error", err)
		return nil
	}
	return signature
}

// sharesOf takes the shares of one place out of the votes for the last block. Late
// votes among them have been checked by nobody.
func sharesOf(votes *abci.ExtendedCommitInfo, voters *team, place int) map[int][]byte {
	shares := map[int][]byte{}
	for _, vote := range votes.Votes {
		index, ok := voters.member(vote.Validator.Address)
		extension := vote.VoteExtension
		if ok && len(extension)%signatureBytes == 0 && len(extension) >= (place+1)*signatureBytes {
			shares[index] = part(extension, place)
		}
	}
	return shares
}

// ProcessProposal says whether this machine can vote for a block. Its verdict
// on a block can only change from no to yes, with the clock.
func (a *app) ProcessProposal(ctx context.Context, r *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	err := a.verify(ctx, r)
	if err == nil {
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
	}
	a.config.metrics.refusedBlocks.Add(1)
	a.config.logger.Warn("a proposed block is refused", "height", r.Height, "proposer", a.name(r.ProposerAddress), "error", err)
	return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
}

func (a *app) verify(ctx context.Context, r *abci.RequestProcessProposal) error {
	f, txs, err := parseFrame(r.Txs)
	if err != nil || f == nil {
		return err
	}
	if err := a.verifyFrame(f, r); err != nil {
		return err
	}
	list, failures := readAll(ctx, a.senders, txs)
	ticks, c := 0, a.look().making
	for i, t := range list {
		switch {
		case failures[i] != nil:
			return failures[i]
		case t.call != nil && f.Beacon == nil:
			return errors.New("calls without a seed")
		case t.ceremony != nil:
			if err := c.check(t.ceremony); err != nil {
				return err
			}
		case t.ballot != nil:
			if err := t.ballot.check(&a.machine.ledger); err != nil {
				return err
			}
		case t.call == nil:
			ticks++
		}
	}
	if ticks > 1 || len(txs) == 0 && f.Voucher == nil {
		return errors.New("a step that nobody wants")
	}
	return nil
}

func (a *app) verifyFrame(f *frame, r *abci.RequestProcessProposal) error {
	m := a.machine
	if f.Time < m.ledger.pace.Time || int64(f.Time) < r.Time.UnixNano() {
		return errors.New("the time of the block goes back")
	}
	if now := a.config.now(); f.Time > now+maxAhead {
		return fmt.Errorf("the time of the block is %d ms ahead of this machine's clock", (f.Time-now)/1e6)
	}
	if m.team == nil {
		if f.Beacon != nil || f.Voucher != nil {
			return errNoKeys
		}
		return nil
	}
	if f.Beacon != nil {
		if err := m.team.keys.subnet.Verify(beaconMessage(r.Height-1), f.Beacon); err != nil {
			return fmt.Errorf("beacon: %w", err)
		}
	}
	if f.Voucher == nil {
		return nil
	}
	if m.ledger.Due == 0 {
		return errors.New("a voucher that is not due")
	}
	if err := m.team.keys.root.Verify(m.voucherMessage(), f.Voucher); err != nil {
		return fmt.Errorf("voucher: %w", err)
	}
	return nil
}

// name of a member, for messages.
func (a *app) name(address []byte) string {
	for _, t := range []*team{a.machine.team, a.machine.next} {
		if t == nil {
			continue
		}
		if index, ok := t.member(address); ok {
			return t.Members[index].Name
		}
	}
	return fmt.Sprintf("%X", address)
}
