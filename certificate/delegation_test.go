package certificate

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/principal"
	"internetidentity/rih"
)

func TestDelegationHashCoversWhatIsThere(t *testing.T) {
	pubkey := rih.Field{Name: "pubkey", Value: rih.Blob([]byte("key"))}
	expiration := rih.Field{Name: "expiration", Value: rih.Nat(300)}
	for _, c := range []struct {
		name       string
		delegation Delegation
		fields     []rih.Field
	}{
		{"plain", Delegation{}, nil},
		{"targets", Delegation{Targets: []principal.Principal{canisterID(1), canisterID(2)}}, []rih.Field{{
			Name: "targets", Value: rih.Array(rih.Blob(canisterID(1).Bytes()), rih.Blob(canisterID(2).Bytes())),
		}}},
		{"no target at all", Delegation{Targets: []principal.Principal{}}, []rih.Field{{Name: "targets", Value: rih.Array()}}},
		{"queries", Delegation{Permissions: "queries"}, []rih.Field{{Name: "permissions", Value: rih.Text("queries")}}},
		{"all, in so many words", Delegation{Permissions: "all"}, []rih.Field{{Name: "permissions", Value: rih.Text("all")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.delegation
			d.PublicKey, d.Expiration = []byte("key"), 300
			want := rih.Map(append(c.fields, pubkey, expiration)...)
			if d.Hash() != want {
				t.Errorf("hash %x, want %x", d.Hash(), want)
			}
			signed := string(d.SignedBytes())
			if signed != "\x1aic-request-auth-delegation"+string(want[:]) {
				t.Errorf("signed bytes %x", signed)
			}
		})
	}
}

func drawChain(t *rapid.T) Chain {
	blob := rapid.SliceOfN(rapid.Byte(), 0, 40)
	id := rapid.Custom(func(t *rapid.T) principal.Principal {
		p, err := principal.FromBytes(rapid.SliceOfN(rapid.Byte(), 0, principal.MaxLength).Draw(t, "id"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	})
	c := Chain{PublicKey: blob.Draw(t, "public key")}
	for range rapid.IntRange(0, 3).Draw(t, "delegations") {
		d := SignedDelegation{
			Delegation: Delegation{
				PublicKey:   blob.Draw(t, "key"),
				Expiration:  rapid.Uint64().Draw(t, "expiration"),
				Permissions: rapid.SampledFrom([]string{"", "queries", "all"}).Draw(t, "permissions"),
			},
			Signature: blob.Draw(t, "signature"),
		}
		if rapid.Bool().Draw(t, "with targets") {
			d.Delegation.Targets = rapid.SliceOfN(id, 0, 3).Draw(t, "targets")
		}
		c.Delegations = append(c.Delegations, d)
	}
	return c
}

func TestChainSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chain := drawChain(t)
		encoded, err := json.Marshal(chain)
		if err != nil {
			t.Fatal(err)
		}
		var got Chain
		if err := json.Unmarshal(encoded, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, chain) {
			t.Fatalf("%s\ncame back as %+v", encoded, got)
		}
		for i := range chain.Delegations {
			// Above all, no target means something else than all targets.
			if got.Delegations[i].Delegation.Hash() != chain.Delegations[i].Delegation.Hash() {
				t.Fatal("another delegation came back")
			}
		}
	})
}

func TestChainJSONIsTheEcosystems(t *testing.T) {
	chain := Chain{PublicKey: []byte{1, 0xab}, Delegations: []SignedDelegation{{
		Delegation: Delegation{PublicKey: []byte{2}, Expiration: 0x17a2b3c4d5e6f708, Targets: []principal.Principal{canisterID(7)}, Permissions: "queries"},
		Signature:  []byte{3},
	}, {
		Delegation: Delegation{PublicKey: []byte{4}},
		Signature:  []byte{5},
	}}}
	const want = `{"publicKey":"01ab","delegations":[` +
		`{"delegation":{"pubkey":"02","expiration":"17a2b3c4d5e6f708","targets":["00000000000000070101"],"permissions":"queries"},"signature":"03"},` +
		`{"delegation":{"pubkey":"04","expiration":"0"},"signature":"05"}]}`
	if got, err := json.Marshal(chain); err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if got, err := json.Marshal(Chain{}); err != nil || string(got) != `{"publicKey":"","delegations":[]}` {
		t.Errorf("an empty chain is %s, %v", got, err)
	}
}

