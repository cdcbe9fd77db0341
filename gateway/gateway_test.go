package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"internetidentity/candid"
	"internetidentity/principal"
)

var (
	home  = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")
	other = principal.MustParse("qoctq-giaaa-aaaaa-aaaea-cai")
)

// fake is a canister that remembers what it was asked.
type fake struct {
	asked    principal.Principal
	request  argument
	calls    int
	response reply
	err      error
	raw      []byte // instead of the response
}

func (f *fake) HTTPRequest(ctx context.Context, canister principal.Principal, arg []byte) ([]byte, error) {
	f.calls++
	f.asked = canister
	f.request = argument{}
	if err := candid.MustCodec[argument]().Decode(arg, &f.request); err != nil {
		return nil, fmt.Errorf("the gateway sent what is not http_request's argument: %w", err)
	}
	if f.err != nil {
		return nil, f.err
	}
	if f.raw != nil {
		return f.raw, nil
	}
	return candid.MustCodec[reply]().Encode(&f.response), nil
}

func answering(status uint16, body string, headers ...headerPair) *fake {
	f := &fake{}
	f.response.Response.StatusCode, f.response.Response.Body, f.response.Response.Headers = status, []byte(body), headers
	return f
}

// get sends a request from this machine.
func get(handler http.Handler, url string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.RemoteAddr = "127.0.0.1:1"
	for _, f := range edit {
		f(r)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestRequestReachesTheCanister(t *testing.T) {
	f := answering(200, "hello", headerPair{"Content-Type", "text/html"}, headerPair{"X-Two", "1"}, headerPair{"x-two", "2"})
	w := get(New(f, Options{Default: home}), "http://localhost:4943/a%20b/?q=1&q=%32", func(r *http.Request) {
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("X-Custom", "yes")
		r.Header.Set("Cookie", "secret=1")
		r.Header.Set("Authorization", "secret")
		r.Header.Set("Connection", "keep-alive")
		r.Header.Set("X-Request-Id", "1")
	})
	if w.Code != 200 || w.Body.String() != "hello" {
		t.Fatalf("%d %q", w.Code, w.Body)
	}
	if f.asked != home {
		t.Errorf("asked %s", f.asked)
	}
	got := f.request.Request
	if got.Method != "GET" || got.URL != "/a%20b/?q=1&q=%32" || len(got.Body) != 0 || got.CertificateVersion == nil || *got.CertificateVersion != 2 {
		t.Errorf("the canister was asked %+v", got)
	}
	want := []headerPair{{"accept-encoding", "gzip, identity"}, {"host", "localhost:4943"}, {"x-custom", "yes"}}
	if !slices.Equal(got.Headers, want) {
		t.Errorf("headers %v, want %v", got.Headers, want)
	}
	for name, value := range map[string]string{
		"Content-Type":                "text/html",
		"Content-Length":              "5",
		"X-Ic-Canister-Id":            home.String(),
		"X-Content-Type-Options":      "nosniff",
		"Referrer-Policy":             "same-origin",
		"Access-Control-Allow-Origin": "*",
		"Cross-Origin-Opener-Policy":  "",
	} {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if got := w.Header().Values("X-Two"); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("X-Two: %q", got)
	}
}

func TestTheCanistersHeadersCount(t *testing.T) {
	f := answering(200, "hello",
		headerPair{"referrer-policy", "no-referrer"}, headerPair{"access-control-allow-origin", "https://one.example"},
		headerPair{"transfer-encoding", "chunked"}, headerPair{"content-length", "999"}, headerPair{"connection", "close"})
	w := get(New(f, Options{Default: home}), "http://localhost/")
	for name, value := range map[string]string{
		"Referrer-Policy":             "no-referrer",
		"Access-Control-Allow-Origin": "https://one.example",
		"Transfer-Encoding":           "",
		"Connection":                  "",
		"Content-Length":              "5",
	} {
		if got := strings.Join(w.Header().Values(name), "|"); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestMethods(t *testing.T) {
	f := answering(200, "hello")
	gateway := New(f, Options{Default: home})
	w := get(gateway, "http://localhost/", func(r *http.Request) { r.Method = http.MethodHead })
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "5" || f.request.Request.Method != "GET" {
		t.Errorf("HEAD: %d %q, length %s, asked with %s", w.Code, w.Body, w.Header().Get("Content-Length"), f.request.Request.Method)
	}
	w = get(gateway, "http://localhost/", func(r *http.Request) {
		r.Method = http.MethodPost
		r.Body = io.NopCloser(strings.NewReader("content"))
	})
	if w.Code != 200 || string(f.request.Request.Body) != "content" || f.request.Request.Method != "POST" {
		t.Errorf("POST: %d, asked with %+v", w.Code, f.request.Request)
	}
	calls := f.calls
	w = get(gateway, "http://localhost/.well-known/ii-alternative-origins", func(r *http.Request) { r.Method = http.MethodOptions })
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Access-Control-Allow-Credentials") != "" || f.calls != calls {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	for _, method := range []string{"TRACE", "CONNECT", "BREW"} {
		if w := get(gateway, "http://localhost/", func(r *http.Request) { r.Method = method }); w.Code != 405 {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	f = answering(204, "", headerPair{"X", "1"})
	if w := get(New(f, Options{Default: home}), "http://localhost/"); w.Code != 204 || w.Header().Get("Content-Type") != "" || w.Header().Get("X") != "1" {
		t.Errorf("no content: %d %v", w.Code, w.Header())
	}
}

func TestAnswersThatCannotStandInHTTP(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		edit func(*fake)
		want int
	}{
		"a good one":            {func(*fake) {}, 200},
		"status 0":              {func(f *fake) { f.response.Response.StatusCode = 0 }, 502},
		"status 101":            {func(f *fake) { f.response.Response.StatusCode = 101 }, 502},
		"status 600":            {func(f *fake) { f.response.Response.StatusCode = 600 }, 502},
		"an upgrade":            {func(f *fake) { f.response.Response.Upgrade = &yes }, 502},
		"no upgrade":            {func(f *fake) { f.response.Response.Upgrade = &no }, 200},
		"a stream":              {func(f *fake) { f.response.Response.Streaming = &candid.Reserved{} }, 502},
		"a header of two lines": {func(f *fake) { f.response.Response.Headers = []headerPair{{"X", "1\r\nSet-Cookie: a=b"}} }, 502},
		"a name with a colon":   {func(f *fake) { f.response.Response.Headers = []headerPair{{"X: a", "1"}} }, 502},
		"an empty name":         {func(f *fake) { f.response.Response.Headers = []headerPair{{"", "1"}} }, 502},
		"many headers":          {func(f *fake) { f.response.Response.Headers = slices.Repeat([]headerPair{{"X", "1"}}, 1000) }, 502},
		"long headers": {func(f *fake) {
			f.response.Response.Headers = []headerPair{{"X", strings.Repeat("a", maxResponseHeaderBytes)}}
		}, 502},
		"a large body":   {func(f *fake) { f.response.Response.Body = make([]byte, maxResponseBody+1) }, 502},
		"no Candid":      {func(f *fake) { f.raw = []byte("hello") }, 502},
		"another reply":  {func(f *fake) { f.raw = []byte("DIDL\x00\x01\x71\x00") }, 502},
		"no reply":       {func(f *fake) { f.raw = []byte{} }, 502},
		"a reject":       {func(f *fake) { f.err = errors.New("trapped: secret detail") }, 502},
		"no canister":    {func(f *fake) { f.err = fmt.Errorf("id: %w", ErrNoCanister) }, 404},
		"a late answer":  {func(f *fake) { f.err = context.DeadlineExceeded }, 504},
		"nothing in it":  {func(f *fake) { f.response.Response.Body = nil }, 200},
		"a redirection":  {func(f *fake) { f.response.Response.StatusCode = 302 }, 302},
		"an error of it": {func(f *fake) { f.response.Response.StatusCode = 599 }, 599},
	} {
		f := answering(200, "hello")
		c.edit(f)
		w := get(New(f, Options{Default: home}), "http://localhost/")
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the client is told %q", name, w.Body)
		}
		if w.Code >= 500 && w.Code != 599 && (w.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain")) {
			t.Errorf("%s: headers %v", name, w.Header())
		}
	}
}

// A canister with the streaming types of the official interface, but without
// a stream, is understood.
func TestStreamingTypesAreUnderstood(t *testing.T) {
	program, err := candid.ParseProgram(`
		type Token = record { key : text; index : nat };
		type Part = record { body : blob; token : opt Token };
		type Response = record { status_code : nat16; headers : vec record { text; text }; body : blob; upgrade : opt bool;
			streaming_strategy : opt variant { Callback : record { token : Token; callback : func (Token) -> (Part) query } } }`)
	if err != nil {
		t.Fatal(err)
	}
	types, err := program.ParseTypes("(Response)")
	if err != nil {
		t.Fatal(err)
	}
	for stream, want := range map[string]int{
		"null": 200,
		`opt variant { Callback = record { token = record { key = "a"; index = 1 : nat }; callback = func "qoctq-giaaa-aaaaa-aaaea-cai".next } }`: 502,
	} {
		values, err := candid.ParseValues(`(record { status_code = 200 : nat16; headers = vec { record { "a"; "b" } }; body = blob "hello"; upgrade = null; streaming_strategy = `+stream+` })`, types)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := candid.Encode(types, values)
		if err != nil {
			t.Fatal(err)
		}
		if w := get(New(&fake{raw: encoded}, Options{Default: home}), "http://localhost/"); w.Code != want {
			t.Errorf("%s: %d %s, want %d", stream, w.Code, w.Body, want)
		}
	}
}

func TestUncertifiedAnswersAreRefused(t *testing.T) {
	f := answering(200, `{"alternativeOrigins":["https://evil.example"]}`)
	var seen *Request
	options := Options{Default: home, Verify: func(canister principal.Principal, request *Request, response *Response) error {
		seen = request
		if canister != home || string(response.Body) == string(f.response.Response.Body) {
			return errors.New("not certified")
		}
		return nil
	}}
	w := get(New(f, options), "http://localhost/.well-known/ii-alternative-origins")
	if w.Code != 502 || strings.Contains(w.Body.String(), "evil") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if seen == nil || seen.URL != "/.well-known/ii-alternative-origins" {
		t.Errorf("checked for %+v", seen)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	f := answering(200, "from the canister")
	healthy := true
	options := Options{Default: home, Healthy: func() bool { return healthy }}
	if w := get(New(f, options), "http://anything.example/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	healthy = false
	if w := get(New(f, options), "http://localhost/healthz"); w.Code != 503 {
		t.Errorf("%d", w.Code)
	}
	if w := get(New(f, options), "http://localhost/metrics"); w.Body.String() != "from the canister" {
		t.Errorf("%q", w.Body)
	}
	options.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "from the process") })
	if w := get(New(f, options), "http://localhost/metrics"); w.Body.String() != "from the process" {
		t.Errorf("%q", w.Body)
	}
}

func BenchmarkGateway(b *testing.B) {
	f := answering(200, strings.Repeat("a", 10_000), headerPair{"Content-Type", "text/html"})
	raw := candid.MustCodec[reply]().Encode(&f.response)
	handler := New(&fake{raw: raw}, Options{Default: home})
	b.ReportAllocs()
	for b.Loop() {
		if w := get(handler, "http://localhost/a"); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
