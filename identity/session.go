package identity

import (
	"internetidentity/certificate"
	"internetidentity/hashtree"
)

// A session lets a browser read the list of accounts for a month without
// asking for the passkey. Its principal may do nothing else.

// PrepareSession signs a delegation to the key of a browser's session.
func (m *Message) PrepareSession(n Number, sessionKey []byte, maxTTL *uint64) (*Prepared, error) {
	if _, err := m.authorize(n); err != nil {
		return nil, err
	}
	seed := sessionSeed(m.ensureSalt(), n)
	expiration := m.Now + lifetime(maxTTL, sessionLife)
	d := certificate.Delegation{PublicKey: sessionKey, Expiration: uint64(expiration)}
	m.addSignature(seed, d.SignedBytes())
	return &Prepared{UserKey: m.canisterKey(seed).DER(), Expiration: expiration}, nil
}

// GetSession finds a prepared delegation that has not expired.
func (m *Message) GetSession(n Number, sessionKey []byte, expiration Time) (certificate.Delegation, hashtree.Path, error) {
	d := certificate.Delegation{PublicKey: sessionKey, Expiration: uint64(expiration)}
	if _, err := m.authorize(n); err != nil {
		return d, nil, err
	}
	s, ok := salt(m.Table)
	if !ok || expiration <= m.Now {
		return d, nil, ErrNoSuchDelegation
	}
	path, ok := m.Signatures.find(sessionSeed(s, n), d.SignedBytes())
	if !ok {
		return d, nil, ErrNoSuchDelegation
	}
	return d, path, nil
}
