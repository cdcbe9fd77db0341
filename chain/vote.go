package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/certificate"
	"internetidentity/replica"
)

// gathering collects the shares that the votes for one block bring. It is of
// the goroutine of blocks.
type gathering struct {
	voters *team
	sealed *sealed // nil before there are keys
	states map[int][]byte
	done   bool // the state's signature is there
}

func newGathering(voters *team, s *sealed) *gathering {
	return &gathering{voters: voters, sealed: s, states: map[int][]byte{}}
}

// ExtendVote adds this machine's shares to its vote.
func (a *app) ExtendVote(_ context.Context, r *abci.RequestExtendVote) (*abci.ResponseExtendVote, error) {
	g := a.gathered
	if g.sealed == nil {
		return &abci.ResponseExtendVote{}, nil
	}
	if r.Height != g.sealed.height {
		return nil, fmt.Errorf("a vote for block %d while the votes for %d are due", r.Height, g.sealed.height)
	}
	index, ok := g.voters.member(a.config.keys.address())
	if !ok || !g.voters.keys.holds(index) {
		return &abci.ResponseExtendVote{}, nil
	}
	mine := a.secrets[g.voters.Epoch]
	var extension []byte
	for _, message := range g.sealed.subnet {
		extension = append(extension, mine.subnet.Sign(message)...)
	}
	if g.sealed.voucher != nil {
		extension = append(extension, mine.root.Sign(g.sealed.voucher)...)
	}
	a.gather(index, extension)
	return &abci.ResponseExtendVote{VoteExtension: extension}, nil
}

// VerifyVoteExtension checks the shares in another machine's vote.
func (a *app) VerifyVoteExtension(_ context.Context, r *abci.RequestVerifyVoteExtension) (*abci.ResponseVerifyVoteExtension, error) {
	err := a.verifyVote(r)
	if err == nil {
		return &abci.ResponseVerifyVoteExtension{Status: abci.ResponseVerifyVoteExtension_ACCEPT}, nil
	}
	a.config.metrics.wrongShares.Add(1)
	a.config.logger.Warn("a vote with wrong shares", "height", r.Height, "from", a.name(r.ValidatorAddress), "error", err)
	return &abci.ResponseVerifyVoteExtension{Status: abci.ResponseVerifyVoteExtension_REJECT}, nil
}

func (a *app) verifyVote(r *abci.RequestVerifyVoteExtension) error {
	g := a.gathered
	if g.sealed == nil {
		if len(r.VoteExtension) != 0 {
			return errors.New("shares before there are keys")
		}
		return nil
	}
	if r.Height != g.sealed.height {
		return fmt.Errorf("a vote for block %d while the votes for %d are due", r.Height, g.sealed.height)
	}
	index, ok := g.voters.member(r.ValidatorAddress)
	if !ok {
		return errors.New("shares of a machine that is no member")
	}
	extension := r.VoteExtension
	if !g.voters.keys.holds(index) {
		if len(extension) != 0 {
			return errors.New("shares of a machine that has none")
		}
		return nil
	}
	if len(extension) != g.sealed.bytes() {
		return fmt.Errorf("%d bytes of shares, want %d", len(extension), g.sealed.bytes())
	}
	shares := [][]byte{part(extension, beaconShare), part(extension, stateShare)}
	if err := g.voters.keys.subnet.VerifyShares(index, g.sealed.subnet, shares); err != nil {
		return err
	}
	if g.sealed.voucher != nil {
		if err := g.voters.keys.root.VerifyShares(index, [][]byte{g.sealed.voucher}, [][]byte{part(extension, voucherShare)}); err != nil {
			return err
		}
	}
	a.gather(index, extension)
	return nil
}

// gather keeps the share of the state; enough of them are its certificate.
func (a *app) gather(index int, extension []byte) {
	g := a.gathered
	g.states[index] = bytes.Clone(part(extension, stateShare))
	if g.done || len(g.states) < g.voters.keys.subnet.Threshold() {
		return
	}
	signature, err := g.voters.keys.subnet.Combine(g.sealed.subnet[stateShare], g.states)
	if err != nil {
		a.config.logger.Error("shares that were verified make no signature", "error", err)
		return
	}
	g.done = true
	a.certify(signature)
}

// certify shows the newest state with its signature.
func (a *app) certify(signature []byte) {
	a.mu.Lock()
	view, front := a.seen.view, a.seen.front
	a.mu.Unlock()
	if view == nil || front == nil || a.machine.ledger.Voucher == nil {
		return
	}
	front.Publish(view, signature, a.vouchers())
	a.mu.Lock()
	a.seen.view = nil
	a.mu.Unlock()
	a.orders.visible(view.State().Height)
}

// vouchers are the root key's word for the subnet key, as it stands in the
// ledger.
func (a *app) vouchers() replica.Vouchers {
	l := &a.machine.ledger
	if a.vouched != nil && a.vouchedAt == l.VoucherTime {
		return *a.vouched
	}
	config, err := l.subnetConfig(a.machine.team.keys.subnet.Key())
	if err != nil {
		panic(err) // it was read when the subnet was opened
	}
	tree, id := voucherTree(&config, l.VoucherTime), config.ID()
	v := replica.NewVouchers(l.VoucherTime,
		certificate.SignedSubnetDelegation(l.Voucher, tree, id, certificate.Flat),
		certificate.SignedSubnetDelegation(l.Voucher, tree, id, certificate.Sharded))
	a.vouched, a.vouchedAt = &v, l.VoucherTime
	return v
}
