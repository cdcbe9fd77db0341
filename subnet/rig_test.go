package subnet_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"internetidentity/candid"
	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/identity"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/subnet"
	"internetidentity/table"
)

// begin is the time of the genesis in every test.
const begin = 1_700_000_000_000_000_000

const (
	second = 1_000_000_000
	minute = 60 * second
)

var (
	self      = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")
	neighbour = principal.MustParse("ryjl3-tyaaa-aaaaa-aaaba-cai") // in the subnet's range, and not here
	elsewhere = opaque(0, 0, 0, 0, 0, 0, 0, 0, 1, 0)               // before the range
)

func opaque(b ...byte) principal.Principal {
	p, err := principal.FromBytes(b)
	if err != nil {
		panic(err)
	}
	return p
}

func configuration() subnet.Config {
	node := keyOf("node")
	init, err := canister.Init{Captcha: &identity.CaptchaConfig{Trigger: identity.CaptchaDisabled, MaxUnsolved: 500}}.Encode()
	if err != nil {
		panic(err)
	}
	return subnet.Config{
		Canister: self,
		Key:      certificate.DeriveSigningKey([32]byte{2}).Public(),
		Ranges: []certificate.Range{{
			First: opaque(0, 0, 0, 0, 0, 0, 0, 0, 1, 1),
			Last:  opaque(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1),
		}},
		Nodes: []subnet.Node{{ID: principal.SelfAuthenticating(node), PublicKey: node}},
		Bundle: canister.Bundle{
			Assets: []canister.Asset{{Path: "/", ContentType: "text/html", Page: true, Body: []byte("<!doctype html>")}},
			Hash:   sha256.Sum256([]byte("bundle")),
		},
		Init: init,
	}
}

// rig is a subnet on a table in memory.
type rig struct {
	t      testing.TB
	config subnet.Config
	table  *table.Memory
	subnet *subnet.Subnet
	state  *subnet.State
	nonces uint64
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, config: configuration(), table: table.NewMemory()}
	r.open(begin)
	return r
}

// open begins, or begins again with what is in the table.
func (r *rig) open(now uint64) {
	r.t.Helper()
	s, state, changes, err := subnet.Open(r.table.Snapshot(), r.config, now)
	if err != nil {
		r.t.Fatal(err)
	}
	changes.ApplyTo(r.table)
	r.subnet, r.state = s, state
}

// block applies calls after some time and commits.
func (r *rig) block(after uint64, calls ...subnet.Call) []subnet.Receipt {
	r.t.Helper()
	applied, err := r.subnet.Apply(r.table.Snapshot(), r.next(after, calls...))
	if err != nil {
		r.t.Fatal(err)
	}
	applied.Changes.ApplyTo(r.table)
	r.state = applied.State
	return applied.Receipts
}

func (r *rig) next(after uint64, calls ...subnet.Call) subnet.Block {
	height := r.state.Height + 1
	return subnet.Block{
		Height: height, Time: r.state.Time + after,
		Seed: sha256.Sum256(binary.BigEndian.AppendUint64([]byte("seed"), height)), Calls: calls,
	}
}

// outcome reads how a call ended out of the state tree.
func (r *rig) outcome(id ingress.RequestID) map[string]string {
	r.t.Helper()
	tree := r.state.Witness(subnet.StatusPath(id))
	all, _ := tree.Subtree(subnet.StatusPath(id)...)
	o := map[string]string{}
	for _, label := range all.Labels() {
		value, _ := all.Lookup(label)
		o[string(label)] = string(value)
	}
	return o
}

// keyOf is the key of a person: what follows the prefix is no point, and
// nobody here looks at it.
func keyOf(name string) []byte {
	secret := sha256.Sum256([]byte(name))
	return append([]byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), secret[:]...)
}

func principalOf(name string) principal.Principal {
	if name == "anonymous" {
		return principal.Anonymous()
	}
	return principal.SelfAuthenticating(keyOf(name))
}

// everything is the authority of a sender without delegations.
var everything = ingress.Authority{NotAfter: ^uint64(0)}

// call is a call of the service, with an argument in the text of Candid.
func (r *rig) call(who, method, text string) subnet.Call {
	r.t.Helper()
	r.nonces++
	return made(ingress.Content{
		Kind: ingress.Call, Sender: principalOf(who), Expiry: r.state.Time + 4*minute,
		Nonce:    binary.BigEndian.AppendUint64(nil, r.nonces),
		Canister: self, Method: method, Arg: encode(r.t, method, text),
	})
}

func made(c ingress.Content) subnet.Call {
	return subnet.Call{Envelope: &ingress.Envelope{Content: c, ID: c.ID()}, Authority: everything}
}

var did = func() *candid.Program {
	p, err := candid.ParseProgram(canister.DID())
	if err != nil {
		panic(err)
	}
	return p
}()

func encode(t testing.TB, method, text string) []byte {
	t.Helper()
	for _, m := range did.Service.Methods {
		if m.Name != method {
			continue
		}
		values, err := candid.ParseValues(text, m.Type.Func.Args)
		if err != nil {
			t.Fatalf("%s %s: %v", method, text, err)
		}
		arg, err := candid.Encode(m.Type.Func.Args, values)
		if err != nil {
			t.Fatal(err)
		}
		return arg
	}
	t.Fatalf("the interface has no method %s", method)
	return nil
}

// blob is a byte string in the text of Candid.
func blob(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		fmt.Fprintf(&s, `\%02x`, c)
	}
	return `blob "` + s.String() + `"`
}

func (r *rig) start(who string) subnet.Call {
	return r.call(who, "identity_registration_start", "()")
}

// finish registers a passkey of the same name.
func (r *rig) finish(who string) subnet.Call {
	return r.call(who, "identity_registration_finish", `(record { authn_method = record {
		authn_method = variant { WebAuthn = record { credential_id = `+blob([]byte("credential of "+who))+`; pubkey = `+blob(keyOf("passkey of "+who))+` } };
		security_settings = record { protection = variant { Unprotected }; purpose = variant { Authentication } };
		metadata = vec {}; } })`)
}

// signIn prepares a delegation for an identity.
func (r *rig) signIn(who string, number uint64, session string) subnet.Call {
	return r.call(who, "prepare_delegation", fmt.Sprintf(`(%d, "https://app.example", %s, null)`, number, blob(keyOf(session))))
}

// register makes an identity, whose caller may act for it for ten minutes.
// The first has number 10000.
func (r *rig) register(who string) {
	r.t.Helper()
	for _, receipt := range r.block(second, r.start(who), r.finish(who)) {
		if o := r.outcome(receipt.ID); o["status"] != "replied" {
			r.t.Fatalf("registration of %s: %v %v", who, receipt, o)
		}
	}
}

// copyOf is a table as a block would leave it.
func copyOf(m *table.Memory) *table.Overlay {
	o := table.NewOverlay(table.NewMemory())
	for key, value := range m.Ascend(nil, nil) {
		o.Put(key, value)
	}
	return o
}
