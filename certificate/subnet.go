package certificate

import (
	"encoding/binary"

	"internetidentity/cbor"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

// Layout is how a delegation tells the canister ranges of a subnet. Newer
// clients look for shards, some verifiers know only the flat list, so each
// endpoint has its own.
type Layout uint8

const (
	// Flat: one list at /subnet/<id>/canister_ranges.
	Flat Layout = iota
	// Sharded: lists at /canister_ranges/<id>/<first canister>.
	Sharded
)

// Range is a range of canister ids, both ends included.
type Range struct {
	First, Last principal.Principal
}

// EncodeRanges is the form in which ranges stand in a state tree.
func EncodeRanges(ranges []Range) []byte {
	b := cbor.AppendArray(cbor.AppendTag(nil), len(ranges))
	for _, r := range ranges {
		b = cbor.AppendArray(b, 2)
		b = cbor.AppendBytes(b, r.First.Bytes())
		b = cbor.AppendBytes(b, r.Last.Bytes())
	}
	return b
}

// EncodeTime is the form in which a time stands in a state tree.
func EncodeTime(ns uint64) []byte { return binary.AppendUvarint(nil, ns) }

// DelegationTree is the part of the root subnet's state that vouches for one
// subnet, with the ranges in both layouts.
func DelegationTree(subnet principal.Principal, key BLSPublicKey, ranges []Range, timeNS uint64) hashtree.Map {
	id := subnet.Bytes()
	m := hashtree.Map{}.
		Put(hashtree.P("time"), EncodeTime(timeNS)).
		Put(hashtree.Path{[]byte("subnet"), id, []byte("public_key")}, key.DER()).
		Put(hashtree.Path{[]byte("subnet"), id, []byte("type")}, []byte("application")).
		Put(hashtree.Path{[]byte("subnet"), id, []byte("canister_ranges")}, EncodeRanges(ranges))
	if len(ranges) > 0 {
		m = m.Put(hashtree.Path{[]byte("canister_ranges"), id, ranges[0].First.Bytes()}, EncodeRanges(ranges))
	}
	return m
}

// NewDelegation signs the tree with the root key and prunes it to a layout.
func NewDelegation(rootKey *SigningKey, tree hashtree.Map, subnet principal.Principal, layout Layout) *SubnetDelegation {
	return SignedSubnetDelegation(rootKey.Sign(StateRootMessage(tree.Digest())), tree, subnet, layout)
}

// SignedSubnetDelegation prunes a tree to a layout. The signature is the root
// key's on the StateRootMessage of the tree's digest, made elsewhere.
func SignedSubnetDelegation(signature []byte, tree hashtree.Map, subnet principal.Principal, layout Layout) *SubnetDelegation {
	id := subnet.Bytes()
	paths := []hashtree.Path{
		hashtree.P("time"),
		{[]byte("subnet"), id, []byte("public_key")},
		{[]byte("subnet"), id, []byte("type")},
	}
	if layout == Flat {
		paths = append(paths, hashtree.Path{[]byte("subnet"), id, []byte("canister_ranges")})
	} else {
		paths = append(paths, hashtree.Path{[]byte("canister_ranges"), id})
	}
	c := Certificate{Tree: tree.Witness(paths...), Signature: signature}
	return &SubnetDelegation{SubnetID: subnet, Certificate: c.Encode()}
}
