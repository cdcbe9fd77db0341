package httpapi

import (
	"fmt"
	"strings"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// target is what a path asks for: a kind of request, about a canister or
// subnet, in one version of the interface.
type target struct {
	kind   ingress.Kind
	scope  ingress.Scope
	layout certificate.Layout
	// asynchronous: the oldest form of a call does not wait.
	asynchronous bool
}

// endpoints by version and name. Calls of version 2 have no certificate.
var endpoints = map[string]target{
	"v2/canister/call":       {kind: ingress.Call, asynchronous: true},
	"v3/canister/call":       {kind: ingress.Call, layout: certificate.Flat},
	"v4/canister/call":       {kind: ingress.Call, layout: certificate.Sharded},
	"v2/canister/query":      {kind: ingress.Query},
	"v3/canister/query":      {kind: ingress.Query},
	"v2/canister/read_state": {kind: ingress.ReadState, layout: certificate.Flat},
	"v3/canister/read_state": {kind: ingress.ReadState, layout: certificate.Sharded},
	"v2/subnet/read_state":   {kind: ingress.ReadState, layout: certificate.Flat, scope: ingress.Scope{Subnet: true}},
	"v3/subnet/read_state":   {kind: ingress.ReadState, layout: certificate.Sharded, scope: ingress.Scope{Subnet: true}},
}

// parseTarget reads /api/<version>/<canister|subnet>/<id>/<name>.
func parseTarget(path string) (target, error) {
	parts := strings.Split(path, "/")
	if len(parts) != 6 || parts[1] != "api" {
		return target{}, &ingress.Refusal{Status: 404, Text: "There is nothing under this path."}
	}
	t, ok := endpoints[parts[2]+"/"+parts[3]+"/"+parts[5]]
	if !ok {
		return target{}, &ingress.Refusal{Status: 404, Text: "There is no such endpoint. Canisters cannot be created or listed here."}
	}
	id, err := principal.Parse(parts[4])
	if err != nil {
		return target{}, &ingress.Refusal{Status: 400, Text: fmt.Sprintf("Malformed %s id in the path.", parts[3])}
	}
	t.scope.ID = id
	return t, nil
}

// check compares a request with the path to which it was sent.
func (t target) check(e *ingress.Envelope) error {
	if e.Content.Kind != t.kind {
		return &ingress.Refusal{Status: 400, Text: fmt.Sprintf("Expected a request of type %s, got %s.", t.kind, e.Content.Kind)}
	}
	// Calls of the management canister go to the canister that they are about.
	if t.kind == ingress.ReadState || e.Content.Canister == t.scope.ID || e.Content.Canister.IsManagement() {
		return nil
	}
	return &ingress.Refusal{Status: 400, Text: fmt.Sprintf("Specified CanisterId %s does not match effective canister id in URL %s", e.Content.Canister, t.scope.ID)}
}
