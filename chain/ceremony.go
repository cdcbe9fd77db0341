package chain

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/table"
	"internetidentity/threshold"
)

// The two keys that a ceremony makes.
const (
	rootKey = iota
	subnetKey
	keyCount
)

// phaseTime is how long a phase waits for messages. With all of them it ends at
// once.
const phaseTime = uint64(time.Minute)

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

// messageKey is where a message stands.
func messageKey(epoch uint64, phase threshold.Phase, from int) []byte {
	b := binary.BigEndian.AppendUint64([]byte{spaceLedger, 'm'}, epoch)
	return binary.BigEndian.AppendUint16(append(b, byte(phase)), uint16(from))
}

// ceremony is one as everybody sees it.
type ceremony struct {
	epoch    uint64
	phase    threshold.Phase
	speakers []Member // of the phase
	runs     [keyCount]*threshold.Run
	said     [keyCount]threshold.Transcript
}

// running reads the ceremony that is going on; nil without one.
func (l *ledger) running(t table.Reader) (*ceremony, error) {
	if l.Phase == threshold.NoPhase {
		return nil, nil
	}
	return l.transcript(t, l.Epoch, l.Phase)
}

// transcript reads a ceremony of an epoch up to a phase.
func (l *ledger) transcript(t table.Reader, epoch uint64, phase threshold.Phase) (*ceremony, error) {
	c := &ceremony{epoch: epoch, phase: phase, speakers: l.Members}
	for key := range keyCount {
		c.runs[key], c.said[key] = l.run(epoch, key), threshold.Transcript{}
		for p := threshold.Dealing; p <= phase; p++ {
			c.said[key][p] = map[int][]byte{}
		}
	}
	for p := threshold.Dealing; p <= phase; p++ {
		for from := range c.speakers {
			b, ok := t.Get(messageKey(epoch, p, from))
			if !ok {
				continue
			}
			var parts [][]byte
			if err := cbor.Unmarshal(b, &parts); err != nil || len(parts) != keyCount {
				return nil, fmt.Errorf("a stored message of a ceremony is damaged: %w", err)
			}
			for key, part := range parts {
				c.said[key][p][from] = part
			}
		}
	}
	return c, nil
}

// run is the making of a key in an epoch.
func (l *ledger) run(epoch uint64, key int) *threshold.Run {
	h := sha256.New()
	h.Write([]byte("\x08ii-run-1"))
	h.Write(l.terms.Canister)
	for i := range l.terms.Members {
		h.Write(l.terms.Members[i].Validator)
	}
	h.Write(binary.BigEndian.AppendUint64([]byte{byte(key)}, epoch))
	r := &threshold.Run{Threshold: needed(len(l.Members))}
	h.Sum(r.Nonce[:0])
	for i := range l.Members {
		r.Members = append(r.Members, certificate.BLSPublicKey(l.Members[i].Dealing))
	}
	return r
}

// check says whether a message belongs into the ceremony.
func (c *ceremony) check(m *ceremonyMessage) error {
	switch {
	case c == nil:
		return errors.New("there is no ceremony")
	case m.Epoch != c.epoch || m.Phase != c.phase:
		return errors.New("a message for another phase")
	case m.From < 0 || m.From >= len(c.speakers):
		return errors.New("a message from nobody")
	}
	if _, ok := c.said[rootKey][c.phase][m.From]; ok {
		return errors.New("a second message of one member")
	}
	b, err := m.signed()
	if err != nil {
		return err
	}
	if !ed25519.Verify(c.speakers[m.From].Validator, b, m.Signature) {
		return errors.New("a message that its member has not signed")
	}
	for key, part := range m.Parts {
		if err := c.runs[key].Check(m.Phase, m.From, part); err != nil {
			return err
		}
	}
	return nil
}

// due is the place of a machine that has to speak and has not.
func (c *ceremony) due(key certificate.BLSPublicKey) (from int, due bool) {
	for i := range c.speakers {
		if certificate.BLSPublicKey(c.speakers[i].Dealing) == key {
			_, spoke := c.said[rootKey][c.phase][i]
			return i, !spoke
		}
	}
	return 0, false
}

// ceremony takes the messages of a block, and goes on to the next phase when
// all have spoken or the time is over.
func (m *machine) ceremony(out *stepped, f *frame, txs []transaction) error {
	l := &m.ledger
	if l.Phase == threshold.NoPhase {
		return nil
	}
	if l.Began == 0 {
		l.Began = f.Time
	}
	for i, tx := range txs {
		if tx.ceremony == nil {
			continue
		}
		c, err := l.running(out.changes)
		if err != nil {
			return err
		}
		if err := c.check(tx.ceremony); err != nil {
			out.refused[i] = true
			continue
		}
		b, err := cbor.Marshal(tx.ceremony.Parts)
		if err != nil {
			return err
		}
		out.changes.Put(messageKey(l.Epoch, l.Phase, tx.ceremony.From), b)
	}
	c, err := l.running(out.changes)
	if err != nil {
		return err
	}
	if len(c.said[rootKey][l.Phase]) < len(c.speakers) && f.Time < l.Began+phaseTime {
		return nil
	}
	l.Began = f.Time
	return m.advance(out, c)
}

// advance goes on to the next phase, or to the end.
func (m *machine) advance(out *stepped, c *ceremony) error {
	switch l := &m.ledger; c.phase {
	case threshold.Dealing:
		l.Phase = threshold.Responding
	case threshold.Responding:
		l.Phase = threshold.Reporting
		for key, run := range c.runs {
			if run.Disputed(c.said[key]) {
				m.note("somebody complains in the ceremony")
				l.Phase = threshold.Justifying
				break
			}
		}
	case threshold.Justifying:
		l.Phase = threshold.Reporting
	case threshold.Reporting:
		return m.finish(out, c)
	}
	return nil
}

// finish puts the keys in force that most members report.
func (m *machine) finish(out *stepped, c *ceremony) error {
	var groups [keyCount][]byte
	for key, run := range c.runs {
		group, err := run.Finish(c.said[key])
		if err == nil {
			groups[key], err = group.Encode()
		}
		if err != nil {
			m.note("the ceremony begins again: %v", err)
			m.ledger.Epoch++
			m.ledger.Phase = threshold.Dealing
			return nil
		}
		for i, left := range group.Left {
			if left {
				m.note("%s was left out of the ceremony and has no share of the keys", c.speakers[i].Name)
			}
		}
	}
	l := &m.ledger
	l.Root, l.Subnet = groups[rootKey], groups[subnetKey]
	l.Phase, l.Made = threshold.NoPhase, l.Epoch
	m.note("the keys of the cluster are made")
	return m.begin(out)
}

// begin founds the subnet under the new keys.
func (m *machine) begin(out *stepped) error {
	changes, err := m.open(out.changes)
	if err != nil {
		return err
	}
	changes.ApplyTo(out.changes)
	m.born = true
	return nil
}

// note keeps a sentence for the log of this machine.
func (m *machine) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}
