package chain

import (
	"fmt"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/principal"
	"internetidentity/replica"
	"internetidentity/subnet"
	"internetidentity/table"
	"internetidentity/threshold"
)

// Key spaces beside those of package subnet, by first byte:
//
//	0x08 name => what the machines agree on about themselves
//	0x09 name => what this machine knows for itself; not part of the state
const (
	spaceLedger = 0x08
	spaceLocal  = 0x09
)

var (
	keyPace   = []byte{spaceLedger, 'p'} // pace
	keyTerms  = []byte{spaceLedger, 't'} // Terms
	keyLedger = []byte{spaceLedger, 'l'} // ledger without the other two
	keyHead   = []byte{spaceLocal, 'h'}  // head
)

// pace is what every step changes.
type pace struct {
	Steps uint64 `cbor:"1,keyasint"`
	Time  uint64 `cbor:"2,keyasint"`
}

// ledger is what the machines agree on about themselves.
type ledger struct {
	pace  pace
	terms Terms

	// Crew votes. Next is the one that a ceremony hands the keys over to, or
	// that waits for its first block; nil when there is none.
	Crew crew  `cbor:"1,keyasint"`
	Next *crew `cbor:"2,keyasint"`
	// VoucherTime and Voucher are the root key's signature that is in use.
	VoucherTime uint64 `cbor:"3,keyasint"`
	Voucher     []byte `cbor:"4,keyasint"`
	// Due is the time of the voucher that votes make; zero when none is.
	Due uint64 `cbor:"5,keyasint"`
	// Epoch counts the ceremonies. Phase is where the running one is, which it
	// has been since Began.
	Epoch uint64          `cbor:"6,keyasint"`
	Phase threshold.Phase `cbor:"7,keyasint"`
	Began uint64          `cbor:"8,keyasint"`
	// Version of the program and hash of the front end in force, and what
	// comes; nil when nothing does.
	Version uint64   `cbor:"9,keyasint"`
	Bundle  []byte   `cbor:"10,keyasint"`
	Upgrade *upgrade `cbor:"11,keyasint"`
}

// founded is the ledger of a new cluster.
func founded(terms Terms) ledger {
	return ledger{terms: terms, Crew: crew{Members: terms.Members}, Phase: threshold.Dealing, Version: appVersion}
}

func loadLedger(t table.Reader) (l ledger, err error) {
	for _, part := range []struct {
		key  []byte
		into any
	}{{keyPace, &l.pace}, {keyTerms, &l.terms}, {keyLedger, &l}} {
		b, ok := t.Get(part.key)
		if !ok {
			return l, fmt.Errorf("the cluster's part of the state is missing")
		}
		if err := cbor.Unmarshal(b, part.into); err != nil {
			return l, fmt.Errorf("the cluster's part of the state is damaged: %w", err)
		}
	}
	return l, nil
}

// save writes what differs.
func (l *ledger) save(t table.Table) error {
	for _, part := range []struct {
		key   []byte
		value any
	}{{keyPace, l.pace}, {keyTerms, l.terms}, {keyLedger, *l}} {
		b, err := cbor.Marshal(part.value)
		if err != nil {
			return err
		}
		if old, ok := t.Get(part.key); !ok || string(old) != string(b) {
			t.Put(part.key, b)
		}
	}
	return nil
}

// subnetConfig is the subnet under the shared key.
func (l *ledger) subnetConfig(key certificate.BLSPublicKey) (c subnet.Config, err error) {
	c.Key, c.Init = key, l.terms.Init
	if c.Canister, err = principal.FromBytes(l.terms.Canister); err != nil {
		return c, err
	}
	for _, r := range l.terms.Ranges {
		first, err := principal.FromBytes(r[0])
		if err != nil {
			return c, err
		}
		last, err := principal.FromBytes(r[1])
		if err != nil {
			return c, err
		}
		c.Ranges = append(c.Ranges, certificate.Range{First: first, Last: last})
	}
	for i := range l.Crew.Members {
		der := replica.NodeKeyDER(l.Crew.Members[i].Node)
		c.Nodes = append(c.Nodes, subnet.Node{ID: principal.SelfAuthenticating(der), PublicKey: der})
	}
	return c, nil
}

// voucherTree is what the root key signs for the subnet key at a time.
func voucherTree(c *subnet.Config, time uint64) hashtree.Map {
	tree := certificate.DelegationTree(c.ID(), c.Key, c.Ranges, time)
	tree.Digest() // completed here, as the Map asks for
	return tree
}

// head is the last block of this machine.
type head struct {
	Height int64  `cbor:"1,keyasint"`
	Hash   []byte `cbor:"2,keyasint"` // the application's
	Digest []byte `cbor:"3,keyasint"`
}

func loadHead(t table.Reader) (h head, found bool, err error) {
	b, found := t.Get(keyHead)
	if !found {
		return h, false, nil
	}
	return h, true, cbor.Unmarshal(b, &h)
}
