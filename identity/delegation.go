package identity

import (
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

// A sign-in, from the top: an app's session key asks to act for a person. The
// identity's account at the app's origin has a seed; the seed has a public
// key, whose principal is who the person is in that app. A delegation says
// that the session key may act for it until some time. Preparing one puts its
// hash into the signature map, whose digest the canister certifies; getting it
// gives the delegation with the proof.

// Permissions narrow what a delegation allows.
type Permissions uint8

// The permissions.
const (
	// AllowAll leaves the delegation as it always was.
	AllowAll Permissions = iota
	// AllowQueries lets the session key read and not change anything.
	AllowQueries
)

func (p Permissions) text() string {
	if p == AllowQueries {
		return "queries"
	}
	return ""
}

// DelegationRequest names a delegation.
type DelegationRequest struct {
	Number     Number
	Origin     Origin
	Account    *AccountNumber // nil is the default account
	SessionKey []byte
	// Permissions must be the same when preparing and getting.
	Permissions Permissions
}

// Prepared is what can be said before the certificate is there.
type Prepared struct {
	// UserKey is the public key of the account in DER.
	UserKey    []byte
	Expiration Time
}

// PrepareDelegation signs a delegation. maxTTL is in nanoseconds; nil means
// 30 minutes, and 30 days is the most.
func (m *Message) PrepareDelegation(q DelegationRequest, maxTTL *uint64) (*Prepared, error) {
	u, err := m.authorize(q.Number)
	if err != nil {
		return nil, err
	}
	m.stamp(u)
	m.ensureSalt()
	seed, list, at, err := m.seed(q)
	if err != nil {
		return nil, err
	}
	life := lifetime(maxTTL, defaultDelegation)
	expiration := m.Now + life
	m.addSignature(seed, q.delegation(expiration).SignedBytes())
	m.stampAccount(list, at)
	m.countSignIn(&u.identity.Devices[u.device], q.Origin, life)
	return &Prepared{UserKey: m.canisterKey(seed).DER(), Expiration: expiration}, nil
}

// GetDelegation finds a prepared delegation and where it stands in the tree of
// signatures. The canister puts witness and certificate around it.
func (m *Message) GetDelegation(q DelegationRequest, expiration Time) (certificate.Delegation, hashtree.Path, error) {
	d := q.delegation(expiration)
	if _, err := m.authorize(q.Number); err != nil {
		return d, nil, err
	}
	seed, _, _, err := m.seed(q)
	if err != nil {
		return d, nil, err
	}
	path, ok := m.Signatures.find(seed, d.SignedBytes())
	if !ok {
		return d, nil, ErrNoSuchDelegation
	}
	return d, path, nil
}

// Principal is who an identity's default account is at an origin, also when it
// has been given a number.
func (m *Message) Principal(n Number, origin Origin) (principal.Principal, error) {
	if _, err := m.authorize(n); err != nil {
		return principal.Principal{}, err
	}
	s, err := m.saltFor(origin)
	if err != nil {
		return principal.Principal{}, err
	}
	return m.canisterKey(defaultSeed(s, n, origin)).Principal(), nil
}

func (q DelegationRequest) delegation(expiration Time) certificate.Delegation {
	return certificate.Delegation{PublicKey: q.SessionKey, Expiration: uint64(expiration), Permissions: q.Permissions.text()}
}

// lifetime is what is granted of what was asked for.
func lifetime(maxTTL *uint64, otherwise Time) Time {
	if maxTTL == nil {
		return otherwise
	}
	return min(Time(*maxTTL), maxDelegation)
}

// saltFor is the salt of seeds at an origin.
func (m *Message) saltFor(origin Origin) ([]byte, error) {
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	s, ok := salt(m.Table)
	if !ok {
		return nil, trap("Salt is not set. Try calling init_salt() to set it")
	}
	return s, nil
}

// seed is that of the account that a request names, which must be one of the
// identity's at that origin.
func (m *Message) seed(q DelegationRequest) (seed []byte, list *accountList, at int, err error) {
	s, err := m.saltFor(q.Origin)
	if err != nil {
		return nil, nil, 0, err
	}
	list = loadAccounts(m.Table, q.Number, q.Origin)
	if at = list.find(q.Account); at < 0 {
		return nil, nil, 0, &NotOwned{m.Caller}
	}
	if q.Account == nil || list.accounts[at].seedOfIdentity {
		return defaultSeed(s, q.Number, q.Origin), list, at, nil
	}
	return accountSeed(s, *q.Account, q.Origin), list, at, nil
}
