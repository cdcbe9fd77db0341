package threshold_test

import (
	"bytes"
	"slices"
	"testing"

	"internetidentity/certificate"
	"internetidentity/threshold"
)

// party is a run with all who take part in it, over a board that loses nothing.
type party struct {
	t       *testing.T
	run     *threshold.Run
	members []threshold.Member
	said    threshold.Transcript
	group   *threshold.Group
}

func secrets(from, n int) (list []threshold.Member) {
	for i := range n {
		list = append(list, threshold.Member{Secret: threshold.NewSecret([32]byte{byte(from + i), 7})})
	}
	return list
}

func keys(members []threshold.Member) (list []certificate.BLSPublicKey) {
	for _, m := range members {
		list = append(list, m.Secret.Public())
	}
	return list
}

func newParty(t *testing.T, nonce byte, members []threshold.Member, need int, old *party) *party {
	p := &party{t: t, members: members, said: threshold.Transcript{}}
	p.run = &threshold.Run{Nonce: [32]byte{nonce}, Members: keys(members), Threshold: need}
	if old != nil {
		p.run.Old = &threshold.Old{Group: old.group, Members: old.run.Members}
	}
	return p
}

// phase lets everybody speak whom the test does not silence or falsify.
func (p *party) phase(phase threshold.Phase, all []threshold.Member, change func(from int, message []byte) []byte) {
	p.t.Helper()
	p.said[phase] = map[int][]byte{}
	messages := map[int][]byte{}
	for _, m := range all {
		message, speaks, err := m.Message(p.run, phase, p.said)
		if err != nil {
			p.t.Fatalf("%s: %v", phase, err)
		}
		if !speaks {
			continue
		}
		from := slices.Index(p.run.Speakers(phase), m.Secret.Public())
		// One of them is asked again, as after a restart.
		if from == 0 && phase != threshold.Dealing {
			if again, _, _ := m.Message(p.run, phase, p.said); !bytes.Equal(again, message) {
				p.t.Errorf("%s: member %d says something else when asked again", phase, from)
			}
		}
		if change != nil {
			if message = change(from, message); message == nil {
				continue
			}
		}
		if err := p.run.Check(phase, from, message); err != nil {
			p.t.Fatalf("the message of %d: %v", from, err)
		}
		messages[from] = message
	}
	p.said[phase] = messages
}

// finish goes on after the deals.
func (p *party) finish(all []threshold.Member) {
	p.t.Helper()
	p.phase(threshold.Responding, all, nil)
	if p.run.Disputed(p.said) {
		p.phase(threshold.Justifying, all, nil)
	}
	p.phase(threshold.Reporting, all, nil)
	var err error
	if p.group, err = p.run.Finish(p.said); err != nil {
		p.t.Fatal(err)
	}
}

// shares of the members that have one.
func (p *party) shares() map[int]threshold.Share {
	p.t.Helper()
	list := map[int]threshold.Share{}
	for i, m := range p.members {
		if p.group.Left[i] {
			continue
		}
		share, err := m.Share(p.run, p.said, p.group)
		if err != nil {
			p.t.Fatalf("share of %d: %v", i, err)
		}
		list[i] = share
	}
	return list
}

// sign makes a signature with every choice of as many holders as are needed.
func (p *party) sign(message []byte) []byte {
	p.t.Helper()
	shares := p.shares()
	var last []byte
	for without := range p.members {
		parts := map[int][]byte{}
		for i, share := range shares {
			if i != without {
				parts[i] = share.Sign(message)
				if err := p.group.VerifyShares(i, [][]byte{message}, [][]byte{parts[i]}); err != nil {
					p.t.Fatalf("share of %d: %v", i, err)
				}
			}
		}
		if len(parts) < p.group.Threshold() {
			continue
		}
		signature, err := p.group.Combine(message, parts)
		if err != nil {
			p.t.Fatal(err)
		}
		if last != nil && !bytes.Equal(last, signature) {
			p.t.Error("two choices of holders make two signatures")
		}
		last = signature
	}
	if err := certificate.VerifyBLS(p.group.Key(), message, last); err != nil {
		p.t.Fatal(err)
	}
	return last
}

func TestKeyOfFour(t *testing.T) {
	members := secrets(0, 4)
	p := newParty(t, 1, members, 3, nil)
	p.phase(threshold.Dealing, members, nil)
	p.finish(members)
	if p.run.Disputed(p.said) {
		t.Error("honest members complain")
	}
	p.sign([]byte("a state"))
}

// TestCheatingDealer: one whose deal for another member is wrong is left out of
// the key, or has to show the share; the others have their key.
func TestCheatingDealer(t *testing.T) {
	members := secrets(0, 4)
	p := newParty(t, 2, members, 3, nil)
	other := newParty(t, 3, members, 3, nil) // deals of another run do not fit
	other.phase(threshold.Dealing, members, nil)
	p.phase(threshold.Dealing, members, func(from int, message []byte) []byte {
		if from == 2 {
			return mixed(t, message, other.said[threshold.Dealing][2])
		}
		return message
	})
	p.phase(threshold.Responding, members, nil)
	if !p.run.Disputed(p.said) {
		t.Fatal("nobody complains of wrong shares")
	}
	p.phase(threshold.Justifying, members, func(from int, message []byte) []byte {
		if from == 2 {
			return nil // it cannot justify what it did
		}
		return message
	})
	p.phase(threshold.Reporting, members, nil)
	var err error
	if p.group, err = p.run.Finish(p.said); err != nil {
		t.Fatal(err)
	}
	if want := []bool{false, false, true, false}; !slices.Equal(p.group.Left, want) {
		t.Errorf("left out: %v, want %v", p.group.Left, want)
	}
	p.sign([]byte("a state"))
}

func TestSilentMember(t *testing.T) {
	members := secrets(0, 4)
	p := newParty(t, 4, members, 3, nil)
	p.phase(threshold.Dealing, members[:3], nil)
	p.finish(members[:3])
	if want := []bool{false, false, false, true}; !slices.Equal(p.group.Left, want) {
		t.Errorf("left out: %v, want %v", p.group.Left, want)
	}
	p.sign([]byte("a state"))
}

// TestHandOver gives a key to other members, one of the old ones being away.
func TestHandOver(t *testing.T) {
	members := secrets(0, 4)
	before := newParty(t, 5, members, 3, nil)
	before.phase(threshold.Dealing, members, nil)
	before.finish(members)
	signature := before.sign([]byte("a state"))

	shares := before.shares()
	all := slices.Clone(members)
	for i := range all {
		share := shares[i]
		all[i].Held = &share
	}
	next := append(slices.Clone(all[1:]), secrets(10, 2)...) // 0 leaves, two join
	after := newParty(t, 6, next, 4, before)
	everybody := append(slices.Clone(next), all[0])
	after.phase(threshold.Dealing, everybody, func(from int, message []byte) []byte {
		if from == 0 {
			return nil
		}
		return message
	})
	after.finish(next)
	if after.group.Key() != before.group.Key() {
		t.Fatal("the key has changed")
	}
	if got := after.sign([]byte("a state")); !bytes.Equal(got, signature) {
		t.Error("the signature has changed")
	}
}

func mixed(t *testing.T, coefficients, deals []byte) []byte {
	t.Helper()
	message, err := threshold.MixDeals(coefficients, deals)
	if err != nil {
		t.Fatal(err)
	}
	return message
}
