package subnet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"internetidentity/canister"
	"internetidentity/cbor"
	"internetidentity/principal"
	"internetidentity/table"
)

var (
	keyChain   = []byte("\x01chain")   // height and time, 8 bytes each
	keyGenesis = []byte("\x01genesis") // a genesis in CBOR
)

// genesis is what is decided once, or at an upgrade.
type genesis struct {
	Canister  []byte `cbor:"canister"`
	Subnet    []byte `cbor:"subnet"`
	Init      []byte `cbor:"init"` // hash of the init argument in force
	Created   uint64 `cbor:"created"`
	Installed uint64 `cbor:"installed"`
}

// Open begins a subnet in an empty table, or goes on with what is there. The
// overlay holds what that changed; it is to be made durable before the first
// block. now is the time of a genesis or upgrade.
func Open(base table.Reader, config Config, now uint64) (*Subnet, *State, *table.Overlay, error) {
	if !config.Contains(config.Canister) {
		return nil, nil, nil, fmt.Errorf("canister %s is outside of the subnet's ranges", config.Canister)
	}
	s := &Subnet{config: config, maxKept: maxKeptBytes, ended: []byte{spaceEnd}}
	changes := table.NewOverlay(base)
	var err error
	if stored, ok := base.Get(keyGenesis); ok {
		err = s.reopen(changes, stored, now)
	} else {
		err = s.begin(changes, now)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	s.plant(changes)
	state := s.state()
	return s, state, changes, nil
}

func (s *Subnet) begin(t table.Table, now uint64) error {
	initHash := sha256.Sum256(s.config.Init)
	s.genesis = genesis{
		Canister: s.config.Canister.Bytes(), Subnet: s.config.ID().Bytes(),
		Init: initHash[:], Created: now, Installed: now,
	}
	if err := s.install(table.Prefix(t, canisterSpace), now); err != nil {
		return fmt.Errorf("install the canister: %w", err)
	}
	s.time = now
	return errors.Join(s.saveGenesis(t), s.saveChain(t))
}

// install begins with a new canister, or with the table of one that was
// elsewhere before.
func (s *Subnet) install(space table.Table, now uint64) (err error) {
	if _, moved := canister.Installed(space); !moved {
		s.canister, err = canister.Install(space, s.config.Canister, s.config.Init, s.config.Bundle, now)
		return err
	}
	if s.canister, err = canister.Open(space, s.config.Canister, s.config.Bundle); err != nil {
		return err
	}
	return s.canister.Upgrade(space, s.config.Init, s.config.Bundle, now)
}

// CanisterTable is the canister's part of a table, for a canister that moves to
// another subnet.
func CanisterTable(t table.Table) table.Table { return table.Prefix(t, canisterSpace) }

// CanisterReader is CanisterTable to read.
func CanisterReader(t table.Reader) table.Reader { return table.PrefixReader(t, canisterSpace) }

// CanisterOf is the id of the canister in a table.
func CanisterOf(t table.Reader) (principal.Principal, error) {
	var g genesis
	stored, ok := t.Get(keyGenesis)
	if !ok {
		return principal.Principal{}, errors.New("there is no canister")
	}
	if err := cbor.Unmarshal(stored, &g); err != nil {
		return principal.Principal{}, fmt.Errorf("the stored genesis is damaged: %w", err)
	}
	return principal.FromBytes(g.Canister)
}

// reopen goes on where the last block ended. Keys and ids are the same for
// ever: they are part of every principal that was given.
func (s *Subnet) reopen(t table.Table, stored []byte, now uint64) error {
	if err := cbor.Unmarshal(stored, &s.genesis); err != nil {
		return fmt.Errorf("the stored genesis is damaged: %w", err)
	}
	if id := s.config.Canister.Bytes(); !bytes.Equal(s.genesis.Canister, id) {
		was, _ := principal.FromBytes(s.genesis.Canister)
		return fmt.Errorf("the data belongs to canister %s, not to %s", was, s.config.Canister)
	}
	if id := s.config.ID().Bytes(); !bytes.Equal(s.genesis.Subnet, id) {
		was, _ := principal.FromBytes(s.genesis.Subnet)
		return fmt.Errorf("the data belongs to subnet %s, but the subnet key is of %s: put the right keys back", was, s.config.ID())
	}
	chain, _ := t.Get(keyChain)
	if len(chain) != 16 {
		return errors.New("the stored height and time are damaged")
	}
	s.height, s.time = binary.BigEndian.Uint64(chain), binary.BigEndian.Uint64(chain[8:])
	return s.openCanister(t, max(now, s.time))
}

// openCanister puts the configured front end and settings in force.
func (s *Subnet) openCanister(t table.Table, now uint64) error {
	space := table.Prefix(t, canisterSpace)
	initHash := sha256.Sum256(s.config.Init)
	bundle, _ := canister.Installed(space)
	sameBundle, sameInit := bytes.Equal(bundle, s.config.Bundle.Hash[:]), bytes.Equal(s.genesis.Init, initHash[:])
	var err error
	if s.canister, err = canister.Open(space, s.config.Canister, s.config.Bundle); err != nil {
		return fmt.Errorf("open the canister: %w", err)
	}
	if sameBundle && sameInit {
		return nil
	}
	if err := s.canister.Upgrade(space, s.config.Init, s.config.Bundle, now); err != nil {
		return fmt.Errorf("upgrade the canister: %w", err)
	}
	s.genesis.Init, s.genesis.Installed = initHash[:], now
	s.time = now
	return errors.Join(s.saveGenesis(t), s.saveChain(t))
}

func (s *Subnet) saveGenesis(t table.Table) error {
	b, err := cbor.Marshal(s.genesis)
	if err == nil {
		t.Put(keyGenesis, b)
	}
	return err
}

func (s *Subnet) saveChain(t table.Table) error {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16), s.height)
	t.Put(keyChain, binary.BigEndian.AppendUint64(b, s.time))
	return nil
}
