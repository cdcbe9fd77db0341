package gateway

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"internetidentity/principal"
	"internetidentity/ratelimit"
)

func TestHosts(t *testing.T) {
	options := Options{
		Default: home,
		Domains: []string{"id.example", "Wild.Example."},
		Hosts:   map[string]principal.Principal{"Login.example": other},
	}
	for _, c := range []struct {
		host, path, referer string
		want                principal.Principal // management: none
	}{
		{host: "localhost", want: home},
		{host: "LOCALHOST:4943", want: home},
		{host: "localhost.", want: home},
		{host: "127.0.0.1:4943", want: home},
		{host: "[::1]:4943", want: home},
		{host: "[::1]", want: home},
		{host: "192.168.1.5", want: home},
		{host: "id.example", want: home},
		{host: "wild.example:443", want: home},
		{host: "login.example", want: other},
		{host: other.String() + ".localhost:4943", want: other},
		{host: strings.ToUpper(other.String()) + ".localhost", want: other},
		{host: other.String() + ".id.example", want: other},
		{host: "app--" + other.String() + ".id.example", want: other},
		{host: "my--app--" + other.String() + ".localhost", want: other},
		{host: other.String() + ".raw.localhost"},
		{host: other.String() + ".raw.localhost", path: "/?canisterId=" + other.String()},
		{host: "deep." + other.String() + ".localhost"},
		{host: other.String() + ".elsewhere.example"},
		{host: "elsewhere.example"},
		{host: "evil-localhost"},
		{host: "name.localhost"},
		{host: "aaaaa-aa.localhost"},
		{host: "name.localhost", path: "/?canisterId=" + other.String(), want: other},
		{host: "localhost", path: "/?a=b&canisterId=" + other.String() + "&c", want: other},
		{host: "localhost", path: "/?canisterId=nonsense", want: home},
		{host: "localhost", path: "/?canisterId=aaaaa-aa", want: home},
		{host: home.String() + ".localhost", path: "/?canisterId=" + other.String(), want: home},
		{host: "name.localhost", referer: "http://name.localhost/?canisterId=" + other.String(), want: other},
		{host: "name.localhost", referer: "http://evil.example/?canisterId=" + other.String()},
		{host: "name.localhost", referer: "http://[%zz/?canisterId=" + other.String()},
		{host: "localhost", referer: "http://localhost/?canisterId=" + other.String(), want: home},
		{host: ""},
		{host: "."},
		{host: "::::"},
		{host: "a b"},
		{host: "local\x00host"},
		{host: "löcalhost"},
		{host: "localhost:99:99"},
		{host: "../../etc"},
		{host: "localhost/evil"},
		{host: "<script>.localhost"},
		{host: strings.Repeat("a", 300) + ".localhost"},
	} {
		path := c.path
		if path == "" {
			path = "/"
		}
		f := answering(200, "")
		w := get(New(f, options), path, func(r *http.Request) {
			r.Host = c.host
			r.Header.Set("Referer", c.referer)
		})
		if c.want.IsManagement() {
			if w.Code != 404 || f.calls != 0 || strings.Contains(w.Body.String(), "<") {
				t.Errorf("%q %s: %d, asked %s", c.host, c.path, w.Code, f.asked)
			}
		} else if w.Code != 200 || f.asked != c.want {
			t.Errorf("%q %s: %d, asked %s, want %s", c.host, c.path, w.Code, f.asked, c.want)
		}
	}
	if w := get(New(answering(200, ""), Options{}), "http://localhost/"); w.Code != 404 {
		t.Errorf("without a default: %d", w.Code)
	}
}

func TestPathsThatNoBrowserSends(t *testing.T) {
	for path, want := range map[string]int{
		"/a/b.c":                         200,
		"/...":                           200,
		"/a//b":                          200,
		"/%2e%2e/etc/passwd":             400,
		"/a/..":                          400,
		"/a/./b":                         400,
		"/a%2f..%2fb":                    400,
		"/a/..%5cb":                      400,
		"/%00":                           400,
		"/a%0d%0ab":                      400,
		"/" + strings.Repeat("a", 7_000): 200,
		"/" + strings.Repeat("a", 9_000): 414,
		"/?" + strings.Repeat("a", 9e3):  414,
	} {
		f := answering(200, "")
		if w := get(New(f, Options{Default: home}), "http://localhost"+path); w.Code != want || (f.calls > 0) != (want == 200) {
			t.Errorf("%.40s: %d, want %d", path, w.Code, want)
		}
	}
}

// A canister is told texts; what is none would only come back as its failure.
func TestBytesThatAreNoText(t *testing.T) {
	asked := false
	handler := New(canisterFunc(func() { asked = true }), Options{Default: home})
	for name, change := range map[string]func(*http.Request){
		"a header":    func(r *http.Request) { r.Header.Set("X-Name", "caf\xe9") },
		"the query":   func(r *http.Request) { r.URL.RawQuery = "a=\xff" },
		"the referer": func(r *http.Request) { r.Header.Set("Referer", "\xfe\xff") },
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		change(r)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || asked {
			t.Errorf("%s: status %d, the canister was asked: %v", name, w.Code, asked)
		}
	}
}

// canisterFunc notices that it is asked.
type canisterFunc func()

func (f canisterFunc) HTTPRequest(context.Context, principal.Principal, []byte) ([]byte, error) {
	f()
	return nil, ErrNoCanister
}

