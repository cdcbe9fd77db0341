package replica

import (
	"context"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/subnet"
)

// Call executes a call once, however often it is sent, and returns the
// certificate with its outcome. The error is a *ingress.Refusal, a
// *ingress.Rejection, or the context's when that ends first; the call may then
// still be executed.
func (f *Front) Call(ctx context.Context, e *ingress.Envelope, layout certificate.Layout) ([]byte, error) {
	if err := f.enter(); err != nil {
		return nil, err
	}
	defer f.leave()
	waiting, err := f.admit(ctx, e)
	if err != nil {
		return nil, err
	}
	v, err := f.after(ctx, waiting)
	if err != nil {
		return nil, err
	}
	defer v.release()
	if !v.state.Known(e.ID) {
		// It was known, and its time ended while a block was made.
		return nil, &ingress.Refusal{Status: 400, Text: "Invalid request expiry: The call has expired, and its outcome is forgotten."}
	}
	return v.callCertificate(e.ID, layout), nil
}

// after takes a view in which a call has been executed.
func (f *Front) after(ctx context.Context, call *Waiting) (*View, error) {
	if call == nil {
		return f.fresh(ctx)
	}
	select {
	case <-call.done:
		if call.err != nil {
			return nil, call.err
		}
		return f.acquire(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Submit is Call without waiting for the block.
func (f *Front) Submit(ctx context.Context, e *ingress.Envelope) error {
	if err := f.enter(); err != nil {
		return err
	}
	defer f.leave()
	_, err := f.admit(ctx, e)
	return err
}

// admit checks a call and queues it; nil without an error says that it has
// been executed before.
func (f *Front) admit(ctx context.Context, e *ingress.Envelope) (*Waiting, error) {
	authority, err := f.senders.Authenticate(ctx, e)
	if err != nil {
		return nil, err
	}
	v := f.acquire()
	defer v.release()
	if err := authority.Check(e, f.now(v)); err != nil {
		return nil, err
	}
	if v.state.Known(e.ID) {
		return nil, nil
	}
	if err := v.state.Induct(e); err != nil {
		return nil, err
	}
	return f.config.Orderer.Order(subnet.Call{Envelope: e, Authority: authority})
}
