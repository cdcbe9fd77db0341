package replica

import (
	"context"
	"sync"
	"sync/atomic"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/store"
	"internetidentity/subnet"
)

// view is the state after a block with all that is needed to show it. It does
// not change. Whoever acquires one releases it, and the last closes the
// snapshot.
type view struct {
	state     *subnet.State
	snapshot  *store.Snapshot
	signature []byte // of the subnet, on the state's root
	vouchers  vouchers
	users     atomic.Int64

	dataOnce sync.Once
	data     []byte // under dataOnce
}

// vouchers are the root key's word for the subnet key, in both layouts.
type vouchers struct {
	time    uint64
	flat    *certificate.SubnetDelegation
	sharded *certificate.SubnetDelegation
}

func (v vouchers) in(layout certificate.Layout) *certificate.SubnetDelegation {
	if layout == certificate.Sharded {
		return v.sharded
	}
	return v.flat
}

// vouch signs new vouchers when the old ones are of another day.
func (r *Replica) vouch(now uint64) vouchers {
	if r.vouchers.flat != nil && now < r.vouchers.time+voucherTime {
		return r.vouchers
	}
	id := r.config.Subnet.ID()
	tree := certificate.DelegationTree(id, r.config.Subnet.Key, r.config.Subnet.Ranges, now)
	tree.Digest() // completed here, as the Map asks for
	r.vouchers = vouchers{
		time:    now,
		flat:    certificate.NewDelegation(r.config.RootKey, tree, id, certificate.Flat),
		sharded: certificate.NewDelegation(r.config.RootKey, tree, id, certificate.Sharded),
	}
	return r.vouchers
}

// sign is the subnet's signature on a state.
func (r *Replica) sign(state *subnet.State) []byte {
	return r.config.SubnetKey.Sign(certificate.StateRootMessage(state.Root()))
}

// publish shows a state that is durable.
func (r *Replica) publish(state *subnet.State, signature []byte) {
	next := &view{
		state: state, snapshot: r.config.Store.Snapshot(), signature: signature,
		vouchers: r.vouch(state.Time),
	}
	next.users.Store(1) // the replica's own
	r.mu.Lock()
	last := r.current
	r.current = next
	close(r.published)
	r.published = make(chan struct{})
	r.mu.Unlock()
	if last != nil {
		last.release()
	}
}

// acquire takes the newest view.
func (r *Replica) acquire() *view {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current.users.Add(1)
	return r.current
}

func (v *view) release() {
	if v.users.Add(-1) == 0 {
		// It fails when the store has, which those who write notice.
		_ = v.snapshot.Close()
	}
}

// fresh takes a view that is young enough to be believed, and has a block made
// if there is none. A view counts that was young when it was asked for, so that
// blocks that take long do not keep anybody waiting for ever; and if the clock
// went back meanwhile, the second block since then counts, which was surely
// begun after the question.
func (r *Replica) fresh(ctx context.Context) (*view, error) {
	asked := r.config.Now()
	for blocks := 0; ; blocks++ {
		r.mu.Lock()
		v, published := r.current, r.published
		if r.broken {
			r.mu.Unlock()
			return nil, errBroken
		}
		if v.state.Time+freshTime >= asked || blocks == 2 {
			v.users.Add(1)
			r.mu.Unlock()
			return v, nil
		}
		r.queue.wanted = true
		r.mu.Unlock()
		r.wake()
		select {
		case <-published:
		case <-r.stopped:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// certify puts the answer to paths into a certificate.
func (v *view) certify(layout certificate.Layout, paths ...hashtree.Path) []byte {
	c := certificate.Certificate{
		Tree:       v.state.Witness(paths...),
		Signature:  v.signature,
		Delegation: v.vouchers.in(layout),
	}
	return c.Encode()
}

// dataCertificate is what the canister gets to answer queries with, the same
// for all queries of a block. Common verifiers of canister signatures and of
// pages know only the flat layout.
func (v *view) dataCertificate() []byte {
	v.dataOnce.Do(func() { v.data = v.certify(certificate.Flat, v.state.CertifiedDataPath()) })
	return v.data
}

// callCertificate tells how a call ended.
func (v *view) callCertificate(id ingress.RequestID, layout certificate.Layout) []byte {
	return v.certify(layout, subnet.StatusPath(id))
}
