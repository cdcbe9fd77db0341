package clients_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/candid/idl"
	"github.com/aviate-labs/agent-go/certification/ii"
	"github.com/aviate-labs/agent-go/principal"
)

// principalAt signs in with an account, verifies the delegation, and returns
// whom the app sees.
func principalAt(t *testing.T, a *agent.Agent, number uint64, account *uint64) principal.Principal {
	t.Helper()
	session := identities(t)["Ed25519"].PublicKey()
	var prepared struct {
		Ok *struct {
			UserKey    []byte `ic:"user_key"`
			Expiration uint64 `ic:"expiration"`
		} `ic:"Ok,variant"`
	}
	type permissions struct {
		All *idl.Null `ic:"all,variant"`
	}
	all := permissions{&idl.Null{}}
	life := uint64(time.Hour)
	call(t, a, "prepare_account_delegation", []any{number, app, account, session, &life, &all}, &prepared)
	if prepared.Ok == nil {
		t.Fatal("no delegation was prepared")
	}
	if left := time.Until(time.Unix(0, int64(prepared.Ok.Expiration))); left > time.Hour || left < time.Hour-time.Minute {
		t.Errorf("the delegation lasts %v", left)
	}
	var got struct {
		Ok *struct {
			Delegation struct {
				PublicKey  []byte `ic:"pubkey"`
				Expiration uint64 `ic:"expiration"`
			} `ic:"delegation"`
			Signature []byte `ic:"signature"`
		} `ic:"Ok,variant"`
	}
	query(t, a, "get_account_delegation", []any{number, app, account, session, prepared.Ok.Expiration, &all}, &got)
	if got.Ok == nil {
		t.Fatal("there is no such delegation")
	}
	text := fmt.Appendf(nil, `{"publicKey":"%x","delegations":[{"delegation":{"pubkey":"%x","expiration":"%016x"},"signature":"%x"}]}`,
		prepared.Ok.UserKey, session, got.Ok.Delegation.Expiration, got.Ok.Signature)
	var chain ii.DelegationChain
	if err := json.Unmarshal(text, &chain); err != nil {
		t.Fatal(err)
	}
	if err := chain.VerifyChallenge(session, uint64(time.Now().UnixNano()), canister, a.GetRootKey()); err != nil {
		t.Errorf("agent-go does not believe the delegation: %v", err)
	}
	return principal.NewSelfAuthenticating(prepared.Ok.UserKey)
}

func TestAgentGoSignsInWithAccounts(t *testing.T) {
	s := start(t)
	key := identities(t)["Ed25519"]
	number := s.register(t, key)
	a := s.agent(t, key)
	seen := map[string]bool{}
	accounts := []*uint64{nil}
	for _, name := range []string{"Work", "Play"} {
		var created accountResult
		call(t, a, "create_account", []any{number, app, name}, &created)
		if created.Ok == nil || created.Ok.Number == nil {
			t.Fatalf("the account is %+v", created)
		}
		accounts = append(accounts, created.Ok.Number)
	}
	for _, account := range accounts {
		seen[principalAt(t, a, number, account).String()] = true
	}
	if len(seen) != 3 {
		t.Errorf("three accounts are %d principals", len(seen))
	}
	// The default one is who the first version knows.
	var legacy principal.Principal
	query(t, a, "get_principal", []any{number, app}, &legacy)
	chain, _ := signIn(t, a, number, identities(t)["Ed25519"].PublicKey())
	if who := principalAt(t, a, number, nil); !who.Equal(legacy) || !who.Equal(principal.NewSelfAuthenticating([]byte(chain.PublicKey))) {
		t.Errorf("the default account is %s, in the first version %s", who, legacy)
	}
	var list struct {
		Ok *[]account `ic:"Ok,variant"`
	}
	query(t, a, "get_accounts", []any{number, app}, &list)
	if list.Ok == nil || len(*list.Ok) != 3 || (*list.Ok)[0].Number != nil || *(*list.Ok)[2].Name != "Play" {
		t.Fatalf("the accounts are %+v", list.Ok)
	}
	for _, account := range *list.Ok {
		if account.LastUsed == nil {
			t.Errorf("account %+v was used", account)
		}
	}
	var apps struct {
		Ok *[]struct {
			Origin   string `ic:"origin"`
			LastUsed uint64 `ic:"last_used"`
		} `ic:"Ok,variant"`
	}
	query(t, a, "list_applications", []any{number}, &apps)
	if apps.Ok == nil || len(*apps.Ok) != 1 || (*apps.Ok)[0].Origin != app || (*apps.Ok)[0].LastUsed != *(*list.Ok)[0].LastUsed {
		t.Errorf("the apps are %+v", apps.Ok)
	}
}

