package demo

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

// service is a sign-in service as far as a verifier can see it: a root key, a
// subnet under it, and canisters that sign.
type service struct{ root, subnet *certificate.SigningKey }

func newService() service {
	return service{certificate.DeriveSigningKey([32]byte{1}), certificate.DeriveSigningKey([32]byte{2})}
}

// canisterID is the id of the n-th canister.
func canisterID(n byte) principal.Principal {
	p, err := principal.FromBytes([]byte{0, 0, 0, 0, 0, 0, 0, n, 1, 1})
	if err != nil {
		panic(err)
	}
	return p
}

// sign makes a canister's signature over a payload.
func (s service) sign(canister principal.Principal, seed, payload []byte) []byte {
	a, b := sha256.Sum256(seed), sha256.Sum256(payload)
	path := hashtree.Path{[]byte("sig"), a[:], b[:]}
	signatures := hashtree.Map{}.Put(path, nil)
	certified := signatures.Digest()

	subnetID := s.subnet.Public().SubnetID()
	ranges := []certificate.Range{{First: canisterID(1), Last: canisterID(99)}}
	state := hashtree.Map{}.
		Put(hashtree.P("time"), certificate.EncodeTime(uint64(start.UnixNano()))).
		Put(hashtree.Path{[]byte("canister"), canister.Bytes(), []byte("certified_data")}, certified[:])
	c := certificate.Certificate{
		Tree:      state.Tree(),
		Signature: s.subnet.Sign(certificate.StateRootMessage(state.Digest())),
		Delegation: certificate.NewDelegation(s.root,
			certificate.DelegationTree(subnetID, s.subnet.Public(), ranges, uint64(start.UnixNano())),
			subnetID, certificate.Sharded),
	}
	return certificate.EncodeCanisterSignature(c.Encode(), signatures.Witness(path))
}

var (
	start    = time.Unix(1_700_000_000, 0)
	identity = canisterID(7) // the canister that the app trusts
	seed     = []byte("a person at this app")
)

// key is a session key. Ed25519 makes the tests short; browsers use P-256,
// which the tests in a browser cover.
type key struct{ private ed25519.PrivateKey }

func newKey(n byte) key {
	return key{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))}
}

func (k key) der() []byte {
	prefix := []byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00")
	return append(prefix, k.private.Public().(ed25519.PublicKey)...)
}

// delegate lets another key act for this one.
func (k key) delegate(d certificate.Delegation) certificate.SignedDelegation {
	return certificate.SignedDelegation{Delegation: d, Signature: ed25519.Sign(k.private, d.SignedBytes())}
}

// chain is what a sign-in gives the session key.
func (s service) chain(canister principal.Principal, d certificate.Delegation) certificate.Chain {
	return certificate.Chain{
		PublicKey:   certificate.CanisterKey{Canister: canister, Seed: seed}.DER(),
		Delegations: []certificate.SignedDelegation{{Delegation: d, Signature: s.sign(canister, seed, d.SignedBytes())}},
	}
}

// app is the demo under test, with a clock that the test moves.
type app struct {
	http.Handler
	now time.Time
}

func newApp(t *testing.T, s service) *app {
	t.Helper()
	a := &app{now: start}
	handler, err := New(Config{
		IdentityProvider:   "http://localhost:4943",
		RootKey:            s.root.Public(),
		Canister:           identity,
		Origin:             "http://localhost:4944",
		SecondOrigin:       "http://127.0.0.1:4944",
		AlternativeOrigins: []string{"http://127.0.0.1:4944"},
		Now:                func() time.Time { return a.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Handler = handler
	return a
}

func (a *app) do(method, path string, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(body)))
	return w
}

func (a *app) challenge(t *testing.T) string {
	t.Helper()
	var answer struct{ Challenge string }
	w := a.do("POST", "/api/challenge", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Challenge) != 64 {
		t.Fatalf("challenge: %v, %d bytes", err, len(answer.Challenge))
	}
	return answer.Challenge
}

// signIn is what the page sends.
type signIn struct {
	Challenge string            `json:"challenge"`
	Chain     certificate.Chain `json:"chain"`
	Signature string            `json:"signature"`
}

// prove signs a challenge with the session key.
func prove(k key, challenge string) string {
	nonce, err := hex.DecodeString(challenge)
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(ed25519.Sign(k.private, append([]byte(domain), nonce...)))
}

func (a *app) send(t *testing.T, s signIn) *httptest.ResponseRecorder {
	t.Helper()
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return a.do("POST", "/api/sign-in", body)
}

// wantRefusal wants a status and a part of the text; nothing about a person may
// be in a refusal.
func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, text string) {
	t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), text) {
		t.Errorf("answered %d %q, want %d with %q", w.Code, strings.TrimSpace(w.Body.String()), status, text)
	}
	if strings.Contains(w.Body.String(), `"principal"`) {
		t.Errorf("a refusal names a principal: %s", w.Body)
	}
}
