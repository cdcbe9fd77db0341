// Package threshold owns the making of keys that nobody has: several members
// deal shares of a key to one another, check them, and hand them over to others
// later, while the key stays the same (Pedersen's distributed key generation,
// with resharing). It is the only package that imports the library for it.
//
// It must not know blocks or networks. Everything is a step without memory: a
// run is public, what has been said in it is a transcript, and a member's next
// message, the end, and a member's share follow from these and from the member's
// secret. So a machine that has lost everything but its secret and the
// transcript has its share again.
//
// Members speak in phases, and whoever collects the messages ends each phase
// for all members alike. Messages are not signed here.
package threshold

import (
	"crypto/sha256"
	"errors"
	"fmt"

	dkg "go.dedis.ch/kyber/v4/share/dkg/pedersen"

	"internetidentity/certificate"
)

// Run is one making of one key.
type Run struct {
	// Nonce is of this run only.
	Nonce [32]byte
	// Members by their public keys, in the order of their shares, and how many
	// of them sign together.
	Members   []certificate.BLSPublicKey
	Threshold int
	// Old is whom the key is handed over from; nil when it is new.
	Old *Old
}

// Old is a group that has the key already.
type Old struct {
	Group   *Group
	Members []certificate.BLSPublicKey
}

// Phase of a run.
type Phase uint8

// The phases in their order. Justifying is only for a run in which somebody
// complains.
const (
	NoPhase Phase = iota
	Dealing
	Responding
	Justifying
	Reporting
)

func (p Phase) String() string {
	return [...]string{"none", "dealing", "responding", "justifying", "reporting"}[min(p, Reporting)]
}

// Transcript is what has been said, by phase and speaker. Speakers are counted
// among the old members in the phases of dealers, and among the members else.
type Transcript map[Phase]map[int][]byte

// Secret is a member's, from which its shares are opened.
type Secret struct{ key *certificate.SigningKey }

// NewSecret makes one of 32 random bytes.
func NewSecret(seed [32]byte) Secret { return Secret{certificate.DeriveSigningKey(seed)} }

// Public is how a member is known to the others.
func (s Secret) Public() certificate.BLSPublicKey { return s.key.Public() }

// Share is a member's share of a key.
type Share struct{ key *certificate.SigningKey }

// Sign gives the member's share of a signature.
func (s Share) Sign(message []byte) []byte { return s.key.Sign(message) }

// Group is the public half of a shared key, with those who have a share of it.
type Group struct {
	*certificate.SharedKey
	// Left says of each member whether it was left out, and has no share.
	Left []bool
}

// Speakers of a phase.
func (r *Run) Speakers(p Phase) []certificate.BLSPublicKey {
	if r.Old != nil && (p == Dealing || p == Justifying) {
		return r.Old.Members
	}
	return r.Members
}

// Disputed reports whether not everybody is content with every share, so that
// there has to be a phase of justifications.
func (r *Run) Disputed(t Transcript) bool {
	dealers := len(r.Speakers(Dealing))
	for holder := range r.Members {
		message, ok := t[Responding][holder]
		if !ok {
			return true
		}
		bundle, err := r.responses(holder, message)
		if err != nil || bundle == nil {
			return true
		}
		content := map[uint32]bool{}
		for _, response := range bundle.Responses {
			content[response.DealerIndex] = response.Status == dkg.Success
		}
		for dealer := range dealers {
			if !content[uint32(dealer)] {
				return true
			}
		}
	}
	return false
}

// Finish gives the group that as many members report as sign together.
func (r *Run) Finish(t Transcript) (*Group, error) {
	votes := map[[32]byte]int{}
	for from := range r.Members {
		report, ok := t[Reporting][from]
		if !ok || len(report) == 0 {
			continue
		}
		hash := sha256.Sum256(report)
		if votes[hash]++; votes[hash] >= r.Threshold {
			return ParseGroup(report, len(r.Members))
		}
	}
	return nil, errors.New("too few members report the same key")
}

// Check looks at a message by itself.
func (r *Run) Check(p Phase, from int, message []byte) (err error) {
	switch p {
	case Dealing:
		_, err = r.deals(from, message)
	case Responding:
		_, err = r.responses(from, message)
	case Justifying:
		_, err = r.justifications(from, message)
	case Reporting:
		if len(message) != 0 {
			_, err = ParseGroup(message, len(r.Members))
		}
	default:
		err = errors.New("there is no such phase")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	return nil
}
