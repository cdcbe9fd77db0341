package chain

import (
	"crypto/ed25519"
	"errors"

	"internetidentity/cbor"
	"internetidentity/threshold"
)

// ceremonyMessage is a member's part in a phase.
type ceremonyMessage struct {
	Epoch uint64          `cbor:"1,keyasint"`
	Phase threshold.Phase `cbor:"2,keyasint"`
	From  int             `cbor:"3,keyasint"`
	// Parts are one for each key.
	Parts [][]byte `cbor:"4,keyasint"`
	// Signature of the member's validator key over the rest.
	Signature []byte `cbor:"5,keyasint"`
}

func (c ceremonyMessage) signed() ([]byte, error) {
	c.Signature = nil
	b, err := cbor.Marshal(c)
	return append([]byte("\x0bii-ceremony"), b...), err
}

func (c ceremonyMessage) tx(key ed25519.PrivateKey) ([]byte, error) {
	b, err := c.signed()
	if err != nil {
		return nil, err
	}
	c.Signature = ed25519.Sign(key, b)
	b, err = cbor.Marshal(c)
	return append([]byte{txCeremony}, b...), err
}

func parseCeremony(b []byte) (*ceremonyMessage, error) {
	var c ceremonyMessage
	if err := cbor.Unmarshal(b, &c); err != nil {
		return nil, err
	}
	if len(c.Parts) != keyCount {
		return nil, errors.New("a message of a ceremony without a part for each key")
	}
	return &c, nil
}
