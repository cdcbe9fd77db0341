package node_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"internetidentity/candid"
	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/client"
	"internetidentity/ingress"
	"internetidentity/node"
)

// BenchmarkP256 is the measure for the others: one bare verification.
func BenchmarkP256(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	hash := sha256.Sum256(nil)
	signature, err := ecdsa.SignASN1(rand.Reader, key, hash[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, hash[:], signature) {
			b.Fatal("the signature does not verify")
		}
	}
}

// bench is a service with one registered person, whose passkey lets a page act.
type bench struct {
	client.InternetIdentity
	b      *testing.B
	url    string
	http   *http.Client
	number uint64
	page   client.Identity
}

func newBench(b *testing.B) *bench {
	n, err := node.Start(context.Background(), node.Config{
		DataDir: b.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	s := &bench{b: b, url: n.LocalURL(), http: &http.Client{Transport: transport}}
	b.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := n.Close(); err != nil {
			b.Error(err)
		}
	})
	s.Client = client.New(s.url, client.Options{Root: n.RootKey(), HTTP: s.http})
	s.Canister = canister
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		b.Fatal(err)
	}
	if s.number, err = s.Register(b.Context(), passkey, "Ada"); err != nil {
		b.Fatal(err)
	}
	if s.page, err = s.Unlock(passkey); err != nil {
		b.Fatal(err)
	}
	return s
}

// each divides b.N sign-ins among clients.
func (s *bench) each(clients int, signIn func()) {
	work := make(chan struct{}, s.b.N)
	for range s.b.N {
		work <- struct{}{}
	}
	close(work)
	s.b.ReportAllocs()
	s.b.ResetTimer()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range work {
				signIn()
			}
		})
	}
	all.Wait()
}

// BenchmarkSignIn prepares and gets a delegation over HTTP, with a client that
// verifies every certificate, as a browser does, and with one that believes
// all: then the most of the time is the service's.
func BenchmarkSignIn(b *testing.B) {
	for _, clients := range []int{1, 16} {
		b.Run(fmt.Sprintf("verifying/clients=%d", clients), func(b *testing.B) {
			s := newBench(b)
			s.each(clients, func() {
				request := client.SignInRequest{Number: s.number, Origin: app, SessionKey: client.GenerateEd25519().PublicKey()}
				if _, err := s.SignIn(b.Context(), s.page, request); err != nil {
					b.Error(err)
				}
			})
		})
		b.Run(fmt.Sprintf("believing/clients=%d", clients), func(b *testing.B) {
			s := newBench(b)
			s.each(clients, s.believe)
		})
	}
}

type benchPrepare struct {
	Number     uint64
	Origin     string
	SessionKey []byte
	MaxTTL     *uint64
}

type benchPrepared struct {
	UserKey    []byte
	Expiration uint64
}

type benchGet struct {
	Number     uint64
	Origin     string
	SessionKey []byte
	Expiration uint64
}

// The codecs are made once, as a client library does.
var (
	prepareArgs  = candid.MustCodec[benchPrepare]()
	prepareReply = candid.MustCodec[benchPrepared]()
	getArgs      = candid.MustCodec[benchGet]()
)

// believe signs in and takes every answer for true.
func (s *bench) believe() {
	session := client.GenerateEd25519().PublicKey()
	e, err := s.Client.NewCall(s.page, canister, "prepare_delegation", prepareArgs.Encode(&benchPrepare{s.number, app, session, nil}))
	if err != nil {
		s.b.Error(err)
		return
	}
	var answer struct {
		Status      string `cbor:"status"`
		Certificate []byte `cbor:"certificate"`
	}
	s.post("/api/v4/canister/"+canister.String()+"/call", e, func(body []byte) error { return cbor.Unmarshal(body, &answer) })
	c, err := certificate.Parse(answer.Certificate)
	if err != nil {
		s.b.Error(err)
		return
	}
	reply, _ := c.Tree.Lookup([]byte("request_status"), e.ID[:], []byte("reply"))
	var p benchPrepared
	if err := prepareReply.Decode(reply, &p); err != nil {
		s.b.Error(err)
		return
	}
	q, err := ingress.Sign(ingress.Content{
		Kind: ingress.Query, Expiry: uint64(time.Now().Add(time.Minute).UnixNano()), Canister: canister, Method: "get_delegation",
		Arg: getArgs.Encode(&benchGet{s.number, app, session, p.Expiration}),
	}, s.page.Signer, s.page.Chain.PublicKey, s.page.Chain.Delegations)
	if err != nil {
		s.b.Error(err)
		return
	}
	s.post("/api/v3/canister/"+canister.String()+"/query", q, func(body []byte) error {
		r, err := ingress.ParseQueryResponse(body)
		if err == nil && !r.Outcome.Replied {
			err = fmt.Errorf("rejected: %s", r.Outcome.RejectMessage)
		}
		return err
	})
}

func (s *bench) post(path string, e *ingress.Envelope, read func([]byte) error) {
	response, err := s.http.Post(s.url+path, "application/cbor", bytes.NewReader(e.Encode()))
	if err != nil {
		s.b.Error(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil {
		err = read(body)
	}
	if err != nil {
		s.b.Errorf("%s: %d %v", path, response.StatusCode, err)
	}
}
