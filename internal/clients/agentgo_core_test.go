package clients_test

import (
	"strings"
	"testing"

	"github.com/aviate-labs/agent-go/candid/idl"
	"github.com/aviate-labs/agent-go/principal"
)

type refusal struct {
	Unauthorized *principal.Principal `ic:"Unauthorized,variant"`
}

type account struct {
	Number   *uint64 `ic:"account_number,omitempty"`
	Origin   string  `ic:"origin"`
	LastUsed *uint64 `ic:"last_used,omitempty"`
	Name     *string `ic:"name,omitempty"`
}

type accountResult struct {
	Ok  *account `ic:"Ok,variant"`
	Err *refusal `ic:"Err,variant"`
}

type infoResult struct {
	Ok *struct {
		Methods []authnMethod `ic:"authn_methods"`
		Name    *string       `ic:"name,omitempty"`
	} `ic:"Ok,variant"`
	Err *refusal `ic:"Err,variant"`
}

func TestAgentGoManagesAnIdentity(t *testing.T) {
	s := start(t)
	key, second, stranger := identities(t)["Ed25519"], identities(t)["P-256"], identities(t)["secp256k1"]
	number := s.register(t, key)
	a := s.agent(t, key)

	// A second method, which may act at once.
	method := authnMethod{Metadata: []metadata{}}
	method.Method.PubKey = &struct {
		PublicKey []byte `ic:"pubkey"`
	}{second.PublicKey()}
	method.Security.Protection.Unprotected = &idl.Null{}
	method.Security.Purpose.Authentication = &idl.Null{}
	var added struct {
		Ok  *idl.Null `ic:"Ok,variant"`
		Err *refusal  `ic:"Err,variant"`
	}
	call(t, a, "authn_method_add", []any{number, method}, &added)
	if added.Ok == nil {
		t.Fatalf("the method was not added: %+v", added.Err)
	}
	other := s.agent(t, second)
	var info infoResult
	call(t, other, "identity_info", []any{number}, &info)
	if info.Ok == nil || len(info.Ok.Methods) != 2 || info.Ok.Name == nil || *info.Ok.Name != "Ada" {
		t.Fatalf("the identity is %+v", info)
	}
	info = infoResult{}
	call(t, s.agent(t, stranger), "identity_info", []any{number}, &info)
	if info.Ok != nil || info.Err == nil || info.Err.Unauthorized == nil || !info.Err.Unauthorized.Equal(stranger.Sender()) {
		t.Errorf("a stranger got %+v", info)
	}

	// Accounts at an app.
	var created, updated, standard accountResult
	call(t, a, "create_account", []any{number, app, "Work"}, &created)
	if created.Ok == nil || created.Ok.Number == nil || created.Ok.Origin != app {
		t.Fatalf("the account is %+v", created)
	}
	job := "Job"
	call(t, other, "update_account", []any{number, app, created.Ok.Number, struct {
		Name *string `ic:"name,omitempty"`
	}{&job}}, &updated)
	if updated.Ok == nil || updated.Ok.Name == nil || *updated.Ok.Name != job {
		t.Fatalf("the account is %+v", updated)
	}
	call(t, a, "set_default_account", []any{number, app, created.Ok.Number}, &standard)
	standard = accountResult{}
	query(t, a, "get_default_account", []any{number, app}, &standard)
	if standard.Ok == nil || standard.Ok.Number == nil || *standard.Ok.Number != *created.Ok.Number {
		t.Errorf("the default account is %+v", standard)
	}

	// First version: the same devices, and traps for who may not see them.
	var devices struct {
		Devices []struct {
			PublicKey []byte `ic:"pubkey"`
		} `ic:"devices"`
	}
	call(t, a, "get_anchor_info", []any{number}, &devices)
	if len(devices.Devices) != 2 {
		t.Errorf("there are %d devices", len(devices.Devices))
	}
	call(t, a, "remove", []any{number, second.PublicKey()})
	err := other.Call(canister, "get_anchor_info", []any{number}, []any{&devices})
	if err == nil || !strings.Contains(err.Error(), second.Sender().String()+" could not be authenticated") {
		t.Errorf("a removed device got %v", err)
	}
}
