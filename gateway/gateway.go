// Package gateway owns the way from a browser to a canister: it finds the
// canister that a host name stands for, hands it the HTTP request as a query,
// and makes an HTTP response of the answer (HTTP Gateway Protocol
// Specification).
//
// It must not know what the canister serves, how certificates work, or how a
// query reaches its canister: the last two are given to it.
package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"

	"internetidentity/candid"
	"internetidentity/principal"
	"internetidentity/ratelimit"
)

// Canister asks a canister's query http_request as the anonymous caller. The
// argument and the reply are Candid.
type Canister interface {
	HTTPRequest(ctx context.Context, canister principal.Principal, arg []byte) (reply []byte, err error)
}

// ErrNoCanister is what a Canister answers for an id that it does not serve.
var ErrNoCanister = errors.New("no such canister")

// Options are what a gateway may be told. The zero value serves canisters
// under <id>.localhost and by ?canisterId=.
type Options struct {
	// Default is the canister of hosts that name none: localhost, IP
	// addresses and the Domains themselves. Optional.
	Default principal.Principal

	// Domains are those under which <id>.<domain> is a canister, beside
	// localhost. Optional.
	Domains []string

	// Hosts gives single host names to canisters. Optional.
	Hosts map[string]principal.Principal

	// Verify checks that a canister certified its answer, which is refused
	// otherwise. Optional.
	Verify func(canister principal.Principal, request *Request, response *Response) error

	// Healthy answers GET /healthz. Default: always healthy.
	Healthy func() bool

	// Metrics answers /metrics. Default: the canister does. It is open to
	// everybody who reaches the gateway, so it must choose its readers.
	Metrics http.Handler

	// ClientIP is the address that the rate limit counts by, for services
	// behind a proxy. Default: the address of the connection.
	ClientIP func(*http.Request) netip.Addr

	// Clients limits the requests of each. Default: ratelimit's default.
	Clients *ratelimit.Clients

	// Logger is told why an answer was refused. Default: nobody is.
	Logger *slog.Logger
}

type gateway struct {
	canister Canister
	options  Options
	hosts    hosts
	argument *candid.Codec[argument]
	reply    *candid.Codec[reply]
}

// New makes the handler.
func New(canister Canister, options Options) http.Handler {
	if options.Healthy == nil {
		options.Healthy = func() bool { return true }
	}
	if options.ClientIP == nil {
		options.ClientIP = ratelimit.RemoteIP
	}
	if options.Clients == nil {
		options.Clients = ratelimit.New(ratelimit.DefaultRate, ratelimit.DefaultBurst)
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &gateway{
		canister: canister,
		options:  options,
		hosts:    newHosts(options),
		argument: candid.MustCodec[argument](),
		reply:    candid.MustCodec[reply](),
	}
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := hurry(w, r); err != nil {
		tell(w, http.StatusServiceUnavailable, "The connection is broken.")
		return
	}
	if r.URL.Path == "/healthz" {
		g.health(w)
		return
	}
	if !g.options.Clients.Allow(g.options.ClientIP(r)) {
		w.Header().Set("Retry-After", "1")
		tell(w, http.StatusTooManyRequests, "Too many requests. Wait a moment and try again.")
		return
	}
	if g.options.Metrics != nil && r.URL.Path == "/metrics" {
		g.options.Metrics.ServeHTTP(w, r)
		return
	}
	if r.Method == http.MethodOptions {
		preflight(w)
		return
	}
	canister, ok := g.hosts.canister(r)
	if !ok {
		tell(w, http.StatusNotFound, "No canister is served under this host name.")
		return
	}
	request, status, text := readRequest(w, r)
	if status != 0 {
		tell(w, status, text)
		return
	}
	response, err := g.ask(r.Context(), canister, request)
	if err != nil {
		g.fail(w, r, canister, err)
		return
	}
	g.write(w, r, canister, response)
}

// ask brings the request to the canister and checks what comes back.
func (g *gateway) ask(ctx context.Context, canister principal.Principal, request *Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	encoded, err := g.canister.HTTPRequest(ctx, canister, g.argument.Encode(request.argument()))
	if err != nil {
		return nil, err
	}
	var decoded reply
	if err := g.reply.Decode(encoded, &decoded); err != nil {
		return nil, err
	}
	response, err := decoded.response()
	if err != nil {
		return nil, err
	}
	if g.options.Verify != nil {
		if err := g.options.Verify(canister, request, response); err != nil {
			return nil, &unverified{err}
		}
	}
	return response, nil
}

// unverified marks an answer that the canister has not certified.
type unverified struct{ cause error }

func (u *unverified) Error() string { return u.cause.Error() }
func (u *unverified) Unwrap() error { return u.cause }

// fail tells the client in a sentence what went wrong, and the log why.
func (g *gateway) fail(w http.ResponseWriter, r *http.Request, canister principal.Principal, err error) {
	var forged *unverified
	status, text := http.StatusBadGateway, "The canister did not answer as it should."
	switch {
	case errors.Is(err, ErrNoCanister):
		tell(w, http.StatusNotFound, "This canister is not served here.")
		return
	case r.Context().Err() != nil:
		return // the client is gone
	case errors.Is(err, context.DeadlineExceeded):
		status, text = http.StatusGatewayTimeout, "The canister did not answer in time."
	case errors.As(err, &forged):
		text = "The answer was refused: the canister did not certify it."
	}
	g.options.Logger.Warn("a canister's answer was refused", "canister", canister.String(), "path", r.URL.Path, "error", err)
	tell(w, status, text)
}

func (g *gateway) health(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	if !g.options.Healthy() {
		tell(w, http.StatusServiceUnavailable, "not healthy")
		return
	}
	tell(w, http.StatusOK, "ok")
}
