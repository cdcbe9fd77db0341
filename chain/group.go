package chain

import (
	"encoding/binary"

	"internetidentity/threshold"
)

// signatureBytes of a signature and of a share of one.
const signatureBytes = 48

// Needed is how many of n members sign together: as many as the engine needs
// votes for a block, so that whatever has the one has the other.
func Needed(n int) int { return 2*n/3 + 1 }

// keys are the two shared keys: the root key vouches for the subnet key, which
// signs every state and the beacon.
type keys struct{ root, subnet *threshold.Group }

// secrets are this machine's shares of them.
type secrets struct{ root, subnet threshold.Share }

// holds reports whether a member has shares.
func (k *keys) holds(index int) bool { return !k.root.Left[index] && !k.subnet.Left[index] }

// beaconMessage is what the subnet key signs at every height, for the seed of
// the next block. It begins otherwise than a signed state does.
func beaconMessage(height int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("\x0bii-beacon-1"), uint64(height))
}

// sealed are the messages that the votes of a block sign: the beacon and the
// state with the subnet key, and the voucher with the root key.
type sealed struct {
	height  int64
	subnet  [][]byte
	voucher []byte // nil when none is due
}

// The places of shares in a vote.
const (
	beaconShare = iota
	stateShare
	voucherShare
)

// bytes of a vote's shares.
func (s *sealed) bytes() int {
	if s.voucher == nil {
		return 2 * signatureBytes
	}
	return 3 * signatureBytes
}

// part of a vote's shares.
func part(extension []byte, place int) []byte {
	return extension[place*signatureBytes:][:signatureBytes]
}
