package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"internetidentity/candid"
)

// Header is one header line.
type Header struct{ Name, Value string }

// Request is what the canister is asked.
type Request struct {
	Method  string
	URL     string // path and query
	Headers []Header
	Body    []byte
}

// Response is what it answers.
type Response struct {
	Status  uint16
	Headers []Header
	Body    []byte
}

// certificateVersion is the newest version of response certification that the
// gateway understands.
const certificateVersion uint16 = 2

// argument and reply are the Candid types of http_request.
type argument struct {
	Request struct {
		Method             string       `candid:"method"`
		URL                string       `candid:"url"`
		Headers            []headerPair `candid:"headers"`
		Body               []byte       `candid:"body"`
		CertificateVersion *uint16      `candid:"certificate_version"`
	}
}

type reply struct {
	Response struct {
		StatusCode uint16       `candid:"status_code"`
		Headers    []headerPair `candid:"headers"`
		Body       []byte       `candid:"body"`
		Upgrade    *bool        `candid:"upgrade"`
		// Any strategy at all means that the body goes on elsewhere.
		Streaming *candid.Reserved `candid:"streaming_strategy"`
	}
}

type headerPair struct {
	Name  string `candid:"0"`
	Value string `candid:"1"`
}

func (r *Request) argument() *argument {
	var a argument
	version := certificateVersion
	a.Request.Method, a.Request.URL, a.Request.Body = r.Method, r.URL, r.Body
	a.Request.CertificateVersion = &version
	for _, h := range r.Headers {
		a.Request.Headers = append(a.Request.Headers, headerPair(h))
	}
	return &a
}

// response takes an answer over, if it can stand in HTTP.
func (r *reply) response() (*Response, error) {
	answer := r.Response
	switch {
	case answer.StatusCode < 200 || answer.StatusCode > 599:
		return nil, fmt.Errorf("status %d", answer.StatusCode)
	case answer.Upgrade != nil && *answer.Upgrade:
		return nil, errors.New("the canister asks for an update call, which this gateway does not make")
	case answer.Streaming != nil:
		return nil, errors.New("the canister streams its body, which this gateway does not read")
	case len(answer.Body) > maxResponseBody:
		return nil, fmt.Errorf("body of %d bytes, limit %d", len(answer.Body), maxResponseBody)
	case len(answer.Headers) > maxResponseHeaders:
		return nil, fmt.Errorf("%d headers, limit %d", len(answer.Headers), maxResponseHeaders)
	}
	response := &Response{Status: answer.StatusCode, Body: answer.Body}
	size := 0
	for _, pair := range answer.Headers {
		size += len(pair.Name) + len(pair.Value)
		if size > maxResponseHeaderBytes {
			return nil, fmt.Errorf("more than %d bytes of headers", maxResponseHeaderBytes)
		}
		if !validName(pair.Name) || !validValue(pair.Value) {
			return nil, fmt.Errorf("header %.40q cannot stand in HTTP", pair.Name)
		}
		response.Headers = append(response.Headers, Header(pair))
	}
	return response, nil
}

// validName reports whether a text is a token (RFC 9110, 5.6.2).
func validName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// validValue reports whether a value stays on its line.
func validValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// hopByHop are headers of one connection, which no gateway passes on, in the
// form of http.CanonicalHeaderKey (RFC 9110, 7.6.1).
func hopByHop(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}
