package chain

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"internetidentity/canister"
	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/threshold"
)

// Proposal is a change of the cluster, which takes place when as many members
// are for it as vote for a block. One of the two is set.
type Proposal struct {
	// Epoch of the ceremonies in which it was made: the cluster must not have
	// changed since.
	Epoch uint64 `cbor:"1,keyasint"`
	// Members who are to have the keys.
	Members []Member `cbor:"2,keyasint"`
	// Upgrade of the program.
	Upgrade *upgrade `cbor:"3,keyasint"`
}

// upgrade says which version begins with the first step at or after a height.
type upgrade struct {
	Height  int64  `cbor:"1,keyasint"`
	Version uint64 `cbor:"2,keyasint"`
	Bundle  []byte `cbor:"3,keyasint"` // hash of the front end
}

// is reports whether the version that comes is this program.
func (u *upgrade) is(b canister.Bundle) bool {
	return u != nil && u.Version == appVersion && string(u.Bundle) == string(b.Hash[:])
}

// ballot is a member's vote for a proposal.
type ballot struct {
	Proposal  Proposal `cbor:"1,keyasint"`
	From      []byte   `cbor:"2,keyasint"` // validator key
	Signature []byte   `cbor:"3,keyasint"`
}

// signed is what the member signs, and hash the proposal's name.
func (p *Proposal) signed(terms *Terms) (b []byte, hash [32]byte, err error) {
	text, err := cbor.Marshal(p)
	b = append([]byte("\x0bii-ballot-1"), terms.Canister...)
	for i := range terms.Members {
		b = append(b, terms.Members[i].Validator...)
	}
	return append(b, text...), sha256.Sum256(text), err
}

// BallotTx is a member's vote as a transaction.
func BallotTx(terms Terms, p Proposal, key ed25519.PrivateKey) ([]byte, error) {
	text, _, err := p.signed(&terms)
	if err != nil {
		return nil, err
	}
	b, err := cbor.Marshal(ballot{p, key.Public().(ed25519.PublicKey), ed25519.Sign(key, text)})
	return append([]byte{txBallot}, b...), err
}

func parseBallot(b []byte) (*ballot, error) {
	var v ballot
	return &v, cbor.Unmarshal(b, &v)
}

// check says whether a ballot counts.
func (v *ballot) check(l *ledger) error {
	if _, ok := l.Crew.member((&Member{Validator: v.From}).address()); !ok || len(v.From) != ed25519.PublicKeySize {
		return errors.New("a ballot of a machine that is no member")
	}
	text, _, err := v.Proposal.signed(&l.terms)
	if err != nil || !ed25519.Verify(v.From, text, v.Signature) {
		return errors.New("a ballot that its member has not signed")
	}
	switch p := &v.Proposal; {
	case p.Epoch != l.Epoch || l.Phase != threshold.NoPhase || l.Next != nil:
		return errors.New("the cluster has changed, or is changing: propose again")
	case (p.Members == nil) == (p.Upgrade == nil):
		return errors.New("a proposal is for members or for an upgrade")
	case p.Upgrade != nil && p.Upgrade.Version == l.Version && string(p.Upgrade.Bundle) == string(l.Bundle):
		return errors.New("that version is in force")
	case p.Upgrade != nil:
		return nil
	default:
		return checkMembers(p.Members)
	}
}

// checkMembers refuses a crew that could not work.
func checkMembers(members []Member) error {
	if len(members) > maxMembers {
		return fmt.Errorf("%d members, at most %d", len(members), maxMembers)
	}
	seen := map[string]bool{}
	for i := range members {
		m := &members[i]
		if len(m.Validator) != ed25519.PublicKeySize || len(m.Node) != ed25519.PublicKeySize || len(m.Dealing) != len(certificate.BLSPublicKey{}) || len(m.Name) > 64 {
			return fmt.Errorf("a key of member %q has the wrong length", m.Name)
		}
		if _, err := certificate.NewSharedKey([]certificate.BLSPublicKey{certificate.BLSPublicKey(m.Dealing)}, 1); err != nil {
			return fmt.Errorf("the dealing key of member %q: %w", m.Name, err)
		}
		for _, key := range [][]byte{m.Validator, m.Node, m.Dealing, []byte(m.Name)} {
			if seen[string(key)] {
				return fmt.Errorf("member %q has a key or a name that another has", m.Name)
			}
			seen[string(key)] = true
		}
	}
	return nil
}

// ballotKey is where it stands that a member is for a proposal.
func ballotKey(hash [32]byte, from []byte) []byte {
	return append(append([]byte{spaceLedger, 'b'}, hash[:]...), from...)
}

// decide counts the ballots of a block.
func (m *machine) decide(out *stepped, txs []transaction) error {
	for i, tx := range txs {
		if tx.ballot == nil {
			continue
		}
		if err := tx.ballot.check(&m.ledger); err != nil {
			out.refused[i] = true
			continue
		}
		p := &tx.ballot.Proposal
		_, hash, err := p.signed(&m.ledger.terms)
		if err != nil {
			return err
		}
		out.changes.Put(ballotKey(hash, tx.ballot.From), []byte{})
		members, votes := m.ledger.Crew.Members, 0
		for j := range members {
			if _, ok := out.changes.Get(ballotKey(hash, members[j].Validator)); ok {
				votes++
			}
		}
		m.note("%d of %d machines are for a proposal", votes, len(members))
		if votes < Needed(len(members)) {
			continue
		}
		for j := range members {
			out.changes.Delete(ballotKey(hash, members[j].Validator))
		}
		if p.Upgrade != nil {
			m.ledger.Upgrade = p.Upgrade
			m.ledger.Epoch++ // a later proposal is another one
			m.note("version %d of the program begins with block %d", p.Upgrade.Version, p.Upgrade.Height)
		} else {
			m.handOver(p.Members)
		}
	}
	return nil
}

// begins puts a new version in force when its block has come, or stops a machine
// that has the wrong one.
func (m *machine) begins(out *stepped, height int64) error {
	l := &m.ledger
	due := l.Upgrade != nil && height >= l.Upgrade.Height
	switch {
	case due && !l.Upgrade.is(m.bundle):
		return fmt.Errorf("with block %d the cluster goes over to version %d of the program with another front end: "+
			"install it and start this machine again", height, l.Upgrade.Version)
	case due:
		changes, err := m.open(out.changes)
		if err != nil {
			return err
		}
		changes.ApplyTo(out.changes)
		l.Version, l.Bundle, l.Upgrade = appVersion, m.bundle.Hash[:], nil
		m.note("version %d of the program is in force", appVersion)
	case m.team != nil && m.subnet == nil:
		return fmt.Errorf("this version of the program begins with block %d: until then run the one before", l.Upgrade.Height)
	}
	return nil
}
