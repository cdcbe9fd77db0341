package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"

	"internetidentity/cbor"
	"internetidentity/table"
	"internetidentity/threshold"
)

// crew are the machines that vote and hold shares of the keys.
type crew struct {
	// Epoch of the ceremony that gave them the keys, and of the crew before, from
	// whom they took them over; for the first crew both are the same.
	Epoch  uint64 `cbor:"1,keyasint"`
	Before uint64 `cbor:"2,keyasint"`
	// Members in the order of their shares.
	Members []Member `cbor:"3,keyasint"`
	// Root and Subnet are the public halves of the keys, empty before they are
	// made.
	Root   []byte `cbor:"4,keyasint"`
	Subnet []byte `cbor:"5,keyasint"`
	// From is the first block that they vote for; zero before it is known.
	From int64 `cbor:"6,keyasint"`
}

// address is the engine's name for a member.
func (m *Member) address() []byte {
	hash := sha256.Sum256(m.Validator)
	return hash[:20]
}

// member finds the machine with an address.
func (c *crew) member(address []byte) (index int, ok bool) {
	for i := range c.Members {
		if string(c.Members[i].address()) == string(address) {
			return i, true
		}
	}
	return 0, false
}

// crewKey is where a crew stands once it has the keys.
func crewKey(epoch uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{spaceLedger, 'e'}, epoch)
}

func (c *crew) save(t table.Table) error {
	b, err := cbor.Marshal(c)
	if err == nil {
		t.Put(crewKey(c.Epoch), b)
	}
	return err
}

func loadCrew(t table.Reader, epoch uint64) (*crew, error) {
	b, ok := t.Get(crewKey(epoch))
	if !ok {
		return nil, fmt.Errorf("the crew of epoch %d is missing", epoch)
	}
	c := &crew{}
	return c, cbor.Unmarshal(b, c)
}

// team is a crew with its keys at hand.
type team struct {
	crew
	keys *keys
}

func newTeam(c crew) (*team, error) {
	root, err := threshold.ParseGroup(c.Root, len(c.Members))
	if err != nil {
		return nil, fmt.Errorf("root key: %w", err)
	}
	key, err := threshold.ParseGroup(c.Subnet, len(c.Members))
	if err != nil {
		return nil, fmt.Errorf("subnet key: %w", err)
	}
	return &team{c, &keys{root, key}}, nil
}

// validators are what the engine has to know of a change of the crew.
func (c *crew) validators(next *crew) []abci.ValidatorUpdate {
	var list []abci.ValidatorUpdate
	update := func(m *Member, power int64) {
		list = append(list, abci.UpdateValidator(m.Validator, power, cmted25519.KeyType))
	}
	for i := range c.Members {
		if _, stays := next.member(c.Members[i].address()); !stays {
			update(&c.Members[i], 0)
		}
	}
	for i := range next.Members {
		if _, was := c.member(next.Members[i].address()); !was {
			update(&next.Members[i], 1)
		}
	}
	return list
}
