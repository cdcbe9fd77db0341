package chain

import (
	"encoding/binary"
	"errors"
	"fmt"

	"internetidentity/cbor"
	"internetidentity/ingress"
)

// A transaction is a byte that says its kind, and a body.
const (
	// txCall is an envelope.
	txCall = 0x01
	// txTick wants a block, even an empty one. Its body is the number of steps
	// that have been made, 8 bytes, so that ticks of many machines are one.
	txTick = 0x02
	// txCeremony is a message of a ceremony.
	txCeremony = 0x03
	// txBallot is a member's vote for a change of the cluster.
	txBallot = 0x05
	// txFrame stands first in every block that makes a step, and nowhere else.
	txFrame = 0x04
)

func tickTx(steps uint64) []byte { return binary.BigEndian.AppendUint64([]byte{txTick}, steps) }

func callTx(e *ingress.Envelope) []byte { return append([]byte{txCall}, e.Encode()...) }

// parseCall reads a call in the one encoding that it has.
func parseCall(body []byte) (*ingress.Envelope, error) {
	e, err := ingress.Parse(body)
	if err != nil {
		return nil, err
	}
	if e.Content.Kind != ingress.Call {
		return nil, fmt.Errorf("a %s is no transaction", e.Content.Kind)
	}
	if string(e.Encode()) != string(body) {
		return nil, errors.New("a call that is not in its own encoding")
	}
	return e, nil
}

func parseTick(body []byte) (steps uint64, err error) {
	if len(body) != 8 {
		return 0, errors.New("a tick has 8 bytes")
	}
	return binary.BigEndian.Uint64(body), nil
}

// frame is what the proposer of a block adds.
type frame struct {
	// Time of the block, in nanoseconds since 1970. The engine's own time of a
	// block is when the votes for the one before it were cast, which is long
	// ago in a cluster that was idle. So it is the lower bound, and the clocks
	// of those who vote are the upper one.
	Time uint64 `cbor:"1,keyasint"`
	// Beacon is the subnet's signature on the number of the block before, put
	// together from its votes. It may be missing when they were too few; the
	// block then has no calls.
	Beacon []byte `cbor:"2,keyasint"`
	// Voucher is the root key's signature that was due, if it is there.
	Voucher []byte `cbor:"3,keyasint"`
}

func (f frame) tx() ([]byte, error) {
	b, err := cbor.Marshal(f)
	return append([]byte{txFrame}, b...), err
}

// parseFrame takes the frame off a block; nil when the block makes no step.
func parseFrame(txs [][]byte) (*frame, [][]byte, error) {
	if len(txs) == 0 {
		return nil, nil, nil
	}
	if len(txs[0]) == 0 || txs[0][0] != txFrame {
		return nil, nil, errors.New("a block with transactions and without a frame")
	}
	var f frame
	if err := cbor.Unmarshal(txs[0][1:], &f); err != nil {
		return nil, nil, fmt.Errorf("the frame of a block: %w", err)
	}
	again, err := f.tx()
	if err != nil || string(again) != string(txs[0]) {
		return nil, nil, errors.New("a frame that is not in its own encoding")
	}
	return &f, txs[1:], nil
}