func TestChainJSONReading(t *testing.T) {
	one := func(delegation string) string {
		return `{"publicKey":"01","delegations":[{"delegation":{"pubkey":"02",` + delegation + `},"signature":"03"}]}`
	}
	for _, c := range []struct {
		name, text, want string
		expiration       uint64
	}{
		{"a plain expiration", one(`"expiration":"ff"`), "", 255},
		{"an odd number of digits", one(`"expiration":"fff"`), "", 4095},
		{"upper case", one(`"expiration":"1A"`), "", 26},
		{"leading zeros", one(`"expiration":"00000000000000ff"`), "", 255},
		{"the last expiration", one(`"expiration":"ffffffffffffffff"`), "", math.MaxUint64},
		{"null targets", one(`"expiration":"1","targets":null`), "", 1},
		{"more than 64 bits", one(`"expiration":"10000000000000000"`), "at most 64 bits", 0},
		{"an empty expiration", one(`"expiration":""`), "at most 64 bits", 0},
		{"a sign", one(`"expiration":"-1"`), "invalid byte", 0},
		{"a prefix", one(`"expiration":"0x1"`), "invalid byte", 0},
		{"an expiration as a number", one(`"expiration":1`), "delegation chain", 0},
		{"a target of 30 bytes", one(`"expiration":"1","targets":["` + strings.Repeat("00", 30) + `"]`), "target", 0},
		{"a null target", one(`"expiration":"1","targets":[null]`), "target", 0},
		{"a target as text", one(`"expiration":"1","targets":["aaaaa-aa"]`), "delegation chain", 0},
		{"a key in another alphabet", `{"publicKey":"AQ==","delegations":[]}`, "delegation chain", 0},
		{"an odd key", `{"publicKey":"1","delegations":[]}`, "delegation chain", 0},
		{"no object", `[]`, "delegation chain", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := Chain{PublicKey: []byte("before")}
			got := before
			err := json.Unmarshal([]byte(c.text), &got)
			wantError(t, err, c.want)
			if err != nil {
				if !reflect.DeepEqual(got, before) {
					t.Error("a refused text has changed the chain")
				}
				return
			}
			d := got.Delegations[0].Delegation
			if d.Expiration != c.expiration || d.Targets != nil || d.Permissions != "" || !bytes.Equal(d.PublicKey, []byte{2}) {
				t.Errorf("read %+v", d)
			}
		})
	}
}

func FuzzChainJSON(f *testing.F) {
	f.Add([]byte(`{"publicKey":"01","delegations":[{"delegation":{"pubkey":"02","expiration":"fff","targets":["00000000000000070101"],"permissions":"all"},"signature":"03"}]}`))
	f.Add([]byte(`{"publicKey":"","delegations":[{"delegation":{"pubkey":"02","expiration":"0","targets":[]},"signature":""}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var chain Chain
		if json.Unmarshal(data, &chain) != nil {
			return
		}
		encoded, err := json.Marshal(chain)
		if err != nil {
			t.Fatal(err)
		}
		var again Chain
		if err := json.Unmarshal(encoded, &again); err != nil {
			t.Fatalf("our own text %s: %v", encoded, err)
		}
		for i := range chain.Delegations {
			if again.Delegations[i].Delegation.Hash() != chain.Delegations[i].Delegation.Hash() {
				t.Fatalf("delegation %d is another after %s", i, encoded)
			}
		}
	})
}
