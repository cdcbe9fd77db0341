package canister_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// Random sequences of operations by several people and strangers, with
// restarts, upgrades and passing time in between. Whatever happens:
//
//   - nobody acts for an identity whose method he does not hold;
//   - the principal of an identity's account at an origin never changes;
//   - a protected phrase is changed by nobody but itself;
//   - the limits hold;
//   - what is looked up is what is stored, and an examination finds nothing;
//   - the same sequence gives the same certified data twice.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 5, 30).Draw(r, "steps")
		first := runSteps(t, r, steps)
		second := runSteps(t, r, steps)
		if first.canister.CertifiedData() != second.canister.CertifiedData() {
			r.Fatal("the same steps gave another digest")
		}
	})
}

var (
	people  = []string{"ada", "bob", "eve"}
	keys    = []string{"ada", "bob", "eve", "k1", "k2", "k3", "words"}
	origins = []string{"https://a.example", "https://b.example"}
)

func drawStep(t *rapid.T) string {
	of := func(list []string, name string) string { return rapid.SampledFrom(list).Draw(t, name) }
	caller, n := of(keys, "caller"), rapid.IntRange(10_000, 10_003).Draw(t, "identity")
	k, other, origin := of(keys, "key"), of(keys, "other"), of(origins, "origin")
	account := rapid.SampledFrom([]string{"null", "opt 1", "opt 2", "opt 3"}).Draw(t, "account")
	method := rapid.SampledFrom([]string{"passkey", "recovery", "plain", "phrase"}).Draw(t, "kind") + "(" + k + ")"
	protection := rapid.SampledFrom([]string{"Protected", "Unprotected"}).Draw(t, "protection")
	commands := []string{
		"register " + of(people, "person"),
		"restart",
		"upgrade",
		"wait " + rapid.SampledFrom([]string{"1s", "59s", "10m", "15m", "25h"}).Draw(t, "time"),
		fmt.Sprintf("%s: authn_method_add (%d, %s)", caller, n, method),
		fmt.Sprintf("%s: authn_method_replace (%d, key(%s), %s)", caller, n, other, method),
		fmt.Sprintf("%s: authn_method_remove (%d, key(%s))", caller, n, k),
		fmt.Sprintf("%s: authn_method_security_settings_replace (%d, key(%s), record { protection = variant { %s }; purpose = variant { Recovery } })", caller, n, k, protection),
		fmt.Sprintf("%s: update (%d, key(%s), seed(%s protected))", caller, n, k, k),
		fmt.Sprintf("%s: create_account (%d, %q, \"x\")", caller, n, origin),
		fmt.Sprintf("%s: update_account (%d, %q, %s, record { name = opt \"y\" })", caller, n, origin, account),
		fmt.Sprintf("%s: set_default_account (%d, %q, %s)", caller, n, origin, account),
		fmt.Sprintf("%s: prepare_delegation (%d, %q, key(app), null)", caller, n, origin),
		fmt.Sprintf("%s: prepare_account_delegation (%d, %q, %s, key(app), null, null)", caller, n, origin, account),
		fmt.Sprintf("%s: authn_method_registration_mode_enter (%d, null)", caller, n),
		fmt.Sprintf("%s: authn_method_register (%d, %s)", caller, n, method),
		fmt.Sprintf("%s: authn_method_session_register (%d)", caller, n),
		fmt.Sprintf("%s: authn_method_confirm (%d, code(any))", caller, n),
		fmt.Sprintf("%s: authn_method_registration_mode_exit (%d, opt %s)", caller, n, method),
		fmt.Sprintf("%s: identity_properties_replace (%d, record { name = opt \"z\" })", caller, n),
	}
	return of(commands, "command")
}

// model is what must be true of a stage, kept beside it.
type model struct {
	*stage
	r *rapid.T
	// principals by identity, origin and account.
	principals map[string]string
}

func runSteps(t *testing.T, r *rapid.T, steps []string) *stage {
	m := &model{stage: newStage(t), r: r, principals: map[string]string{}}
	if err := m.ready(); err != nil {
		r.Fatal(err)
	}
	before := m.methods()
	for _, step := range steps {
		answer, err := m.command(step)
		if err != nil {
			r.Fatalf("%s: %v", step, err)
		}
		after := m.methods()
		m.check(step, answer, before, after)
		before = after
	}
	if found := identity.Examine(m.table); found.Found > 0 {
		r.Fatalf("an examination finds: %q", found.Problems)
	}
	return m.stage
}

// holding are the public keys of each identity, and which of them are locked.
type holding struct {
	keys   map[string]bool
	locked map[string]bool
	raw    string
}

