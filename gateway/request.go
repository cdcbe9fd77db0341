package gateway

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// readRequest takes an HTTP request over, or says with which status and text
// it is refused.
func readRequest(w http.ResponseWriter, r *http.Request) (*Request, int, string) {
	request := &Request{Method: r.Method, URL: r.URL.EscapedPath()}
	switch r.Method {
	case http.MethodHead:
		// The answer to HEAD is that to GET without its body, which is what
		// canisters certify.
		request.Method = http.MethodGet
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return nil, http.StatusMethodNotAllowed, "This method is not known here."
	}
	if r.URL.RawQuery != "" {
		request.URL += "?" + r.URL.RawQuery
	}
	if len(request.URL) > maxURL {
		return nil, http.StatusRequestURITooLong, "The address is too long."
	}
	if !cleanPath(r.URL.Path) || !utf8.ValidString(request.URL) {
		return nil, http.StatusBadRequest, "The address is malformed."
	}
	var ok bool
	if request.Headers, ok = requestHeaders(r); !ok {
		return nil, http.StatusRequestHeaderFieldsTooLarge, "There are too many headers."
	}
	// A canister is told texts.
	for _, h := range request.Headers {
		if !utf8.ValidString(h.Name) || !utf8.ValidString(h.Value) {
			return nil, http.StatusBadRequest, "A header is not UTF-8."
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge, "The body is too large."
	case err != nil:
		return nil, http.StatusRequestTimeout, "The body did not arrive."
	}
	request.Body = body
	return request, 0, ""
}

// hurry bounds how long a body may take, also one that nobody reads: the
// server waits for its end before it takes the next request. Without a body
// there is nothing to wait for but the answer.
func hurry(w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	// Recorders in tests have no deadlines.
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// cleanPath refuses what no browser sends: steps upwards, control signs, and
// addresses that are no path.
func cleanPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	for segment := range strings.SplitSeq(strings.ReplaceAll(path, `\`, "/"), "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// requestHeaders are the headers that the canister sees, sorted, in lower
// case.
//
// Cookies and credentials stay out: a canister knows its callers by
// signatures, and a browser sends to localhost the cookies of every other
// program there.
func requestHeaders(r *http.Request) ([]Header, bool) {
	headers := []Header{{"host", r.Host}}
	encodings := "identity"
	size := 0
	for name, values := range r.Header {
		switch {
		case hopByHop(name), name == "Cookie", name == "Authorization", name == "X-Request-Id", name == "Content-Length":
			continue
		case name == "Accept-Encoding":
			// Canisters may have certified the plain form only.
			encodings = strings.Join(append(slices.Clone(values), encodings), ", ")
			continue
		}
		for _, value := range values {
			size += len(name) + len(value)
			headers = append(headers, Header{strings.ToLower(name), value})
		}
	}
	headers = append(headers, Header{"accept-encoding", encodings})
	if len(headers) > maxRequestHeaders || size+len(encodings) > maxRequestHeaderBytes {
		return nil, false
	}
	slices.SortStableFunc(headers, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return headers, true
}