func TestAgentGoReadsTheHistory(t *testing.T) {
	s := start(t)
	key := identities(t)["Ed25519"]
	number := s.register(t, key)
	a := s.agent(t, key)
	type result struct {
		Ok *idl.Null `ic:"Ok,variant"`
	}
	for _, name := range []string{"Grace", "Hopper"} {
		var replaced result
		if call(t, a, "identity_properties_replace", []any{number, struct {
			Name *string `ic:"name"`
		}{&name}}, &replaced); replaced.Ok == nil {
			t.Fatal("the name was not replaced")
		}
	}
	type page struct {
		Before *uint64 `ic:"before"`
		Limit  *uint16 `ic:"limit"`
	}
	var activity struct {
		Ok *struct {
			Entries []struct {
				Sequence  uint64              `ic:"sequence_number"`
				Caller    principal.Principal `ic:"caller"`
				Operation struct {
					Register *struct {
						Device struct {
							PublicKey []byte `ic:"pubkey"`
						} `ic:"device"`
					} `ic:"register_anchor,variant"`
					Update *idl.Null `ic:"update_name,variant"`
				} `ic:"operation"`
			} `ic:"entries"`
			Next *uint64 `ic:"next_before"`
		} `ic:"Ok,variant"`
	}
	limit := uint16(2)
	query(t, a, "identity_activity", []any{number, page{Limit: &limit}}, &activity)
	if activity.Ok == nil || len(activity.Ok.Entries) != 2 || activity.Ok.Next == nil || activity.Ok.Entries[0].Operation.Update == nil || !activity.Ok.Entries[0].Caller.Equal(key.Sender()) {
		t.Fatalf("the newest page is %+v", activity.Ok)
	}
	next := activity.Ok.Next
	activity.Ok = nil
	query(t, a, "identity_activity", []any{number, page{Before: next}}, &activity)
	if activity.Ok == nil || len(activity.Ok.Entries) != 1 || activity.Ok.Next != nil || activity.Ok.Entries[0].Operation.Register == nil {
		t.Fatalf("the oldest page is %+v", activity.Ok)
	}
	if got := activity.Ok.Entries[0].Operation.Register.Device.PublicKey; !reflect.DeepEqual(got, key.PublicKey()) {
		t.Errorf("registered with %x", got)
	}
}

func TestAgentGoReadsSettingsAndCounts(t *testing.T) {
	s := start(t)
	key := identities(t)["Ed25519"]
	number := s.register(t, key)
	a := s.agent(t, key)
	signIn(t, a, number, key.PublicKey())
	type numbers struct {
		First uint64 `ic:"0"`
		End   uint64 `ic:"1"`
	}
	var config struct {
		Range   *numbers `ic:"assigned_user_number_range"`
		Captcha *struct {
			Max     uint64 `ic:"max_unsolved_captchas"`
			Trigger struct {
				Static *struct {
					Disabled *idl.Null `ic:"CaptchaDisabled,variant"`
				} `ic:"Static,variant"`
			} `ic:"captcha_trigger"`
		} `ic:"captcha_config"`
		Limit *struct {
			Time   uint64 `ic:"time_per_token_ns"`
			Tokens uint64 `ic:"max_tokens"`
		} `ic:"register_rate_limit"`
		Self *principal.Principal `ic:"backend_canister_id"`
	}
	query(t, a, "config", nil, &config)
	if *config.Range != (numbers{10_000, 67_116_816}) || config.Captcha.Trigger.Static.Disabled == nil || config.Captcha.Max != 500 || config.Limit.Tokens != 20_000 || !config.Self.Equal(canister) {
		t.Errorf("the settings are %+v", config)
	}
	type weight struct {
		Origin string `ic:"0"`
		Weight uint64 `ic:"1"`
	}
	var stats struct {
		Users   uint64  `ic:"users_registered"`
		Layout  uint8   `ic:"storage_layout_version"`
		Range   numbers `ic:"assigned_user_number_range"`
		Archive struct {
			Canister *principal.Principal `ic:"archive_canister"`
		} `ic:"archive_info"`
		Sums []struct {
			Name string   `ic:"0"`
			Apps []weight `ic:"1"`
		} `ic:"event_aggregations"`
	}
	query(t, a, "stats", nil, &stats)
	if stats.Users != 1 || stats.Layout != 1 || stats.Range != *config.Range || stats.Archive.Canister != nil || len(stats.Sums) != 4 ||
		stats.Sums[0].Name != "prepare_delegation_count 24h other" || !reflect.DeepEqual(stats.Sums[0].Apps, []weight{{app, 1}}) {
		t.Errorf("the counts are %+v", stats)
	}
	var deployed struct {
		Failed *string `ic:"failed,variant"`
	}
	if call(t, a, "deploy_archive", []any{[]byte("wasm")}, &deployed); deployed.Failed == nil || !strings.Contains(*deployed.Failed, "disabled") {
		t.Errorf("the archive is %+v", deployed)
	}
	traps(t, a, "fetch_entries", nil, "no archive deployed!")
	traps(t, a, "acknowledge_entries", []any{uint64(1)}, "no archive deployed!")
	traps(t, a, "init_salt", nil, "Salt already set")
}
