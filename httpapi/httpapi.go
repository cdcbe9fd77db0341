// Package httpapi owns the edge of the Internet Computer's interface: the
// endpoints under /api/ in all their versions, the bounds on what comes in, and
// the form of every answer (IC interface spec, HTTPS interface).
//
// It must not know blocks, keys or canisters: it asks a Host.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/ratelimit"
)

// Host is the subnet as the API needs it. Errors are *ingress.Refusal,
// *ingress.Rejection, or the context's when that ends first.
type Host interface {
	RootKey() certificate.BLSPublicKey
	Healthy() bool
	// Call executes a call once and returns the certificate of its outcome.
	Call(ctx context.Context, e *ingress.Envelope, layout certificate.Layout) ([]byte, error)
	// Submit takes a call and does not wait.
	Submit(ctx context.Context, e *ingress.Envelope) error
	Query(ctx context.Context, e *ingress.Envelope) (*ingress.QueryResponse, error)
	ReadState(ctx context.Context, scope ingress.Scope, e *ingress.Envelope, layout certificate.Layout) ([]byte, error)
}

// Options of the API; the zero value is good.
type Options struct {
	// Version is shown as impl_version.
	Version string
	// CallTime is how long a synchronous call may wait before it is answered
	// with 202. Default 10 s, as the replica's.
	CallTime time.Duration
	// Clients limits the requests of each. Default: ratelimit's default.
	Clients *ratelimit.Clients
	// ClientIP is the address that the limit counts by. Default: the address
	// of the connection.
	ClientIP func(*http.Request) netip.Addr
	// Logger is told of errors that are nobody's but ours. Default: nobody is.
	Logger *slog.Logger
}

type api struct {
	host    Host
	options Options
	inside  atomic.Int64 // bytes of the bodies that are being worked on
}

// New makes the handler of all paths under /api/.
func New(host Host, options Options) http.Handler {
	if options.CallTime == 0 {
		options.CallTime = callTime
	}
	if options.Clients == nil {
		options.Clients = ratelimit.New(ratelimit.DefaultRate, ratelimit.DefaultBurst)
	}
	if options.ClientIP == nil {
		options.ClientIP = ratelimit.RemoteIP
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &api{host: host, options: options}
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigins(w.Header())
	if r.Method == http.MethodOptions {
		preflight(w)
		return
	}
	if !a.options.Clients.Allow(a.options.ClientIP(r)) {
		w.Header().Set("Retry-After", "1")
		tell(w, http.StatusTooManyRequests, "Too many requests. Wait a moment and try again.")
		return
	}
	if r.URL.Path == "/api/v2/status" {
		a.status(w, r)
		return
	}
	target, err := parseTarget(r.URL.Path)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST, OPTIONS")
		tell(w, http.StatusMethodNotAllowed, "Use POST.")
		return
	}
	e, free, err := a.read(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	defer free()
	if err := target.check(e); err != nil {
		a.fail(w, r, err)
		return
	}
	switch target.kind {
	case ingress.Call:
		a.call(w, r, target, e)
	case ingress.Query:
		a.query(w, r, e)
	default:
		a.readState(w, r, target, e)
	}
}

// status answers GET /api/v2/status (IC interface spec, Request: Status).
func (a *api) status(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		tell(w, http.StatusMethodNotAllowed, "Use GET.")
		return
	}
	health := "healthy"
	if !a.host.Healthy() {
		health = "starting"
	}
	// Clients do not read this as a version, but people do.
	version := strings.TrimSpace("internet-identity-go " + a.options.Version)
	a.answer(w, r, http.StatusOK, struct {
		RootKey []byte `cbor:"root_key"`
		Version string `cbor:"impl_version"`
		Health  string `cbor:"replica_health_status"`
	}{a.host.RootKey().DER(), version, health})
}
