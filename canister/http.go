package canister

import (
	"fmt"
	"strings"

	"internetidentity/httpcert"
)

type headerField struct {
	Name  string `candid:"0"`
	Value string `candid:"1"`
}

type httpRequest struct {
	Method             string        `candid:"method"`
	URL                string        `candid:"url"`
	Headers            []headerField `candid:"headers"`
	Body               []byte        `candid:"body"`
	CertificateVersion *uint16       `candid:"certificate_version"`
}

type httpResponse struct {
	Status  uint16        `candid:"status_code"`
	Headers []headerField `candid:"headers"`
	Body    []byte        `candid:"body"`
	Upgrade *bool         `candid:"upgrade"`
}

// http answers a request for a page or file. What it serves is certified, in
// the version that the gateway asked for.
func (c *call) http(r *httpRequest) httpResponse {
	switch {
	case r.Method == "OPTIONS":
		return uncertified(204, nil, httpcert.Header{Name: "Access-Control-Allow-Origin", Value: "*"})
	case r.Method != "GET" && r.Method != "HEAD":
		return uncertified(405, fmt.Appendf(nil, "Method %.20s not allowed.", r.Method), httpcert.Header{Name: "Allow", Value: "GET, OPTIONS"})
	}
	path, err := httpcert.URLPath(r.URL)
	if err != nil {
		return uncertified(400, []byte("The address cannot be understood.\n"), headers("text/plain; charset=utf-8", noStore, false)...)
	}
	if path == "/metrics" {
		return uncertified(200, c.metrics(), headers("text/plain; version=0.0.4", noStore, false)...)
	}
	v2 := r.CertificateVersion != nil && *r.CertificateVersion >= 2
	a := c.view.site.find(path, v2, v2 && acceptsGzip(r.Headers))
	if a == nil {
		return uncertified(404, fmt.Appendf(nil, "Asset %.200s not found.", path), headers("text/plain; charset=utf-8", noStore, false)...)
	}
	proof, err := c.prove(a, r.URL, v2)
	if err != nil {
		return uncertified(400, []byte("The address cannot be understood.\n"), headers("text/plain; charset=utf-8", noStore, false)...)
	}
	response := httpResponse{Status: a.response.Status, Body: a.response.Body, Headers: []headerField{}}
	for _, h := range a.response.Headers {
		if h.Name == httpcert.ExpressionName && !v2 {
			continue
		}
		response.Headers = append(response.Headers, headerField(h))
	}
	response.Headers = append(response.Headers, headerField{httpcert.CertificateName, proof})
	return response
}

// prove makes the header that shows that an answer is certified.
func (c *call) prove(a *answer, url string, v2 bool) (string, error) {
	proof := httpcert.Proof{Version: 1, Certificate: c.certificate}
	paths, err := httpcert.AssetWitnessPaths(c.view.certified, url)
	if v2 {
		proof.Version, proof.Path = 2, a.entry.Path
		paths, err = a.entry.WitnessPaths(url)
	}
	if err != nil {
		return "", err
	}
	proof.Tree = c.view.certified.Witness(paths...)
	return proof.String(), nil
}

func acceptsGzip(request []headerField) bool {
	for _, h := range request {
		if !strings.EqualFold(h.Name, "accept-encoding") {
			continue
		}
		for encoding := range strings.SplitSeq(h.Value, ",") {
			name, quality, _ := strings.Cut(strings.TrimSpace(encoding), ";")
			if name == "gzip" && strings.TrimSpace(quality) != "q=0" {
				return true
			}
		}
	}
	return false
}

func uncertified(status uint16, body []byte, h ...httpcert.Header) httpResponse {
	r := httpResponse{Status: status, Body: append([]byte{}, body...), Headers: []headerField{}}
	for _, header := range h {
		r.Headers = append(r.Headers, headerField(header))
	}
	return r
}
