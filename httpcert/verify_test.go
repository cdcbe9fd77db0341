package httpcert_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/httpcert"
	"internetidentity/principal"
)

// exchange is one case of the file, which was checked with the ecosystem's own
// verifier.
type exchange struct {
	Name    string
	Request struct {
		Method, URL string
		Headers     [][2]string
		Body        string `json:"body_hex"`
	}
	Response struct {
		Status  uint16
		Headers [][2]string
		Body    string `json:"body_hex"`
	}
	Canister     string `json:"canister_id_hex"`
	RootKey      string `json:"root_key_der_hex"`
	Time         string `json:"verify_time_ns"`
	MaxOffset    string `json:"max_offset_ns"`
	Expected     string
	ResponseHash string `json:"response_hash_hex"`
	ExprHash     string `json:"expr_hash_hex"`
}

func headers(pairs [][2]string) []httpcert.Header {
	var list []httpcert.Header
	for _, pair := range pairs {
		list = append(list, httpcert.Header{Name: pair[0], Value: pair[1]})
	}
	return list
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func number(t *testing.T, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// check is what a gateway gives to a Verifier.
func check(root certificate.BLSPublicKey, canister principal.Principal) func([]byte) (hashtree.Digest, uint64, error) {
	return func(encoded []byte) (hashtree.Digest, uint64, error) {
		c, err := certificate.Parse(encoded)
		if err != nil {
			return hashtree.Digest{}, 0, err
		}
		if err := c.VerifyForCanister(root, canister); err != nil {
			return hashtree.Digest{}, 0, err
		}
		data, status := c.Tree.Lookup([]byte("canister"), canister.Bytes(), []byte("certified_data"))
		if status != hashtree.Found || len(data) != len(hashtree.Digest{}) {
			return hashtree.Digest{}, 0, errors.New("no certified data")
		}
		time, err := c.Time()
		return hashtree.Digest(data), time, err
	}
}

func TestCapturedExchanges(t *testing.T) {
	data, err := os.ReadFile("testdata/http-certification-e2e.json")
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []exchange
	if err := json.Unmarshal(data, &exchanges); err != nil {
		t.Fatal(err)
	}
	for _, c := range exchanges {
		t.Run(c.Name, func(t *testing.T) {
			root, err := certificate.ParseBLSPublicKeyDER(unhex(t, c.RootKey))
			if err != nil {
				t.Fatal(err)
			}
			canister, err := principal.FromBytes(unhex(t, c.Canister))
			if err != nil {
				t.Fatal(err)
			}
			verifier := httpcert.Verifier{Check: check(root, canister), Now: number(t, c.Time), MaxOffset: number(t, c.MaxOffset), MinVersion: 2}
			request := &httpcert.Request{Method: c.Request.Method, URL: c.Request.URL, Headers: headers(c.Request.Headers), Body: unhex(t, c.Request.Body)}
			response := &httpcert.Response{Status: c.Response.Status, Headers: headers(c.Response.Headers), Body: unhex(t, c.Response.Body)}
			verified, err := verifier.Verify(request, response)
			if (err == nil) != (c.Expected == "valid") {
				t.Fatalf("%v, want %s", err, c.Expected)
			}
			if err != nil {
				return
			}
			var text string
			for _, h := range response.Headers {
				if h.Name == httpcert.ExpressionName {
					text = h.Value
				}
			}
			expression, err := httpcert.ParseExpression(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := sha256.Sum256([]byte(expression.String())); hex.EncodeToString(got[:]) != c.ExprHash {
				t.Errorf("expression %s is not what was sent: %s", expression, text)
			}
			if verified.Skipped != expression.Skip {
				t.Errorf("skipped: %v", verified.Skipped)
			}
			if got := expression.ResponseHash(response); !expression.Skip && hex.EncodeToString(got[:]) != c.ResponseHash {
				t.Errorf("response hash %x", got)
			}
			// The same bytes are worth nothing later, for another canister, or
			// under another key.
			for name, v := range map[string]httpcert.Verifier{
				"later":            {Check: verifier.Check, Now: verifier.Now + verifier.MaxOffset + 1e9, MaxOffset: verifier.MaxOffset},
				"earlier":          {Check: verifier.Check, Now: verifier.Now - verifier.MaxOffset - 1e9, MaxOffset: verifier.MaxOffset},
				"another canister": {Check: check(root, principal.MustParse("qoctq-giaaa-aaaaa-aaaea-cai")), Now: verifier.Now, MaxOffset: verifier.MaxOffset},
				"a newer version":  {Check: verifier.Check, Now: verifier.Now, MaxOffset: verifier.MaxOffset, MinVersion: 3},
			} {
				if _, err := v.Verify(request, response); !errors.Is(err, httpcert.ErrInvalid) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// site is a canister with a certified tree; its certificate is the digest
// itself, since signing is not what is tested here.
type site struct{ tree hashtree.Map }

const now = 1_700_000_000_000_000_000

func (s *site) verifier() httpcert.Verifier {
	return httpcert.Verifier{Now: now, MaxOffset: 300e9, Check: func(certificate []byte) (hashtree.Digest, uint64, error) {
		if digest := s.tree.Digest(); !bytes.Equal(certificate, digest[:]) {
			return hashtree.Digest{}, 0, errors.New("not signed")
		}
		return s.tree.Digest(), now - 1e9, nil
	}}
}

// put certifies a response for a path and returns the entry.
func (s *site) put(t *testing.T, path httpcert.Path, e httpcert.Expression, request *httpcert.Request, response *httpcert.Response) httpcert.Entry {
	t.Helper()
	if !strings.Contains(headerText(response, httpcert.ExpressionName), "certification") {
		response.Headers = append(response.Headers, httpcert.Header{Name: httpcert.ExpressionName, Value: e.String()})
	}
	entry := httpcert.Entry{Path: path, Expression: e, Response: e.ResponseHash(response)}
	if e.Request != nil {
		var err error
		if entry.Request, err = e.RequestHash(request); err != nil {
			t.Fatal(err)
		}
	}
	s.tree = entry.Put(s.tree)
	return entry
}

func headerText(r *httpcert.Response, name string) string {
	for _, h := range r.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// answer adds the proof, with a witness of the given paths.
func (s *site) answer(path httpcert.Path, response *httpcert.Response, paths []hashtree.Path) *httpcert.Response {
	digest := s.tree.Digest()
	proof := httpcert.Proof{Version: 2, Certificate: digest[:], Tree: s.tree.Witness(paths...), Path: path}
	answered := *response
	answered.Headers = append([]httpcert.Header{{Name: httpcert.CertificateName, Value: proof.String()}}, response.Headers...)
	return &answered
}

func TestEveryKindOfCertification(t *testing.T) {
	request := &httpcert.Request{Method: "GET", URL: "/a/b?x=1&y=2", Headers: []httpcert.Header{{Name: "Accept", Value: "text/html"}}}
	for _, e := range []httpcert.Expression{
		{Skip: true},
		{},
		{Headers: []string{"content-type"}},
		{Except: true},
		{Except: true, Headers: []string{"date"}},
		{Request: &httpcert.RequestParts{}},
		{Request: &httpcert.RequestParts{Headers: []string{"ACCEPT"}, Query: []string{"x"}}, Except: true},
	} {
		for _, path := range []httpcert.Path{httpcert.Exact("/a/b"), httpcert.Wildcard("/a/b"), httpcert.Wildcard("/a/"), httpcert.Wildcard("/a"), httpcert.Wildcard("/"), httpcert.Wildcard("")} {
			s := &site{}
			// Neighbours on every level.
			for _, other := range []string{"/a", "/a/a", "/a/c", "/z", "/index.html"} {
				s.put(t, httpcert.Exact(other), httpcert.Expression{}, nil, &httpcert.Response{Status: 200})
			}
			response := &httpcert.Response{Status: 200, Headers: []httpcert.Header{{Name: "Content-Type", Value: "text/html"}, {Name: "Date", Value: "today"}}, Body: []byte("hello")}
			entry := s.put(t, path, e, request, response)
			paths, err := entry.WitnessPaths(request.URL)
			if err != nil {
				t.Fatal(err)
			}
			answered := s.answer(path, response, paths)
			verified, err := s.verifier().Verify(request, answered)
			if err != nil {
				t.Errorf("%v at %q: %v", e, path, err)
				continue
			}
			if verified.Skipped != e.Skip || verified.Version != 2 {
				t.Errorf("%v: %+v", e, verified)
			}
			for _, h := range verified.Headers {
				if strings.HasPrefix(strings.ToLower(h.Name), "ic-") {
					t.Errorf("%v: %s is told as certified", e, h.Name)
				}
			}
			if e.Skip {
				continue
			}
			changed := *answered
			changed.Body = []byte("hullo")
			if _, err := s.verifier().Verify(request, &changed); err == nil {
				t.Errorf("%v at %q: another body is accepted", e, path)
			}
			changed = *answered
			changed.Status = 404
			if _, err := s.verifier().Verify(request, &changed); err == nil {
				t.Errorf("%v at %q: another status is accepted", e, path)
			}
			if e.Request != nil {
				other := *request
				other.Method = "POST"
				if _, err := s.verifier().Verify(&other, answered); err == nil {
					t.Errorf("%v at %q: another method is accepted", e, path)
				}
			}
		}
	}
}

func TestOnlyCertifiedPartsMayChange(t *testing.T) {
	s := &site{}
	e := httpcert.Expression{Headers: []string{"content-type"}, Request: &httpcert.RequestParts{Headers: []string{"accept"}, Query: []string{"x"}}}
	request := httpcert.Request{Method: "GET", URL: "/a?x=1&y=2&x=3", Headers: []httpcert.Header{{Name: "Accept", Value: "1"}, {Name: "Cookie", Value: "1"}}}
	response := &httpcert.Response{Status: 200, Headers: []httpcert.Header{{Name: "Content-Type", Value: "1"}, {Name: "Date", Value: "1"}}}
	entry := s.put(t, httpcert.Exact("/a"), e, &request, response)
	paths, err := entry.WitnessPaths(request.URL)
	if err != nil {
		t.Fatal(err)
	}
	answered := s.answer(entry.Path, response, paths)
	for _, c := range []struct {
		name  string
		valid bool
		edit  func(*httpcert.Request, *httpcert.Response)
	}{
		{"nothing", true, func(*httpcert.Request, *httpcert.Response) {}},
		{"a free response header", true, func(_ *httpcert.Request, r *httpcert.Response) {
			r.Headers = append(r.Headers, httpcert.Header{Name: "X", Value: "1"})
		}},
		{"the case of a name", true, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers[1].Name = "content-TYPE" }},
		{"a certified header", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers[1].Value = "2" }},
		{"a certified header twice", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers = append(r.Headers, r.Headers[1]) }},
		{"the expression", false, func(_ *httpcert.Request, r *httpcert.Response) {
			r.Headers[3].Value = httpcert.Expression{Skip: true}.String()
		}},
		{"the expression's spaces", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers[3].Value += " " }},
		{"two expressions", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers = append(r.Headers, r.Headers[3]) }},
		{"no expression", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers = r.Headers[:3] }},
		{"two proofs", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers = append(r.Headers, r.Headers[0]) }},
		{"no proof", false, func(_ *httpcert.Request, r *httpcert.Response) { r.Headers = r.Headers[1:] }},
		{"a free request header", true, func(r *httpcert.Request, _ *httpcert.Response) { r.Headers[1].Value = "2" }},
		{"a certified request header", false, func(r *httpcert.Request, _ *httpcert.Response) { r.Headers[0].Value = "2" }},
		{"a free parameter", true, func(r *httpcert.Request, _ *httpcert.Response) { r.URL = "/a?x=1&x=3&z=9" }},
		{"the order of parameters", false, func(r *httpcert.Request, _ *httpcert.Response) { r.URL = "/a?x=3&x=1" }},
		{"no parameters", false, func(r *httpcert.Request, _ *httpcert.Response) { r.URL = "/a" }},
		{"the request body", false, func(r *httpcert.Request, _ *httpcert.Response) { r.Body = []byte("1") }},
		{"a broken URL", false, func(r *httpcert.Request, _ *httpcert.Response) { r.URL = "/a%" }},
	} {
		q, r := request, *answered
		q.Headers = append([]httpcert.Header{}, request.Headers...)
		r.Headers = append([]httpcert.Header{}, answered.Headers...)
		c.edit(&q, &r)
		if _, err := s.verifier().Verify(&q, &r); (err == nil) != c.valid {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A wildcard may not answer where something more specific might.
func TestWildcardMustExcludeTheRest(t *testing.T) {
	e := httpcert.Expression{}
	fallback := &httpcert.Response{Status: 404, Body: []byte("not here")}
	for _, other := range []httpcert.Path{httpcert.Exact("/a/b"), httpcert.Wildcard("/a/b"), httpcert.Wildcard("/a/"), httpcert.Wildcard("/a"), httpcert.Wildcard("/")} {
		s := &site{}
		entry := s.put(t, httpcert.Wildcard(""), e, nil, fallback)
		s.put(t, other, e, nil, &httpcert.Response{Status: 200, Body: []byte("here")})
		request := &httpcert.Request{Method: "GET", URL: "/a/b"}
		honest, err := entry.WitnessPaths(request.URL)
		if err != nil {
			t.Fatal(err)
		}
		for name, paths := range map[string][]hashtree.Path{
			"revealed": append(honest, hashtree.P(other...)),
			"hidden":   honest[:1],
		} {
			if _, err := s.verifier().Verify(request, s.answer(entry.Path, fallback, paths)); err == nil {
				t.Errorf("%q %s: the fallback is accepted", other, name)
			}
		}
	}
	s := &site{}
	entry := s.put(t, httpcert.Exact("/a"), e, nil, fallback)
	if _, err := entry.WitnessPaths("/b"); err == nil {
		t.Error("an entry for /a answers /b")
	}
}

func TestVersionOne(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte("script")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	hash := func(b []byte) []byte { h := sha256.Sum256(b); return h[:] }
	s := &site{}
	s.tree = s.tree.Put(httpcert.AssetPath("/index.html"), hash([]byte("index"))).
		Put(httpcert.AssetPath("/a.js"), hash([]byte("script"))).
		Put(httpcert.AssetPath("/b.js"), hash(zipped.Bytes()))
	for _, c := range []struct {
		name, url, encoding string
		status              uint16
		body                []byte
		valid               bool
	}{
		{"the body", "/a.js", "", 200, []byte("script"), true},
		{"another body", "/a.js", "", 200, []byte("scrapt"), false},
		{"certified before encoding", "/a.js", "gzip", 200, zipped.Bytes(), true},
		{"certified after encoding", "/b.js", "gzip", 200, zipped.Bytes(), true},
		{"the fallback", "/any/where?x", "", 200, []byte("index"), true},
		{"the fallback where there is another", "/a.js", "", 200, []byte("index"), false},
		{"a redirection", "/a.js", "", 302, []byte("script"), false},
		{"not what the encoding says", "/a.js", "gzip", 200, []byte("scrapt"), false},
	} {
		paths, err := httpcert.AssetWitnessPaths(s.tree, c.url)
		if err != nil {
			t.Fatal(err)
		}
		digest := s.tree.Digest()
		proof := httpcert.Proof{Version: 1, Certificate: digest[:], Tree: s.tree.Witness(paths...)}
		response := &httpcert.Response{Status: c.status, Body: c.body, Headers: []httpcert.Header{{Name: "ic-certificate", Value: proof.String()}}}
		if c.encoding != "" {
			response.Headers = append(response.Headers, httpcert.Header{Name: "content-encoding", Value: c.encoding})
		}
		verified, err := s.verifier().Verify(&httpcert.Request{Method: "GET", URL: c.url}, response)
		if (err == nil) != c.valid {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && (verified.Version != 1 || verified.Headers != nil) {
			t.Errorf("%s: %+v", c.name, verified)
		}
		strict := s.verifier()
		strict.MinVersion = 2
		if _, err := strict.Verify(&httpcert.Request{Method: "GET", URL: c.url}, response); err == nil {
			t.Errorf("%s: version 1 is accepted where 2 is known", c.name)
		}
	}
	// A witness that hides the asset may not fall back.
	digest := s.tree.Digest()
	proof := httpcert.Proof{Version: 1, Certificate: digest[:], Tree: s.tree.Witness(httpcert.AssetPath("/index.html"))}
	hidden := &httpcert.Response{Status: 200, Body: []byte("index"), Headers: []httpcert.Header{{Name: "IC-Certificate", Value: proof.String()}}}
	if _, err := s.verifier().Verify(&httpcert.Request{Method: "GET", URL: "/b.js"}, hidden); err == nil {
		t.Error("the fallback is accepted though the asset may be there")
	}
}

func BenchmarkVerify(b *testing.B) {
	s := &site{}
	response := &httpcert.Response{Status: 200, Headers: []httpcert.Header{{Name: "Content-Type", Value: "text/html"}}, Body: make([]byte, 10_000)}
	e := httpcert.Expression{Except: true}
	response.Headers = append(response.Headers, httpcert.Header{Name: httpcert.ExpressionName, Value: e.String()})
	entry := httpcert.Entry{Path: httpcert.Wildcard(""), Expression: e, Response: e.ResponseHash(response)}
	s.tree = entry.Put(s.tree)
	paths, err := entry.WitnessPaths("/a/b/c")
	if err != nil {
		b.Fatal(err)
	}
	answered := s.answer(entry.Path, response, paths)
	request := &httpcert.Request{Method: "GET", URL: "/a/b/c"}
	verifier := s.verifier()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := verifier.Verify(request, answered); err != nil {
			b.Fatal(err)
		}
	}
}
