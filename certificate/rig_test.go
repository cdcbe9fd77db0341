package certificate

import (
	"strings"
	"testing"

	"internetidentity/hashtree"
	"internetidentity/principal"
)

// rig is a root key and one subnet under it, as a host has them.
type rig struct {
	root, subnetKey *SigningKey
	subnet          principal.Principal
	ranges          []Range
	canister        principal.Principal
}

const rigTime = 1_700_000_000_000_000_000

func newRig() *rig {
	r := &rig{
		root:      DeriveSigningKey([32]byte{1}),
		subnetKey: DeriveSigningKey([32]byte{2}),
		ranges:    []Range{{canisterID(5), canisterID(9)}, {canisterID(20), canisterID(20)}},
		canister:  canisterID(7),
	}
	r.subnet = r.subnetKey.Public().SubnetID()
	return r
}

// canisterID is the id of the n-th canister.
func canisterID(n byte) principal.Principal { return id(0, 0, 0, 0, 0, 0, 0, n, 1, 1) }

func id(b ...byte) principal.Principal {
	p, err := principal.FromBytes(b)
	if err != nil {
		panic(err)
	}
	return p
}

// rootTree is what the root subnet knows of the subnet.
func (r *rig) rootTree() hashtree.Map {
	return DelegationTree(r.subnet, r.subnetKey.Public(), r.ranges, rigTime)
}

func (r *rig) delegation(layout Layout) *SubnetDelegation {
	return NewDelegation(r.root, r.rootTree(), r.subnet, layout)
}

// state is a state of the subnet.
func (r *rig) state() hashtree.Map {
	return hashtree.Map{}.
		Put(hashtree.P("time"), EncodeTime(rigTime+1)).
		Put(hashtree.Path{[]byte("canister"), r.canister.Bytes(), []byte("certified_data")}, []byte("certified"))
}

// certify signs a state with the subnet's key.
func (r *rig) certify(d *SubnetDelegation) *Certificate {
	c := signTree(r.subnetKey, r.state().Tree())
	c.Delegation = d
	return c
}

// signTree makes a certificate without a delegation.
func signTree(key *SigningKey, tree hashtree.Tree) *Certificate {
	return &Certificate{Tree: tree, Signature: key.Sign(StateRootMessage(tree.Digest()))}
}

// vouch makes a delegation of any tree that somebody signs.
func vouch(key *SigningKey, subnet principal.Principal, tree hashtree.Tree) *SubnetDelegation {
	return &SubnetDelegation{SubnetID: subnet, Certificate: signTree(key, tree).Encode()}
}

// reparse sends a certificate over the wire.
func reparse(t testing.TB, c *Certificate) *Certificate {
	t.Helper()
	parsed, err := Parse(c.Encode())
	if err != nil {
		t.Fatalf("our own encoding does not parse: %v", err)
	}
	return parsed
}

// wantError compares an error with a part of its text; "" wants none.
func wantError(t testing.TB, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Errorf("refused: %v", err)
	case text != "" && err == nil:
		t.Errorf("accepted, want the refusal %q", text)
	case text != "" && !strings.Contains(err.Error(), text):
		t.Errorf("refused with %q, want %q", err, text)
	}
}

func flip(b []byte, at int) []byte {
	changed := append([]byte{}, b...)
	changed[at] ^= 1
	return changed
}
