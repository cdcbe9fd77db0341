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
func (r *Replica) Call(ctx context.Context, e *ingress.Envelope, layout certificate.Layout) ([]byte, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	waiting, err := r.admit(ctx, e)
	if err != nil {
		return nil, err
	}
	v, err := r.after(ctx, waiting)
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
func (r *Replica) after(ctx context.Context, call *pending) (*view, error) {
	if call == nil {
		return r.fresh(ctx)
	}
	select {
	case <-call.done:
		if call.err != nil {
			return nil, call.err
		}
		return r.acquire(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Submit is Call without waiting for the block.
func (r *Replica) Submit(ctx context.Context, e *ingress.Envelope) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	_, err := r.admit(ctx, e)
	return err
}

// admit checks a call and queues it; nil without an error says that it has
// been executed before.
func (r *Replica) admit(ctx context.Context, e *ingress.Envelope) (*pending, error) {
	authority, err := r.senders.authenticate(ctx, e)
	if err != nil {
		return nil, err
	}
	v := r.acquire()
	defer v.release()
	if err := authority.Check(e, r.now(v)); err != nil {
		return nil, err
	}
	if v.state.Known(e.ID) {
		return nil, nil
	}
	if err := v.state.Induct(e); err != nil {
		return nil, err
	}
	r.mu.Lock()
	if r.broken {
		r.mu.Unlock()
		return nil, errBroken
	}
	waiting, err := r.queue.add(subnet.Call{Envelope: e, Authority: authority})
	r.mu.Unlock()
	if err == nil {
		r.wake()
	}
	return waiting, err
}