// methods reads who holds which identity, as everybody can.
func (m *model) methods() map[int]holding {
	m.r.Helper()
	all := map[int]holding{}
	for n := 10_000; n <= 10_003; n++ {
		f, err := m.method("lookup")
		if err != nil {
			m.r.Fatal(err)
		}
		arg, err := m.encode(fmt.Sprintf("(%d)", n), f.Args)
		if err != nil {
			m.r.Fatal(err)
		}
		reply := m.send(principal.Anonymous(), "lookup", arg, true)
		values, err := candid.Decode(reply.Arg, f.Results)
		if err != nil {
			m.r.Fatal(err)
		}
		h := holding{keys: map[string]bool{}, locked: map[string]bool{}}
		for _, d := range values[0].(candid.VecValue) {
			key := string(field(d, "pubkey").([]byte))
			h.keys[key] = true
			if field(d, "protection").(candid.VariantValue).ID == candid.Hash("protected") {
				h.locked[key] = true
			}
			if id, ok := field(d, "credential_id").(candid.OptValue); ok && id.Value != nil {
				m.lookedUp(n, id.Value.([]byte))
			}
		}
		h.raw = fmt.Sprint(values)
		if len(h.keys) > 20 {
			m.r.Fatalf("identity %d has %d methods", n, len(h.keys))
		}
		all[n] = h
	}
	return all
}

// lookedUp checks that a stored credential is found, at its first owner.
func (m *model) lookedUp(n int, credential []byte) {
	f, _ := m.method("lookup_device_key")
	arg, err := candid.Encode(f.Args, []candid.Value{credential})
	if err != nil {
		m.r.Fatal(err)
	}
	reply := m.send(principal.Anonymous(), "lookup_device_key", arg, true)
	values, err := candid.Decode(reply.Arg, f.Results)
	if err != nil {
		m.r.Fatal(err)
	}
	if values[0].(candid.OptValue).Value == nil {
		m.r.Fatalf("the credential %q of identity %d is not found", credential, n)
	}
}

func (m *model) check(step, answer string, before, after map[int]holding) {
	m.r.Helper()
	caller, rest, isCall := strings.Cut(step, ": ")
	done := isCall && !strings.HasPrefix(answer, "trap") && !strings.HasPrefix(answer, "reject") && !strings.Contains(answer, "Err = ")
	var n int
	if isCall {
		_, args, _ := strings.Cut(rest, "(")
		fmt.Sscanf(args, "%d", &n)
	}
	open := strings.HasPrefix(rest, "authn_method_register (") || strings.HasPrefix(rest, "authn_method_session_register") ||
		strings.HasPrefix(rest, "authn_method_registration_mode_exit")
	if done && !open && !m.mayAct(caller, n, before) {
		m.r.Fatalf("%s succeeded for somebody who holds nothing of it: %s", step, answer)
	}
	for identity, was := range before {
		is := after[identity]
		if was.raw != is.raw && len(was.keys) > 0 && (!done || identity != n) {
			m.r.Fatalf("%s changed identity %d", step, identity)
		}
		for key := range was.locked {
			if (!is.keys[key] || !is.locked[key]) && !bytes.Equal(keyOf(caller), []byte(key)) {
				m.r.Fatalf("%s changed a locked phrase of identity %d", step, identity)
			}
		}
	}
	m.samePrincipal(rest, answer)
}

// mayAct: the caller holds a method of the identity, or is a session that was
// let in. Sessions of registrations are the people themselves here.
func (m *model) mayAct(caller string, n int, before map[int]holding) bool {
	if before[n].keys[string(keyOf(caller))] {
		return true
	}
	value, ok := m.table.Get(slices.Concat([]byte{0x82}, be(uint64(n)), principalOf(caller).Bytes()))
	return ok && before[n].keys[string(value[8:])]
}

func be(n uint64) []byte {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(n >> (56 - 8*i))
	}
	return b
}

// samePrincipal remembers the principal of each account and compares.
func (m *model) samePrincipal(call, answer string) {
	_, args, _ := strings.Cut(call, "(")
	fields := strings.Split(args, ", ")
	account := ""
	switch {
	case strings.HasPrefix(call, "prepare_delegation"):
		account = "null"
	case strings.HasPrefix(call, "prepare_account_delegation"):
		account = fields[2]
	default:
		return
	}
	_, rest, found := strings.Cut(answer, "key of ")
	if !found {
		return
	}
	got, _, _ := strings.Cut(rest, ",")
	got, _, _ = strings.Cut(got, ";")
	name := strings.Join([]string{fields[0], fields[1], account}, " ")
	if want, known := m.principals[name]; known && want != got {
		m.r.Fatalf("the principal of %s changed from %s to %s", name, want, got)
	}
	m.principals[name] = got
}
