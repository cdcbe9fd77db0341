package chain

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"internetidentity/cbor"
	"internetidentity/certificate"
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
func (m *machine) ceremony(out *stepped, height int64, f *frame, txs []transaction) error {
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
		out.changes.Put(messageKey(c.epoch, l.Phase, tx.ceremony.From), b)
	}
	c, err := l.running(out.changes)
	if err != nil {
		return err
	}
	if len(c.said[rootKey][l.Phase]) < len(c.speakers) && f.Time < l.Began+phaseTime {
		return nil
	}
	l.Began = f.Time
	return m.advance(out, c, height)
}

// advance goes on to the next phase, or to the end.
func (m *machine) advance(out *stepped, c *ceremony, height int64) error {
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
		return m.finish(out, c, height)
	}
	return nil
}

// finish gives the keys that most members report to the crew.
func (m *machine) finish(out *stepped, c *ceremony, height int64) error {
	l := &m.ledger
	made := l.Crew
	if l.Next != nil {
		made = *l.Next
	}
	var groups [keyCount][]byte
	for key, run := range c.runs {
		group, err := run.Finish(c.said[key])
		if err == nil && run.Old != nil && group.Key() != run.Old.Group.Key() {
			err = errors.New("the key would change")
		}
		if err == nil {
			groups[key], err = group.Encode()
		}
		if err != nil {
			m.again(err)
			return nil
		}
		for i, left := range group.Left {
			if left {
				m.note("%s was left out of the ceremony and has no share of the keys", made.Members[i].Name)
			}
		}
	}
	l.Phase, made.Root, made.Subnet = threshold.NoPhase, groups[rootKey], groups[subnetKey]
	if l.Next == nil {
		l.Crew = made
		m.note("the keys of the cluster are made")
		return errors.Join(made.save(out.changes), m.begin(out))
	}
	// The engine lets the new ones vote for the block after the next.
	made.From = height + 2
	l.Next = &made
	out.validators = l.Crew.validators(&made)
	m.note("the keys of the cluster are handed over; the new machines vote from block %d on", made.From)
	next, err := newTeam(made)
	m.next = next
	return errors.Join(err, made.save(out.changes))
}

// again follows a ceremony that came to nothing: keys that are new are tried
// again, those that exist stay with those who have them.
func (m *machine) again(cause error) {
	l := &m.ledger
	if l.Next != nil {
		m.note("the keys of the cluster are not handed over: %v", cause)
		l.Next, l.Phase = nil, threshold.NoPhase
		return
	}
	m.note("the ceremony begins again: %v", cause)
	l.Epoch++
	l.Crew.Epoch, l.Crew.Before, l.Phase = l.Epoch, l.Epoch, threshold.Dealing
}

// begin founds the subnet under the new keys.
func (m *machine) begin(out *stepped) error {
	changes, err := m.open(out.changes)
	if err != nil {
		return err
	}
	changes.ApplyTo(out.changes)
	m.born, m.ledger.Bundle = true, m.bundle.Hash[:]
	return nil
}

// handOver begins to hand the keys over to other machines.
func (m *machine) handOver(members []Member) {
	l := &m.ledger
	l.Epoch++
	l.Next = &crew{Epoch: l.Epoch, Before: l.Crew.Epoch, Members: members}
	l.Phase, l.Began = threshold.Dealing, l.pace.Time
	m.note("the keys of the cluster are being handed over to %d machines", len(members))
}

// relieve lets the new crew take over, from its first block on.
func (m *machine) relieve(out *stepped, height int64) error {
	l := &m.ledger
	if l.Next == nil || l.Next.From == 0 || height < l.Next.From {
		return nil
	}
	l.Crew, l.Next, m.next = *l.Next, nil, nil
	// The state tree names the machines.
	_, err := m.open(out.changes)
	return err
}

// note keeps a sentence for the log of this machine.
func (m *machine) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}
