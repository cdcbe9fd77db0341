package canister_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"internetidentity/candid"
	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/httpcert"
	"internetidentity/principal"
	"internetidentity/table"
)

// bundle is a front end with every kind of file.
var bundle = canister.Bundle{
	Hash: sha256.Sum256([]byte("bundle")),
	Assets: []canister.Asset{
		{Path: "/", ContentType: "text/html; charset=utf-8", Page: true, Body: []byte(`<body data-id="{{canister_id}}" data-config="{{canister_config}}">`)},
		{Path: "/authorize", ContentType: "text/html; charset=utf-8", Page: true, Body: []byte("<body>")},
		{Path: "/assets/app-1234.js", ContentType: "text/javascript; charset=utf-8", Immutable: true, Body: []byte("plain"), Gzip: []byte("compressed")},
	},
}

// request is one of a gateway's; version 0 is one that does not say.
func (s *stage) request(method, url string, version uint16, encodings string) *httpcert.Response {
	s.t.Helper()
	m, err := s.method("http_request")
	if err != nil {
		s.t.Fatal(err)
	}
	asked := ""
	if version > 0 {
		asked = fmt.Sprintf("; certificate_version = opt %d", version)
	}
	arg, err := s.encode(fmt.Sprintf(`(record { method = %q; url = %q; headers = vec { record { "Accept-Encoding"; %q } }; body = blob ""%s })`, method, url, encodings, asked), m.Args)
	if err != nil {
		s.t.Fatal(err)
	}
	reply := s.send(principal.Anonymous(), "http_request", arg, true)
	values, err := candid.Decode(reply.Arg, m.Results)
	if err != nil {
		s.t.Fatal(err)
	}
	response := &httpcert.Response{Status: field(values[0], "status_code").(uint16), Body: field(values[0], "body").([]byte)}
	for _, h := range field(values[0], "headers").(candid.VecValue) {
		pair := h.(candid.RecordValue)
		response.Headers = append(response.Headers, httpcert.Header{Name: pair[0].Value.(string), Value: pair[1].Value.(string)})
	}
	return response
}

// verify checks an answer as a gateway that trusts the stage's key does.
func (s *stage) verify(method, url string, r *httpcert.Response, version int) error {
	v := httpcert.Verifier{
		Now: s.now, MaxOffset: 1_000_000_000, MinVersion: version,
		Check: func(encoded []byte) (data hashtree.Digest, time uint64, err error) {
			c, err := certificate.Parse(encoded)
			if err != nil {
				return data, 0, err
			}
			if err := c.VerifyForCanister(s.key.Public(), self); err != nil {
				return data, 0, err
			}
			certified, status := c.Tree.Lookup([]byte("canister"), self.Bytes(), []byte("certified_data"))
			if status != hashtree.Found {
				return data, 0, errors.New("no certified data")
			}
			time, err = c.Time()
			return hashtree.Digest(certified), time, err
		},
	}
	verified, err := v.Verify(&httpcert.Request{Method: method, URL: url}, r)
	if err == nil && verified.Version != version {
		err = fmt.Errorf("certified in version %d, want %d", verified.Version, version)
	}
	return err
}

func newSite(t *testing.T, init string) *stage {
	t.Helper()
	s := newStage(t)
	arg, err := s.initArg(init)
	if err != nil {
		t.Fatal(err)
	}
	overlay := table.NewOverlay(s.table)
	if s.canister, err = canister.Install(overlay, self, arg, bundle, s.now); err != nil {
		t.Fatal(err)
	}
	overlay.ApplyTo(s.table)
	return s
}

func header(r *httpcert.Response, name string) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

var paths = []string{"/", "/authorize", "/assets/app-1234.js", "/.config.did.bin", "/.well-known/ic-domains", "/.well-known/webauthn"}

