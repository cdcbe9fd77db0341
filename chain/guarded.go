package chain

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
)

// guarded ends the machine when the application cannot go on, with the reason.
// The engine would stop making blocks and leave the process standing.
type guarded struct {
	*app
	fail func(error)
}

func guard[Request, Response any](g *guarded, do func(context.Context, Request) (Response, error), ctx context.Context, r Request) (Response, error) {
	response, err := do(ctx, r)
	if err != nil {
		g.fail(err)
	}
	return response, err
}

// InitChain is the application's.
func (g *guarded) InitChain(ctx context.Context, r *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	return guard(g, g.app.InitChain, ctx, r)
}

// FinalizeBlock is the application's.
func (g *guarded) FinalizeBlock(ctx context.Context, r *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	return guard(g, g.app.FinalizeBlock, ctx, r)
}

// Commit is the application's.
func (g *guarded) Commit(ctx context.Context, r *abci.RequestCommit) (*abci.ResponseCommit, error) {
	return guard(g, g.app.Commit, ctx, r)
}

// ExtendVote is the application's.
func (g *guarded) ExtendVote(ctx context.Context, r *abci.RequestExtendVote) (*abci.ResponseExtendVote, error) {
	return guard(g, g.app.ExtendVote, ctx, r)
}
