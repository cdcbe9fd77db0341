package subnet_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/subnet"
)

// p makes a path of texts and bytes.
func p(labels ...any) [][]byte {
	var path [][]byte
	for _, label := range labels {
		switch l := label.(type) {
		case string:
			path = append(path, []byte(l))
		case []byte:
			path = append(path, l)
		case principal.Principal:
			path = append(path, l.Bytes())
		}
	}
	return path
}

func ofCanister(id principal.Principal) ingress.Scope { return ingress.Scope{ID: id} }

func ofSubnet(id principal.Principal) ingress.Scope { return ingress.Scope{Subnet: true, ID: id} }

func TestWhoMayReadWhat(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	adas := r.signIn("ada", 10_000, "key")
	anonymous := r.call("anonymous", "whoami", "()")
	r.block(second, adas, anonymous)
	id, nobodys := adas.Envelope.ID[:], anonymous.Envelope.ID[:]
	unknown := make([]byte, 32)
	s := r.config.ID()
	const (
		invalid  = "404 Invalid path requested."
		notYours = "403 The user tries to access Request ID not signed by the caller."
	)
	for _, test := range []struct {
		name  string
		scope ingress.Scope
		who   string
		paths [][][]byte
		want  string // empty: it may
	}{
		{"nothing", ofCanister(self), "anonymous", nil, ""},
		{"the time", ofCanister(self), "anonymous", [][][]byte{p("time")}, ""},
		{"below the time", ofCanister(self), "anonymous", [][][]byte{p("time", "x")}, invalid},
		{"the root", ofCanister(self), "anonymous", [][][]byte{{}}, invalid},
		{"an unknown label", ofCanister(self), "anonymous", [][][]byte{p("streams")}, invalid},
		{"a good path and a bad one", ofCanister(self), "anonymous", [][][]byte{p("time"), p("streams")}, invalid},
		{"boundary nodes", ofCanister(self), "anonymous", [][][]byte{p("api_boundary_nodes")}, ""},
		{"a part of a boundary node", ofCanister(self), "anonymous", [][][]byte{p("api_boundary_nodes", s, "domain")}, ""},
		{"subnets", ofCanister(self), "anonymous", [][][]byte{p("subnet")}, ""},
		{"the nodes of the subnet", ofSubnet(s), "anonymous", [][][]byte{p("subnet", s, "node")}, ""},
		{"ranges on a canister's endpoint", ofCanister(self), "anonymous", [][][]byte{p("canister_ranges", s)}, invalid},
		{"ranges on the subnet's endpoint", ofSubnet(s), "anonymous", [][][]byte{p("canister_ranges", s)}, ""},
		{"all ranges", ofSubnet(s), "anonymous", [][][]byte{p("canister_ranges")}, invalid},

		{"through another canister in the range", ofCanister(neighbour), "anonymous", [][][]byte{p("time")}, ""},
		{"through the management canister", ofCanister(principal.Principal{}), "anonymous", [][][]byte{p("time")}, ""},
		{"through a canister elsewhere", ofCanister(elsewhere), "anonymous", [][][]byte{p("time")}, "404 Canister " + elsewhere.String() + " is not on this subnet."},
		{"another subnet", ofSubnet(self), "anonymous", [][][]byte{p("time")}, "404 Subnet rdmx6-jaaaa-aaaaa-aaadq-cai is not here."},

		{"the module hash", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "module_hash")}, ""},
		{"controllers", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "controllers")}, ""},
		{"when it was created", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "canister_creation_timestamp")}, ""},
		{"when it was installed", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "last_install_timestamp")}, ""},
		{"metadata", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "metadata", "candid:service")}, ""},
		{"metadata that there is not", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "metadata", "dfx")}, ""},
		{"all metadata", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "metadata")}, invalid},
		{"below metadata", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "metadata", "dfx", "x")}, invalid},
		{"certified data", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "certified_data")}, invalid},
		{"all of a canister", ofCanister(self), "anonymous", [][][]byte{p("canister", self)}, invalid},
		{"canisters", ofCanister(self), "anonymous", [][][]byte{p("canister")}, invalid},
		{"below the module hash", ofCanister(self), "anonymous", [][][]byte{p("canister", self, "module_hash", "x")}, invalid},
		{"another canister than that of the address", ofCanister(neighbour), "anonymous", [][][]byte{p("canister", self, "module_hash")},
			"400 Effective canister id in URL ryjl3-tyaaa-aaaaa-aaaba-cai does not match canister id in paths rdmx6-jaaaa-aaaaa-aaadq-cai."},
		{"a canister on the subnet's endpoint", ofSubnet(s), "anonymous", [][][]byte{p("canister", self, "module_hash")}, "400 Effective canister id in URL " + s.String() + " does not match canister id in paths rdmx6-jaaaa-aaaaa-aaadq-cai."},
		{"an id that is too long", ofCanister(self), "anonymous", [][][]byte{p("canister", make([]byte, 30), "module_hash")}, "400 Could not parse the canister id in a path: principal has more than 29 bytes"},

		{"one's own call", ofCanister(self), "ada", [][][]byte{p("request_status", id)}, ""},
		{"the status of one's own call", ofCanister(self), "ada", [][][]byte{p("request_status", id, "status")}, ""},
		{"two parts of one's own call", ofCanister(self), "ada", [][][]byte{p("request_status", id, "status"), p("request_status", id, "reply")}, ""},
		{"below the status", ofCanister(self), "ada", [][][]byte{p("request_status", id, "status", "x")}, invalid},
		{"somebody else's call", ofCanister(self), "bob", [][][]byte{p("request_status", id)}, notYours},
		{"a known person's call, asked by nobody", ofCanister(self), "anonymous", [][][]byte{p("request_status", id)}, notYours},
		{"nobody's call, asked by nobody", ofCanister(self), "anonymous", [][][]byte{p("request_status", nobodys)}, ""},
		{"nobody's call, asked by somebody", ofCanister(self), "ada", [][][]byte{p("request_status", nobodys)}, notYours},
		{"a call through another canister", ofCanister(neighbour), "ada", [][][]byte{p("request_status", id)}, "403 The user tries to access request IDs for a different effective canister ID."},
		{"a call through the subnet", ofSubnet(s), "ada", [][][]byte{p("request_status", id)}, "403 The user tries to access request IDs for a different effective canister ID."},
		{"a call that nobody knows", ofCanister(self), "bob", [][][]byte{p("request_status", unknown)}, ""},
		{"two calls", ofCanister(self), "ada", [][][]byte{p("request_status", id), p("request_status", unknown)}, "400 Can only request a single request ID in request_status paths."},
		{"all calls", ofCanister(self), "ada", [][][]byte{p("request_status")}, invalid},
		{"an id of 31 bytes", ofCanister(self), "ada", [][][]byte{p("request_status", id[1:])}, invalid},
	} {
		for _, layout := range []certificate.Layout{certificate.Flat, certificate.Sharded} {
			_, err := r.state.Readable(r.table, subnet.Read{Scope: test.scope, Sender: principalOf(test.who), Authority: everything, Paths: test.paths, Layout: layout})
			if got := refused(err); got != test.want {
				t.Errorf("%s: %q, want %q", test.name, got, test.want)
			}
		}
	}
	// A delegation to other canisters does not open the call to this one.
	for _, targets := range [][]principal.Principal{{neighbour}, {}, {self}, nil} {
		authority := everything
		authority.Targets = targets
		_, err := r.state.Readable(r.table, subnet.Read{Scope: ofCanister(self), Sender: principalOf("ada"), Authority: authority, Paths: [][][]byte{p("request_status", id)}})
		want := "403 The user tries to access request IDs that are not among the delegation targets."
		if targets == nil || slices.Contains(targets, self) {
			want = ""
		}
		if got := refused(err); got != want {
			t.Errorf("with targets %v: %q, want %q", targets, got, want)
		}
	}
}

