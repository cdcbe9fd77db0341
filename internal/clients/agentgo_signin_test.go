package clients_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/candid/idl"
	"github.com/aviate-labs/agent-go/certification"
	"github.com/aviate-labs/agent-go/certification/ii"
	"github.com/aviate-labs/agent-go/identity"
	"github.com/aviate-labs/agent-go/principal"
)

type metadata struct {
	Key   string `ic:"0"`
	Value struct {
		String *string `ic:"String,variant"`
	} `ic:"1"`
}

type authnMethod struct {
	Method struct {
		PubKey *struct {
			PublicKey []byte `ic:"pubkey"`
		} `ic:"PubKey,variant"`
	} `ic:"authn_method"`
	Security struct {
		Protection struct {
			Unprotected *idl.Null `ic:"Unprotected,variant"`
		} `ic:"protection"`
		Purpose struct {
			Authentication *idl.Null `ic:"Authentication,variant"`
		} `ic:"purpose"`
	} `ic:"security_settings"`
	Metadata []metadata `ic:"metadata"`
	Last     *uint64    `ic:"last_authentication,omitempty"`
}

// register makes an identity with a key.
func (s *service) register(t *testing.T, key identity.Identity, more ...agent.ClientOption) uint64 {
	t.Helper()
	temporary, err := identity.NewRandomEd25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	a := s.agent(t, temporary, more...)
	var started struct {
		Ok *struct {
			Next struct {
				Finish *idl.Null `ic:"Finish,variant"`
			} `ic:"next_step"`
		} `ic:"Ok,variant"`
	}
	call(t, a, "identity_registration_start", nil, &started)
	if started.Ok == nil || started.Ok.Next.Finish == nil {
		t.Fatalf("the registration did not start: %+v", started)
	}
	type arguments struct {
		Method authnMethod `ic:"authn_method"`
		Name   *string     `ic:"name,omitempty"`
	}
	name := "Ada"
	argument := arguments{Name: &name}
	argument.Method.Method.PubKey = &struct {
		PublicKey []byte `ic:"pubkey"`
	}{key.PublicKey()}
	argument.Method.Security.Protection.Unprotected = &idl.Null{}
	argument.Method.Security.Purpose.Authentication = &idl.Null{}
	argument.Method.Metadata = []metadata{}
	var finished struct {
		Ok *struct {
			Number uint64 `ic:"identity_number"`
		} `ic:"Ok,variant"`
		Err *struct {
			Invalid *string `ic:"InvalidAuthnMethod,variant"`
		} `ic:"Err,variant"`
	}
	call(t, a, "identity_registration_finish", []any{argument}, &finished)
	if finished.Ok == nil {
		t.Fatalf("the registration did not finish: %+v", finished.Err)
	}
	return finished.Ok.Number
}

// signIn gets a delegation as the JSON form of its chain.
func signIn(t *testing.T, a *agent.Agent, number uint64, session []byte) (chain ii.DelegationChain, text []byte) {
	t.Helper()
	var userKey []byte
	var expiration uint64
	var maxTTL *uint64
	call(t, a, "prepare_delegation", []any{number, app, session, maxTTL}, &userKey, &expiration)
	var got struct {
		Signed *struct {
			Delegation struct {
				PublicKey  []byte `ic:"pubkey"`
				Expiration uint64 `ic:"expiration"`
			} `ic:"delegation"`
			Signature []byte `ic:"signature"`
		} `ic:"signed_delegation,variant"`
		None *idl.Null `ic:"no_such_delegation,variant"`
	}
	query(t, a, "get_delegation", []any{number, app, session, expiration}, &got)
	if got.Signed == nil {
		t.Fatal("there is no such delegation")
	}
	if !bytes.Equal(got.Signed.Delegation.PublicKey, session) || got.Signed.Delegation.Expiration != expiration {
		t.Fatalf("the delegation is for %x until %d", got.Signed.Delegation.PublicKey, got.Signed.Delegation.Expiration)
	}
	text = fmt.Appendf(nil, `{"publicKey":"%x","delegations":[{"delegation":{"pubkey":"%x","expiration":"%016x"},"signature":"%x"}]}`,
		userKey, session, expiration, got.Signed.Signature)
	if err := json.Unmarshal(text, &chain); err != nil {
		t.Fatal(err)
	}
	return chain, text
}

func TestAgentGoSignsIn(t *testing.T) {
	s := start(t)
	for name, key := range identities(t) {
		for version, options := range s.versions() {
			// Each key with the newest endpoints, and one with all.
			if options != nil && name != "Ed25519" {
				continue
			}
			t.Run(name+" with "+version, func(t *testing.T) {
				number := s.register(t, key, options...)
				a := s.agent(t, key, options...)
				session := []byte(identities(t)["P-256"].PublicKey())
				chain, _ := signIn(t, a, number, session)
				now := uint64(time.Now().UnixNano())
				if err := chain.VerifyChallenge(session, now, canister, a.GetRootKey()); err != nil {
					t.Errorf("agent-go does not believe the delegation: %v", err)
				}
				var who, me principal.Principal
				query(t, a, "get_principal", []any{number, app}, &who)
				if want := principal.NewSelfAuthenticating([]byte(chain.PublicKey)); !who.Equal(want) {
					t.Errorf("the principal is %s, the delegation's %s", who, want)
				}
				query(t, a, "whoami", nil, &me)
				if !me.Equal(key.Sender()) {
					t.Errorf("whoami says %s to %s", me, key.Sender())
				}
			})
		}
	}
}

func TestAgentGoRefusesDelegationsThatWereChanged(t *testing.T) {
	s := start(t)
	key := identities(t)["Ed25519"]
	number := s.register(t, key)
	a := s.agent(t, key)
	session := identities(t)["Ed25519"].PublicKey()
	chain, text := signIn(t, a, number, session)
	now := uint64(time.Now().UnixNano())
	mainnet, err := hex.DecodeString(certification.RootKey)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(c ii.DelegationChain, at uint64, of principal.Principal, root []byte) error {
		return c.VerifyChallenge(session, at, of, root)
	}
	if err := verify(chain, now, canister, a.GetRootKey()); err != nil {
		t.Fatal(err)
	}
	end := uint64(chain.Delegations[0].Delegation.Expiration)
	if err := verify(chain, end, canister, a.GetRootKey()); err != nil {
		t.Errorf("in its last nanosecond: %v", err)
	}
	if verify(chain, end+1, canister, a.GetRootKey()) == nil {
		t.Error("verifies after its end")
	}
	if verify(chain, now, principal.MustDecode("ryjl3-tyaaa-aaaaa-aaaba-cai"), a.GetRootKey()) == nil {
		t.Error("verifies as another canister's")
	}
	if verify(chain, now, canister, mainnet) == nil {
		t.Error("verifies under the Internet Computer's root key")
	}
	for _, field := range []string{"publicKey", "expiration", "signature"} {
		var changed ii.DelegationChain
		at := bytes.Index(text, []byte(`"`+field+`":"`)) + len(field) + 4
		// The last hex digit of the field is its lowest bits.
		at += bytes.IndexByte(text[at:], '"') - 1
		copied := slices.Clone(text)
		if copied[at]++; copied[at] == '9'+1 || copied[at] == 'g' {
			copied[at] = '0'
		}
		if err := json.Unmarshal(copied, &changed); err != nil {
			t.Fatal(err)
		}
		if verify(changed, now, canister, a.GetRootKey()) == nil {
			t.Errorf("verifies with another %s", field)
		}
	}
}
