package clients_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/identity"
	"github.com/aviate-labs/agent-go/principal"

	"internetidentity/node"
)

const app = "https://app.example"

var canister = principal.MustDecode("rdmx6-jaaaa-aaaaa-aaadq-cai")

// service is a running service and the ways in which agents reach it.
type service struct {
	host *url.URL
	http *http.Client
}

func start(t *testing.T) *service {
	t.Helper()
	n, err := node.Start(context.Background(), node.Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	host, err := url.Parse(n.URL())
	if err != nil {
		t.Fatal(err)
	}
	return &service{host, &http.Client{Transport: transport}}
}

// config of an agent that trusts the service; more options may change that.
func (s *service) config(id identity.Identity, more ...agent.ClientOption) agent.Config {
	return agent.Config{
		Identity:     id,
		FetchRootKey: true,
		PollDelay:    10 * time.Millisecond,
		ClientConfig: append([]agent.ClientOption{agent.WithHostURL(s.host), agent.WithHttpClient(s.http)}, more...),
	}
}

func (s *service) agent(t *testing.T, id identity.Identity, more ...agent.ClientOption) *agent.Agent {
	t.Helper()
	a, err := agent.New(s.config(id, more...))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// asynchronous sends calls to the oldest endpoint, which does not wait, so that
// the agent must poll.
type asynchronous struct{ http.RoundTripper }

func (a asynchronous) RoundTrip(r *http.Request) (*http.Response, error) {
	path, isCall := strings.CutPrefix(r.URL.Path, "/api/v4/")
	if !isCall {
		return a.RoundTripper.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.URL.Path = "/api/v2/" + path
	response, err := a.RoundTripper.RoundTrip(r)
	if err == nil && response.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("%s answered %s, want %d", r.URL.Path, response.Status, http.StatusAccepted)
	}
	return response, err
}

// versions are the interfaces that the agent may use.
func (s *service) versions() map[string][]agent.ClientOption {
	return map[string][]agent.ClientOption{
		"newest endpoints": nil,
		"older endpoints":  {agent.WithLegacyAPI()},
		"polling":          {agent.WithHttpClient(&http.Client{Transport: asynchronous{s.http.Transport}})},
	}
}

func identities(t *testing.T) map[string]identity.Identity {
	t.Helper()
	ed25519, err := identity.NewRandomEd25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secp256k1, err := identity.NewRandomSecp256k1Identity()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]identity.Identity{"Ed25519": ed25519, "P-256": identity.NewPrime256v1Identity(p256), "secp256k1": secp256k1}
}

func call(t *testing.T, a *agent.Agent, method string, in []any, out ...any) {
	t.Helper()
	if err := a.Call(canister, method, in, out); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}

func query(t *testing.T, a *agent.Agent, method string, in []any, out ...any) {
	t.Helper()
	if err := a.Query(canister, method, in, out); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}
