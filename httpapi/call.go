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
func (a *api) call(r *http.Request, t target, e *ingress.Envelope) (answer, error) {
	ctx, cancel := context.WithTimeout(r.Context(), a.options.CallTime)
	defer cancel()
	if t.asynchronous {
		if err := a.host.Submit(ctx, e); err != nil {
			return rejected("", err)
		}
		return answer{status: http.StatusAccepted}, nil
	}
	certificate, err := a.host.Call(ctx, e, t.layout)
	switch {
	case err == nil:
		return encoded(http.StatusOK, struct {
			Status      string `cbor:"status"`
			Certificate []byte `cbor:"certificate"`
		}{"replied", certificate})
	case errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil:
		// The body is for clients that decode every answer.
		return encoded(http.StatusAccepted, struct {
			Status string `cbor:"status"`
		}{"accepted"})
	default:
		return rejected("non_replicated_rejection", err)
	}
}

// rejected answers when a call was refused before it reached its canister, or
// leaves the error to be one.
func rejected(status string, err error) (answer, error) {
	var refused *ingress.Rejection
	if errors.As(err, &refused) {
		return encoded(http.StatusOK, rejection{status, refused.Code, refused.Message, refused.ErrorCode})
	}
	return answer{}, err
}