func TestEveryFileIsCertifiedInBothVersions(t *testing.T) {
	s := newSite(t, "")
	for _, path := range paths {
		for _, url := range []string{path, path + "?a=b", path + "?"} {
			for _, version := range []int{1, 2} {
				r := s.request("GET", url, uint16(version), "gzip")
				if r.Status != 200 {
					t.Errorf("%s: status %d", url, r.Status)
				}
				if err := s.verify("GET", url, r, version); err != nil {
					t.Errorf("%s in version %d: %v", url, version, err)
				}
				r.Body = append(slices.Clone(r.Body), 'x')
				if s.verify("GET", url, r, version) == nil {
					t.Errorf("%s in version %d: a changed body is accepted", url, version)
				}
			}
		}
		// A gateway that names no version means the first.
		if err := s.verify("GET", path, s.request("GET", path, 0, ""), 1); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestEveryHeaderIsCertified(t *testing.T) {
	s := newSite(t, "")
	r := s.request("GET", "/authorize", 2, "")
	for i := range r.Headers {
		changed := *r
		changed.Headers = slices.Clone(r.Headers)
		changed.Headers[i].Value += "x"
		if s.verify("GET", "/authorize", &changed, 2) == nil {
			t.Errorf("header %s can be changed", r.Headers[i].Name)
		}
		changed.Headers = slices.Delete(slices.Clone(r.Headers), i, i+1)
		if s.verify("GET", "/authorize", &changed, 2) == nil {
			t.Errorf("header %s can be left out", r.Headers[i].Name)
		}
	}
	more := *r
	more.Headers = append(slices.Clone(r.Headers), httpcert.Header{Name: "X-More", Value: "1"})
	if s.verify("GET", "/authorize", &more, 2) == nil {
		t.Error("a header can be added")
	}
}

func TestMissingFilesAreCertifiedToBeMissing(t *testing.T) {
	s := newSite(t, "")
	r := s.request("GET", "/nowhere", 2, "")
	if r.Status != 404 {
		t.Errorf("status %d", r.Status)
	}
	if err := s.verify("GET", "/nowhere", r, 2); err != nil {
		t.Errorf("a missing file: %v", err)
	}
	if s.verify("GET", "/authorize", r, 2) == nil {
		t.Error("the answer can be given for a file that is there")
	}
	old := s.request("GET", "/nowhere", 1, "")
	if old.Status != 404 || string(old.Body) != "Asset /nowhere not found." {
		t.Errorf("in version 1: %d %q", old.Status, old.Body)
	}
}

// Verifiers decode a path and leave empty segments out; an answer must be for
// what they then look for.
func TestPathsInOtherSpellingsAreServed(t *testing.T) {
	s := newSite(t, "")
	for url, want := range map[string]uint16{
		"//": 200, "/%61uthorize": 200, "/%2Fauthorize": 200, "//authorize": 200, "/#x": 200, "/authorize#x": 200,
		"/authorize/": 404, "/assets//app-1234.js?x": 200, "/%2": 400, "/%zz": 400,
	} {
		r := s.request("GET", url, 2, "gzip")
		if r.Status != want {
			t.Errorf("%s: status %d, want %d", url, r.Status, want)
		}
		if err := s.verify("GET", url, r, 2); want != 400 && err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if r := s.request("GET", "/%61uthorize", 1, ""); r.Status != 200 || s.verify("GET", "/%61uthorize", r, 1) != nil {
		t.Errorf("version 1: %d", r.Status)
	}
}

func TestSignaturesDoNotBreakPages(t *testing.T) {
	s := newSite(t, withoutCaptcha)
	for _, command := range []string{`register ada`, `ada: prepare_delegation (10000, "https://a.example", key(app), null)`} {
		if _, err := s.command(command); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.verify("GET", "/", s.request("GET", "/", 2, ""), 2); err != nil {
		t.Error(err)
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := newSite(t, "")
	for _, path := range append(paths, "/metrics", "/nowhere") {
		r := s.request("GET", path, 2, "")
		for name, want := range map[string]string{
			"X-Frame-Options":           "DENY",
			"X-Content-Type-Options":    "nosniff",
			"Referrer-Policy":           "same-origin",
			"Strict-Transport-Security": "max-age=31536000 ; includeSubDomains",
		} {
			if got := header(r, name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if policy := header(r, "Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		// It would cut the wire between the page and the app that opened it.
		if header(r, "Cross-Origin-Opener-Policy") != "" {
			t.Errorf("%s has a Cross-Origin-Opener-Policy", path)
		}
		if policy := header(r, "Permissions-Policy"); !strings.Contains(policy, "publickey-credentials-get=(self)") || !strings.Contains(policy, "camera=()") || strings.Contains(policy, " ") {
			t.Errorf("%s: permissions %q", path, policy)
		}
		cache, want := header(r, "Cache-Control"), "no-cache, no-store"
		if strings.HasPrefix(path, "/assets/") {
			want = "public, max-age=31536000, immutable"
		}
		if cache != want {
			t.Errorf("%s: cache %q, want %q", path, cache, want)
		}
	}
}

func TestMethods(t *testing.T) {
	s := newSite(t, "")
	for _, path := range []string{"/", "/nowhere"} {
		if r := s.request("OPTIONS", path, 2, ""); r.Status != 204 || header(r, "Access-Control-Allow-Origin") != "*" || len(r.Body) != 0 {
			t.Errorf("OPTIONS %s: %d %v", path, r.Status, r.Headers)
		}
		for _, method := range []string{"POST", "PUT", "DELETE", "get"} {
			r := s.request(method, path, 2, "")
			if r.Status != 405 || header(r, "Allow") != "GET, OPTIONS" || string(r.Body) != "Method "+method+" not allowed." {
				t.Errorf("%s %s: %d %q", method, path, r.Status, r.Body)
			}
		}
	}
}

func TestCompressedOnlyForThoseWhoReadIt(t *testing.T) {
	s := newSite(t, "")
	for _, c := range []struct {
		encodings string
		version   uint16
		want      string
	}{
		{"gzip, br", 2, "compressed"},
		{"br, gzip;q=0.5", 2, "compressed"},
		{"gzip;q=0", 2, "plain"},
		{"identity", 2, "plain"},
		{"", 2, "plain"},
		// Version 1 certifies one body only.
		{"gzip", 1, "plain"},
	} {
		r := s.request("GET", "/assets/app-1234.js", c.version, c.encodings)
		if string(r.Body) != c.want || (header(r, "Content-Encoding") == "gzip") != (c.want == "compressed") {
			t.Errorf("%q in version %d: %q %v", c.encodings, c.version, r.Body, r.Headers)
		}
		if err := s.verify("GET", "/assets/app-1234.js", r, int(c.version)); err != nil {
			t.Errorf("%q in version %d: %v", c.encodings, c.version, err)
		}
	}
}

func TestPagesKnowTheirService(t *testing.T) {
	s := newSite(t, `(opt record { related_origins = opt vec { "https://a.example"; "https://b.example" } })`)
	page := string(s.request("GET", "/", 2, "").Body)
	if !strings.Contains(page, `data-id="`+self.String()+`"`) {
		t.Errorf("the page does not know its canister: %s", page)
	}
	_, config, _ := strings.Cut(page, `data-config="`)
	config, _, _ = strings.Cut(config, `"`)
	decoded, err := base64.StdEncoding.DecodeString(config)
	if err != nil || string(decoded) != string(s.request("GET", "/.config.did.bin", 2, "").Body) {
		t.Errorf("the page and the file say different things: %v", err)
	}
	if _, err := candid.Decode(decoded, s.did.Init); err != nil {
		t.Errorf("the configuration is not of the interface: %v", err)
	}
	if got, want := string(s.request("GET", "/.well-known/ic-domains", 2, "").Body), "a.example\nb.example"; got != want {
		t.Errorf("domains %q, want %q", got, want)
	}
	if got, want := string(s.request("GET", "/.well-known/webauthn", 2, "").Body), `{"origins":["https://a.example","https://b.example"]}`; got != want {
		t.Errorf("related origins %q, want %q", got, want)
	}
}

func TestDomainsNameTheBackendToo(t *testing.T) {
	for _, c := range []struct{ init, want string }{
		{"", ""},
		{`(opt record { backend_origin = opt "https://b.example" })`, "b.example"},
		{`(opt record { related_origins = opt vec { "https://a.example" }; backend_origin = opt "https://b.example" })`, "a.example\nb.example"},
		{`(opt record { related_origins = opt vec { "https://b.example" }; backend_origin = opt "https://b.example" })`, "b.example"},
	} {
		s := newSite(t, c.init)
		r := s.request("GET", "/.well-known/ic-domains", 2, "")
		if r.Status != 200 || string(r.Body) != c.want {
			t.Errorf("%s: %d %q, want %q", c.init, r.Status, r.Body, c.want)
		}
	}
}

func TestRelatedOriginsMayUsePasskeys(t *testing.T) {
	s := newSite(t, `(opt record { related_origins = opt vec { "https://a.example"; "https://b.example" } })`)
	policy := header(s.request("GET", "/", 2, ""), "Permissions-Policy")
	for _, feature := range []string{"publickey-credentials-create", "publickey-credentials-get"} {
		if want := feature + `=(self "https://a.example" "https://b.example")`; !strings.Contains(policy, want) {
			t.Errorf("permissions %q, want %q in it", policy, want)
		}
	}
	if policy := header(s.request("GET", "/metrics", 2, ""), "Permissions-Policy"); strings.Contains(policy, "a.example") {
		t.Errorf("metrics name related origins: %q", policy)
	}
}

// The same state has the same certified data, whatever happened before.
func TestReopenedSiteIsTheSame(t *testing.T) {
	s := newSite(t, withoutCaptcha)
	if _, err := s.command(`register ada`); err != nil {
		t.Fatal(err)
	}
	before := s.canister.CertifiedData()
	again, err := canister.Open(s.table.Snapshot(), self, bundle)
	if err != nil {
		t.Fatal(err)
	}
	if again.CertifiedData() != before {
		t.Error("another digest after a restart")
	}
	if _, err := canister.Open(table.NewMemory(), self, bundle); err == nil {
		t.Error("a canister was opened in an empty table")
	}
	if _, err := canister.Install(table.NewOverlay(s.table), self, nil, bundle, 0); err == nil {
		t.Error("a canister was installed over another")
	}
}
