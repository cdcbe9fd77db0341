package replica

import (
	"context"
	"crypto/ed25519"
	"errors"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/subnet"
	"internetidentity/table"
)

// Query answers a query, signed by this node. Errors are those of Call.
func (r *Replica) Query(ctx context.Context, e *ingress.Envelope) (*ingress.QueryResponse, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	v, _, err := r.reader(ctx, e)
	if err != nil {
		return nil, err
	}
	defer v.release()
	outcome, err := r.query(ctx, v, e.Content.Sender, e.Content.Canister, e.Content.Method, e.Content.Arg)
	if err != nil {
		return nil, err
	}
	timestamp := r.now(v)
	return &ingress.QueryResponse{
		Outcome: outcome,
		Signatures: []ingress.NodeSignature{{
			Timestamp: timestamp,
			Signature: ed25519.Sign(r.config.NodeKey, ingress.QueryResponsePayload(outcome, e.ID, timestamp)),
			Node:      r.node.ID,
		}},
	}, nil
}

// Ask asks a canister as the anonymous caller, for those inside who trust this
// machine, such as the gateway.
func (r *Replica) Ask(ctx context.Context, canister principal.Principal, method string, arg []byte) (ingress.Outcome, error) {
	if err := r.enter(); err != nil {
		return ingress.Outcome{}, err
	}
	defer r.leave()
	v, err := r.fresh(ctx)
	if err != nil {
		return ingress.Outcome{}, err
	}
	defer v.release()
	return r.query(ctx, v, principal.Anonymous(), canister, method, arg)
}

// ReadState answers a read_state with a certificate. Errors are those of Call.
func (r *Replica) ReadState(ctx context.Context, scope ingress.Scope, e *ingress.Envelope, layout certificate.Layout) (_ []byte, err error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	v, authority, err := r.reader(ctx, e)
	if err != nil {
		return nil, err
	}
	defer v.release()
	defer r.failOnFault(&err)
	var certified []byte
	err = r.senders.inSlot(ctx, func() (err error) {
		defer catchFault(&err)
		paths, err := v.state.Readable(v.snapshot, subnet.Read{
			Scope: scope, Sender: e.Content.Sender, Authority: authority, Paths: e.Content.Paths, Layout: layout,
		})
		if err == nil {
			certified = v.certify(layout, paths...)
		}
		return err
	})
	return certified, err
}

// reader lets a request in that changes nothing, and takes the view for it.
func (r *Replica) reader(ctx context.Context, e *ingress.Envelope) (*view, ingress.Authority, error) {
	authority, err := r.senders.authenticate(ctx, e)
	if err != nil {
		return nil, authority, err
	}
	v, err := r.fresh(ctx)
	if err != nil {
		return nil, authority, err
	}
	if err := authority.Check(e, r.now(v)); err != nil {
		v.release()
		return nil, authority, err
	}
	return v, authority, nil
}

func (r *Replica) query(ctx context.Context, v *view, caller, canister principal.Principal, method string, arg []byte) (outcome ingress.Outcome, err error) {
	defer r.failOnFault(&err)
	certificate := v.dataCertificate()
	err = r.senders.inSlot(ctx, func() (err error) {
		defer catchFault(&err)
		outcome = v.state.Query(v.snapshot, subnet.Query{
			Caller: caller, Canister: canister, Method: method, Arg: arg,
			Now: r.now(v), Certificate: certificate,
		})
		return nil
	})
	return outcome, err
}

// failOnFault stops the replica when its disk cannot be read.
func (r *Replica) failOnFault(err *error) {
	var fault *table.Fault
	if errors.As(*err, &fault) {
		r.fail(fault)
		*err = errBroken
	}
}

var _ certificate.DelegationCache = (*recent[[32]byte, *certificate.VerifiedDelegation])(nil)
