package certificate_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"

	"internetidentity/certificate"
	"internetidentity/internal/answers"
	"internetidentity/principal"
)

func number(t *testing.T, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func rootKey(t *testing.T, der []byte) certificate.BLSPublicKey {
	t.Helper()
	key, err := certificate.ParseBLSPublicKeyDER(der)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// verdict compares what happened with what must happen.
func verdict(t *testing.T, valid bool, err error) {
	t.Helper()
	if (err == nil) != valid {
		t.Errorf("valid %v, got error %v", valid, err)
	}
}

// TestKnownAnswers compares keys, delegations, certificates and signatures with
// what other libraries say of them.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"bls":               answers.Each(knownBLS),
		"delegation":        answers.Each(knownDelegation),
		"chain":             answers.Each(knownChain),
		"certificate":       answers.Each(knownCertificate),
		"canisterKey":       answers.Each(knownCanisterKey),
		"canisterSignature": answers.Each(knownCanisterSignature),
	})
}

func knownBLS(t *testing.T, c struct {
	Secret, Public, DER, Message, Signature answers.Bytes
	SubnetID                                string
}) {
	secret, err := certificate.ParseSigningKey(c.Secret)
	if err != nil {
		t.Fatal(err)
	}
	public := secret.Public()
	if !bytes.Equal(public[:], c.Public) || !bytes.Equal(public.DER(), c.DER) || public.SubnetID().String() != c.SubnetID {
		t.Errorf("public key %x of subnet %s, want %s of %s", public, public.SubnetID(), c.Public, c.SubnetID)
	}
	if parsed := rootKey(t, c.DER); parsed != public {
		t.Errorf("parsed %x", parsed)
	}
	if signature := secret.Sign(c.Message); !bytes.Equal(signature, c.Signature) {
		t.Errorf("signature %x, want %s", signature, c.Signature)
	}
	verdict(t, true, certificate.VerifyBLS(public, c.Message, c.Signature))
	verdict(t, false, certificate.VerifyBLS(public, append(c.Message, 0), c.Signature))
}

func knownDelegation(t *testing.T, c struct {
	PublicKey, Hash, SignedBytes answers.Bytes
	Expiration, Permissions      string
	Targets                      *[]answers.Bytes
}) {
	d := certificate.Delegation{PublicKey: c.PublicKey, Expiration: number(t, c.Expiration), Permissions: c.Permissions}
	if c.Targets != nil {
		d.Targets = []principal.Principal{}
		for _, target := range *c.Targets {
			id, err := principal.FromBytes(target)
			if err != nil {
				t.Fatal(err)
			}
			d.Targets = append(d.Targets, id)
		}
	}
	if hash := d.Hash(); !bytes.Equal(hash[:], c.Hash) {
		t.Errorf("hash %x, want %s", hash, c.Hash)
	}
	if signed := d.SignedBytes(); !bytes.Equal(signed, c.SignedBytes) {
		t.Errorf("signed bytes %x, want %s", signed, c.SignedBytes)
	}
}

func knownChain(t *testing.T, c struct {
	JSON        string
	PublicKey   answers.Bytes
	Delegations []struct {
		PublicKey, Signature    answers.Bytes
		Expiration, Permissions string
		Targets                 *[]string
	}
}) {
	var chain certificate.Chain
	if err := json.Unmarshal([]byte(c.JSON), &chain); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(chain.PublicKey, c.PublicKey) || len(chain.Delegations) != len(c.Delegations) {
		t.Fatalf("key %x and %d delegations, want %s and %d", chain.PublicKey, len(chain.Delegations), c.PublicKey, len(c.Delegations))
	}
	for i, want := range c.Delegations {
		got := chain.Delegations[i]
		if !bytes.Equal(got.Delegation.PublicKey, want.PublicKey) || !bytes.Equal(got.Signature, want.Signature) ||
			got.Delegation.Expiration != number(t, want.Expiration) || got.Delegation.Permissions != want.Permissions {
			t.Errorf("delegation %d is %+v", i, got)
		}
		// No targets and an empty list of them are not the same.
		if (got.Delegation.Targets == nil) != (want.Targets == nil) {
			t.Fatalf("delegation %d: targets %v, want %v", i, got.Delegation.Targets, want.Targets)
		}
		if want.Targets == nil {
			continue
		}
		var texts []string
		for _, target := range got.Delegation.Targets {
			texts = append(texts, target.String())
		}
		if len(texts) != len(*want.Targets) {
			t.Fatalf("delegation %d: targets %v, want %v", i, texts, *want.Targets)
		}
		for j := range texts {
			if texts[j] != (*want.Targets)[j] {
				t.Errorf("delegation %d: targets %v, want %v", i, texts, *want.Targets)
			}
		}
	}
	// What we write, the library would have written.
	written, err := json.Marshal(chain)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := canonical(t, written), canonical(t, []byte(c.JSON)); got != want {
		t.Errorf("written %s, want %s", got, want)
	}
}

