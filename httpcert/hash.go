package httpcert

import (
	"crypto/sha256"
	"strings"

	"internetidentity/rih"
)

// Hash names a request or a response, or what of it is certified.
type Hash [sha256.Size]byte

// Pseudo headers carry what is no header.
const (
	pseudoStatus = ":ic-cert-status"
	pseudoMethod = ":ic-cert-method"
	pseudoQuery  = ":ic-cert-query"
)

// certified are the response headers that the expression certifies, without
// the two that carry the proof.
func (e Expression) certified(headers []Header) []Header {
	var kept []Header
	for _, h := range headers {
		if strings.EqualFold(h.Name, CertificateName) || strings.EqualFold(h.Name, ExpressionName) {
			continue
		}
		if contains(e.Headers, h.Name) != e.Except {
			kept = append(kept, h)
		}
	}
	return kept
}

func headerFields(headers []Header, spare int) []rih.Field {
	fields := make([]rih.Field, 0, len(headers)+spare)
	for _, h := range headers {
		fields = append(fields, rih.Field{Name: strings.ToLower(h.Name), Value: rih.Text(h.Value)})
	}
	return fields
}

// HeadersHash covers the status, the certified headers and the expression.
func (e Expression) HeadersHash(status uint16, headers []Header) Hash {
	fields := headerFields(e.certified(headers), 2)
	for _, h := range headers {
		if strings.EqualFold(h.Name, ExpressionName) {
			fields = append(fields, rih.Field{Name: strings.ToLower(ExpressionName), Value: rih.Text(h.Value)})
		}
	}
	fields = append(fields, rih.Field{Name: pseudoStatus, Value: rih.Nat(uint64(status))})
	return Hash(rih.Map(fields...))
}

// ResponseHash names a response.
func (e Expression) ResponseHash(r *Response) Hash {
	return e.ResponseHashOf(r.Status, r.Headers, sha256.Sum256(r.Body))
}

// ResponseHashOf is ResponseHash for a body whose SHA-256 is known.
func (e Expression) ResponseHashOf(status uint16, headers []Header, body [sha256.Size]byte) Hash {
	return pair(e.HeadersHash(status, headers), body)
}

// RequestHash names a request. It is meant for expressions that certify one.
func (e Expression) RequestHash(r *Request) (Hash, error) {
	parts := e.Request
	if parts == nil {
		parts = &RequestParts{}
	}
	var kept []Header
	for _, h := range r.Headers {
		if contains(parts.Headers, h.Name) {
			kept = append(kept, h)
		}
	}
	fields := append(headerFields(kept, 2), rih.Field{Name: pseudoMethod, Value: rih.Text(r.Method)})
	_, query, err := splitURL(r.URL)
	if err != nil {
		return Hash{}, err
	}
	// The certified parameters as they stand in the URL, in their order.
	var certified []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		if contains(parts.Query, name) {
			certified = append(certified, parameter)
		}
	}
	if certified != nil {
		fields = append(fields, rih.Field{Name: pseudoQuery, Value: rih.Text(strings.Join(certified, "&"))})
	}
	return pair(Hash(rih.Map(fields...)), sha256.Sum256(r.Body)), nil
}

func pair(a, b [sha256.Size]byte) Hash {
	var both [2 * sha256.Size]byte
	copy(both[:], a[:])
	copy(both[sha256.Size:], b[:])
	return sha256.Sum256(both[:])
}
