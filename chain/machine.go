package chain

import (
	"crypto/sha256"
	"errors"

	abci "github.com/cometbft/cometbft/abci/types"

	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/subnet"
	"internetidentity/table"
)

// machine is the part that is the same on every machine: the ledger and the
// subnet, and what blocks do to them. It is used from one goroutine.
type machine struct {
	bundle canister.Bundle

	ledger ledger
	digest digest
	team   *team          // nil before the ceremony has made the keys
	next   *team          // who waits for its first block; nil when nobody does
	subnet *subnet.Subnet // nil with team, and before an upgrade
	state  *subnet.State
	born   bool // the subnet was founded by the block at hand

	notes []string // for the log
}

// found begins a new cluster, on an export if its terms name one.
func found(bundle canister.Bundle, terms Terms, export string, base table.Reader) (*machine, *table.Overlay, error) {
	m := &machine{bundle: bundle, ledger: founded(terms)}
	changes := table.NewOverlay(base)
	if err := m.ledger.save(changes); err != nil {
		return nil, nil, err
	}
	if err := takeOver(terms, export, changes); err != nil {
		return nil, nil, err
	}
	m.digest.change(base, changes.Changes())
	return m, changes, nil
}

// reopen goes on with what is stored.
func reopen(bundle canister.Bundle, stored digest, base table.Reader) (*machine, error) {
	m := &machine{bundle: bundle, digest: stored}
	var err error
	if m.ledger, err = loadLedger(base); err != nil {
		return nil, err
	}
	l := &m.ledger
	if len(l.Crew.Subnet) == 0 {
		return m, nil
	}
	if l.Next != nil && l.Next.From != 0 {
		if m.next, err = newTeam(*l.Next); err != nil {
			return nil, err
		}
	}
	if l.Upgrade.is(m.bundle) {
		// The subnet is opened by the block with which this version begins.
		m.team, err = newTeam(l.Crew)
		return m, err
	}
	if l.Version != appVersion || string(l.Bundle) != string(m.bundle.Hash[:]) {
		return nil, errVersion
	}
	_, err = m.open(base)
	return m, err
}

var errVersion = errors.New("this is not the version of the program that is in force in the cluster: install the one that the other machines run")

// open brings the subnet into memory under the shared keys.
func (m *machine) open(base table.Reader) (*table.Overlay, error) {
	team, err := newTeam(m.ledger.Crew)
	if err != nil {
		return nil, err
	}
	config, err := m.ledger.subnetConfig(team.keys.subnet.Key())
	if err != nil {
		return nil, err
	}
	config.Bundle = m.bundle
	s, state, changes, err := subnet.Open(base, config, m.ledger.pace.Time)
	if err != nil {
		return nil, err
	}
	m.team, m.subnet, m.state = team, s, state
	return changes, nil
}

// votersOf are who votes for a block; nil before there are keys.
func (m *machine) votersOf(height int64) *team {
	if m.next != nil && height >= m.next.From {
		return m.next
	}
	return m.team
}

// appHash is what the machines agree on.
func (m *machine) appHash() []byte {
	var root [32]byte
	if m.state != nil {
		root = m.state.Root()
	}
	return m.digest.appHash(root)
}

// seals are the messages that the votes for a block sign.
func (m *machine) seals(height int64) *sealed {
	if m.state == nil {
		return nil
	}
	s := &sealed{height: height, subnet: [][]byte{beaconMessage(height), certificate.StateRootMessage(m.state.Root())}}
	if m.ledger.Due != 0 {
		s.voucher = m.voucherMessage()
	}
	return s
}

func (m *machine) voucherMessage() []byte {
	config, err := m.ledger.subnetConfig(m.team.keys.subnet.Key())
	if err != nil {
		panic(&table.Fault{Err: err}) // it was read when the subnet was opened
	}
	tree := voucherTree(&config, m.ledger.Due)
	return certificate.StateRootMessage(tree.Digest())
}

// stepped is what a block has changed.
type stepped struct {
	changes  *table.Overlay
	receipts []subnet.Receipt
	// refused says of each transaction whether it came to nothing.
	refused []bool
	// validators that vote otherwise from now on.
	validators []abci.ValidatorUpdate
}

// step applies a block with a frame. Its transactions have been checked by
// those who voted for it.
func (m *machine) step(base table.Reader, height int64, f *frame, txs []transaction) (*stepped, error) {
	m.ledger.pace.Steps++
	m.ledger.pace.Time = f.Time
	out := &stepped{changes: table.NewOverlay(base), refused: make([]bool, len(txs))}
	if f.Voucher != nil {
		m.ledger.Voucher, m.ledger.VoucherTime, m.ledger.Due = f.Voucher, m.ledger.Due, 0
	}
	for _, part := range []func() error{
		func() error { return m.begins(out, height) },
		func() error { return m.relieve(out, height) },
		func() error { return m.decide(out, txs) },
		func() error { return m.ceremony(out, height, f, txs) },
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	if err := m.apply(out, f, txs); err != nil {
		return nil, err
	}
	if m.team != nil && m.ledger.Due == 0 && f.Time >= m.ledger.VoucherTime+voucherTime {
		m.ledger.Due = f.Time
	}
	if err := m.ledger.save(out.changes); err != nil {
		return nil, err
	}
	m.digest.change(base, out.changes.Changes())
	return out, nil
}

// apply lets the subnet make a block of the calls.
func (m *machine) apply(out *stepped, f *frame, txs []transaction) error {
	if m.subnet == nil || m.born {
		m.born = false
		return nil
	}
	block := subnet.Block{Height: m.state.Height + 1, Time: f.Time, Seed: seed(f.Beacon)}
	var at []int
	for i, tx := range txs {
		if tx.call != nil {
			block.Calls = append(block.Calls, *tx.call)
			at = append(at, i)
		}
	}
	applied, err := m.subnet.Apply(out.changes, block)
	if err != nil {
		return err
	}
	applied.Changes.ApplyTo(out.changes)
	m.state, out.receipts = applied.State, applied.Receipts
	for i, receipt := range applied.Receipts {
		out.refused[at[i]] = receipt.Refused != nil
	}
	return nil
}

// seed of a block is the hash of the beacon. Without one there are no calls.
func seed(beacon []byte) [32]byte {
	return sha256.Sum256(append([]byte("\x09ii-seed-1"), beacon...))
}
