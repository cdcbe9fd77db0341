// Package httpcert owns the certification of HTTP responses that a canister
// gives to queries, versions 1 and 2: expressions, hashes, the paths under
// which a response stands in the tree, the headers that carry the proof, and
// the check that a gateway makes (HTTP Gateway Protocol Specification,
// Response Verification).
//
// It must not know who signs certificates, what time it is, or which paths
// exist; both are given to it.
package httpcert

import (
	"errors"
	"strings"
)

// Header is one header line.
type Header struct{ Name, Value string }

// Request is what the canister was asked.
type Request struct {
	Method  string
	URL     string // with or without scheme and host
	Headers []Header
	Body    []byte
}

// Response is what it answered.
type Response struct {
	Status  uint16
	Headers []Header
	Body    []byte
}

// Names of the headers that carry the proof.
const (
	CertificateName = "IC-Certificate"
	ExpressionName  = "IC-CertificateExpression"
)

// Limits of what is read from a response that nobody has verified yet.
const (
	maxHeaderBytes     = 1 << 20 // of IC-Certificate: certificate and witness, a few KiB each
	maxExpressionBytes = 8 << 10 // two hundred header names
	maxSegments        = 256     // of a path; the witness tree is no deeper than that
	maxDecodedBody     = 32 << 20
)

// ErrInvalid is the error of a response that does not prove what it says.
var ErrInvalid = errors.New("response is not certified")

// one is the value of a header that must stand once, or not at all.
func one(headers []Header, name string) (value string, found bool, err error) {
	for _, h := range headers {
		if !strings.EqualFold(h.Name, name) {
			continue
		}
		if found {
			return "", false, errors.New("two headers " + name)
		}
		value, found = h.Value, true
	}
	return value, found, nil
}

// contains reports whether a list has a name, in any case.
func contains(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
