package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"internetidentity/certificate"
	"internetidentity/httpapi"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/ratelimit"
)

// host is a subnet whose answers a test decides. It waits when it has none.
type host struct {
	httpapi.Host
	query func(*ingress.Envelope) (*ingress.QueryResponse, error)
	// gone is told the context's error of a call.
	gone chan error
}

func (h *host) RootKey() certificate.BLSPublicKey { return certificate.BLSPublicKey{} }

func (h *host) Healthy() bool { return true }

func (h *host) Call(ctx context.Context, _ *ingress.Envelope, _ certificate.Layout) ([]byte, error) {
	<-ctx.Done()
	if h.gone != nil {
		h.gone <- ctx.Err()
	}
	return nil, ctx.Err()
}

func (h *host) Submit(ctx context.Context, _ *ingress.Envelope) error {
	<-ctx.Done()
	return ctx.Err()
}

func (h *host) Query(ctx context.Context, e *ingress.Envelope) (*ingress.QueryResponse, error) {
	if h.query != nil {
		return h.query(e)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (h *host) ReadState(ctx context.Context, _ ingress.Scope, _ *ingress.Envelope, _ certificate.Layout) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// wire is a server in a bubble of fake time, over connections in memory.
type wire struct {
	connections chan net.Conn
	server      *http.Server
}

func newWire(h httpapi.Host) *wire {
	w := &wire{connections: make(chan net.Conn)}
	w.server = &http.Server{Handler: httpapi.New(h, httpapi.Options{})}
	go w.server.Serve(w)
	return w
}

func (w *wire) Accept() (net.Conn, error) {
	c, ok := <-w.connections
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (w *wire) Close() error { return nil }

func (w *wire) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func (w *wire) dial() net.Conn {
	client, server := net.Pipe()
	w.connections <- server
	return client
}

func (w *wire) stop() {
	close(w.connections)
	w.server.Close()
}

// head is what stands in front of a body of some length.
func head(path string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cbor\r\nContent-Length: %d\r\n\r\n", path, length)
}

func receive(t *testing.T, c net.Conn) (status int, contentType, body string) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header.Get("Content-Type"), string(all)
}

func envelope(kind ingress.Kind, arg []byte) []byte {
	c := ingress.Content{Kind: kind, Sender: principal.Anonymous(), Expiry: 1, Canister: self, Method: "m", Arg: arg}
	if kind == ingress.ReadState {
		c = ingress.Content{Kind: kind, Sender: principal.Anonymous(), Expiry: 1}
	}
	e := ingress.Envelope{Content: c}
	return e.Encode()
}

var (
	callPath  = "/api/v4/canister/" + self.String() + "/call"
	queryPath = "/api/v3/canister/" + self.String() + "/query"
)

// TestSlowSenderOfABody: also one that nobody wants, which the server reads
// before it answers.
func TestSlowSenderOfABody(t *testing.T) {
	for path, want := range map[string]string{
		queryPath:        "408 The request body did not arrive in time.",
		"/api/v2/status": "405 Use GET.",
		"/api/nothing":   "404 There is nothing under this path.",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWire(&host{})
			defer w.stop()
			c := w.dial()
			defer c.Close()
			begun := time.Now()
			if _, err := io.WriteString(c, head(path, 100)+"a little"); err != nil {
				t.Fatal(err)
			}
			status, contentType, body := receive(t, c)
			if got := fmt.Sprintf("%d %s", status, body); contentType != plain || got != want {
				t.Errorf("%s: %s %s", path, contentType, got)
			}
			if waited := time.Since(begun); waited != 10*time.Second {
				t.Errorf("%s: the server waited %v", path, waited)
			}
		})
	}
}

