// Package subnet owns the state machine of one subnet with one canister: a
// block goes in; replies, the certified state tree and its root hash come out.
// It orders nothing and decides what each block does: who may read what, which
// calls were seen before, what becomes of a call, and how long its outcome is
// kept.
//
// It must not know who made the block, when it becomes durable, or who waits.
// Two machines that apply the same blocks have the same root hash.
//
// Key spaces, by first byte:
//
//	0x01 name            => single values (chain, genesis)
//	0x02 request id      => status of a call
//	0x03 end, request id => nothing; finds the statuses that have ended
//	0x10 ...             => the canister's table
package subnet

import (
	"crypto/sha256"

	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/table"
)

// Config is what a subnet is. It is the same on every machine.
type Config struct {
	// Canister is the id of the one canister.
	Canister principal.Principal
	// Key of the subnet, which signs its states; its id follows from it.
	Key certificate.BLSPublicKey
	// Ranges of canister ids that the subnet answers for.
	Ranges []certificate.Range
	// Nodes that may sign answers to queries.
	Nodes []Node

	// Bundle is the front end, and Init the canister's init argument in
	// Candid. When either differs from what is in force, the canister is
	// upgraded before the next block.
	Bundle canister.Bundle
	Init   []byte
}

// Node is a machine of the subnet.
type Node struct {
	ID principal.Principal
	// PublicKey is an Ed25519 key in DER.
	PublicKey []byte
}

// ID is the id of the subnet.
func (c *Config) ID() principal.Principal { return c.Key.SubnetID() }

// Contains reports whether a canister id is in the subnet's ranges.
func (c *Config) Contains(id principal.Principal) bool {
	for _, r := range c.Ranges {
		if r.First.Compare(id) <= 0 && id.Compare(r.Last) <= 0 {
			return true
		}
	}
	return false
}

// moduleHash names the code in force. There is no WebAssembly module here, so
// it is the hash of the interface and the front end.
func (c *Config) moduleHash() [32]byte {
	h := sha256.New()
	h.Write([]byte(canister.DID()))
	h.Write(c.Bundle.Hash[:])
	return [32]byte(h.Sum(nil))
}

// Call is a call in a block, with what its sender has shown (ingress.Verifier).
type Call struct {
	Envelope  *ingress.Envelope
	Authority ingress.Authority
}

// Block is the whole input of a step.
type Block struct {
	// Height is one more than that of the block before.
	Height uint64
	// Time in nanoseconds since 1970; it never goes back.
	Time uint64
	// Seed is fresh randomness that nobody could foresee.
	Seed  [32]byte
	Calls []Call
}

// Receipt is what became of a call in a block.
type Receipt struct {
	ID ingress.RequestID
	// Refused is why the call was not executed: a *ingress.Refusal or a
	// *ingress.Rejection. Nil when its outcome is in the state.
	Refused error
	// Duplicate: the call had been executed before.
	Duplicate bool
	// Trap is the error in the program that ended the call, for the log of
	// this machine; empty if there was none.
	Trap string
}

// Applied is the whole output of a step. Nothing counts until Changes are
// durable.
type Applied struct {
	Receipts []Receipt
	Root     hashtree.Digest
	Changes  *table.Overlay
	State    *State
}

// Subnet applies blocks, one after another, from one goroutine.
type Subnet struct {
	config   Config
	canister *canister.Canister
	genesis  genesis
	height   uint64
	time     uint64
	tree     hashtree.Map
	kept     int    // bytes of the outcomes in the tree
	ended    []byte // every outcome whose end is before this key is forgotten
	maxKept  int

	replied, rejected hashtree.Map // see shared
}

var canisterSpace = []byte{0x10}
