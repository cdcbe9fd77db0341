package clients_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/candid/idl"
	"github.com/aviate-labs/agent-go/certification"
	"github.com/aviate-labs/agent-go/certification/hashtree"
	certhttp "github.com/aviate-labs/agent-go/certification/http"
	"github.com/aviate-labs/agent-go/certification/ii"
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

type metadata struct {
	Key   string `ic:"0"`
	Value struct {
		String *string `ic:"String,variant"`
	} `ic:"1"`
}

type authnMethod struct {
	Method struct {
		PubKey *struct {
			PublicKey []byte `ic:"pubkey"`
		} `ic:"PubKey,variant"`
	} `ic:"authn_method"`
	Security struct {
		Protection struct {
			Unprotected *idl.Null `ic:"Unprotected,variant"`
		} `ic:"protection"`
		Purpose struct {
			Authentication *idl.Null `ic:"Authentication,variant"`
		} `ic:"purpose"`
	} `ic:"security_settings"`
	Metadata []metadata `ic:"metadata"`
	Last     *uint64    `ic:"last_authentication,omitempty"`
}

// register makes an identity with a key.
func (s *service) register(t *testing.T, key identity.Identity, more ...agent.ClientOption) uint64 {
	t.Helper()
	temporary, err := identity.NewRandomEd25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	a := s.agent(t, temporary, more...)
	var started struct {
		Ok *struct {
			Next struct {
				Finish *idl.Null `ic:"Finish,variant"`
			} `ic:"next_step"`
		} `ic:"Ok,variant"`
	}
	call(t, a, "identity_registration_start", nil, &started)
	if started.Ok == nil || started.Ok.Next.Finish == nil {
		t.Fatalf("the registration did not start: %+v", started)
	}
	type arguments struct {
		Method authnMethod `ic:"authn_method"`
		Name   *string     `ic:"name,omitempty"`
	}
	name := "Ada"
	argument := arguments{Name: &name}
	argument.Method.Method.PubKey = &struct {
		PublicKey []byte `ic:"pubkey"`
	}{key.PublicKey()}
	argument.Method.Security.Protection.Unprotected = &idl.Null{}
	argument.Method.Security.Purpose.Authentication = &idl.Null{}
	argument.Method.Metadata = []metadata{}
	var finished struct {
		Ok *struct {
			Number uint64 `ic:"identity_number"`
		} `ic:"Ok,variant"`
		Err *struct {
			Invalid *string `ic:"InvalidAuthnMethod,variant"`
		} `ic:"Err,variant"`
	}
	call(t, a, "identity_registration_finish", []any{argument}, &finished)
	if finished.Ok == nil {
		t.Fatalf("the registration did not finish: %+v", finished.Err)
	}
	return finished.Ok.Number
}

// signIn gets a delegation as the JSON form of its chain.
func signIn(t *testing.T, a *agent.Agent, number uint64, session []byte) (chain ii.DelegationChain, text []byte) {
	t.Helper()
	var userKey []byte
	var expiration uint64
	var maxTTL *uint64
	call(t, a, "prepare_delegation", []any{number, app, session, maxTTL}, &userKey, &expiration)
	var got struct {
		Signed *struct {
			Delegation struct {
				PublicKey  []byte `ic:"pubkey"`
				Expiration uint64 `ic:"expiration"`
			} `ic:"delegation"`
			Signature []byte `ic:"signature"`
		} `ic:"signed_delegation,variant"`
		None *idl.Null `ic:"no_such_delegation,variant"`
	}
	query(t, a, "get_delegation", []any{number, app, session, expiration}, &got)
	if got.Signed == nil {
		t.Fatal("there is no such delegation")
	}
	if !bytes.Equal(got.Signed.Delegation.PublicKey, session) || got.Signed.Delegation.Expiration != expiration {
		t.Fatalf("the delegation is for %x until %d", got.Signed.Delegation.PublicKey, got.Signed.Delegation.Expiration)
	}
	text = fmt.Appendf(nil, `{"publicKey":"%x","delegations":[{"delegation":{"pubkey":"%x","expiration":"%016x"},"signature":"%x"}]}`,
		userKey, session, expiration, got.Signed.Signature)
	if err := json.Unmarshal(text, &chain); err != nil {
		t.Fatal(err)
	}
	return chain, text
}