// TestSlowBlock: what clients are told when the service takes longer than they
// may wait.
func TestSlowBlock(t *testing.T) {
	for _, test := range []struct {
		path        string
		kind        ingress.Kind
		status      int
		contentType string
		body        string
	}{
		{callPath, ingress.Call, 202, asCBOR, "\xd9\xd9\xf7\xa1\x66status\x68accepted"},
		{"/api/v3/canister/" + self.String() + "/call", ingress.Call, 202, asCBOR, "\xd9\xd9\xf7\xa1\x66status\x68accepted"},
		{"/api/v2/canister/" + self.String() + "/call", ingress.Call, 503, plain, "The service did not answer in time. Try again in a moment."},
		{queryPath, ingress.Query, 503, plain, "The service did not answer in time. Try again in a moment."},
		{"/api/v2/canister/" + self.String() + "/read_state", ingress.ReadState, 503, plain, "The service did not answer in time. Try again in a moment."},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWire(&host{})
			defer w.stop()
			c := w.dial()
			defer c.Close()
			body := envelope(test.kind, []byte{})
			if _, err := io.WriteString(c, head(test.path, len(body))); err != nil {
				t.Fatal(err)
			}
			// The time for the body is not part of the wait.
			time.Sleep(9 * time.Second)
			if _, err := c.Write(body); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			status, contentType, text := receive(t, c)
			if status != test.status || contentType != test.contentType || text != test.body {
				t.Errorf("%s: %d %s %q", test.path, status, contentType, text)
			}
			if waited := time.Since(begun); waited != 10*time.Second {
				t.Errorf("%s: answered after %v", test.path, waited)
			}
		})
	}
}

func TestClientWhoGoesAwayEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{gone: make(chan error, 1)}
		w := newWire(h)
		defer w.stop()
		c := w.dial()
		body := envelope(ingress.Call, []byte{})
		begun := time.Now()
		if _, err := c.Write(append([]byte(head(callPath, len(body))), body...)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		c.Close()
		if err := <-h.gone; !errors.Is(err, context.Canceled) || time.Since(begun) != 0 {
			t.Errorf("the call ended with %v after %v", err, time.Since(begun))
		}
	})
}

func great(n int) func(*ingress.Envelope) (*ingress.QueryResponse, error) {
	return func(*ingress.Envelope) (*ingress.QueryResponse, error) {
		return &ingress.QueryResponse{Outcome: ingress.Outcome{Replied: true, Arg: make([]byte, n)}}, nil
	}
}

// TestConnectionMayRestBetweenRequests: no deadline of a request ends a later
// one on the same connection.
func TestConnectionMayRestBetweenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire(&host{query: great(100_000)})
		defer w.stop()
		c := w.dial()
		defer c.Close()
		body := envelope(ingress.Query, []byte{})
		for range 3 {
			if _, err := c.Write(append([]byte(head(queryPath, len(body))), body...)); err != nil {
				t.Fatal(err)
			}
			if status, _, answer := receive(t, c); status != 200 || len(answer) < 100_000 {
				t.Errorf("%d and %d bytes", status, len(answer))
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestSlowReaderOfAnAnswerIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire(&host{query: great(1 << 20)})
		defer w.stop()
		c := w.dial()
		defer c.Close()
		body := envelope(ingress.Query, []byte{})
		if _, err := c.Write(append([]byte(head(queryPath, len(body))), body...)); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		// A byte now and then does not help.
		read, one := 0, make([]byte, 1)
		for {
			n, err := c.Read(one)
			read += n
			if err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if read > 1000 || time.Since(begun) > time.Minute {
			t.Errorf("the server wrote for %v", time.Since(begun))
		}
	})
}

// hold keeps great requests inside until it is opened.
type hold struct{ inside, open chan struct{} }

func newHold() *hold { return &hold{inside: make(chan struct{}), open: make(chan struct{})} }

func (h *hold) query(e *ingress.Envelope) (*ingress.QueryResponse, error) {
	if len(e.Content.Arg) > 0 {
		h.inside <- struct{}{}
		<-h.open
	}
	return great(10)(e)
}

// flood sends great requests from one address, all at once or one by one, does
// something while those that got in are held, and counts how each was answered.
func (h *hold) flood(t *testing.T, api http.Handler, address string, count int, oneByOne bool, meanwhile func()) map[int]int {
	t.Helper()
	body := envelope(ingress.Query, make([]byte, ingress.MaxBodyBytes-1000))
	statuses := map[int]int{}
	answers := make(chan int)
	send := func() { go func() { answers <- from(api, address, body).Code }() }
	// Those that are refused are answered while the others are held.
	fate := func() {
		select {
		case <-h.inside:
			statuses[http.StatusOK]++
		case status := <-answers:
			statuses[status]++
		}
	}
	if oneByOne {
		for range count {
			send()
			fate()
		}
	} else {
		for range count {
			send()
		}
		for range count {
			fate()
		}
	}
	meanwhile()
	close(h.open)
	for range statuses[http.StatusOK] {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("one that got in is answered with %d", status)
		}
	}
	h.open = make(chan struct{})
	return statuses
}

