package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// TestEveryEndpointRefusesWhatIsNoRequest sends each endpoint what none of
// them takes.
func TestEveryEndpointRefusesWhatIsNoRequest(t *testing.T) {
	s := newService(t)
	other := map[ingress.Kind]ingress.Kind{ingress.Call: ingress.Query, ingress.Query: ingress.ReadState, ingress.ReadState: ingress.Call}
	for _, e := range endpoints(subnetID) {
		good := s.request("ada", ingress.Content{Kind: e.kind}).Encode()
		great := bytes.Repeat([]byte{0}, ingress.MaxBodyBytes+1)
		for _, test := range []struct {
			name, method, contentType string
			body                      []byte
			status                    int
			text                      string // with a star at the end: the beginning
		}{
			{"GET", "GET", asCBOR, good, 405, "Use POST."},
			{"PUT", "PUT", asCBOR, good, 405, "Use POST."},
			{"no content type", "POST", "", good, 400, "Unexpected content-type, expected application/cbor."},
			{"JSON", "POST", "application/json", good, 400, "Unexpected content-type, expected application/cbor."},
			{"a content type cut short", "POST", "application/cbor; charset=", good, 400, "Unexpected content-type, expected application/cbor."},
			{"nothing", "POST", asCBOR, nil, 400, "Could not parse the body as a CBOR envelope: *"},
			{"text", "POST", asCBOR, []byte("hello"), 400, "Could not parse the body as a CBOR envelope: *"},
			{"a request cut short", "POST", asCBOR, good[:len(good)-1], 400, "Could not parse the body as a CBOR envelope: *"},
			{"a request and more", "POST", asCBOR, append(bytes.Clone(good), 0), 400, "Could not parse the body as a CBOR envelope: *"},
			{"an empty map", "POST", asCBOR, []byte{0xa0}, 400, "Malformed request: *"},
			{"a number", "POST", asCBOR, []byte{0x01}, 400, "Could not parse the body as a CBOR envelope: *"},
			{"deep nesting", "POST", asCBOR, bytes.Repeat([]byte{0x81}, 100_000), 400, "Could not parse the body as a CBOR envelope: *"},
			{"a length that is not there", "POST", asCBOR, []byte("\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"), 400, "Could not parse the body as a CBOR envelope: *"},
			{"five megabytes and one", "POST", asCBOR, great, 413, "The request is too large: the limit is 5242880 bytes."},
			{"another kind of request", "POST", asCBOR, s.request("ada", ingress.Content{Kind: other[e.kind]}).Encode(), 400, fmt.Sprintf("Expected a request of type %s, got %s.", e.kind, other[e.kind])},
		} {
			got := ask(s.api, test.method, e.path, test.contentType, bytes.NewReader(test.body))
			text, begins := strings.CutSuffix(test.text, "*")
			if got.status != test.status || got.contentType != plain || got.body != text && !(begins && strings.HasPrefix(got.body, text)) {
				t.Errorf("%s to %s: %d %s %q, want %d %q", test.name, e.path, got.status, got.contentType, got.body, test.status, test.text)
			}
			if got.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s to %s: a page of another origin cannot see why", test.name, e.path)
			}
			if got.status == 405 && got.header.Get("Allow") != "POST, OPTIONS" {
				t.Errorf("%s to %s: Allow is %q", test.name, e.path, got.header.Get("Allow"))
			}
		}
		// The same without a length in front.
		if got := ask(s.api, "POST", e.path, asCBOR, reader(string(great))); got.status != 413 || got.contentType != plain {
			t.Errorf("a great body without a length to %s: %+v", e.path, got)
		}
		for _, contentType := range []string{"application/cbor", "Application/CBOR", "APPLICATION/CBOR; charset=utf-8"} {
			if got := ask(s.api, "POST", e.path, contentType, bytes.NewReader(good)); got.status/100 != 2 {
				t.Errorf("content type %s to %s: %+v", contentType, e.path, got)
			}
		}
		if got := ask(s.api, "OPTIONS", e.path, "", nil); got.status != 204 || got.header.Get("Access-Control-Allow-Methods") != "GET, POST, OPTIONS" ||
			!strings.EqualFold(got.header.Get("Access-Control-Allow-Headers"), "authorization, accept, content-type") {
			t.Errorf("OPTIONS to %s: %+v", e.path, got)
		}
	}
}

