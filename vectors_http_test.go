package internetidentity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/httpcert"
	"internetidentity/principal"
)

func vectorHeaders(pairs [][2]string) []httpcert.Header {
	var headers []httpcert.Header
	for _, pair := range pairs {
		headers = append(headers, httpcert.Header{Name: pair[0], Value: pair[1]})
	}
	return headers
}

func equalHash(got [sha256.Size]byte, want string) error {
	if hex.EncodeToString(got[:]) != want {
		return fmt.Errorf("%x, want %s", got, want)
	}
	return nil
}

func vectorsHTTPHashes(r *vectorRun, data []byte) {
	var file struct {
		Request []struct {
			Method, URL      string
			Headers          [][2]string
			Body             string   `json:"body_hex"`
			CertifiedHeaders []string `json:"certified_headers"`
			CertifiedQuery   []string `json:"certified_query"`
			Hash             string   `json:"request_hash"`
		}
		Response []struct {
			Status           uint16
			Body             string `json:"body_utf8"`
			BodyHash         string `json:"body_hash"`
			Headers          [][2]string
			Include, Exclude []string
			HeadersHash      string `json:"headers_hash"`
			Hash             string `json:"response_hash"`
		}
		Paths []struct {
			URL   string `json:"url_path"`
			Exact []string
		} `json:"tree_paths"`
	}
	decodeVector(r.t, data, &file)
	for _, c := range file.Request {
		r.check("request "+c.URL, func() error {
			e := httpcert.Expression{Request: &httpcert.RequestParts{Headers: c.CertifiedHeaders, Query: c.CertifiedQuery}}
			got, err := e.RequestHash(&httpcert.Request{Method: c.Method, URL: c.URL, Headers: vectorHeaders(c.Headers), Body: unhex(r.t, c.Body)})
			if err != nil {
				return err
			}
			return equalHash(got, c.Hash)
		})
	}
	for i, c := range file.Response {
		e := httpcert.Expression{Headers: c.Include}
		if c.Exclude != nil {
			e = httpcert.Expression{Headers: c.Exclude, Except: true}
		}
		headers := vectorHeaders(c.Headers)
		body := sha256.Sum256([]byte(c.Body))
		if c.BodyHash != "" {
			body = [sha256.Size]byte(unhex(r.t, c.BodyHash))
		}
		r.check(fmt.Sprintf("response %d", i), func() error {
			return equalHash(e.ResponseHashOf(c.Status, headers, body), c.Hash)
		})
		if c.HeadersHash != "" {
			r.check(fmt.Sprintf("response headers %d", i), func() error {
				return equalHash(e.HeadersHash(c.Status, headers), c.HeadersHash)
			})
		}
	}
	for _, c := range file.Paths {
		r.check("path of "+strconv.Quote(c.URL), func() error {
			if got := httpcert.Exact(c.URL); !slices.Equal(got[1:], c.Exact) {
				return fmt.Errorf("%q", got)
			}
			return nil
		})
	}
}

func vectorsHTTPExchanges(r *vectorRun, data []byte) {
	var file []struct {
		Name    string
		Request struct {
			Method, URL string
			Headers     [][2]string
			Body        string `json:"body_hex"`
		}
		Response struct {
			Status  uint16
			Headers [][2]string
			Body    string `json:"body_hex"`
		}
		Canister     string `json:"canister_id_hex"`
		RootKey      string `json:"root_key_der_hex"`
		Time         string `json:"verify_time_ns"`
		MaxOffset    string `json:"max_offset_ns"`
		Expected     string
		ResponseHash string `json:"response_hash_hex"`
		ExprHash     string `json:"expr_hash_hex"`
	}
	decodeVector(r.t, data, &file)
	for _, c := range file {
		root, err := certificate.ParseBLSPublicKeyDER(unhex(r.t, c.RootKey))
		if err != nil {
			r.t.Fatal(err)
		}
		canister, err := principal.FromBytes(unhex(r.t, c.Canister))
		if err != nil {
			r.t.Fatal(err)
		}
		verifier := httpcert.Verifier{Check: checkCertifiedData(root, canister), Now: vectorUint(r.t, c.Time), MaxOffset: vectorUint(r.t, c.MaxOffset), MinVersion: 2}
		response := &httpcert.Response{Status: c.Response.Status, Headers: vectorHeaders(c.Response.Headers), Body: unhex(r.t, c.Response.Body)}
		r.check(c.Name, func() error {
			_, err := verifier.Verify(&httpcert.Request{Method: c.Request.Method, URL: c.Request.URL, Headers: vectorHeaders(c.Request.Headers), Body: unhex(r.t, c.Request.Body)}, response)
			return want(c.Expected == "valid", err)
		})
		// The hashes of the cases that were changed are those before the change.
		if strings.HasPrefix(c.Name, "tampered") {
			continue
		}
		r.check(c.Name+" hashes", func() error {
			i := slices.IndexFunc(response.Headers, func(h httpcert.Header) bool { return strings.EqualFold(h.Name, httpcert.ExpressionName) })
			if i < 0 {
				return errors.New("no expression")
			}
			e, err := httpcert.ParseExpression(response.Headers[i].Value)
			if err != nil {
				return err
			}
			if err := equalHash(sha256.Sum256([]byte(e.String())), c.ExprHash); err != nil {
				return fmt.Errorf("expression: %w", err)
			}
			if e.Skip {
				return nil
			}
			return equalHash(e.ResponseHash(response), c.ResponseHash)
		})
	}
}

func vectorUint(t *testing.T, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkCertifiedData verifies certificates for a canister as a gateway does.
func checkCertifiedData(root certificate.BLSPublicKey, canister principal.Principal) func([]byte) (hashtree.Digest, uint64, error) {
	return func(encoded []byte) (hashtree.Digest, uint64, error) {
		c, err := certificate.Parse(encoded)
		if err != nil {
			return hashtree.Digest{}, 0, err
		}
		if err := c.VerifyForCanister(root, canister); err != nil {
			return hashtree.Digest{}, 0, err
		}
		data, status := c.Tree.Lookup([]byte("canister"), canister.Bytes(), []byte("certified_data"))
		if status != hashtree.Found || len(data) != len(hashtree.Digest{}) {
			return hashtree.Digest{}, 0, fmt.Errorf("certified data: %v", status)
		}
		time, err := c.Time()
		return hashtree.Digest(data), time, err
	}
}
