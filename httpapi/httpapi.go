// Package httpapi owns the edge of the Internet Computer's interface: the
// endpoints under /api/ in all their versions, the bounds on what comes in, and
// the form of every answer (IC interface spec, HTTPS interface).
//
// It must not know blocks, keys or canisters: it asks a Host.
package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
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
	memory  memory
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
	return &api{host: host, options: options, memory: memory{of: map[netip.Prefix]int64{}}}
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigins(w.Header())
	// Also for a body that nobody wants, which the server reads before it sends
	// the refusal. Recorders in tests have no deadlines.
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return // the connection is broken
	}
	if r.Method == http.MethodOptions {
		preflight(w)
		return
	}
	client := a.options.ClientIP(r)
	if !a.options.Clients.Allow(client) {
		w.Header().Set("Retry-After", "1")
		tell(w, http.StatusTooManyRequests, "Too many requests. Wait a moment and try again.")
		return
	}
	held := a.memory.share(client)
	defer held.release()
	answer, err := a.answer(w, r, held)
	if err == nil {
		// The answer takes the place of the request.
		err = held.hold(int64(len(answer.body)))
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	send(w, answer.status, "application/cbor", answer.body)
}

// answer works on a request.
func (a *api) answer(w http.ResponseWriter, r *http.Request, held *share) (answer, error) {
	if r.URL.Path == "/api/v2/status" {
		return a.status(w, r)
	}
	target, err := parseTarget(r.URL.Path)
	if err != nil {
		return answer{}, err
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST, OPTIONS")
		return answer{}, &ingress.Refusal{Status: 405, Text: "Use POST."}
	}
	e, err := a.read(w, r, held)
	if err != nil {
		return answer{}, err
	}
	if err := target.check(e); err != nil {
		return answer{}, err
	}
	switch target.kind {
	case ingress.Call:
		return a.call(r, target, e)
	case ingress.Query:
		return a.query(r, e)
	default:
		return a.readState(r, target, e)
	}
}

// status answers GET /api/v2/status (IC interface spec, Request: Status).
func (a *api) status(w http.ResponseWriter, r *http.Request) (answer, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		return answer{}, &ingress.Refusal{Status: 405, Text: "Use GET."}
	}
	health := "healthy"
	if !a.host.Healthy() {
		health = "unhealthy"
	}
	return encoded(http.StatusOK, struct {
		RootKey []byte `cbor:"root_key"`
		Version string `cbor:"impl_version"`
		Health  string `cbor:"replica_health_status"`
	}{
		a.host.RootKey().DER(),
		// Clients do not read this as a version, but people do.
		strings.TrimSpace("internet-identity-go " + a.options.Version),
		health,
	})
}
