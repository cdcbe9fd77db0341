//go:build !solo

package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"os"

	"internetidentity/chain"
	"internetidentity/threshold"
)

// Key files of a machine, besides the node key.
const (
	validatorKeyName = "ii-validator-key-1"
	peerKeyName      = "ii-peer-key-1"
	dealingKeyName   = "ii-dealing-key-1"
)

// loadMemberKeys reads the keys in dir, and makes them when the home is fresh.
func loadMemberKeys(dir string, fresh bool) (keys chain.MemberKeys, err error) {
	if fresh {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return keys, err
		}
	}
	for _, file := range []struct {
		name string
		into func([]byte)
	}{
		{validatorKeyName, func(b []byte) { keys.Validator = ed25519.NewKeyFromSeed(b) }},
		{peerKeyName, func(b []byte) { keys.Peer = ed25519.NewKeyFromSeed(b) }},
		{nodeKeyName, func(b []byte) { keys.Node = ed25519.NewKeyFromSeed(b) }},
		{dealingKeyName, func(b []byte) { keys.Dealing = threshold.NewSecret([32]byte(b)) }},
	} {
		path := keyPath(dir, file.name)
		if fresh {
			var secret [32]byte
			rand.Read(secret[:]) // never fails: the runtime ends the process instead
			if err := writeKey(path, file.name, secret[:]); err != nil {
				return keys, err
			}
		}
		secret, err := readKey(path, file.name)
		if err != nil {
			return keys, err
		}
		file.into(secret)
	}
	return keys, syncDir(dir)
}
