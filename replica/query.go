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
func (f *Front) Query(ctx context.Context, e *ingress.Envelope) (*ingress.QueryResponse, error) {
	if err := f.enter(); err != nil {
		return nil, err
	}
	defer f.leave()
	v, _, err := f.reader(ctx, e)
	if err != nil {
		return nil, err
	}
	defer v.release()
	outcome, err := f.query(ctx, v, e.Content.Sender, e.Content.Canister, e.Content.Method, e.Content.Arg)
	if err != nil {
		return nil, err
	}
	timestamp := f.now(v)
	return &ingress.QueryResponse{
		Outcome: outcome,
		Signatures: []ingress.NodeSignature{{
			Timestamp: timestamp,
			Signature: ed25519.Sign(f.config.NodeKey, ingress.QueryResponsePayload(outcome, e.ID, timestamp)),
			Node:      f.node.ID,
		}},
	}, nil
}

// Ask asks a canister as the anonymous caller, for those inside who trust this
// machine, such as the gateway.
func (f *Front) Ask(ctx context.Context, canister principal.Principal, method string, arg []byte) (ingress.Outcome, error) {
	if err := f.enter(); err != nil {
		return ingress.Outcome{}, err
	}
	defer f.leave()
	v, err := f.fresh(ctx)
	if err != nil {
		return ingress.Outcome{}, err
	}
	defer v.release()
	return f.query(ctx, v, principal.Anonymous(), canister, method, arg)
}

// ReadState answers a read_state with a certificate. Errors are those of Call.
func (f *Front) ReadState(ctx context.Context, scope ingress.Scope, e *ingress.Envelope, layout certificate.Layout) (_ []byte, err error) {
	if err := f.enter(); err != nil {
		return nil, err
	}
	defer f.leave()
	v, authority, err := f.reader(ctx, e)
	if err != nil {
		return nil, err
	}
	defer v.release()
	defer f.failOnFault(&err)
	var certified []byte
	err = f.senders.inSlot(ctx, func() (err error) {
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
func (f *Front) reader(ctx context.Context, e *ingress.Envelope) (*View, ingress.Authority, error) {
	authority, err := f.senders.Authenticate(ctx, e)
	if err != nil {
		return nil, authority, err
	}
	v, err := f.fresh(ctx)
	if err != nil {
		return nil, authority, err
	}
	if err := authority.Check(e, f.now(v)); err != nil {
		v.release()
		return nil, authority, err
	}
	return v, authority, nil
}

func (f *Front) query(ctx context.Context, v *View, caller, canister principal.Principal, method string, arg []byte) (outcome ingress.Outcome, err error) {
	defer f.failOnFault(&err)
	certificate := v.dataCertificate()
	err = f.senders.inSlot(ctx, func() (err error) {
		defer catchFault(&err)
		outcome = v.state.Query(v.snapshot, subnet.Query{
			Caller: caller, Canister: canister, Method: method, Arg: arg,
			Now: f.now(v), Certificate: certificate,
		})
		return nil
	})
	return outcome, err
}

// failOnFault stops the front when its disk cannot be read.
func (f *Front) failOnFault(err *error) {
	var fault *table.Fault
	if errors.As(*err, &fault) {
		f.Fail(fault)
		*err = errBroken
	}
}

var _ certificate.DelegationCache = (*recent[[32]byte, *certificate.VerifiedDelegation])(nil)
