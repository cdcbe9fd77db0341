package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/table"
	"internetidentity/threshold"
)

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
	switch {
	case l.Phase == threshold.NoPhase:
		return nil, nil
	case l.Next != nil:
		return l.transcript(t, l.Next, &l.Crew, l.Phase)
	}
	return l.transcript(t, &l.Crew, nil, l.Phase)
}

// transcript reads the ceremony in which a crew gets the keys, from an old crew
// if there is one, up to a phase.
func (l *ledger) transcript(t table.Reader, c, old *crew, phase threshold.Phase) (*ceremony, error) {
	out := &ceremony{epoch: c.Epoch, phase: phase, speakers: speakers(c, old, phase)}
	for key := range keyCount {
		var err error
		if out.runs[key], err = l.run(c, old, key); err != nil {
			return nil, err
		}
		out.said[key] = threshold.Transcript{}
		for p := threshold.Dealing; p <= phase; p++ {
			out.said[key][p] = map[int][]byte{}
		}
	}
	for p := threshold.Dealing; p <= phase; p++ {
		for from := range speakers(c, old, p) {
			b, ok := t.Get(messageKey(c.Epoch, p, from))
			if !ok {
				continue
			}
			var parts [][]byte
			if err := cbor.Unmarshal(b, &parts); err != nil || len(parts) != keyCount {
				return nil, fmt.Errorf("a stored message of a ceremony is damaged: %w", err)
			}
			for key, part := range parts {
				out.said[key][p][from] = part
			}
		}
	}
	return out, nil
}

// speakers of a phase: those who deal, or those who get.
func speakers(c, old *crew, p threshold.Phase) []Member {
	if old != nil && (p == threshold.Dealing || p == threshold.Justifying) {
		return old.Members
	}
	return c.Members
}

// run is the making or handing over of a key.
func (l *ledger) run(c, old *crew, key int) (*threshold.Run, error) {
	h := sha256.New()
	h.Write([]byte("\x08ii-run-1"))
	h.Write(l.terms.Canister)
	for i := range l.terms.Members {
		h.Write(l.terms.Members[i].Validator)
	}
	h.Write(binary.BigEndian.AppendUint64([]byte{byte(key)}, c.Epoch))
	r := &threshold.Run{Threshold: Needed(len(c.Members)), Members: dealing(c.Members)}
	h.Sum(r.Nonce[:0])
	if old == nil {
		return r, nil
	}
	t, err := newTeam(*old)
	if err != nil {
		return nil, err
	}
	r.Old = &threshold.Old{Group: t.keys.root, Members: dealing(old.Members)}
	if key == subnetKey {
		r.Old.Group = t.keys.subnet
	}
	return r, nil
}

// dealing are the keys to which shares are encrypted.
func dealing(members []Member) (list []certificate.BLSPublicKey) {
	for i := range members {
		list = append(list, certificate.BLSPublicKey(members[i].Dealing))
	}
	return list
}