func TestPathsThatAreNoEndpoint(t *testing.T) {
	s := newService(t)
	const (
		nothing = "There is nothing under this path."
		none    = "There is no such endpoint. Canisters cannot be created or listed here."
	)
	for _, test := range []struct {
		path   string
		status int
		text   string
	}{
		{"/api/", 404, nothing},
		{"/api/v2", 404, nothing},
		{"/api/v2/status/", 404, nothing},
		{"/api/v3/status", 404, nothing},
		{"/api/v2/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/call/", 404, nothing},
		{"/api//v2/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/call", 404, nothing},
		{"/api/v1/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/call", 404, none},
		{"/api/v5/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/call", 404, none},
		{"/api/v4/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/query", 404, none},
		{"/api/v4/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/read_state", 404, none},
		{"/api/v2/canister/rdmx6-jaaaa-aaaaa-aaadq-cai/status", 404, none},
		{"/api/v4/subnet/" + subnetID.String() + "/call", 404, none},
		{"/api/v3/subnet/" + subnetID.String() + "/query", 404, none},
		{"/api/v2/canister//call", 400, "Malformed canister id in the path."},
		{"/api/v2/canister/rdmx6-jaaaa-aaaaa-aaadq-caa/call", 400, "Malformed canister id in the path."},
		{"/api/v2/canister/nobody/query", 400, "Malformed canister id in the path."},
		{"/api/v2/subnet/nobody/read_state", 400, "Malformed subnet id in the path."},
	} {
		got := s.post(test.path, s.request("ada", ingress.Content{Kind: ingress.Call}).Encode())
		if got.status != test.status || got.contentType != plain || test.text != "" && got.body != test.text {
			t.Errorf("%s: %d %s %q, want %d %q", test.path, got.status, got.contentType, got.body, test.status, test.text)
		}
	}
}

