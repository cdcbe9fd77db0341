package httpapi

import (
	"context"
	"errors"
	"net/http"

	"internetidentity/ingress"
)

// rejection is the refusal of a call before it reached its canister.
type rejection struct {
	Status    string `cbor:"status,omitempty"`
	Code      uint64 `cbor:"reject_code"`
	Message   string `cbor:"reject_message"`
	ErrorCode string `cbor:"error_code,omitempty"`
}

// call answers with the outcome inside a certificate, for replies and rejects
// alike; the oldest endpoint answers at once (IC interface spec, Request: Call).
func (a *api) call(w http.ResponseWriter, r *http.Request, t target, e *ingress.Envelope) {
	ctx, cancel := context.WithTimeout(r.Context(), a.options.CallTime)
	defer cancel()
	if t.asynchronous {
		if err := a.host.Submit(ctx, e); err != nil {
			a.failCall(w, r, "", err)
			return
		}
		send(w, http.StatusAccepted, "application/cbor", nil)
		return
	}
	certificate, err := a.host.Call(ctx, e, t.layout)
	switch {
	case err == nil:
		a.answer(w, r, http.StatusOK, struct {
			Status      string `cbor:"status"`
			Certificate []byte `cbor:"certificate"`
		}{"replied", certificate})
	case errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil:
		// The body is for clients that decode every answer.
		a.answer(w, r, http.StatusAccepted, struct {
			Status string `cbor:"status"`
		}{"accepted"})
	default:
		a.failCall(w, r, "non_replicated_rejection", err)
	}
}

func (a *api) failCall(w http.ResponseWriter, r *http.Request, status string, err error) {
	var refused *ingress.Rejection
	if errors.As(err, &refused) {
		a.answer(w, r, http.StatusOK, rejection{status, refused.Code, refused.Message, refused.ErrorCode})
		return
	}
	a.fail(w, r, err)
}
