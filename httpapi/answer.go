package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"internetidentity/cbor"
	"internetidentity/ingress"
)

// answer is a good one, in CBOR.
type answer struct {
	status int
	body   []byte
}

func encoded(status int, value any) (answer, error) {
	body, err := cbor.MarshalTagged(value)
	return answer{status, body}, err
}

// fail answers with a sentence for the sender; the cause goes to the log when
// it is ours.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *ingress.Refusal
	switch {
	case errors.As(err, &refusal):
		if refusal.Status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		tell(w, refusal.Status, refusal.Text)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// If the client is gone it does not matter what it is told.
		w.Header().Set("Retry-After", "1")
		tell(w, http.StatusServiceUnavailable, "The service did not answer in time. Try again in a moment.")
	default:
		a.options.Logger.Error("a request failed", "path", r.URL.Path, "error", err)
		tell(w, http.StatusInternalServerError, "The service failed to answer. Its operator finds the cause in the log.")
	}
}

// tell answers with one sentence.
func tell(w http.ResponseWriter, status int, text string) {
	send(w, status, "text/plain; charset=utf-8", []byte(text))
}

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Content-Type-Options", "nosniff")
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return
	}
	w.WriteHeader(status)
	// A client that is gone is no failure of ours.
	_, _ = w.Write(body)
}

// allowOrigins lets apps of every origin ask: requests carry their own proof,
// and no credentials of the browser are involved.
func allowOrigins(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
}

// preflight answers a browser that asks what another page may do.
func preflight(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Authorization, Accept, Content-Type")
	header.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}
