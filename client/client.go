// Package client owns the other side of the interface: it signs requests,
// sends them, waits for outcomes, and believes only what verifies against the
// root key. It holds signers of its own for programs and tests, a passkey in
// software among them.
//
// It must not know how a server works, nor keep keys on disk.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// maxAnswerBytes of any answer: a certificate around a reply of 2 MiB, or a
// query's reply of 3 MiB.
const maxAnswerBytes = 8 << 20

// maxAge is how far the time of an answer may be from ours, in nanoseconds:
// five minutes, as other clients have it.
const maxAge = 5 * 60 * 1_000_000_000

// requestTime is how long a request is valid, in nanoseconds: four minutes,
// so that a clock that is a minute ahead does not matter.
const requestTime = 4 * 60 * 1_000_000_000

// Options of a client.
type Options struct {
	// Root is the key that is trusted. Required, except that FetchRootKey may
	// set it.
	Root certificate.BLSPublicKey
	// HTTP sends the requests. Default: http.DefaultClient.
	HTTP *http.Client
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Client talks to one subnet. Its methods may be called concurrently.
type Client struct {
	address string
	options Options

	mu    sync.Mutex
	root  certificate.BLSPublicKey        // under mu
	nodes map[principal.Principal]nodeSet // under mu; by canister
}

// New makes a client of the service at an address such as
// http://localhost:4943.
func New(address string, options Options) *Client {
	if options.HTTP == nil {
		options.HTTP = http.DefaultClient
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Client{address: strings.TrimRight(address, "/"), options: options, root: options.Root, nodes: map[principal.Principal]nodeSet{}}
}

// StatusError is an answer at the level of HTTP: the request was not taken.
type StatusError struct {
	Status int
	Text   string
}

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP status %d: %s", e.Status, e.Text) }

// RejectError is a call or query that ended with a reject.
type RejectError struct {
	Code      uint64
	Message   string
	ErrorCode string
	// Certified: the reject stands in a certificate, so the call has ended
	// with it. Otherwise the call never reached its canister.
	Certified bool
}

func (e *RejectError) Error() string {
	return fmt.Sprintf("rejected with code %d (%s): %s", e.Code, e.ErrorCode, e.Message)
}

// Status is what a service says about itself. Nothing vouches for it.
type Status struct {
	RootKey certificate.BLSPublicKey
	Version string
	Healthy bool
}

// Status asks GET /api/v2/status.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address+"/api/v2/status", nil)
	if err != nil {
		return nil, err
	}
	_, body, err := c.do(request)
	if err != nil {
		return nil, err
	}
	var wire struct {
		RootKey []byte `cbor:"root_key"`
		Version string `cbor:"impl_version"`
		Health  string `cbor:"replica_health_status"`
	}
	if err := cbor.Unmarshal(body, &wire); err != nil {
		return nil, err
	}
	root, err := certificate.ParseBLSPublicKeyDER(wire.RootKey)
	return &Status{RootKey: root, Version: wire.Version, Healthy: wire.Health == "healthy"}, err
}

// FetchRootKey trusts the key that the service shows: for a service on this
// machine, and never over a network.
func (c *Client) FetchRootKey(ctx context.Context) error {
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.root = status.RootKey
	clear(c.nodes)
	return nil
}

func (c *Client) verifier() certificate.Verifier {
	c.mu.Lock()
	defer c.mu.Unlock()
	return certificate.Verifier{Root: c.root}
}

func (c *Client) now() uint64 { return uint64(c.options.Now().UnixNano()) }

// post sends an envelope.
func (c *Client) post(ctx context.Context, path string, e *ingress.Envelope) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address+path, bytes.NewReader(e.Encode()))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/cbor")
	return c.do(request)
}

func (c *Client) do(request *http.Request) (int, []byte, error) {
	response, err := c.options.HTTP.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return 0, nil, err
	case len(body) > maxAnswerBytes:
		return 0, nil, fmt.Errorf("the answer has more than %d bytes", maxAnswerBytes)
	case response.StatusCode != http.StatusOK && response.StatusCode != http.StatusAccepted:
		return 0, nil, &StatusError{Status: response.StatusCode, Text: strings.TrimSpace(string(body[:min(len(body), 500)]))}
	}
	return response.StatusCode, body, nil
}

// nonce lets the same call be sent twice on purpose.
func nonce() []byte {
	b := make([]byte, 16)
	rand.Read(b)
	return b
}