func TestAgentGoSignsIn(t *testing.T) {
	s := start(t)
	for name, key := range identities(t) {
		for version, options := range s.versions() {
			// Each key with the newest endpoints, and one with all.
			if options != nil && name != "Ed25519" {
				continue
			}
			t.Run(name+" with "+version, func(t *testing.T) {
				number := s.register(t, key, options...)
				a := s.agent(t, key, options...)
				session := []byte(identities(t)["P-256"].PublicKey())
				chain, _ := signIn(t, a, number, session)
				now := uint64(time.Now().UnixNano())
				if err := chain.VerifyChallenge(session, now, canister, a.GetRootKey()); err != nil {
					t.Errorf("agent-go does not believe the delegation: %v", err)
				}
				var who, me principal.Principal
				query(t, a, "get_principal", []any{number, app}, &who)
				if want := principal.NewSelfAuthenticating([]byte(chain.PublicKey)); !who.Equal(want) {
					t.Errorf("the principal is %s, the delegation's %s", who, want)
				}
				query(t, a, "whoami", nil, &me)
				if !me.Equal(key.Sender()) {
					t.Errorf("whoami says %s to %s", me, key.Sender())
				}
			})
		}
	}
}

func TestAgentGoRefusesDelegationsThatWereChanged(t *testing.T) {
	s := start(t)
	key := identities(t)["Ed25519"]
	number := s.register(t, key)
	a := s.agent(t, key)
	session := identities(t)["Ed25519"].PublicKey()
	chain, text := signIn(t, a, number, session)
	now := uint64(time.Now().UnixNano())
	mainnet, err := hex.DecodeString(certification.RootKey)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(c ii.DelegationChain, at uint64, of principal.Principal, root []byte) error {
		return c.VerifyChallenge(session, at, of, root)
	}
	if err := verify(chain, now, canister, a.GetRootKey()); err != nil {
		t.Fatal(err)
	}
	end := uint64(chain.Delegations[0].Delegation.Expiration)
	if err := verify(chain, end, canister, a.GetRootKey()); err != nil {
		t.Errorf("in its last nanosecond: %v", err)
	}
	if verify(chain, end+1, canister, a.GetRootKey()) == nil {
		t.Error("verifies after its end")
	}
	if verify(chain, now, principal.MustDecode("ryjl3-tyaaa-aaaaa-aaaba-cai"), a.GetRootKey()) == nil {
		t.Error("verifies as another canister's")
	}
	if verify(chain, now, canister, mainnet) == nil {
		t.Error("verifies under the Internet Computer's root key")
	}
	for _, field := range []string{"publicKey", "expiration", "signature"} {
		var changed ii.DelegationChain
		at := bytes.Index(text, []byte(`"`+field+`":"`)) + len(field) + 4
		// The last hex digit of the field is its lowest bits.
		at += bytes.IndexByte(text[at:], '"') - 1
		copied := slices.Clone(text)
		if copied[at]++; copied[at] == '9'+1 || copied[at] == 'g' {
			copied[at] = '0'
		}
		if err := json.Unmarshal(copied, &changed); err != nil {
			t.Fatal(err)
		}
		if verify(changed, now, canister, a.GetRootKey()) == nil {
			t.Errorf("verifies with another %s", field)
		}
	}
}

func TestAgentGoReadsTheState(t *testing.T) {
	s := start(t)
	for version, options := range s.versions() {
		t.Run(version, func(t *testing.T) {
			a := s.agent(t, nil, options...)
			at, err := a.GetTime(canister)
			if err != nil || time.Since(at).Abs() > time.Minute {
				t.Errorf("time %v: %v", at, err)
			}
			if controllers, err := a.GetCanisterControllers(canister); err != nil || len(controllers) != 0 {
				t.Errorf("controllers %v: %v", controllers, err)
			}
			if hash, err := a.GetCanisterModuleHash(canister); err != nil || len(hash) != 32 {
				t.Errorf("module hash %x: %v", hash, err)
			}
			if did, err := a.GetCanisterMetadata(canister, "candid:service"); err != nil || !strings.Contains(string(did), "prepare_delegation : ") {
				t.Errorf("interface of %d bytes: %v", len(did), err)
			}
			_, err = a.GetCanisterMetadata(canister, "nothing of that name")
			var lookup hashtree.LookupError
			if !errors.As(err, &lookup) || lookup.Type != hashtree.LookupResultAbsent {
				t.Errorf("metadata that is not there: %v, want a proof that it is absent", err)
			}
			if status, _, err := a.RequestStatus(canister, agent.RequestID{7}); err != nil || status != nil {
				t.Errorf("a request that nobody made has status %q: %v", status, err)
			}
		})
	}
}