// TestWhatSendersAreTold sends requests that are well-formed and not good.
func TestWhatSendersAreTold(t *testing.T) {
	s := newService(t)
	canisterPath := func(version, name string) string {
		return fmt.Sprintf("/api/%s/canister/%s/%s", version, self, name)
	}
	call, query, read := ingress.Content{Kind: ingress.Call}, ingress.Content{Kind: ingress.Query}, ingress.Content{Kind: ingress.ReadState}
	with := func(c ingress.Content, change func(*ingress.Content)) ingress.Content {
		change(&c)
		return c
	}
	forged := func(c ingress.Content) *ingress.Envelope {
		e := s.request("ada", c)
		e.Signature = s.request("eve", c).Signature
		return e
	}
	delegated := func(c ingress.Content, change func(*certificate.Delegation)) *ingress.Envelope {
		d := certificate.Delegation{PublicKey: person("session").PublicKey(), Expiration: begin + minute}
		change(&d)
		signature, _ := person("ada").Sign(d.SignedBytes())
		c = s.request("ada", c).Content
		e, err := ingress.Sign(c, person("session"), person("ada").PublicKey(), []certificate.SignedDelegation{{Delegation: d, Signature: signature}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	adas := s.request("ada", call)
	if got := s.post(canisterPath("v4", "call"), adas.Encode()); got.status != 200 {
		t.Fatalf("a good call: %+v", got)
	}
	expiry := func(provided uint64) string {
		return fmt.Sprintf("Invalid request expiry: Specified ingress_expiry not within expected range: Minimum allowed expiry: %d, Maximum allowed expiry: %d, Provided expiry: %d",
			uint64(begin), uint64(begin+5*minute+minute/2), provided)
	}
	ada := principal.SelfAuthenticating(person("ada").PublicKey())
	for _, test := range []struct {
		name   string
		path   string
		e      *ingress.Envelope
		status int
		text   string // with a star at the end: the beginning
	}{
		{"an expired call", canisterPath("v4", "call"), s.request("ada", with(call, func(c *ingress.Content) { c.Expiry = begin - 1 })), 400, expiry(begin - 1)},
		{"an expired call of nobody", canisterPath("v2", "call"), s.request("", with(call, func(c *ingress.Content) { c.Expiry = 1 })), 400, expiry(1)},
		{"an expired query", canisterPath("v3", "query"), s.request("ada", with(query, func(c *ingress.Content) { c.Expiry = begin - 1 })), 400, expiry(begin - 1)},
		{"an expired read_state", canisterPath("v3", "read_state"), s.request("ada", with(read, func(c *ingress.Content) { c.Expiry = begin - 1 })), 400, expiry(begin - 1)},
		{"a call too far ahead", canisterPath("v3", "call"), s.request("ada", with(call, func(c *ingress.Content) { c.Expiry = begin + 6*minute })), 400, expiry(begin + 6*minute)},
		{"a query too far ahead", canisterPath("v2", "query"), s.request("ada", with(query, func(c *ingress.Content) { c.Expiry = begin + 6*minute })), 400, expiry(begin + 6*minute)},

		{"a forged call", canisterPath("v4", "call"), forged(call), 400, "Invalid signature: *"},
		{"a forged call, not waiting", canisterPath("v2", "call"), forged(call), 400, "Invalid signature: *"},
		{"a forged query", canisterPath("v3", "query"), forged(query), 400, "Invalid signature: *"},
		{"a forged read_state", canisterPath("v2", "read_state"), forged(read), 400, "Invalid signature: *"},
		{"a signature of nobody", canisterPath("v4", "call"), func() *ingress.Envelope {
			e := s.request("", call)
			e.Signature = []byte{1}
			return e
		}(), 400, "Signature is not allowed for the anonymous user"},
		{"no signature", canisterPath("v4", "call"), func() *ingress.Envelope {
			e := s.request("ada", call)
			e.Signature = nil
			return e
		}(), 400, "Missing signature from user: " + ada.String()},
		{"another's key", canisterPath("v3", "query"), func() *ingress.Envelope {
			e := s.request("ada", query)
			e.PublicKey = person("eve").PublicKey()
			return e
		}(), 400, fmt.Sprintf("The user id %s does not match the public key %x", ada, person("eve").PublicKey())},

		{"a delegation that has expired", canisterPath("v4", "call"), delegated(call, func(d *certificate.Delegation) { d.Expiration = begin - 1 }), 400, "Specified sender delegation has expired: *"},
		{"a delegation to another canister", canisterPath("v4", "call"), delegated(call, func(d *certificate.Delegation) { d.Targets = []principal.Principal{neighbour} }), 400, "Canister rdmx6-jaaaa-aaaaa-aaadq-cai is not one of the delegation targets"},
		{"a delegation for queries, calling", canisterPath("v4", "call"), delegated(call, func(d *certificate.Delegation) { d.Permissions = "queries" }), 400, "Invalid delegation: *"},
		{"a delegation changed afterwards", canisterPath("v3", "query"), func() *ingress.Envelope {
			e := delegated(query, func(*certificate.Delegation) {})
			e.Delegations[0].Delegation.Expiration++
			return e
		}(), 400, "Invalid delegation: *"},
		{"a chain in a circle", canisterPath("v4", "call"), func() *ingress.Envelope {
			e := delegated(call, func(*certificate.Delegation) {})
			e.Delegations = append(e.Delegations, e.Delegations[0])
			return e
		}(), 400, "Invalid delegation: *"},

		{"a call for another canister than the address", canisterPath("v4", "call"), s.request("ada", with(call, func(c *ingress.Content) { c.Canister, c.Method = neighbour, "x" })), 400,
			"Specified CanisterId ryjl3-tyaaa-aaaaa-aaaba-cai does not match effective canister id in URL rdmx6-jaaaa-aaaaa-aaadq-cai"},
		{"a query for another canister than the address", canisterPath("v2", "query"), s.request("ada", with(query, func(c *ingress.Content) { c.Canister, c.Method = neighbour, "x" })), 400,
			"Specified CanisterId ryjl3-tyaaa-aaaaa-aaaba-cai does not match effective canister id in URL rdmx6-jaaaa-aaaaa-aaadq-cai"},

		{"somebody else's call", canisterPath("v3", "read_state"), s.request("bob", ingress.Content{Kind: ingress.ReadState, Paths: [][][]byte{{[]byte("request_status"), adas.ID[:]}}}), 403, "The user tries to access Request ID not signed by the caller."},
		{"somebody's call, asked by nobody", canisterPath("v2", "read_state"), s.request("", ingress.Content{Kind: ingress.ReadState, Paths: [][][]byte{{[]byte("request_status"), adas.ID[:]}}}), 403, "The user tries to access Request ID not signed by the caller."},
		{"two calls at once", canisterPath("v3", "read_state"), s.request("ada", ingress.Content{Kind: ingress.ReadState, Paths: [][][]byte{{[]byte("request_status"), adas.ID[:]}, {[]byte("request_status"), make([]byte, 32)}}}), 400, "Can only request a single request ID in request_status paths."},
		{"a path that cannot be", canisterPath("v3", "read_state"), s.request("ada", ingress.Content{Kind: ingress.ReadState, Paths: [][][]byte{{[]byte("streams")}}}), 404, "Invalid path requested."},
		{"certified data", canisterPath("v3", "read_state"), s.request("ada", ingress.Content{Kind: ingress.ReadState, Paths: [][][]byte{{[]byte("canister"), self.Bytes(), []byte("certified_data")}}}), 404, "Invalid path requested."},
		{"a canister of another subnet", "/api/v3/canister/" + subnetID.String() + "x/read_state", s.request("ada", read), 400, "Malformed canister id in the path."},
		{"another subnet", "/api/v3/subnet/" + self.String() + "/read_state", s.request("", read), 404, "Subnet rdmx6-jaaaa-aaaaa-aaadq-cai is not here."},

		{"a call of more than two megabytes", canisterPath("v4", "call"), s.request("ada", with(call, func(c *ingress.Content) { c.Arg = make([]byte, ingress.MaxCallBytes) })), 413, "The call has *"},
		{"1001 paths", canisterPath("v3", "read_state"), s.request("ada", ingress.Content{Kind: ingress.ReadState, Paths: make([][][]byte, 1001)}), 400, "*"},
	} {
		got := s.post(test.path, test.e.Encode())
		text, begins := strings.CutSuffix(test.text, "*")
		if got.status != test.status || got.contentType != plain || got.body != text && !(begins && strings.HasPrefix(got.body, text)) {
			t.Errorf("%s: %d %s %q, want %d %q", test.name, got.status, got.contentType, got.body, test.status, test.text)
		}
	}
}

// TestCallsThatReachNoCanister are answered at once, and not certified.
func TestCallsThatReachNoCanister(t *testing.T) {
	s := newService(t)
	for _, test := range []struct {
		name     string
		canister principal.Principal
		url      principal.Principal
		method   string
		code     uint64
		error    string
		message  string
	}{
		{"an unknown method", self, self, "no_such_method", 5, "IC0536", "Canister has no update method 'no_such_method'."},
		{"a canister that is not here", neighbour, neighbour, "whoami", 3, "IC0301", "Canister ryjl3-tyaaa-aaaaa-aaaba-cai not found"},
		{"the management canister about a canister", principal.Principal{}, self, "canister_status", 5, "IC0536", "Management canister has no method 'canister_status'"},
		{"the management canister itself", principal.Principal{}, principal.Principal{}, "create_canister", 5, "IC0536", "Management canister has no method 'create_canister'"},
	} {
		for _, version := range []string{"v2", "v3", "v4"} {
			e := s.request("ada", ingress.Content{Kind: ingress.Call, Canister: test.canister, Method: test.method})
			got := s.post(fmt.Sprintf("/api/%s/canister/%s/call", version, test.url), e.Encode())
			fields := decode(t, got)
			want := map[string]any{"reject_code": test.code, "reject_message": test.message, "error_code": test.error}
			if version != "v2" {
				want["status"] = "non_replicated_rejection"
			}
			if got.status != http.StatusOK || fmt.Sprint(fields) != fmt.Sprint(want) {
				t.Errorf("%s, %s: %d %v, want %v", test.name, version, got.status, fields, want)
			}
		}
	}
}
