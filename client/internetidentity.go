package client

import (
	"context"
	"errors"
	"fmt"

	"internetidentity/certificate"
	"internetidentity/principal"
)

// InternetIdentity is the service as its front end uses it: to make identities
// with a passkey and sign in to apps with them.
type InternetIdentity struct {
	Client   *Client
	Canister principal.Principal
}

// pageTime is how long the key of a page may act for a passkey, in nanoseconds.
const pageTime = 30 * 60 * 1_000_000_000

// Unlock lets a fresh key act for a passkey for half an hour, as a page does
// after one touch.
func (s InternetIdentity) Unlock(passkey *Passkey) (Identity, error) {
	session := GenerateEd25519()
	chain, err := Identity{Signer: passkey}.Delegate(session.PublicKey(), s.Client.now()+pageTime)
	return Identity{Signer: session, Chain: chain}, err
}

// ErrCaptcha says that a person must solve a captcha, which a program cannot.
var ErrCaptcha = errors.New("the service asks for a captcha")

// ErrRateLimited says that there were too many registrations lately.
var ErrRateLimited = errors.New("the service has too many registrations: try again later")

// Register makes an identity with a passkey and returns its number.
func (s InternetIdentity) Register(ctx context.Context, passkey *Passkey, name string) (uint64, error) {
	temporary := Identity{Signer: GenerateEd25519()}
	started, err := startMethod.call(ctx, s, temporary, &struct{}{})
	switch {
	case err != nil:
		return 0, err
	case started.R.Err != nil && started.R.Err.RateLimitExceeded != nil:
		return 0, ErrRateLimited
	case started.R.Ok == nil:
		return 0, errors.New("the registration was refused")
	case started.R.Ok.Next.Captcha != nil:
		return 0, ErrCaptcha
	}
	ended, err := finishMethod.call(ctx, s, temporary, &finishArgs{finish{Method: methodOf(passkey), Name: &name}})
	switch {
	case err != nil:
		return 0, err
	case ended.R.Ok != nil:
		return ended.R.Ok.Number, nil
	case ended.R.Err.InvalidMethod != nil:
		return 0, fmt.Errorf("the passkey was refused: %s", *ended.R.Err.InvalidMethod)
	case ended.R.Err.LimitReached != nil:
		return 0, errors.New("the service has no number left")
	case ended.R.Err.StorageError != nil:
		return 0, errors.New(*ended.R.Err.StorageError)
	default:
		return 0, errors.New("the registration has expired: begin again")
	}
}

// SignInRequest is what an app asks for.
type SignInRequest struct {
	Number uint64
	// Origin of the app.
	Origin string
	// SessionKey of the app, in DER.
	SessionKey []byte
	// MaxTTL in nanoseconds; nil for the service's default.
	MaxTTL *uint64
}

// SignIn gets the delegation to an app's session key: prepared by a call, and
// then fetched with its signature by a query.
func (s InternetIdentity) SignIn(ctx context.Context, i Identity, request SignInRequest) (certificate.Chain, error) {
	p, err := prepareMethod.call(ctx, s, i, &prepareArgs{request.Number, request.Origin, request.SessionKey, request.MaxTTL})
	if err != nil {
		return certificate.Chain{}, err
	}
	g, err := getMethod.query(ctx, s, i, &getArgs{request.Number, request.Origin, request.SessionKey, p.Expiration})
	if err != nil {
		return certificate.Chain{}, err
	}
	if g.R.Signed == nil {
		return certificate.Chain{}, errors.New("the service does not know the delegation any more")
	}
	d := g.R.Signed
	chain := certificate.Chain{PublicKey: p.UserKey, Delegations: []certificate.SignedDelegation{{
		Delegation: certificate.Delegation{PublicKey: d.Delegation.PublicKey, Expiration: d.Delegation.Expiration},
		Signature:  d.Signature,
	}}}
	if d.Delegation.Targets != nil {
		chain.Delegations[0].Delegation.Targets = *d.Delegation.Targets
	}
	return chain, nil
}
