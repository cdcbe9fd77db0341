package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
)

func TestStatus(t *testing.T) {
	s := newService(t)
	for _, method := range []string{"GET", "HEAD"} {
		got := ask(s.api, method, "/api/v2/status", "", nil)
		fields := decode(t, got)
		if got.status != 200 || string(fields["root_key"].([]byte)) != string(s.replica.RootKey().DER()) ||
			fields["replica_health_status"] != "healthy" || fields["impl_version"] != "internet-identity-go 1.2.3" {
			t.Errorf("%s: %d %v", method, got.status, fields)
		}
	}
	if got := ask(s.api, "POST", "/api/v2/status", asCBOR, nil); got.status != 405 || got.contentType != plain || got.body != "Use GET." || got.header.Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("POST: %+v", got)
	}
	if err := s.replica.Close(); err != nil {
		t.Fatal(err)
	}
	if fields := decode(t, ask(s.api, "GET", "/api/v2/status", "", nil)); fields["replica_health_status"] == "healthy" {
		t.Error("a service that has stopped calls itself healthy")
	}
}

// certified takes the certificate out of an answer and verifies it.
func (s *service) certified(a answer, scope ingress.Scope) *certificate.Certificate {
	s.t.Helper()
	c, err := certificate.Parse(decode(s.t, a)["certificate"].([]byte))
	if err != nil {
		s.t.Fatal(err)
	}
	if scope.Subnet {
		err = c.VerifyForSubnet(s.replica.RootKey(), scope.ID)
	} else {
		err = c.VerifyForCanister(s.replica.RootKey(), scope.ID)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// layoutOf tells which form of ranges a certificate's delegation reveals.
func layoutOf(t *testing.T, c *certificate.Certificate) string {
	t.Helper()
	d, err := certificate.Parse(c.Delegation.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	var forms []string
	if _, status := d.Tree.Lookup([]byte("subnet"), subnetID.Bytes(), []byte("canister_ranges")); status == hashtree.Found {
		forms = append(forms, "flat")
	}
	if shards, status := d.Tree.Subtree([]byte("canister_ranges"), subnetID.Bytes()); status == hashtree.Found && len(shards.Labels()) == 1 {
		forms = append(forms, "sharded")
	}
	if kind, _ := d.Tree.Lookup([]byte("subnet"), subnetID.Bytes(), []byte("type")); string(kind) != "application" {
		t.Errorf("the subnet's type is %q", kind)
	}
	if _, status := d.Tree.Lookup([]byte("time")); status != hashtree.Found {
		t.Error("the delegation has no time")
	}
	return strings.Join(forms, " and ")
}

func TestEveryVersionHasItsLayout(t *testing.T) {
	s := newService(t)
	for _, test := range []struct {
		path, layout string
		kind         ingress.Kind
		scope        ingress.Scope
	}{
		{"/api/v3/canister/" + self.String() + "/call", "flat", ingress.Call, ingress.Scope{ID: self}},
		{"/api/v4/canister/" + self.String() + "/call", "sharded", ingress.Call, ingress.Scope{ID: self}},
		{"/api/v2/canister/" + self.String() + "/read_state", "flat", ingress.ReadState, ingress.Scope{ID: self}},
		{"/api/v3/canister/" + self.String() + "/read_state", "sharded", ingress.ReadState, ingress.Scope{ID: self}},
		{"/api/v2/subnet/" + subnetID.String() + "/read_state", "flat", ingress.ReadState, ingress.Scope{Subnet: true, ID: subnetID}},
		{"/api/v3/subnet/" + subnetID.String() + "/read_state", "sharded", ingress.ReadState, ingress.Scope{Subnet: true, ID: subnetID}},
		// Clients read the time through any canister of the range.
		{"/api/v3/canister/" + neighbour.String() + "/read_state", "sharded", ingress.ReadState, ingress.Scope{ID: neighbour}},
		{"/api/v3/canister/" + strings.ToUpper(self.String()) + "/read_state", "sharded", ingress.ReadState, ingress.Scope{ID: self}},
	} {
		got := s.post(test.path, s.request("ada", ingress.Content{Kind: test.kind}).Encode())
		if got.status != 200 {
			t.Errorf("%s: %+v", test.path, got)
			continue
		}
		c := s.certified(got, test.scope)
		if layout := layoutOf(t, c); layout != test.layout {
			t.Errorf("%s: the layout is %s, want %s", test.path, layout, test.layout)
		}
		if of, err := c.Time(); err != nil || of != begin {
			t.Errorf("%s: the time is %d, %v", test.path, of, err)
		}
	}
}

func TestCallsAreAnsweredInACertificate(t *testing.T) {
	s := newService(t)
	for _, version := range []string{"v3", "v4"} {
		path := fmt.Sprintf("/api/%s/canister/%s/call", version, self)
		replied := s.request("ada", ingress.Content{Kind: ingress.Call})
		rejected := s.request("ada", ingress.Content{Kind: ingress.Call, Canister: self, Method: "identity_info"})
		for _, e := range []*ingress.Envelope{replied, rejected, replied} {
			got := s.post(path, e.Encode())
			fields := decode(t, got)
			if got.status != 200 || fields["status"] != "replied" || len(fields) != 2 {
				t.Fatalf("%s: %d %v", version, got.status, fields)
			}
			c := s.certified(got, ingress.Scope{ID: self})
			look := func(name string) string {
				value, _ := c.Tree.Lookup([]byte("request_status"), e.ID[:], []byte(name))
				return string(value)
			}
			if e == rejected {
				if look("status") != "rejected" || look("reject_code") != "\x05" || look("error_code") != "IC0503" || look("reject_message") == "" {
					t.Errorf("%s: a reject stands as %q %x %q %q", version, look("status"), look("reject_code"), look("error_code"), look("reject_message"))
				}
			} else if look("status") != "replied" || !strings.HasPrefix(look("reply"), "DIDL") {
				t.Errorf("%s: a reply stands as %q %q", version, look("status"), look("reply"))
			}
		}
	}
}

func TestOldestCallDoesNotWait(t *testing.T) {
	s := newService(t)
	e := s.request("ada", ingress.Content{Kind: ingress.Call})
	for range 2 {
		if got := s.post("/api/v2/canister/"+self.String()+"/call", e.Encode()); got.status != 202 || got.body != "" {
			t.Errorf("%+v", got)
		}
	}
	// Its certificate comes when the same call is sent to a newer endpoint.
	if got := s.post("/api/v4/canister/"+self.String()+"/call", e.Encode()); got.status != 200 {
		t.Errorf("%+v", got)
	}
}

func TestQueryIsAnsweredAlikeInBothVersions(t *testing.T) {
	s := newService(t)
	for _, version := range []string{"v2", "v3"} {
		for _, test := range []struct {
			method string
			fields string
		}{
			{"whoami", "reply signatures status"},
			{"no_such_method", "error_code reject_code reject_message signatures status"},
		} {
			e := s.request("ada", ingress.Content{Kind: ingress.Query, Canister: self, Method: test.method})
			got := s.post(fmt.Sprintf("/api/%s/canister/%s/query", version, self), e.Encode())
			fields := decode(t, got)
			var names []string
			for _, name := range []string{"error_code", "reject_code", "reject_message", "reply", "signatures", "status"} {
				if _, ok := fields[name]; ok {
					names = append(names, name)
				}
			}
			if got.status != 200 || strings.Join(names, " ") != test.fields || len(fields) != len(names) {
				t.Errorf("%s %s: %d %v", version, test.method, got.status, fields)
			}
			response, err := ingress.ParseQueryResponse([]byte(got.body))
			if err != nil {
				t.Fatal(err)
			}
			if n := len(response.Signatures); n != 1 || len(response.Signatures[0].Signature) != 64 || response.Signatures[0].Timestamp != begin {
				t.Errorf("%s %s: signatures %+v", version, test.method, response.Signatures)
			}
		}
	}
}

// TestTolerance: what other client libraries send.
func TestTolerance(t *testing.T) {
	s := newService(t)
	path := "/api/v2/canister/" + self.String() + "/query"
	withoutTag := s.request("ada", ingress.Content{Kind: ingress.Query, Nonce: []byte("0123456789")}).Encode()[3:]
	// An anonymous sender with null in place of what is absent.
	nulls := []byte("\xa4\x67content\xa6\x6crequest_type\x65query\x66sender\x41\x04\x6eingress_expiry\x1b\xff\xff\xff\xff\xff\xff\xff\xff" +
		"\x6bcanister_id\x4a\x00\x00\x00\x00\x00\x00\x00\x07\x01\x01\x6bmethod_name\x66whoami\x63arg\x46DIDL\x00\x00" +
		"\x6dsender_pubkey\xf6\x6asender_sig\xf6\x71sender_delegation\xf6")
	for name, body := range map[string][]byte{"no tag, and a nonce in a query": withoutTag, "null for absent fields": nulls} {
		if got := s.post(path, body); got.status != 200 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestCandidBombsAreRejectsAndNothingElse sends arguments that are small and
// describe something great.
func TestCandidBombsAreRejectsAndNothingElse(t *testing.T) {
	s := newService(t)
	leb := "\xff\xff\xff\xff\x07" // 2^31 - 1
	for name, arg := range map[string]string{
		"a vec of nulls":                   "DIDL\x01\x6d\x7f\x01\x00" + leb,
		"a vec of reserved":                "DIDL\x01\x6d\x70\x01\x00" + leb,
		"a vec of empty records":           "DIDL\x02\x6d\x01\x6c\x00\x01\x00" + leb,
		"a vec of vecs of nulls":           "DIDL\x02\x6d\x01\x6d\x7f\x01\x00\x02" + leb + leb,
		"a type that is its own option":    "DIDL\x01\x6e\x00\x01\x00" + strings.Repeat("\x01", 60_000),
		"a record in itself":               "DIDL\x01\x6c\x01\x00\x00\x01\x00",
		"a vec of options of records":      "DIDL\x03\x6d\x01\x6e\x02\x6c\x00\x01\x00" + leb,
		"a table of two thousand million":  "DIDL" + leb,
		"two thousand million arguments":   "DIDL\x00" + leb,
		"thirty thousand types":            "DIDL\xb0\xea\x01" + strings.Repeat("\x6e\x7f", 30_000),
		"a text of two thousand million":   "DIDL\x00\x01\x71" + leb,
		"a record of two thousand million": "DIDL\x01\x6c" + leb,
		"vecs in vecs a hundred deep":      "DIDL\x01\x6d\x00\x01\x00" + strings.Repeat("\x01", 60_000),
	} {
		for _, method := range []string{"identity_registration_finish", "prepare_delegation", "identity_registration_start"} {
			e := s.request("ada", ingress.Content{Kind: ingress.Call, Canister: self, Method: method, Arg: []byte(arg)})
			got := s.post("/api/v4/canister/"+self.String()+"/call", e.Encode())
			if got.status != 200 {
				t.Errorf("%s to %s: %+v", name, method, got)
				continue
			}
			c := s.certified(got, ingress.Scope{ID: self})
			status, _ := c.Tree.Lookup([]byte("request_status"), e.ID[:], []byte("status"))
			if method != "identity_registration_start" && string(status) != "rejected" {
				t.Errorf("%s to %s: %s", name, method, status)
			}
		}
		e := s.request("", ingress.Content{Kind: ingress.Query, Canister: self, Method: "lookup_device_key", Arg: []byte(arg)})
		if fields := decode(t, s.post("/api/v3/canister/"+self.String()+"/query", e.Encode())); fields["status"] != "rejected" {
			t.Errorf("%s to a query: %v", name, fields["status"])
		}
	}
	// What is longer than any argument is not even decoded, and takes no room in a
	// block.
	long := s.request("ada", ingress.Content{Kind: ingress.Call, Canister: self, Method: "prepare_delegation", Arg: make([]byte, 1<<20)})
	if fields := decode(t, s.post("/api/v4/canister/"+self.String()+"/call", long.Encode())); fields["status"] != "non_replicated_rejection" {
		t.Errorf("an argument of a megabyte: %v", fields)
	}
	if got := s.post("/api/v4/canister/"+self.String()+"/call", s.request("ada", ingress.Content{Kind: ingress.Call}).Encode()); got.status != 200 {
		t.Errorf("a good call afterwards: %+v", got)
	}
}