func TestAgentGoGetsRejects(t *testing.T) {
	s := start(t)
	a := s.agent(t, identities(t)["Ed25519"])
	arg := []byte("DIDL\x00\x00")
	for _, test := range []struct {
		name string
		ask  func() ([]byte, error)
		want []string
	}{
		{"a query that is not there", func() ([]byte, error) { return a.QueryRaw(canister, "no_such_query", arg) }, []string{"no_such_query", "IC0536"}},
		{"a call that fails", func() ([]byte, error) { return a.CallRaw(canister, "prepare_delegation", arg) }, []string{"ic0.trap"}},
		{"a query of a canister that is not here", func() ([]byte, error) {
			return a.QueryRaw(principal.MustDecode("ryjl3-tyaaa-aaaaa-aaaba-cai"), "x", arg)
		}, []string{"ryjl3-tyaaa-aaaaa-aaaba-cai", "IC0301"}},
		{"a call of a canister that is not here", func() ([]byte, error) {
			return a.CallRaw(principal.MustDecode("ryjl3-tyaaa-aaaaa-aaaba-cai"), "x", arg)
		}, []string{"ryjl3-tyaaa-aaaaa-aaaba-cai", "not found"}},
	} {
		reply, err := test.ask()
		if err == nil {
			t.Errorf("%s: replied %x", test.name, reply)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q in it", test.name, err, want)
			}
		}
	}
}

func TestAgentGoWithAnotherRootKeyBelievesNothing(t *testing.T) {
	s := start(t)
	config := s.config(nil)
	config.FetchRootKey = false
	a, err := agent.New(config)
	if err != nil {
		t.Fatal(err)
	}
	var who principal.Principal
	if err := a.Query(canister, "whoami", nil, []any{&who}); err == nil {
		t.Error("believes a query")
	}
	if _, err := a.GetCanisterModuleHash(canister); err == nil {
		t.Error("believes the state")
	}
}

func TestAgentGoVerifiesPages(t *testing.T) {
	s := start(t)
	a, err := certhttp.NewAgent(canister, s.config(nil))
	if err != nil {
		t.Fatal(err)
	}
	a.EnableLegacyMode()
	ask := func(path string, version uint16) (*certhttp.Request, *certhttp.Response) {
		t.Helper()
		request := &certhttp.Request{Method: "GET", Url: path, Headers: []certhttp.HeaderField{}, Body: []byte{}, CertificateVersion: &version}
		response, err := a.HttpRequest(*request)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return request, response
	}
	paths := []string{"/", "/authorize", "/.well-known/ic-domains", "/.well-known/webauthn", "/.config.did.bin"}
	_, page := ask("/", 2)
	for _, part := range strings.Split(string(page.Body), `"`) {
		if strings.HasPrefix(part, "/assets/") {
			paths = append(paths, part)
		}
	}
	if len(paths) < 7 {
		t.Fatalf("the page names no files: %v", paths)
	}
	for _, path := range paths {
		for version := range uint16(2) {
			request, response := ask(path, version+1)
			if response.StatusCode != 200 {
				t.Errorf("%s: status %d", path, response.StatusCode)
			}
			if err := a.VerifyResponse(path, request, response); err != nil {
				t.Errorf("%s, version %d: %v", path, version+1, err)
			}
			response.Body = append(slices.Clone(response.Body), ' ')
			if a.VerifyResponse(path, request, response) == nil {
				t.Errorf("%s, version %d: verifies with another body", path, version+1)
			}
		}
	}
	request, response := ask("/nothing/here", 2)
	if err := a.VerifyResponse("/nothing/here", request, response); err != nil || response.StatusCode != 404 {
		t.Errorf("status %d of a page that is not there: %v", response.StatusCode, err)
	}
}
