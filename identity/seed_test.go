package identity

import (
	"bytes"
	"encoding/hex"
	"testing"

	"internetidentity/principal"
)

// Known answers of seeds, keys and principals, computed by hand from the rules
// of core-behaviour.md §1.1 to §1.4.

var (
	testSalt = bytes.Repeat([]byte{1}, saltBytes)
	testSelf = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")
)

const testOrigin = Origin("https://some-dapp.com")

func TestSeedsAndPrincipals(t *testing.T) {
	m := Message{Self: testSelf}
	for _, c := range []struct {
		name, seed, principal string
		got                   []byte
	}{
		{"default account", "488f2a5be4d679c2743be64981f784de54db01e077914106f01add454dd1a656",
			"k4pv5-ipeu5-sakdv-mwyhi-q7bzq-iwa33-bd6kz-oipfb-mj2eo-tlwqz-lqe", defaultSeed(testSalt, 10000, testOrigin)},
		{"numbered account", "48ecd39642d85d6a43017dbcd82b2d5d1feb308e7d206cde48300325ef97f4ee",
			"umc6r-jhscj-zonbk-yrmje-qstpp-tagzx-gxja3-oiet2-jmozq-d4h7j-zae", accountSeed(testSalt, 1, testOrigin)},
	} {
		if got := hex.EncodeToString(c.got); got != c.seed {
			t.Errorf("%s: seed %s, want %s", c.name, got, c.seed)
		}
		if got := m.canisterKey(c.got).Principal().String(); got != c.principal {
			t.Errorf("%s: principal %s, want %s", c.name, got, c.principal)
		}
	}
	const der = "303c300c060a2b0601040183b8430102032c000a00000000000000070101" +
		"488f2a5be4d679c2743be64981f784de54db01e077914106f01add454dd1a656"
	if got := hex.EncodeToString(m.canisterKey(defaultSeed(testSalt, 10000, testOrigin)).DER()); got != der {
		t.Errorf("key %s, want %s", got, der)
	}
}

func TestDelegationMessages(t *testing.T) {
	for _, c := range []struct {
		permissions Permissions
		want        string
	}{
		{AllowAll, "78411620d67633b61bc461e91dc65dec38475e5c36275fca69a5fb147a18be3a"},
		{AllowQueries, "061d792a31da1cedbbb4ed1a4234c12645d021e6a81ef1598bbe27124f33a4c6"},
	} {
		q := DelegationRequest{SessionKey: []byte("test session public key"), Permissions: c.permissions}
		hash := q.delegation(1700000000000000000).Hash()
		if got := hex.EncodeToString(hash[:]); got != c.want {
			t.Errorf("permissions %q: %s, want %s", c.permissions.text(), got, c.want)
		}
	}
}

// Two lists of parts never have the same hash because of where they are cut.
func TestPartsAreHashedWithTheirLengths(t *testing.T) {
	if bytes.Equal(hashParts([]byte("ab"), []byte("c")), hashParts([]byte("a"), []byte("bc"))) {
		t.Error("a cut does not count")
	}
}
