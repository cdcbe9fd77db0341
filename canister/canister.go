// Package canister owns the smart contract's face: the interface in
// internet_identity.did, the table of methods behind it, the settings, the
// certified front end, and what becomes of a message that fails.
//
// It must not know blocks, envelopes or signatures of callers, and decides no
// rule of identities.
//
// Key spaces of the table below those of package identity, by first byte:
//
//	0x01 name => single values (settings, hash of the front end, time of the
//	             last upgrade, format version)
package canister

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"

	"internetidentity/hashtree"
	"internetidentity/identity"
	"internetidentity/principal"
	"internetidentity/table"
)

//go:embed internet_identity.did
var did string

// DID is the interface as text.
func DID() string { return did }

const (
	spaceCanister = 0x01

	nameSettings = "settings"
	nameBundle   = "bundle"
	nameFormat   = "format"
	nameUpgraded = "upgraded"

	// formatVersion of what is kept in the table.
	formatVersion = 1
)

func key(name string) []byte { return append([]byte{spaceCanister}, name...) }

// Labels of the certified data.
const (
	labelSignatures = "sig"
)

// Canister is the running contract. One goroutine updates it; any number may
// query the Views that it gives out.
type Canister struct {
	self    principal.Principal
	methods map[string]method
	view    *View
}

// View is the contract as it was after a message. It does not change, except
// that its hashes are completed by Certified, which the writer calls before
// others read.
type View struct {
	self       principal.Principal
	methods    map[string]method
	settings   *settings
	site       *site
	signatures *identity.SignatureMap
	certified  hashtree.Map
}

// Env is where an update runs.
type Env struct {
	Table  table.Table
	Caller principal.Principal
	// Now in nanoseconds since 1970.
	Now uint64
	// Seed of the message's randomness.
	Seed [32]byte
}

// QueryEnv is where a query runs.
type QueryEnv struct {
	Table  table.Reader
	Caller principal.Principal
	Now    uint64
	// Certificate of the canister's certified data; nil in a replicated query.
	Certificate []byte
}

// Reply is how a message ended.
type Reply struct {
	Replied       bool
	Arg           []byte
	RejectCode    uint64
	RejectMessage string
	ErrorCode     string
}

// Reject codes and error codes (IC interface spec, Reject codes; the codes are
// the replica's).
const (
	codeCanisterError = 5
	errorTrap         = "IC0503"
	errorNoMethod     = "IC0536"
)

// Install makes a new contract in an empty table. arg is the Candid of the
// init record in the interface, or empty.
func Install(t table.Table, self principal.Principal, arg []byte, bundle Bundle, now uint64) (*Canister, error) {
	if _, ok := t.Get(key(nameFormat)); ok {
		return nil, errors.New("the canister is installed already")
	}
	t.Put(key(nameFormat), []byte{formatVersion})
	c := newCanister(self)
	c.view.settings = newSettings()
	c.view.signatures = &identity.SignatureMap{}
	return c, c.configure(t, arg, bundle)
}

// Open reads a contract back after a restart. Its front end must be the one
// that is in force; for another one, Upgrade.
func Open(t table.Reader, self principal.Principal, bundle Bundle) (*Canister, error) {
	c := newCanister(self)
	format, ok := t.Get(key(nameFormat))
	if !ok {
		return nil, errors.New("there is no canister")
	}
	if len(format) != 1 || format[0] > formatVersion {
		return nil, fmt.Errorf("the state has format %v, this program knows up to %d: it was written by a newer version", format, formatVersion)
	}
	stored, _ := t.Get(key(nameSettings))
	var err error
	if c.view.settings, err = decodeSettings(stored); err != nil {
		return nil, err
	}
	c.view.signatures = identity.LoadSignatures(t)
	c.view.site = newSite(self, bundle, c.view.settings)
	c.certify()
	return c, nil
}

// Installed reports whether a table holds a contract, and the hash of the front
// end that is in force.
func Installed(t table.Reader) (bundle []byte, ok bool) {
	return t.Get(key(nameBundle))
}

// Upgrade puts new settings and a new front end in force. What is volatile is
// forgotten, as by an upgrade on the Internet Computer.
func (c *Canister) Upgrade(t table.Table, arg []byte, bundle Bundle, now uint64) error {
	next := *c.view
	next.signatures = c.view.signatures.Clone()
	m := identity.Message{Table: t, Self: c.self, Now: identity.Time(now), Signatures: next.signatures}
	m.Upgrade()
	t.Put(key(nameUpgraded), binary.BigEndian.AppendUint64(nil, now))
	upgraded := &Canister{self: c.self, methods: c.methods, view: &next}
	if err := upgraded.configure(t, arg, bundle); err != nil {
		return err
	}
	c.view = upgraded.view
	return nil
}

