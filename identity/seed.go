package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"internetidentity/certificate"
	"internetidentity/table"
)

// A seed is the secret-salted name of an account at an app. Together with the
// canister it makes the public key, and so the principal, that the app sees:
// without the salt nobody can tell whose it is.

// saltBytes is the length of the salt.
const saltBytes = 32

// Salt is set once, from entropy, and never changes: every principal follows
// from it.
func salt(r table.Reader) ([]byte, bool) { return r.Get(key(spaceMeta, []byte(nameSalt))) }

// ensureSalt sets the salt at the first need.
func (m *Message) ensureSalt() []byte {
	if s, ok := salt(m.Table); ok {
		return s
	}
	s := make([]byte, saltBytes)
	m.Entropy.Read(s)
	m.Table.Put(key(spaceMeta, []byte(nameSalt)), s)
	return s
}

// InitSalt sets the salt, unless it is set.
func (m *Message) InitSalt() error {
	if _, ok := salt(m.Table); ok {
		return trap("Salt already set")
	}
	m.ensureSalt()
	return nil
}

// hashParts hashes parts, each behind its length in one byte.
func hashParts(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte{byte(len(part))})
		h.Write(part)
	}
	return h.Sum(nil)
}

// defaultSeed is that of an identity's default account at an origin.
func defaultSeed(salt []byte, n Number, origin Origin) []byte {
	return hashParts(salt, strconv.AppendUint(nil, uint64(n), 10), []byte(origin))
}

// accountSeed is that of a numbered account, whoever has it.
func accountSeed(salt []byte, account AccountNumber, origin Origin) []byte {
	return hashParts(salt, []byte("<account>"), strconv.AppendUint(nil, uint64(account), 10), []byte(origin))
}

// sessionSeed is that of the sessions of an identity's browsers.
func sessionSeed(salt []byte, n Number) []byte {
	return hashParts(salt, []byte("session-delegation"), binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// canisterKey is the public key of a seed.
func (m *Message) canisterKey(seed []byte) certificate.CanisterKey {
	return certificate.CanisterKey{Canister: m.Self, Seed: seed}
}
