package demo

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestPageIsServedWithStrictHeaders(t *testing.T) {
	a := newApp(t, newService())
	w := a.do("GET", "/", nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<title>Demo app</title>") {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q allows what is unsafe", policy)
	}
	// It would cut the wire to the sign-in window.
	if got := w.Header().Get("Cross-Origin-Opener-Policy"); got != "" {
		t.Errorf("Cross-Origin-Opener-Policy is %q", got)
	}
	for _, path := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		if w := a.do("GET", path[1], nil); w.Code != http.StatusOK {
			t.Errorf("%s is in the page and answers %d", path[1], w.Code)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| onclick=`).MatchString(w.Body.String()) {
		t.Error("the page holds code that its own policy forbids")
	}
}

func TestConfigurationIsWhatThePageNeeds(t *testing.T) {
	a := newApp(t, newService())
	want := `{"identityProvider":"http://localhost:4943","origin":"http://localhost:4944","secondOrigin":"http://127.0.0.1:4944"}` + "\n"
	if got := a.do("GET", "/api/config", nil).Body.String(); got != want {
		t.Errorf("configuration %s, want %s", got, want)
	}
}

func TestAlternativeOriginsCanBeReadAcrossOrigins(t *testing.T) {
	a := newApp(t, newService())
	w := a.do("GET", "/.well-known/ii-alternative-origins", nil)
	if got, want := w.Body.String(), `{"alternativeOrigins":["http://127.0.0.1:4944"]}`+"\n"; got != want {
		t.Errorf("list %s, want %s", got, want)
	}
	if got := w.Header().Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("Access-Control-Allow-Origin is %q", got)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
}

func TestAppWithoutAlternativesListsNone(t *testing.T) {
	handler, err := New(Config{Canister: identity})
	if err != nil {
		t.Fatal(err)
	}
	a := &app{Handler: handler}
	if got, want := a.do("GET", "/.well-known/ii-alternative-origins", nil).Body.String(), `{"alternativeOrigins":[]}`+"\n"; got != want {
		t.Errorf("list %s, want %s", got, want)
	}
}

func TestRoutesTakeTheirMethodsOnly(t *testing.T) {
	a := newApp(t, newService())
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/api/sign-in", http.StatusNotFound},
		{"GET", "/api/challenge", http.StatusNotFound},
		{"POST", "/api/config", http.StatusMethodNotAllowed},
		{"POST", "/", http.StatusMethodNotAllowed},
		{"PUT", "/api/sign-in", http.StatusMethodNotAllowed},
		{"GET", "/nothing", http.StatusNotFound},
		{"GET", "/../demo.go", http.StatusTemporaryRedirect},
		{"POST", "/api/sign-out", http.StatusOK},
	} {
		if w := a.do(c.method, c.path, nil); w.Code != c.status {
			t.Errorf("%s %s answers %d, want %d", c.method, c.path, w.Code, c.status)
		}
	}
}