func TestFloods(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*http.Request)
		want int
	}{
		"some headers": {func(r *http.Request) { manyHeaders(r, 30, 10) }, 200},
		"many headers": {func(r *http.Request) { manyHeaders(r, 100, 10) }, 431},
		"long headers": {func(r *http.Request) { manyHeaders(r, 10, 2_000) }, 431},
		"one header often": {func(r *http.Request) {
			for range 100 {
				r.Header.Add("X", "1")
			}
		}, 431},
		"cookies of others": {func(r *http.Request) { r.Header.Set("Cookie", strings.Repeat("a=b; ", 5_000)) }, 200},
		"a large body":      {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat("a", maxRequestBody+1))) }, 413},
		"a body in pieces":  {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat("a", maxRequestBody))) }, 200},
		"a broken body":     {func(r *http.Request) { r.Body = io.NopCloser(&broken{}) }, 408},
	} {
		f := answering(200, "")
		w := get(New(f, Options{Default: home}), "http://localhost/", c.edit)
		if w.Code != c.want || (f.calls > 0) != (c.want == 200) {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

func manyHeaders(r *http.Request, n, size int) {
	for i := range n {
		r.Header.Set(fmt.Sprintf("X-%d", i), strings.Repeat("a", size))
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// What Go's own server lets through must not surprise the gateway.
func TestRawConnections(t *testing.T) {
	server := httptest.NewServer(New(answering(200, "hello"), Options{Default: home}))
	defer server.Close()
	address := server.Listener.Addr().String()
	for request, want := range map[string]int{
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                                     200,
		"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                                    200,
		"GET http://localhost/a HTTP/1.1\r\nHost: evil.example\r\n\r\n":                                                 200,
		"GET http://evil.example/a HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                 404,
		"GET / HTTP/1.1\r\n\r\n":                                                                                        400,
		"GET / HTTP/1.0\r\n\r\n":                                                                                        404,
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n":                                                                  400,
		"GET / HTTP/1.1\r\nHost: local<host\r\n\r\n":                                                                    400,
		"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                     400,
		"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                                 200,
		"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n":                                                   405,
		"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello1":                    400,
		"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n" + strings.Repeat("a", maxRequestBody+1): 413,
	} {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, request); err != nil {
			t.Fatal(err)
		}
		method, _, _ := strings.Cut(request, " ")
		response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%.60q: %v", request, err)
		}
		if response.StatusCode != want {
			t.Errorf("%.60q: %d, want %d", request, response.StatusCode, want)
		}
		if err := connection.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := answering(200, "")
		handler := New(f, Options{Default: home, Clients: ratelimit.New(2, 3)})
		from := func(address string) int {
			return get(handler, "http://localhost/", func(r *http.Request) { r.RemoteAddr = address }).Code
		}
		for range 3 {
			if code := from("192.0.2.1:1000"); code != 200 {
				t.Fatalf("%d within the burst", code)
			}
		}
		if code := from("192.0.2.1:2000"); code != 429 {
			t.Errorf("%d beyond the burst, from another port", code)
		}
		if code := from("192.0.2.2:1000"); code != 200 {
			t.Errorf("%d for somebody else", code)
		}
		if code := from("127.0.0.1:1000"); code != 200 {
			t.Errorf("%d for this machine", code)
		}
		for i := range 4 {
			code := from(fmt.Sprintf("[2001:db8::%x]:1", i))
			if want := map[bool]int{true: 200, false: 429}[i < 3]; code != want {
				t.Errorf("%d for address %d of one network, want %d", code, i, want)
			}
		}
		<-time.After(time.Second) // by the bubble's clock
		if code := from("192.0.2.1:1000"); code != 200 {
			t.Errorf("%d after a pause", code)
		}
		// Probes are not counted.
		for range 10 {
			if code := get(handler, "http://localhost/healthz", func(r *http.Request) { r.RemoteAddr = "192.0.2.9:1" }).Code; code != 200 {
				t.Errorf("%d for a probe", code)
			}
		}
	})
}

func TestClientsBehindAProxy(t *testing.T) {
	handler := New(answering(200, ""), Options{Default: home, Clients: ratelimit.New(0.001, 1), ClientIP: func(r *http.Request) netip.Addr {
		address, err := netip.ParseAddr(r.Header.Get("X-Real-Ip"))
		if err != nil {
			return netip.Addr{}
		}
		return address
	}})
	for i, c := range []struct {
		ip   string
		want int
	}{{"192.0.2.1", 200}, {"192.0.2.1", 429}, {"192.0.2.2", 200}, {"nonsense", 200}, {"other nonsense", 429}, {"fe80::1%eth0", 200}, {"::ffff:192.0.2.1", 429}} {
		if w := get(handler, "http://localhost/", func(r *http.Request) { r.Header.Set("X-Real-Ip", c.ip) }); w.Code != c.want {
			t.Errorf("%d. %s: %d, want %d", i, c.ip, w.Code, c.want)
		}
	}
}

func FuzzHosts(f *testing.F) {
	f.Add("localhost:4943", "canisterId=rdmx6-jaaaa-aaaaa-aaadq-cai", "http://localhost/")
	f.Add("a--rdmx6-jaaaa-aaaaa-aaadq-cai.localhost", "", "")
	h := newHosts(Options{Default: home, Domains: []string{"id.example"}})
	f.Fuzz(func(t *testing.T, host, query, referer string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host, r.URL.RawQuery = host, query
		r.Header.Set("Referer", referer)
		if id, ok := h.canister(r); ok && id.IsManagement() {
			t.Fatalf("%q %q %q: the management canister has no pages", host, query, referer)
		}
	})
}
