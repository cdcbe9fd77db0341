package chain

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/canister"
	"internetidentity/cbor"
)

// ViewPath is where a machine tells operators how the cluster is.
const ViewPath = "/cluster"

// View is how the cluster is after the last block of a machine.
type View struct {
	Height  int64    `cbor:"1,keyasint"`
	Epoch   uint64   `cbor:"2,keyasint"`
	Members []Member `cbor:"3,keyasint"`
	// Next get the keys, and vote from the block From on, zero before it is
	// known; empty when nobody does.
	Next []Member `cbor:"4,keyasint"`
	From int64    `cbor:"5,keyasint"`
	// Phase of the ceremony that is going on; empty without one.
	Phase string `cbor:"6,keyasint"`
	// UpgradeAt is the block with which another version begins; zero when none
	// does.
	UpgradeAt int64 `cbor:"7,keyasint"`
}

// Query answers operators.
func (a *app) Query(_ context.Context, r *abci.RequestQuery) (*abci.ResponseQuery, error) {
	if r.Path != ViewPath {
		return &abci.ResponseQuery{Code: 1, Log: "there is nothing at this path"}, nil
	}
	s := a.look()
	v := View{Height: s.height, Epoch: s.ledger.Epoch, Members: s.ledger.Crew.Members}
	if next := s.ledger.Next; next != nil {
		v.Next, v.From = next.Members, next.From
	}
	if s.making != nil {
		v.Phase = s.making.phase.String()
	}
	if s.ledger.Upgrade != nil {
		v.UpgradeAt = s.ledger.Upgrade.Height
	}
	b, err := cbor.Marshal(v)
	return &abci.ResponseQuery{Value: b, Height: s.height}, err
}

// ParseView reads the answer.
func ParseView(b []byte) (v View, err error) { return v, cbor.Unmarshal(b, &v) }

// UpgradeTo is the proposal that this program takes over with a block.
func UpgradeTo(epoch uint64, height int64, bundle canister.Bundle) Proposal {
	return Proposal{Epoch: epoch, Upgrade: &upgrade{Height: height, Version: appVersion, Bundle: bundle.Hash[:]}}
}
