package clients_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/certification/hashtree"
	certhttp "github.com/aviate-labs/agent-go/certification/http"
	"github.com/aviate-labs/agent-go/principal"
)

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