func refused(err error) string {
	var refusal *ingress.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal):
		return string(rune('0'+refusal.Status/100)) + "0" + string(rune('0'+refusal.Status%10)) + " " + refusal.Text
	}
	return "not a refusal: " + err.Error()
}

// shown is what a witness says of a path.
type shown struct {
	path [][]byte
	want hashtree.Status
}

func TestWitnessShowsWhatWasAskedForAndNothingElse(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	call := r.signIn("ada", 10_000, "key")
	before := r.state
	r.block(second, call)
	s, node, id := r.config.ID(), r.config.Nodes[0].ID, call.Envelope.ID[:]
	shard := r.config.Ranges[0].First
	nodeKey, flat := p("subnet", s, "node", node, "public_key"), p("subnet", s, "canister_ranges")
	sharded, module := p("canister_ranges", s, shard), p("canister", self, "module_hash")
	certified := p("canister", self, "certified_data")
	for _, test := range []struct {
		name   string
		state  *subnet.State
		scope  ingress.Scope
		layout certificate.Layout
		paths  [][][]byte
		shown  []shown
	}{
		{"nothing", r.state, ofCanister(self), certificate.Sharded, nil, []shown{
			{p("time"), hashtree.Found}, {nodeKey, hashtree.Unknown}, {module, hashtree.Unknown},
		}},
		{"the nodes, as clients of the newer endpoint ask", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("subnet")}, []shown{
			{p("time"), hashtree.Found}, {nodeKey, hashtree.Found}, {p("subnet", s, "public_key"), hashtree.Found},
			{p("subnet", s, "type"), hashtree.Found}, {flat, hashtree.Unknown}, {sharded, hashtree.Unknown},
		}},
		{"the nodes, as clients of the older endpoint ask", r.state, ofCanister(self), certificate.Flat, [][][]byte{p("subnet")}, []shown{
			{nodeKey, hashtree.Found}, {flat, hashtree.Found},
		}},
		{"this subnet on the newer endpoint", r.state, ofSubnet(s), certificate.Sharded, [][][]byte{p("subnet", s)}, []shown{
			{nodeKey, hashtree.Found}, {flat, hashtree.Unknown},
		}},
		{"flat ranges on the newer endpoint", r.state, ofSubnet(s), certificate.Sharded, [][][]byte{flat}, []shown{{flat, hashtree.Unknown}}},
		{"flat ranges on the older endpoint", r.state, ofSubnet(s), certificate.Flat, [][][]byte{flat}, []shown{{flat, hashtree.Found}}},
		{"one part of the subnet", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("subnet", s, "type")}, []shown{
			{p("subnet", s, "type"), hashtree.Found}, {nodeKey, hashtree.Unknown},
		}},
		{"another subnet", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("subnet", self)}, []shown{
			{p("subnet", self, "type"), hashtree.Absent}, {nodeKey, hashtree.Unknown},
		}},
		{"metrics", r.state, ofSubnet(s), certificate.Sharded, [][][]byte{p("subnet", s, "metrics")}, []shown{{p("subnet", s, "metrics"), hashtree.Absent}}},
		{"the shard of ranges", r.state, ofSubnet(s), certificate.Sharded, [][][]byte{p("canister_ranges", s)}, []shown{
			{sharded, hashtree.Found}, {flat, hashtree.Unknown}, {module, hashtree.Unknown},
		}},
		{"boundary nodes", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("api_boundary_nodes")}, []shown{
			{p("api_boundary_nodes"), hashtree.Absent}, {module, hashtree.Unknown},
		}},
		{"the module hash", r.state, ofCanister(self), certificate.Sharded, [][][]byte{module}, []shown{
			{module, hashtree.Found}, {certified, hashtree.Unknown}, {p("canister", self, "controllers"), hashtree.Unknown},
		}},
		{"metadata", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("canister", self, "metadata", "candid:service")}, []shown{
			{p("canister", self, "metadata", "candid:service"), hashtree.Found}, {p("canister", self, "metadata", "candid:args"), hashtree.Unknown},
		}},
		{"metadata that there is not", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("canister", self, "metadata", "candid")}, []shown{
			{p("canister", self, "metadata", "candid"), hashtree.Absent},
		}},
		{"another canister", r.state, ofCanister(neighbour), certificate.Sharded, [][][]byte{p("canister", neighbour, "module_hash")}, []shown{
			{p("canister", neighbour, "module_hash"), hashtree.Absent}, {module, hashtree.Unknown},
		}},
		{"a call", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("request_status", id)}, []shown{
			{p("request_status", id, "status"), hashtree.Found}, {p("request_status", id, "reply"), hashtree.Found},
			{p("request_status", id, "reject_code"), hashtree.Absent},
		}},
		{"the status alone", r.state, ofCanister(self), certificate.Sharded, [][][]byte{p("request_status", id, "status")}, []shown{
			{p("request_status", id, "status"), hashtree.Found}, {p("request_status", id, "reply"), hashtree.Unknown},
		}},
		{"a call before its block", before, ofCanister(self), certificate.Sharded, [][][]byte{p("request_status", id)}, []shown{
			{p("request_status", id, "status"), hashtree.Absent},
		}},
		{"a call when there are none", newRig(t).state, ofCanister(self), certificate.Sharded, [][][]byte{p("request_status", id)}, []shown{
			{p("request_status", id, "status"), hashtree.Absent}, {sharded, hashtree.Unknown},
		}},
	} {
		paths, err := test.state.Readable(r.table, subnet.Read{Scope: test.scope, Sender: principalOf("ada"), Authority: everything, Paths: test.paths, Layout: test.layout})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		witness := test.state.Witness(paths...)
		if witness.Digest() != test.state.Root() {
			t.Errorf("%s: the witness has another digest than the state", test.name)
		}
		if value, _ := witness.Lookup([]byte("time")); string(value) != string(certificate.EncodeTime(test.state.Time)) {
			t.Errorf("%s: the time is %x", test.name, value)
		}
		for _, look := range test.shown {
			if _, got := witness.Lookup(look.path...); got != look.want {
				t.Errorf("%s: %q is %v, want %v", test.name, look.path, got, look.want)
			}
		}
	}
}

