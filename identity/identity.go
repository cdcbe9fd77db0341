// Package identity owns the rules: identities and their authentication
// methods, registration, accounts, delegations and their signatures, limits
// and the record of what was changed.
//
// It must not know Candid, HTTP or blocks. Every operation is a method of
// Message, which is one message being executed against a table.
//
// Key spaces of the table, by first byte; a number is never reused:
//
//	0x20 name                     => single values (salt, counters)
//	0x21 number                   => identity
//	0x22 credential id            => number, public key
//	0x23 principal of a passkey   => number
//	0x24 principal of a recovery key => number
//	0x25 number, sequence         => audit entry
//	0x26 number, origin           => accounts of the identity at the origin
//	0x27 origin                   => how many identities have accounts there
//	0x28 time, sequence           => registration, in the current window
//	0x29 time, sequence           => registration, in the reference window
//	0x2a number                   => counts of the identity's accounts
//	0x2b time, sequence           => event of a sign-in
//	0x2c                          (was used by an earlier form of the sums)
//	0x2d family                   => activity counts
//	0x2e space, reader            => front of a queue
//	0x2f window, domain, kind, origin => place of the origin among the sums
//	0x30 window, domain, kind     => how many sums there are
//	     and place                => sum of the events in the window, origin
//
// and volatile ones, which an upgrade empties:
//
//	0x80 principal                => registration flow
//	0x81 start, principal         => (flows by age)
//	0x82 number, principal        => temporary key
//	0x83 expiry, number, principal => (temporary keys by age)
//	0x84 expiry, sequence         => signature
//	0x85 seed hash, message hash  => (signatures in the tree)
//	0x86 name                     => single volatile values (rate limit, counters)
//	0x87 number                   => registration mode
//	0x88 registration id          => number
//	0x89 expiry, number           => (registration modes by age)
//	0x8a challenge key            => captcha of the v1 registration
//	0x8b time, challenge key      => (captchas by age)
//
// Numbers and times are 8 bytes, big endian.
package identity

import (
	"encoding/binary"

	"internetidentity/principal"
	"internetidentity/table"
)

// Number of an identity (anchor number, user number).
type Number uint64

// AccountNumber of an account that is not an identity's default one.
type AccountNumber uint64

// Time in nanoseconds since 1970.
type Time uint64

// Origin of an app, exactly as it was received: it is hashed and never
// compared with anything else.
type Origin string

// Message is one message being executed.
type Message struct {
	Table  table.Table
	Caller principal.Principal
	// Self is the id of the canister.
	Self   principal.Principal
	Now    Time
	Config *Config
	// Entropy is nil in a query.
	Entropy *Entropy
	// Signatures is this message's own copy.
	Signatures *SignatureMap
}

const (
	spaceMeta            = 0x20
	spaceIdentity        = 0x21
	spaceCredential      = 0x22
	spacePasskey         = 0x23
	spaceRecovery        = 0x24
	spaceAudit           = 0x25
	spaceAccounts        = 0x26
	spaceApplication     = 0x27
	spaceCurrentWindow   = 0x28
	spaceReferenceWindow = 0x29
	spaceAccountCounts   = 0x2a
	spaceEvent           = 0x2b
	spaceActivity        = 0x2d
	spaceCursor          = 0x2e
	spacePlace           = 0x2f
	spaceRank            = 0x30

	firstVolatile      = 0x80
	spaceFlow          = 0x80
	spaceFlowAge       = 0x81
	spaceTempKey       = 0x82
	spaceTempKeyAge    = 0x83
	spaceSignature     = 0x84
	spaceSignatureLeaf = 0x85
	spaceVolatile      = 0x86
	spaceMode          = 0x87
	spaceModeID        = 0x88
	spaceModeAge       = 0x89
	spaceChallenge     = 0x8a
	spaceChallengeAge  = 0x8b
	endVolatile        = 0x90
)

// Upgrade empties the volatile spaces, as an upgrade of the official service
// does.
func (m *Message) Upgrade() {
	var keys [][]byte
	for key := range m.Table.Ascend([]byte{firstVolatile}, []byte{endVolatile}) {
		keys = append(keys, append([]byte{}, key...))
	}
	for _, key := range keys {
		m.Table.Delete(key)
	}
	*m.Signatures = SignatureMap{}
}

// key puts a key of a space together.
func key(space byte, parts ...[]byte) []byte {
	k := []byte{space}
	for _, part := range parts {
		k = append(k, part...)
	}
	return k
}

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// counter is a number that is kept under a name.
func counter(r table.Reader, space byte, name string) uint64 {
	value, ok := r.Get(key(space, []byte(name)))
	if !ok {
		return 0
	}
	return binary.BigEndian.Uint64(value)
}

func setCounter(t table.Table, space byte, name string, n uint64) {
	t.Put(key(space, []byte(name)), u64(n))
}

// Names of the single values.
const (
	nameSalt       = "salt"
	nameIdentities = "identities"
	nameAudit      = "audit"
	nameSequence   = "sequence"
	nameAccount    = "account number"
	nameAccounts   = "accounts"
	nameReferences = "account references"
	nameOrigins    = "applications"
	nameEvents     = "events"

	nameBucketTokens = "bucket tokens"
	nameBucketTime   = "bucket time"
	nameDelegations  = "delegations"
	nameOperations   = "operations"
	nameSignatures   = "signatures"
	nameTempKeys     = "temp keys"
	nameModes        = "registration modes"
	nameModesWithID  = "registration modes with id"
	nameChallenges   = "challenges"
)

// adjust changes a counter by a small number.
func adjust(t table.Table, space byte, name string, by int) {
	setCounter(t, space, name, counter(t, space, name)+uint64(by))
}

// nextSequence numbers entries that could otherwise share a key.
func nextSequence(t table.Table) uint64 {
	n := counter(t, spaceMeta, nameSequence)
	setCounter(t, spaceMeta, nameSequence, n+1)
	return n
}
