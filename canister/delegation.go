package canister

import (
	"errors"

	"internetidentity/candid"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/identity"
	"internetidentity/principal"
)

// Delegations: prepared by an update, and fetched by a query, which alone has
// the certificate that is a part of their signatures.

type delegation struct {
	PublicKey   []byte                 `candid:"pubkey"`
	Expiration  uint64                 `candid:"expiration"`
	Targets     *[]principal.Principal `candid:"targets"`
	Permissions *string                `candid:"permissions"`
}

type signedDelegation struct {
	Delegation delegation `candid:"delegation"`
	Signature  []byte     `candid:"signature"`
}

// signed puts the certificate and the witness around a prepared delegation.
func (c *call) signed(d certificate.Delegation, path hashtree.Path) (*signedDelegation, error) {
	if c.certificate == nil {
		return nil, &identity.Trap{Text: "a delegation can be fetched only where there is a certificate: in a query"}
	}
	tree := c.view.certified.Witness(append([][]byte{[]byte(labelSignatures)}, path...))
	signed := &signedDelegation{
		Delegation: delegation{PublicKey: d.PublicKey, Expiration: d.Expiration},
		Signature:  certificate.EncodeCanisterSignature(c.certificate, tree),
	}
	if d.Permissions != "" {
		signed.Delegation.Permissions = &d.Permissions
	}
	return signed, nil
}

type prepared struct {
	UserKey    []byte
	Expiration uint64
}

func prepareDelegation(c *call, a *struct {
	N          uint64
	Origin     string
	SessionKey []byte
	MaxTTL     *uint64
}) (*prepared, error) {
	p, err := c.PrepareDelegation(identity.DelegationRequest{Number: identity.Number(a.N), Origin: identity.Origin(a.Origin), SessionKey: a.SessionKey}, a.MaxTTL)
	if err != nil {
		return nil, err
	}
	return &prepared{p.UserKey, uint64(p.Expiration)}, nil
}

type getDelegationResponse struct {
	_      candid.Variant
	Signed *signedDelegation `candid:"signed_delegation"`
	None   *null             `candid:"no_such_delegation"`
}

func getDelegation(c *call, a *struct {
	N          uint64
	Origin     string
	SessionKey []byte
	Expiration uint64
}) (*one[getDelegationResponse], error) {
	q := identity.DelegationRequest{Number: identity.Number(a.N), Origin: identity.Origin(a.Origin), SessionKey: a.SessionKey}
	d, path, err := c.GetDelegation(q, identity.Time(a.Expiration))
	var notOwned *identity.NotOwned
	switch {
	case err == identity.ErrNoSuchDelegation, errors.As(err, &notOwned):
		return &one[getDelegationResponse]{getDelegationResponse{None: yes()}}, nil
	case err != nil:
		return nil, err
	}
	signed, err := c.signed(d, path)
	return &one[getDelegationResponse]{getDelegationResponse{Signed: signed}}, err
}

type permissions struct {
	_       candid.Variant
	Queries *null `candid:"queries"`
	All     *null `candid:"all"`
}

// ofAccount names the delegation of an account.
func ofAccount(n uint64, origin string, number *uint64, sessionKey []byte, p *permissions) identity.DelegationRequest {
	q := identity.DelegationRequest{
		Number: identity.Number(n), Origin: identity.Origin(origin), Account: (*identity.AccountNumber)(number), SessionKey: sessionKey,
	}
	if p != nil && p.Queries != nil {
		q.Permissions = identity.AllowQueries
	}
	return q
}

type preparedDelegation struct {
	UserKey    []byte `candid:"user_key"`
	Expiration uint64 `candid:"expiration"`
}

type delegationError struct {
	_                     candid.Variant
	InternalCanisterError *string              `candid:"InternalCanisterError"`
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	NoSuchDelegation      *null                `candid:"NoSuchDelegation"`
}

// delegationErr names an error, or leaves a trap to be one.
func delegationErr(err error) (*delegationError, error) {
	var notOwned *identity.NotOwned
	switch {
	case errors.As(err, &notOwned):
		return &delegationError{Unauthorized: &notOwned.Caller}, nil
	case err == identity.ErrNoSuchDelegation:
		return &delegationError{NoSuchDelegation: yes()}, nil
	}
	e, err := refused(err)
	if err != nil {
		return nil, err
	}
	return &delegationError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}, nil
}

type prepareOutcome = outcome[preparedDelegation, delegationError]

func prepareResult(p *identity.Prepared, err error) (*prepareOutcome, error) {
	if err != nil {
		e, err := delegationErr(err)
		return failed[preparedDelegation](e), err
	}
	return ok[preparedDelegation, delegationError](&preparedDelegation{p.UserKey, uint64(p.Expiration)}), nil
}

type getOutcome = outcome[signedDelegation, delegationError]

func (c *call) getResult(d certificate.Delegation, path hashtree.Path, err error) (*getOutcome, error) {
	if err != nil {
		e, err := delegationErr(err)
		return failed[signedDelegation](e), err
	}
	signed, err := c.signed(d, path)
	return ok[signedDelegation, delegationError](signed), err
}

func prepareAccountDelegation(c *call, a *struct {
	N           uint64
	Origin      string
	Account     *uint64
	SessionKey  []byte
	MaxTTL      *uint64
	Permissions *permissions
}) (*prepareOutcome, error) {
	return prepareResult(c.PrepareDelegation(ofAccount(a.N, a.Origin, a.Account, a.SessionKey, a.Permissions), a.MaxTTL))
}

func getAccountDelegation(c *call, a *struct {
	N           uint64
	Origin      string
	Account     *uint64
	SessionKey  []byte
	Expiration  uint64
	Permissions *permissions
}) (*getOutcome, error) {
	return c.getResult(c.GetDelegation(ofAccount(a.N, a.Origin, a.Account, a.SessionKey, a.Permissions), identity.Time(a.Expiration)))
}

func prepareSession(c *call, a *struct {
	N          uint64
	SessionKey []byte
	MaxTTL     *uint64
}) (*prepareOutcome, error) {
	return prepareResult(c.PrepareSession(identity.Number(a.N), a.SessionKey, a.MaxTTL))
}

func getSession(c *call, a *struct {
	N          uint64
	SessionKey []byte
	Expiration uint64
}) (*getOutcome, error) {
	return c.getResult(c.GetSession(identity.Number(a.N), a.SessionKey, identity.Time(a.Expiration)))
}

func getPrincipal(c *call, a *struct {
	N      uint64
	Origin string
}) (*one[principal.Principal], error) {
	p, err := c.Principal(identity.Number(a.N), identity.Origin(a.Origin))
	return &one[principal.Principal]{p}, err
}
