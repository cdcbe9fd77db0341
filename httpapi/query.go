package httpapi

import (
	"context"
	"net/http"

	"internetidentity/ingress"
)

// query answers with the node's signature (IC interface spec, Request: Query
// call). Both versions have the same answer.
func (a *api) query(r *http.Request, e *ingress.Envelope) (answer, error) {
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	response, err := a.host.Query(ctx, e)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, response.Encode()}, nil
}

// readState answers with a certificate (IC interface spec, Request: Read
// state).
func (a *api) readState(r *http.Request, t target, e *ingress.Envelope) (answer, error) {
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	certificate, err := a.host.ReadState(ctx, t.scope, e, t.layout)
	if err != nil {
		return answer{}, err
	}
	return encoded(http.StatusOK, struct {
		Certificate []byte `cbor:"certificate"`
	}{certificate})
}
