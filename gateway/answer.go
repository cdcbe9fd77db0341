package gateway

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"internetidentity/principal"
)

// write sends the canister's answer.
func (g *gateway) write(w http.ResponseWriter, r *http.Request, canister principal.Principal, response *Response) {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return
	}
	header := w.Header()
	for _, h := range response.Headers {
		// The length is counted here.
		if !hopByHop(h.Name) && http.CanonicalHeaderKey(h.Name) != "Content-Length" {
			header.Add(h.Name, h.Value)
		}
	}
	// The canister's word counts; these are for what it leaves open. There is
	// no Cross-Origin-Opener-Policy: apps talk to the sign-in window that they
	// have opened.
	ifMissing := func(name, value string) {
		if header[name] == nil {
			header.Set(name, value)
		}
	}
	ifMissing("Referrer-Policy", "same-origin")
	ifMissing("X-Content-Type-Options", "nosniff")
	ifMissing("Content-Type", "application/octet-stream")
	allowOrigins(header)
	header.Set("X-Ic-Canister-Id", canister.String())
	if response.Status == http.StatusNoContent || response.Status == http.StatusNotModified {
		header.Del("Content-Type")
		w.WriteHeader(int(response.Status))
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(response.Body)))
	w.WriteHeader(int(response.Status))
	if r.Method != http.MethodHead {
		// A client that is gone is no failure of ours.
		_, _ = w.Write(response.Body)
	}
}

// allowOrigins lets every page read the answer: all of it is public, and other
// services read /.well-known/ii-alternative-origins. No credentials are
// involved.
func allowOrigins(header http.Header) {
	if header["Access-Control-Allow-Origin"] == nil {
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, X-Ic-Canister-Id")
	}
}

// preflight answers a browser that asks what another page may do.
func preflight(w http.ResponseWriter) {
	header := w.Header()
	allowOrigins(header)
	header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Accept, Cache-Control, Content-Type, If-None-Match, Range")
	header.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

// tell answers with one sentence.
func tell(w http.ResponseWriter, status int, text string) {
	header := w.Header()
	allowOrigins(header)
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	body := text + "\n"
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