// TestWitnessForClientsWithABug: a client library reports a label as absent
// when one that is a prefix of it stands revealed to its left.
func TestWitnessForClientsWithABug(t *testing.T) {
	r := newRig(t)
	s := r.config.ID()
	paths, err := r.state.Readable(r.table, subnet.Read{Scope: ofSubnet(s), Sender: principal.Anonymous(), Authority: everything, Paths: [][][]byte{p("canister_ranges", s)}, Layout: certificate.Sharded})
	if err != nil {
		t.Fatal(err)
	}
	witness := r.state.Witness(paths...)
	if labels := witness.Labels(); len(labels) != 2 || string(labels[0]) != "canister_ranges" || string(labels[1]) != "time" {
		t.Errorf("the witness reveals the labels %q", labels)
	}
	shards, _ := witness.Subtree(p("canister_ranges", s)...)
	if n := len(shards.Labels()); n != 1 {
		t.Errorf("%d shards are revealed, want one", n)
	}
}

func TestValuesOfTheTree(t *testing.T) {
	r := newRig(t)
	r.block(minute)
	s := r.config.ID()
	state := r.state.Witness(p("subnet"), p("canister_ranges", s), p("canister"))
	ranges := "\xd9\xd9\xf7\x81\x82\x4a\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x4a\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"
	for _, test := range []struct {
		path [][]byte
		want string
	}{
		{p("time"), string(certificate.EncodeTime(begin + minute))},
		{p("subnet", s, "public_key"), string(r.config.Key.DER())},
		{p("subnet", s, "type"), "application"},
		{p("subnet", s, "node", r.config.Nodes[0].ID, "public_key"), string(keyOf("node"))},
		{p("subnet", s, "canister_ranges"), ranges},
		{p("canister_ranges", s, r.config.Ranges[0].First), ranges},
		{p("canister", self, "controllers"), "\xd9\xd9\xf7\x80"},
		{p("canister", self, "canister_creation_timestamp"), string(binary.AppendUvarint(nil, begin))},
		{p("canister", self, "last_install_timestamp"), string(binary.AppendUvarint(nil, begin))},
		{p("canister", self, "metadata", "candid:service"), canister.DID()},
		{p("canister", self, "metadata", "supported_certificate_versions"), "1,2"},
	} {
		if got, status := state.Lookup(test.path...); string(got) != test.want {
			t.Errorf("%q is %x (%v), want %x", test.path, got, status, test.want)
		}
	}
	for _, label := range []string{"module_hash", "certified_data"} {
		if value, _ := state.Lookup(p("canister", self, label)...); len(value) != 32 {
			t.Errorf("%s has %d bytes", label, len(value))
		}
	}
	if labels := state.Labels(); strings.Contains(string(slices.Concat(labels...)), "request_status") {
		t.Error("there are calls in a new subnet")
	}
}