// canonical writes JSON with its names in order.
func canonical(t *testing.T, data []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func knownCertificate(t *testing.T, c struct {
	Certificate, RootKey   answers.Bytes
	Canister, Subnet, Time string
	Valid                  bool
}) {
	parsed, err := certificate.Parse(c.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	root := rootKey(t, c.RootKey)
	// A verifier that remembers delegations says the same, twice.
	cached := certificate.Verifier{Root: root, Cache: cache{}}
	for range 2 {
		if c.Subnet != "" {
			id := principal.MustParse(c.Subnet)
			verdict(t, c.Valid, parsed.VerifyForSubnet(root, id))
			verdict(t, c.Valid, cached.Subnet(parsed, id))
		} else {
			id := principal.MustParse(c.Canister)
			verdict(t, c.Valid, parsed.VerifyForCanister(root, id))
			verdict(t, c.Valid, cached.Canister(parsed, id))
		}
	}
	if at, err := parsed.Time(); err != nil || at != number(t, c.Time) {
		t.Errorf("time %d: %v, want %s", at, err, c.Time)
	}
	again, err := certificate.Parse(parsed.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if again.Tree.Digest() != parsed.Tree.Digest() || !bytes.Equal(again.Signature, parsed.Signature) || (again.Delegation == nil) != (parsed.Delegation == nil) {
		t.Error("another certificate came back")
	}
}

type cache map[[32]byte]*certificate.VerifiedDelegation

func (c cache) Get(key [32]byte) (*certificate.VerifiedDelegation, bool) {
	d, ok := c[key]
	return d, ok
}

func (c cache) Put(key [32]byte, d *certificate.VerifiedDelegation) { c[key] = d }

func knownCanisterKey(t *testing.T, c struct {
	Canister  string
	Seed, DER answers.Bytes
}) {
	key := certificate.CanisterKey{Canister: principal.MustParse(c.Canister), Seed: c.Seed}
	if !bytes.Equal(key.DER(), c.DER) {
		t.Errorf("DER %x, want %s", key.DER(), c.DER)
	}
	parsed, err := certificate.ParseCanisterKey(c.DER)
	if err != nil || parsed.Canister != key.Canister || !bytes.Equal(parsed.Seed, c.Seed) {
		t.Errorf("parsed %s with seed %x: %v", parsed.Canister, parsed.Seed, err)
	}
}

func knownCanisterSignature(t *testing.T, c struct {
	RootKey, Seed, Key, Payload, Signature answers.Bytes
	Canister                               string
	Valid                                  bool
}) {
	key := certificate.CanisterKey{Canister: principal.MustParse(c.Canister), Seed: c.Seed}
	if !bytes.Equal(key.DER(), c.Key) {
		t.Errorf("DER %x, want %s", key.DER(), c.Key)
	}
	root := rootKey(t, c.RootKey)
	verdict(t, c.Valid, certificate.VerifyCanisterSignature(root, c.Key, c.Payload, c.Signature))
	verdict(t, false, certificate.VerifyCanisterSignature(root, c.Key, append(c.Payload, 0), c.Signature))
	encoded, tree, err := certificate.ParseCanisterSignature(c.Signature)
	if err != nil {
		t.Fatal(err)
	}
	verdict(t, c.Valid, certificate.VerifyCanisterSignature(root, c.Key, c.Payload, certificate.EncodeCanisterSignature(encoded, tree)))
}