// from sends a query from an address.
func from(api http.Handler, address string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", queryPath, bytes.NewReader(body))
	r.RemoteAddr = address
	r.Header.Set("Content-Type", asCBOR)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestMemoryIsBoundedUnderManyGreatBodies(t *testing.T) {
	h := newHold()
	api := httpapi.New(&host{query: h.query}, httpapi.Options{})
	before := heap()
	for range 2 { // the second time all of it has been given back
		statuses := h.flood(t, api, "127.0.0.1:1", 30, false, func() {
			if took := heap() - before; took > httpapi.MaxHeld {
				t.Errorf("%d MiB are held, limit %d", took>>20, httpapi.MaxHeld>>20)
			}
		})
		if statuses[200] == 0 || statuses[503] < 5 || statuses[200]+statuses[503] != 30 {
			t.Errorf("statuses %v", statuses)
		}
	}
}

func TestOneClientDoesNotShutOthersOut(t *testing.T) {
	h := newHold()
	api := httpapi.New(&host{query: h.query}, httpapi.Options{})
	small := envelope(ingress.Query, []byte{})
	statuses := h.flood(t, api, "192.0.2.1:1", 15, true, func() {
		for _, address := range []string{"192.0.2.1:2", "192.0.2.2:1", "[2001:db8::1]:1", "127.0.0.1:1"} {
			if w := from(api, address, small); w.Code != 200 {
				t.Errorf("%s is answered with %d", address, w.Code)
			}
		}
		if w := from(api, "192.0.2.1:2", envelope(ingress.Query, make([]byte, ingress.MaxBodyBytes-1000))); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
			t.Errorf("another great one of the client is answered with %d %v", w.Code, w.Header())
		}
	})
	if statuses[200] != 12 || statuses[503] != 3 {
		t.Errorf("statuses %v", statuses)
	}
}

func TestTooManyRequestsOfOneClient(t *testing.T) {
	s := newService(t)
	api := httpapi.New(s.replica, httpapi.Options{Clients: ratelimit.New(0.001, 3)})
	send := func(address string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/api/v2/status", nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w
	}
	for range 3 {
		if w := send("192.0.2.1:1"); w.Code != 200 {
			t.Errorf("%d", w.Code)
		}
	}
	w := send("192.0.2.1:2")
	if w.Code != 429 || w.Body.String() != "Too many requests. Wait a moment and try again." || w.Header().Get("Retry-After") != "1" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	for _, address := range []string{"192.0.2.2:1", "127.0.0.1:1"} {
		if w := send(address); w.Code != 200 {
			t.Errorf("%s: %d", address, w.Code)
		}
	}
}

func TestErrorsOfOursAreNotShown(t *testing.T) {
	api := httpapi.New(&host{query: func(*ingress.Envelope) (*ingress.QueryResponse, error) {
		return nil, errors.New("secret cause")
	}}, httpapi.Options{})
	got := ask(api, "POST", queryPath, asCBOR, bytes.NewReader(envelope(ingress.Query, []byte{})))
	if got.status != 500 || got.contentType != plain || strings.Contains(got.body, "secret") {
		t.Errorf("%+v", got)
	}
}

// TestPanicGivesItsMemoryBack: the server goes on after one.
func TestPanicGivesItsMemoryBack(t *testing.T) {
	api := httpapi.New(&host{query: func(*ingress.Envelope) (*ingress.QueryResponse, error) { panic("an error in the program") }}, httpapi.Options{})
	body := envelope(ingress.Query, make([]byte, ingress.MaxBodyBytes-1000))
	for range 30 {
		func() {
			defer func() {
				if cause := recover(); cause != "an error in the program" {
					t.Fatalf("recovered %v", cause)
				}
			}()
			got := ask(api, "POST", queryPath, asCBOR, bytes.NewReader(body))
			t.Fatalf("refused: %+v", got)
		}()
	}
}
