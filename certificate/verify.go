package certificate

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	public "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"internetidentity/cbor"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

// Verifier checks certificates against one root key. The zero Cache means that
// every delegation is verified anew.
type Verifier struct {
	Root BLSPublicKey

	// Cache remembers subnet delegations that were verified under this root
	// key, so that a busy host checks each once. Optional.
	Cache DelegationCache
}

// DelegationCache is a memory supplied by whoever has one. The key is the
// SHA-256 of root key, subnet id and delegation certificate, so an entry can
// never answer for another question.
type DelegationCache interface {
	Get(key [32]byte) (*VerifiedDelegation, bool)
	Put(key [32]byte, d *VerifiedDelegation)
}

// VerifiedDelegation is what the root key has said of a subnet. It does not
// change and shares memory with nobody, so it may be remembered.
type VerifiedDelegation struct {
	subnet principal.Principal
	key    *public.G2Affine
	tree   hashtree.Tree
}

// VerifyForCanister checks the signature of a certificate that speaks of a
// canister, which must lie in the subnet's ranges.
func (c *Certificate) VerifyForCanister(root BLSPublicKey, canister principal.Principal) error {
	return Verifier{Root: root}.Canister(c, canister)
}

// VerifyForSubnet checks the signature of a certificate that speaks of a
// subnet.
func (c *Certificate) VerifyForSubnet(root BLSPublicKey, subnet principal.Principal) error {
	return Verifier{Root: root}.Subnet(c, subnet)
}

// Canister is Certificate.VerifyForCanister with this verifier.
func (v Verifier) Canister(c *Certificate, canister principal.Principal) error {
	d, err := v.canisterDelegation(c, canister)
	if err != nil {
		return err
	}
	return v.signature(c, d)
}

// canisterDelegation is the verified delegation of a certificate that speaks of
// a canister, which must lie in its ranges; nil if the root subnet signed.
func (v Verifier) canisterDelegation(c *Certificate, canister principal.Principal) (*VerifiedDelegation, error) {
	if c.Delegation == nil {
		return nil, nil
	}
	d, err := v.delegation(c.Delegation)
	if err != nil {
		return nil, err
	}
	return d, d.covers(canister)
}

// Subnet is Certificate.VerifyForSubnet with this verifier.
func (v Verifier) Subnet(c *Certificate, subnet principal.Principal) error {
	if c.Delegation == nil {
		if subnet != v.Root.SubnetID() {
			return fmt.Errorf("certificate of the root subnet, not of subnet %s", subnet)
		}
		return v.signature(c, nil)
	}
	if c.Delegation.SubnetID != subnet {
		return fmt.Errorf("certificate of subnet %s, not of %s", c.Delegation.SubnetID, subnet)
	}
	d, err := v.delegation(c.Delegation)
	if err != nil {
		return err
	}
	return v.signature(c, d)
}

// signature checks who signed a certificate: the subnet of the delegation, or
// the root subnet without one.
func (v Verifier) signature(c *Certificate, d *VerifiedDelegation) error {
	var key *public.G2Affine
	if d != nil {
		key = d.key
	} else {
		var err error
		if key, err = v.Root.point(); err != nil {
			return fmt.Errorf("certificate: root key: %w", err)
		}
	}
	if err := verifyPoint(key, StateRootMessage(c.Tree.Digest()), c.Signature); err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	return nil
}

