package httpapi

import (
	"context"
	"net/http"

	"internetidentity/ingress"
)

// query answers with the node's signature (IC interface spec, Request: Query
// call). Both versions have the same answer.
func (a *api) query(w http.ResponseWriter, r *http.Request, e *ingress.Envelope) {
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	response, err := a.host.Query(ctx, e)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, "application/cbor", response.Encode())
}

// readState answers with a certificate (IC interface spec, Request: Read
// state).
func (a *api) readState(w http.ResponseWriter, r *http.Request, t target, e *ingress.Envelope) {
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	certificate, err := a.host.ReadState(ctx, t.scope, e, t.layout)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.answer(w, r, http.StatusOK, struct {
		Certificate []byte `cbor:"certificate"`
	}{certificate})
}
