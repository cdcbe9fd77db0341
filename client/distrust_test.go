package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"internetidentity/certificate"
	"internetidentity/client"
	"internetidentity/node"
	"internetidentity/principal"
)

var canister = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

// liar stands between a client and a service, and changes what it says.
type liar struct {
	node  *node.Node
	url   string
	proxy *httputil.ReverseProxy
	// change gets every answer; nil leaves all as they are.
	change atomic.Pointer[func(path string, status int, body []byte) (int, []byte)]
}

func newLiar(t *testing.T) *liar {
	t.Helper()
	n, err := node.Start(context.Background(), node.Config{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(n.LocalURL())
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{node: n, proxy: httputil.NewSingleHostReverseProxy(target)}
	l.proxy.ModifyResponse = func(r *http.Response) error {
		change := l.change.Load()
		if change == nil {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		var status int
		status, body = (*change)(r.Request.URL.Path, r.StatusCode, body)
		r.StatusCode, r.Status = status, http.StatusText(status)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Del("Content-Length")
		return nil
	}
	server := httptest.NewServer(l.proxy)
	l.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func (l *liar) lies(change func(path string, status int, body []byte) (int, []byte)) {
	l.change.Store(&change)
}

func (l *liar) client() *client.Client {
	return client.New(l.url, client.Options{Root: l.node.RootKey()})
}

var noArgs = []byte("DIDL\x00\x00")

func TestHonestAnswersAreBelieved(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	who := client.Identity{Signer: client.GenerateEd25519()}
	reply, err := c.Query(t.Context(), who, canister, "whoami", noArgs)
	if err != nil || !bytes.Contains(reply, who.Principal().Bytes()) {
		t.Errorf("query: %x %v", reply, err)
	}
	reply, err = c.Call(t.Context(), who, canister, "whoami", noArgs)
	if err != nil || !bytes.Contains(reply, who.Principal().Bytes()) {
		t.Errorf("call: %x %v", reply, err)
	}
	if reply, err = c.Query(t.Context(), client.Identity{}, canister, "whoami", noArgs); err != nil || !bytes.HasSuffix(reply, []byte{1, 1, 4}) {
		t.Errorf("anonymous: %x %v", reply, err)
	}
}

func TestNoChangedByteIsBelieved(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	who := client.Identity{Signer: client.GenerateEd25519()}
	if _, err := c.Query(t.Context(), who, canister, "whoami", noArgs); err != nil { // learns the node keys
		t.Fatal(err)
	}
	for _, kind := range []string{"query", "call"} {
		for at := 0; at < 2000; at += 7 {
			changed := false
			l.lies(func(path string, status int, body []byte) (int, []byte) {
				if strings.HasSuffix(path, "/"+kind) && at < len(body) {
					changed = true
					body = bytes.Clone(body)
					body[at] ^= 1
				}
				return status, body
			})
			ask := c.Query
			if kind == "call" {
				ask = c.Call
			}
			reply, err := ask(t.Context(), who, canister, "whoami", noArgs)
			if changed && err == nil && !bytes.Contains(reply, who.Principal().Bytes()) {
				t.Fatalf("%s: byte %d was changed, and %x was believed", kind, at, reply)
			}
		}
	}
}

func TestAnswersToOtherQuestionsAreNotBelieved(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	ada, bob := client.Identity{Signer: client.GenerateEd25519()}, client.Identity{Signer: client.GenerateEd25519()}
	for _, kind := range []string{"query", "call"} {
		ask := c.Query
		if kind == "call" {
			ask = c.Call
		}
		var kept []byte
		l.lies(func(path string, status int, body []byte) (int, []byte) {
			if strings.HasSuffix(path, "/"+kind) {
				if kept != nil {
					return status, kept
				}
				kept = body
			}
			return status, body
		})
		if _, err := ask(t.Context(), ada, canister, "whoami", noArgs); err != nil {
			t.Fatal(err)
		}
		if reply, err := ask(t.Context(), bob, canister, "whoami", noArgs); err == nil {
			t.Errorf("%s: bob believes what was said to ada: %x", kind, reply)
		}
	}
}

func TestOtherRootKeysAreNotBelieved(t *testing.T) {
	l := newLiar(t)
	other := client.New(l.url, client.Options{Root: certificate.DeriveSigningKey([32]byte{7}).Public()})
	if _, err := other.Call(t.Context(), client.Identity{}, canister, "whoami", noArgs); err == nil {
		t.Error("a call under another root key was believed")
	}
	if _, err := other.Query(t.Context(), client.Identity{}, canister, "whoami", noArgs); err == nil {
		t.Error("a query under another root key was believed")
	}
}

func TestOldAnswersAreNotBelieved(t *testing.T) {
	l := newLiar(t)
	for _, late := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		c := client.New(l.url, client.Options{Root: l.node.RootKey(), Now: func() time.Time { return time.Now().Add(late) }})
		if _, err := c.ReadState(t.Context(), client.Identity{}, canister, [][][]byte{{[]byte("time")}}); err == nil {
			t.Errorf("a certificate that is %v away was believed", late)
		}
	}
}

func TestUnfinishedCallsAreWaitedFor(t *testing.T) {
	l := newLiar(t)
	who := client.Identity{Signer: client.GenerateEd25519()}
	l.lies(func(path string, status int, body []byte) (int, []byte) {
		if strings.HasSuffix(path, "/call") {
			return http.StatusAccepted, nil
		}
		return status, body
	})
	reply, err := l.client().Call(t.Context(), who, canister, "whoami", noArgs)
	if err != nil || !bytes.Contains(reply, who.Principal().Bytes()) {
		t.Errorf("%x %v", reply, err)
	}
	// Whoever does not want to wait need not.
	ctx, cancel := context.WithCancel(t.Context())
	l.lies(func(path string, status int, body []byte) (int, []byte) {
		if strings.HasSuffix(path, "/call") {
			cancel()
			return http.StatusAccepted, nil
		}
		return status, body
	})
	if _, err := l.client().Call(ctx, who, canister, "whoami", noArgs); !errors.Is(err, context.Canceled) {
		t.Errorf("after giving up: %v", err)
	}
}

func TestRejectsTellWhetherTheyAreCertified(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	var reject *client.RejectError
	_, err := c.Call(t.Context(), client.Identity{}, canister, "init_salt", []byte("garbage"))
	if !errors.As(err, &reject) || !reject.Certified || reject.Code != 5 || reject.ErrorCode != "IC0503" {
		t.Errorf("a trap: %v", err)
	}
	_, err = c.Call(t.Context(), client.Identity{}, canister, "no_such_method", noArgs)
	if !errors.As(err, &reject) || reject.Certified || reject.ErrorCode != "IC0536" {
		t.Errorf("an unknown method: %v", err)
	}
	_, err = c.Query(t.Context(), client.Identity{}, canister, "init_salt", noArgs)
	if !errors.As(err, &reject) || reject.ErrorCode != "IC0536" {
		t.Errorf("an update as a query: %v", err)
	}
}

func TestEndlessAnswersAreCutOff(t *testing.T) {
	l := newLiar(t)
	l.lies(func(string, int, []byte) (int, []byte) { return 200, make([]byte, 9<<20) })
	if _, err := l.client().Status(t.Context()); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("an answer of 9 MiB: %v", err)
	}
	l.lies(func(string, int, []byte) (int, []byte) { return 500, bytes.Repeat([]byte("x"), 10_000) })
	var status *client.StatusError
	if _, err := l.client().Status(t.Context()); !errors.As(err, &status) || len(status.Text) > 500 {
		t.Errorf("a long error: %v", err)
	}
}

// A node that is given another key is found out, and then believed.
func TestNodeKeysAreAskedForAgain(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	who := client.Identity{Signer: client.GenerateEd25519()}
	if _, err := c.Query(t.Context(), who, canister, "whoami", noArgs); err != nil {
		t.Fatal(err)
	}
	reads := 0
	l.lies(func(path string, status int, body []byte) (int, []byte) {
		if strings.HasSuffix(path, "/read_state") {
			reads++
		}
		if strings.HasSuffix(path, "/query") {
			body = bytes.Clone(body)
			body[len(body)-5] ^= 1 // in the node's id or signature
		}
		return status, body
	})
	if _, err := c.Query(t.Context(), who, canister, "whoami", noArgs); err == nil {
		t.Error("a wrong signature was believed")
	}
	if reads != 1 {
		t.Errorf("node keys were asked for %d times more, want once", reads)
	}
}
