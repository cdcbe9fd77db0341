package replica

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/store"
	"internetidentity/subnet"
)

// View is the state after a block with all that is needed to show it. It does
// not change. Whoever acquires one releases it, and the last closes the
// snapshot.
type View struct {
	state     *subnet.State
	snapshot  *store.Snapshot
	signature []byte // of the subnet, on the state's root
	vouchers  Vouchers
	users     atomic.Int64

	dataOnce sync.Once
	data     []byte // under dataOnce
}

// Vouchers are the root key's word for the subnet key, in both layouts.
type Vouchers struct {
	time    uint64
	flat    *certificate.SubnetDelegation
	sharded *certificate.SubnetDelegation
}

// NewVouchers are those of a root subnet's state with a time, signed already.
func NewVouchers(time uint64, flat, sharded *certificate.SubnetDelegation) Vouchers {
	return Vouchers{time, flat, sharded}
}

func (v Vouchers) in(layout certificate.Layout) *certificate.SubnetDelegation {
	if layout == certificate.Sharded {
		return v.sharded
	}
	return v.flat
}

// vouch signs new vouchers when the old ones are of another day.
func (r *Replica) vouch(now uint64) Vouchers {
	if r.vouchers.flat != nil && now < r.vouchers.time+voucherTime {
		return r.vouchers
	}
	id := r.config.Subnet.ID()
	tree := certificate.DelegationTree(id, r.config.Subnet.Key, r.config.Subnet.Ranges, now)
	tree.Digest() // completed here, as the Map asks for
	r.vouchers = Vouchers{
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

// publish signs and shows a state that is durable.
func (r *Replica) publish(state *subnet.State, signature []byte) {
	r.Publish(r.Prepare(state), signature, r.vouch(state.Time))
}

// Prepare keeps what is needed to show a state that is durable and the newest
// in the store. The view is then published or dropped.
func (f *Front) Prepare(state *subnet.State) *View {
	v := &View{state: state, snapshot: f.config.Store.Snapshot()}
	v.users.Store(1) // the front's own
	return v
}

// State of the view.
func (v *View) State() *subnet.State { return v.state }

// Drop lets go of a view that was not published.
func (v *View) Drop() { v.release() }

// Publish shows a view with the subnet's signature on its root.
func (f *Front) Publish(v *View, signature []byte, vouchers Vouchers) {
	v.signature, v.vouchers = signature, vouchers
	f.mu.Lock()
	last := f.current
	f.current = v
	close(f.published)
	f.published = make(chan struct{})
	f.mu.Unlock()
	if last != nil {
		last.release()
	}
}

// Last is the height and time of the newest view, zero without one.
func (f *Front) Last() (height, time uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current == nil {
		return 0, 0
	}
	return f.current.state.Height, f.current.state.Time
}

// acquire takes the newest view.
func (f *Front) acquire() *View {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current.users.Add(1)
	return f.current
}

func (v *View) release() {
	if v.users.Add(-1) == 0 {
		// It fails when the store has, which those who write notice.
		_ = v.snapshot.Close()
	}
}

// fresh takes a view that is young enough to be believed, and has a block made
// if there is none. A view counts that was young when it was asked for, so that
// blocks that take long do not keep anybody waiting for ever; and if the clock
// went back meanwhile, the second block since then counts, which was surely
// begun after the question. Blocks of other machines say nothing of the kind.
func (f *Front) fresh(ctx context.Context) (*View, error) {
	asked := f.config.Now()
	var late <-chan time.Time
	if f.config.Remote {
		timer := time.NewTimer(remoteTime)
		defer timer.Stop()
		late = timer.C
	}
	for blocks := 0; ; blocks++ {
		f.mu.Lock()
		v, published := f.current, f.published
		if f.broken {
			f.mu.Unlock()
			return nil, errBroken
		}
		if v.state.Time+freshTime >= asked || blocks == 2 && !f.config.Remote {
			v.users.Add(1)
			f.mu.Unlock()
			return v, nil
		}
		f.mu.Unlock()
		if err := f.config.Orderer.Want(); err != nil {
			return nil, err
		}
		select {
		case <-published:
		case <-f.stopped:
		case <-late:
			return nil, errLate
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// certify puts the answer to paths into a certificate.
func (v *View) certify(layout certificate.Layout, paths ...hashtree.Path) []byte {
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
func (v *View) dataCertificate() []byte {
	v.dataOnce.Do(func() { v.data = v.certify(certificate.Flat, v.state.CertifiedDataPath()) })
	return v.data
}

// callCertificate tells how a call ended.
func (v *View) callCertificate(id ingress.RequestID, layout certificate.Layout) []byte {
	return v.certify(layout, subnet.StatusPath(id))
}