// delegation verifies the root key's word for a subnet (IC interface spec,
// Delegation).
func (v Verifier) delegation(d *SubnetDelegation) (*VerifiedDelegation, error) {
	var key [32]byte
	if v.Cache != nil {
		h := sha256.New()
		h.Write(v.Root[:])
		h.Write([]byte{byte(len(d.SubnetID.Bytes()))})
		h.Write(d.SubnetID.Bytes())
		h.Write(d.Certificate)
		h.Sum(key[:0])
		if known, ok := v.Cache.Get(key); ok {
			return known, nil
		}
	}
	// What is remembered must not change with the caller's memory, nor hold on
	// to the whole message around it.
	inner, err := Parse(bytes.Clone(d.Certificate))
	if err != nil {
		return nil, fmt.Errorf("delegation: %w", err)
	}
	if inner.Delegation != nil {
		return nil, errors.New("delegation: a delegation inside a delegation")
	}
	if err := v.signature(inner, nil); err != nil {
		return nil, fmt.Errorf("delegation: %w", err)
	}
	der, status := inner.Tree.Lookup([]byte("subnet"), d.SubnetID.Bytes(), []byte("public_key"))
	if status != hashtree.Found {
		return nil, fmt.Errorf("delegation: no public key of subnet %s (%v)", d.SubnetID, status)
	}
	subnetKey, err := ParseBLSPublicKeyDER(der)
	if err != nil {
		return nil, fmt.Errorf("delegation: %w", err)
	}
	point, err := subnetKey.point()
	if err != nil {
		return nil, fmt.Errorf("delegation: %w", err)
	}
	verified := &VerifiedDelegation{subnet: d.SubnetID, key: point, tree: inner.Tree}
	if v.Cache != nil {
		v.Cache.Put(key, verified)
	}
	return verified, nil
}

// covers checks that a canister lies in the ranges that the delegation
// reveals, in either form.
func (d *VerifiedDelegation) covers(canister principal.Principal) error {
	ranges, err := d.ranges(canister)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		if r.First.Compare(canister) <= 0 && canister.Compare(r.Last) <= 0 {
			return nil
		}
	}
	return fmt.Errorf("canister %s is outside of the ranges of subnet %s", canister, d.subnet)
}

func (d *VerifiedDelegation) ranges(canister principal.Principal) ([]Range, error) {
	// The sharded form: the shard with the greatest label that is not above
	// the canister.
	shards, status := d.tree.Subtree([]byte("canister_ranges"), d.subnet.Bytes())
	if status == hashtree.Found {
		var last []byte
		for _, label := range shards.Labels() {
			first, err := principal.FromBytes(label)
			if err == nil && first.Compare(canister) <= 0 {
				last = label
			}
		}
		if last != nil {
			if encoded, status := shards.Lookup(last); status == hashtree.Found {
				return decodeRanges(encoded)
			}
		}
	}
	encoded, status := d.tree.Lookup([]byte("subnet"), d.subnet.Bytes(), []byte("canister_ranges"))
	if status != hashtree.Found {
		return nil, fmt.Errorf("delegation does not tell the ranges of subnet %s", d.subnet)
	}
	return decodeRanges(encoded)
}

// mayCanisterSign refuses the canister signatures of cloud engines, a subnet
// type whose operators nobody must believe (IC interface spec 0.60). A pruned
// type is refused too, since it may hide one. A delegation from before the rule
// shows that it has no type, and signatures with it are still in use.
func (d *VerifiedDelegation) mayCanisterSign() error {
	kind, status := d.tree.Lookup([]byte("subnet"), d.subnet.Bytes(), []byte("type"))
	switch {
	case status == hashtree.Found && string(kind) == "cloud_engine":
		return errors.New("signatures of a cloud engine's canisters are not accepted")
	case status == hashtree.Found, status == hashtree.Absent:
		return nil
	default:
		return fmt.Errorf("delegation does not tell the type of subnet %s", d.subnet)
	}
}

// maxRanges bounds one encoded list; the largest subnet has a few dozen.
const maxRanges = 1 << 14

func decodeRanges(encoded []byte) ([]Range, error) {
	if !cbor.HasTag(encoded) {
		return nil, fmt.Errorf("canister ranges: %w", cbor.ErrTag)
	}
	r := cbor.NewReader(encoded)
	n, err := r.Array()
	if err != nil || n > maxRanges {
		return nil, errors.New("canister ranges: malformed")
	}
	ranges := make([]Range, n)
	for i := range ranges {
		if two, err := r.Array(); err != nil || two != 2 {
			return nil, errors.New("canister ranges: malformed")
		}
		for _, end := range []*principal.Principal{&ranges[i].First, &ranges[i].Last} {
			b, err := r.Bytes()
			if err != nil {
				return nil, errors.New("canister ranges: malformed")
			}
			if *end, err = principal.FromBytes(b); err != nil {
				return nil, fmt.Errorf("canister ranges: %w", err)
			}
		}
	}
	return ranges, r.Done()
}
