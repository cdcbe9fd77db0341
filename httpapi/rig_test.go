package httpapi_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"internetidentity/canister"
	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/httpapi"
	"internetidentity/identity"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/replica"
	"internetidentity/store"
	"internetidentity/subnet"
)

// begin is the clock's time in every test.
const begin = 1_700_000_000_000_000_000

const minute = 60 * 1_000_000_000

var (
	self      = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")
	neighbour = principal.MustParse("ryjl3-tyaaa-aaaaa-aaaba-cai") // in the subnet's range, and not here
	noArg     = []byte("DIDL\x00\x00")
)

// service is the API before a replica that runs in memory.
type service struct {
	t       testing.TB
	api     http.Handler
	replica *replica.Replica
	nonces  atomic.Uint64
}

func newService(t testing.TB) *service {
	t.Helper()
	disk, err := store.Open("data", store.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	root, key := certificate.DeriveSigningKey([32]byte{1}), certificate.DeriveSigningKey([32]byte{2})
	nodeKey := ed25519.NewKeyFromSeed(make([]byte, 32))
	node := replica.NodePublicKey(nodeKey)
	init, err := canister.Init{Captcha: &identity.CaptchaConfig{Trigger: identity.CaptchaDisabled, MaxUnsolved: 500}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	id := func(b ...byte) principal.Principal {
		p, err := principal.FromBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	running, err := replica.Start(context.Background(), replica.Config{
		Store: disk,
		Subnet: subnet.Config{
			Canister: self, Key: key.Public(), Init: init,
			Ranges: []certificate.Range{{
				First: id(0, 0, 0, 0, 0, 0, 0, 0, 1, 1),
				Last:  id(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1),
			}},
			Nodes: []subnet.Node{{ID: principal.SelfAuthenticating(node), PublicKey: node}},
		},
		RootKey: root, SubnetKey: key, NodeKey: nodeKey,
		Now:    func() uint64 { return begin },
		Random: rand.NewChaCha8([32]byte{3}),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(running.Close(), disk.Close()); err != nil {
			t.Error(err)
		}
	})
	return &service{t: t, api: httpapi.New(running, httpapi.Options{Version: "1.2.3"}), replica: running}
}

// answer is what a client sees.
type answer struct {
	status      int
	contentType string
	body        string
	header      http.Header
}

const (
	plain  = "text/plain; charset=utf-8"
	asCBOR = "application/cbor"
)

// ask sends a request through the handler alone.
func ask(api http.Handler, method, path, contentType string, body io.Reader) answer {
	r := httptest.NewRequest(method, path, body)
	r.RemoteAddr = "127.0.0.1:4000"
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Content-Type"), w.Body.String(), w.Header()}
}

func (s *service) post(path string, body []byte) answer {
	return ask(s.api, http.MethodPost, path, asCBOR, bytes.NewReader(body))
}

// decode reads an answer, which must begin with the tag.
func decode(t testing.TB, a answer) map[string]any {
	t.Helper()
	if a.contentType != asCBOR || !cbor.HasTag([]byte(a.body)) {
		t.Fatalf("not tagged CBOR: %+v", a)
	}
	fields := map[string]any{}
	if err := cbor.Unmarshal([]byte(a.body), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

type signer struct{ key ed25519.PrivateKey }

func person(name string) signer {
	seed := sha256.Sum256([]byte(name))
	return signer{ed25519.NewKeyFromSeed(seed[:])}
}

func (s signer) PublicKey() []byte { return replica.NodePublicKey(s.key) }

func (s signer) Sign(payload []byte) ([]byte, error) { return ed25519.Sign(s.key, payload), nil }

// request signs a request of a person; the empty name is nobody.
func (s *service) request(who string, c ingress.Content) *ingress.Envelope {
	s.t.Helper()
	c.Sender = principal.Anonymous()
	if c.Expiry == 0 {
		c.Expiry = begin + 4*minute
	}
	if c.Kind != ingress.ReadState && c.Method == "" {
		c.Canister, c.Method = self, "whoami"
	}
	if c.Kind == ingress.Call && c.Nonce == nil {
		c.Nonce = binary.BigEndian.AppendUint64(nil, s.nonces.Add(1))
	}
	if c.Kind != ingress.ReadState && c.Arg == nil {
		c.Arg = noArg
	}
	if c.Kind == ingress.ReadState && c.Paths == nil {
		c.Paths = [][][]byte{{[]byte("time")}}
	}
	if who == "" {
		return &ingress.Envelope{Content: c, ID: c.ID()}
	}
	e, err := ingress.Sign(c, person(who), nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// endpoint is one of the API's.
type endpoint struct {
	path string
	kind ingress.Kind
}

func endpoints(subnetID principal.Principal) []endpoint {
	var all []endpoint
	for _, version := range []string{"v2", "v3", "v4"} {
		all = append(all, endpoint{fmt.Sprintf("/api/%s/canister/%s/call", version, self), ingress.Call})
	}
	for _, version := range []string{"v2", "v3"} {
		all = append(all,
			endpoint{fmt.Sprintf("/api/%s/canister/%s/query", version, self), ingress.Query},
			endpoint{fmt.Sprintf("/api/%s/canister/%s/read_state", version, self), ingress.ReadState},
			endpoint{fmt.Sprintf("/api/%s/subnet/%s/read_state", version, subnetID), ingress.ReadState})
	}
	return all
}

var subnetID = certificate.DeriveSigningKey([32]byte{2}).Public().SubnetID()

// reader hides the length of what it reads.
func reader(text string) io.Reader { return io.MultiReader(strings.NewReader(text)) }
