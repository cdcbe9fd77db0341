package replica

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"internetidentity/certificate"
	"internetidentity/ingress"
)

// Senders authenticates requests, as many at a time as there are processors.
// A sender who is right once is remembered by the whole envelope, so that
// sending it again costs a hash; one who is wrong is not, or strangers could
// fill the memory.
type Senders struct {
	verifier ingress.Verifier
	verdicts *recent[[32]byte, ingress.Authority]
	slots    chan struct{}
}

// NewSenders checks as many requests at a time as there are slots.
func NewSenders(root certificate.BLSPublicKey, slots int) *Senders {
	return &Senders{
		verifier: ingress.Verifier{Certificates: certificate.Verifier{
			Root:  root,
			Cache: newRecent[[32]byte, *certificate.VerifiedDelegation](maxDelegations),
		}},
		verdicts: newRecent[[32]byte, ingress.Authority](maxVerdicts),
		slots:    make(chan struct{}, slots),
	}
}

// Authenticate is ingress.Verifier.Authenticate. The time is not part of the
// verdict.
func (s *Senders) Authenticate(ctx context.Context, e *ingress.Envelope) (ingress.Authority, error) {
	if e.Content.Sender.IsAnonymous() {
		return s.verifier.Authenticate(e) // no signature to check
	}
	key := fingerprint(e)
	if authority, ok := s.verdicts.Get(key); ok {
		return authority, nil
	}
	var authority ingress.Authority
	err := s.inSlot(ctx, func() (err error) {
		authority, err = s.verifier.Authenticate(e)
		return err
	})
	if err == nil && len(authority.Targets) <= maxVerdictTargets {
		s.verdicts.Put(key, authority)
	}
	return authority, err
}

// fingerprint is the hash of all that a verdict depends on. The request id
// covers the content with the sender's info, and the hash of a delegation all
// of its fields.
func fingerprint(e *ingress.Envelope) (key [32]byte) {
	h := sha256.New()
	part := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	part(e.ID[:])
	part(e.PublicKey)
	part(e.Signature)
	for i := range e.Delegations {
		hash := e.Delegations[i].Delegation.Hash()
		part(hash[:])
		part(e.Delegations[i].Signature)
	}
	h.Sum(key[:0])
	return key
}

// inSlot runs work that keeps a processor busy, when one is free.
func (s *Senders) inSlot(ctx context.Context, work func() error) error {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.slots }()
	return work()
}
