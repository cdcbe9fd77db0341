// Package demo is a small app that signs people in with Internet Identity and
// believes nothing it cannot verify: the sample an integrator copies.
//
// It owns a page (ui, built into dist) and a small back end. It knows the
// address of the identity provider, the id of its canister and one root public
// key, and must not know anything else of the service: every sign-in is
// verified offline (signin.go).
package demo

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"time"

	"internetidentity/certificate"
	"internetidentity/principal"
)

//go:embed dist
var dist embed.FS

// Config says whom the app trusts.
type Config struct {
	// IdentityProvider is the origin of the sign-in page, for example
	// "http://localhost:4943".
	IdentityProvider string
	// RootKey is the only key the app trusts. On the Internet Computer it is
	// that network's root key; for an own service it is what
	// GET /api/v2/status shows, copied once by a person.
	RootKey certificate.BLSPublicKey
	// Canister is the canister that may sign people in.
	Canister principal.Principal
	// Origin and SecondOrigin are two addresses of this same app, which the page
	// compares: two origins, two principals. Optional.
	Origin, SecondOrigin string
	// AlternativeOrigins are the origins that may ask for this app's
	// principals (derivationOrigin). Optional.
	AlternativeOrigins []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// New returns the app: its page and its back end.
func New(config Config) (http.Handler, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.AlternativeOrigins == nil {
		config.AlternativeOrigins = []string{}
	}
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	signIns := &signIns{config: config, challenges: newChallenges(config.Now)}
	mux := http.NewServeMux()
	mux.Handle("GET /", secure(http.FileServerFS(page)))
	mux.HandleFunc("GET /api/config", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]string{
			"identityProvider": config.IdentityProvider,
			"origin":           config.Origin,
			"secondOrigin":     config.SecondOrigin,
		})
	})
	mux.HandleFunc("POST /api/challenge", signIns.challenge)
	mux.HandleFunc("POST /api/sign-in", signIns.signIn)
	mux.HandleFunc("POST /api/sign-out", signIns.signOut)
	mux.HandleFunc("GET /.well-known/ii-alternative-origins", func(w http.ResponseWriter, r *http.Request) {
		// The sign-in page reads this list across origins.
		w.Header().Set("Access-Control-Allow-Origin", "*")
		answer(w, map[string][]string{"alternativeOrigins": config.AlternativeOrigins})
	})
	return mux, nil
}

// secure sets the headers every page of an app should have. It sets no
// Cross-Origin-Opener-Policy: that would cut the wire to the sign-in window.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	// A failing write means that the browser has gone: nobody is left to tell.
	_ = json.NewEncoder(w).Encode(value)
}
