// Command demo runs the demo app by itself, against any service that signs
// people in: what `ii serve --demo` starts, as a program of its own.
//
// It owns flags; everything else is in package demo.
package main

import (
	"encoding/hex"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"internetidentity/certificate"
	"internetidentity/examples/demo"
	"internetidentity/principal"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:4944", "`address` of the app")
	provider := flag.String("provider", "http://localhost:4943", "`origin` of the sign-in page")
	canister := flag.String("canister", "rdmx6-jaaaa-aaaaa-aaadq-cai", "the canister that signs people in")
	rootKey := flag.String("root-key", "", "the one key to trust: DER in `hex`, as root_key in the provider's /api/v2/status")
	flag.Parse()

	app, err := configured(*provider, *canister, *rootKey)
	if err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(2)
	}
	fmt.Printf("Demo app on http://%s, signing in at %s\n", *listen, *provider)
	server := http.Server{Addr: *listen, Handler: app, ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

func configured(provider, canister, rootKey string) (http.Handler, error) {
	id, err := principal.Parse(canister)
	if err != nil {
		return nil, fmt.Errorf("-canister: %w", err)
	}
	der, err := hex.DecodeString(rootKey)
	if err != nil {
		return nil, fmt.Errorf("-root-key: %w", err)
	}
	root, err := certificate.ParseBLSPublicKeyDER(der)
	if err != nil {
		return nil, fmt.Errorf("-root-key: %w", err)
	}
	return demo.New(demo.Config{IdentityProvider: provider, Canister: id, RootKey: root})
}
