package chain

import (
	"fmt"

	"internetidentity/threshold"
)

// shares are this machine's, out of the ceremony that gave a crew the keys; nil
// when it has none. Who was in the crew before needs the shares from then.
func (a *app) shares(c *crew) (*secrets, error) {
	if mine, ok := a.secrets[c.Epoch]; ok {
		return mine, nil
	}
	t, err := newTeam(*c)
	if err != nil {
		return nil, err
	}
	index, ok := c.member(a.config.keys.address())
	if !ok || !t.keys.holds(index) {
		a.secrets[c.Epoch] = nil
		return nil, nil
	}
	var old *crew
	var before *secrets
	if c.Before != c.Epoch {
		if old, err = loadCrew(a.base, c.Before); err != nil {
			return nil, err
		}
		if before, err = a.shares(old); err != nil {
			return nil, err
		}
	}
	said, err := a.machine.ledger.transcript(a.base, c, old, threshold.Reporting)
	if err != nil {
		return nil, err
	}
	mine := &secrets{}
	if mine.root, err = a.as(before, rootKey).Share(said.runs[rootKey], said.said[rootKey], t.keys.root); err == nil {
		mine.subnet, err = a.as(before, subnetKey).Share(said.runs[subnetKey], said.said[subnetKey], t.keys.subnet)
	}
	if err != nil {
		return nil, fmt.Errorf("this machine's shares of the cluster's keys: %w", err)
	}
	a.secrets[c.Epoch] = mine
	return mine, nil
}

// as is this machine in the making of a key, with the share that it holds.
func (a *app) as(held *secrets, key int) threshold.Member {
	m := threshold.Member{Secret: a.config.keys.Dealing}
	if held != nil {
		m.Held = &held.root
		if key == subnetKey {
			m.Held = &held.subnet
		}
	}
	return m
}

// ceremonyTxs are what this machine has to say in a ceremony.
func (a *app) ceremonyTxs(c *ceremony, held *secrets) [][]byte {
	from, due := c.due(a.config.keys.Dealing.Public())
	if !due {
		return nil
	}
	if s := &a.spoken; s.tx != nil && s.epoch == c.epoch && s.phase == c.phase {
		return [][]byte{s.tx} // the same again, until it is in a block
	}
	m := ceremonyMessage{Epoch: c.epoch, Phase: c.phase, From: from}
	var err error
	for key := range keyCount {
		var part []byte
		if part, _, err = a.as(held, key).Message(c.runs[key], c.phase, c.said[key]); err != nil {
			break
		}
		m.Parts = append(m.Parts, append([]byte{}, part...))
	}
	var tx []byte
	if err == nil {
		tx, err = m.tx(a.config.keys.Validator)
	}
	if err != nil {
		a.config.logger.Error("this machine cannot take part in the ceremony", "error", err)
		return nil
	}
	a.spoken = spoken{c.epoch, c.phase, tx}
	return [][]byte{tx}
}

// spoken is what this machine has said in a phase.
type spoken struct {
	epoch uint64
	phase threshold.Phase
	tx    []byte
}