func newCanister(self principal.Principal) *Canister {
	c := &Canister{self: self, methods: map[string]method{}}
	for _, m := range methods() {
		c.methods[m.name] = m
	}
	c.view = &View{self: self, methods: c.methods}
	return c
}

// configure applies an init argument and stores what is then in force.
func (c *Canister) configure(t table.Table, arg []byte, bundle Bundle) error {
	s := *c.view.settings
	m := &identity.Message{Table: t, Config: &s.rules}
	if err := s.apply(arg, m); err != nil {
		return err
	}
	c.view.settings = &s
	t.Put(key(nameSettings), s.encode())
	t.Put(key(nameBundle), bundle.Hash[:])
	c.view.site = newSite(c.self, bundle, &s)
	c.certify()
	return nil
}

// certify puts site and signatures into one tree.
func (c *Canister) certify() {
	c.view.certified = c.view.site.tree.Graft([]byte(labelSignatures), c.view.signatures.Map())
}

// View is the contract as it is now.
func (c *Canister) View() *View { return c.view }

// CertifiedData is the digest that the subnet certifies.
func (c *Canister) CertifiedData() hashtree.Digest { return c.view.certified.Digest() }

// Update runs a message. Either all that it did is in the table, or nothing.
func (c *Canister) Update(env Env, name string, arg []byte) Reply {
	m, ok := c.methods[name]
	if !ok || m.query && name == "http_request" {
		return noMethod("update", name)
	}
	if r := tooLong(c.self, name, len(arg)); r != nil {
		return *r
	}
	overlay := table.NewOverlay(env.Table)
	next := *c.view
	next.signatures = c.view.signatures.Clone()
	entropy := identity.NewEntropy(env.Seed)
	run := &call{
		Message: identity.Message{
			Table: overlay, Caller: env.Caller, Self: c.self, Now: identity.Time(env.Now),
			Config: &next.settings.rules, Entropy: entropy, Signatures: next.signatures,
		},
		view: c.view,
	}
	reply, err := m.run(run, arg)
	if err != nil {
		return trapped(c.self, err)
	}
	overlay.ApplyTo(env.Table)
	c.view = &next
	c.certify()
	return Reply{Replied: true, Arg: reply}
}

// Query runs a query; what it writes is dropped.
func (v *View) Query(env QueryEnv, name string, arg []byte) Reply {
	m, ok := v.methods[name]
	if !ok || !m.query {
		return noMethod("query", name)
	}
	if r := tooLong(v.self, name, len(arg)); r != nil {
		return *r
	}
	run := &call{
		Message: identity.Message{
			Table: table.NewOverlay(env.Table), Caller: env.Caller, Self: v.self, Now: identity.Time(env.Now),
			Config: &v.settings.rules, Signatures: v.signatures,
		},
		view:        v,
		certificate: env.Certificate,
	}
	reply, err := m.run(run, arg)
	if err != nil {
		return trapped(v.self, err)
	}
	return Reply{Replied: true, Arg: reply}
}

// Inspect refuses a call cheaply, by its method and the length of its argument,
// before it takes room in a block; nil lets it in.
func (v *View) Inspect(name string, length int) *Reply {
	if _, ok := v.methods[name]; !ok || name == "http_request" {
		r := noMethod("update", name)
		return &r
	}
	return tooLong(v.self, name, length)
}

// maxArgBytes of a call: six times what an identity may store. Decoding happens
// one call after the other, so a long argument would make all others wait.
const maxArgBytes = 64 << 10

// tooLong refuses an argument before it is decoded; nil lets it in.
func tooLong(self principal.Principal, name string, length int) *Reply {
	switch name {
	case "http_request", "deploy_archive":
		// A page's request may have a body, which is not read; and an archive's
		// module is answered as everybody expects.
		return nil
	}
	if length <= maxArgBytes {
		return nil
	}
	r := trapped(self, fmt.Errorf("the argument of %s has %d bytes, limit %d", name, length, maxArgBytes))
	return &r
}

func noMethod(kind, name string) Reply {
	return Reply{
		RejectCode: codeCanisterError, ErrorCode: errorNoMethod,
		RejectMessage: fmt.Sprintf("Canister has no %s method '%.100s'.", kind, name),
	}
}

// trapped is a failed message, in the words of a replica.
func trapped(self principal.Principal, err error) Reply {
	return Reply{
		RejectCode: codeCanisterError, ErrorCode: errorTrap,
		RejectMessage: fmt.Sprintf("Error from Canister %s: Canister called `ic0.trap` with message: '%v'", self, err),
	}
}

// Metadata is a public section of the module.
type Metadata struct{ Name, Value string }

// PublicMetadata are the sections that clients look for.
func PublicMetadata() []Metadata {
	return []Metadata{
		{"candid:args", "(opt InternetIdentityInit)"},
		{"candid:service", did},
		{"supported_certificate_versions", "1,2"},
	}
}
