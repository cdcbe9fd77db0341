package client

import (
	"context"
	"errors"
	"fmt"

	"internetidentity/candid"
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

type null = candid.Null

type metadata struct {
	Key   string `candid:"0"`
	Value struct {
		_      candid.Variant
		String *string `candid:"String"`
		Bytes  *[]byte `candid:"Bytes"`
	} `candid:"1"`
}

type method struct {
	Method struct {
		_        candid.Variant
		WebAuthn *webAuthn  `candid:"WebAuthn"`
		PubKey   *publicKey `candid:"PubKey"`
	} `candid:"authn_method"`
	Security struct {
		Protection struct {
			_           candid.Variant
			Protected   *null `candid:"Protected"`
			Unprotected *null `candid:"Unprotected"`
		} `candid:"protection"`
		Purpose struct {
			_              candid.Variant
			Recovery       *null `candid:"Recovery"`
			Authentication *null `candid:"Authentication"`
		} `candid:"purpose"`
	} `candid:"security_settings"`
	Metadata []metadata `candid:"metadata"`
	Last     *uint64    `candid:"last_authentication"`
}

type webAuthn struct {
	CredentialID []byte  `candid:"credential_id"`
	PublicKey    []byte  `candid:"pubkey"`
	AAGUID       *[]byte `candid:"aaguid"`
}

type publicKey struct {
	PublicKey []byte `candid:"pubkey"`
}

func methodOf(p *Passkey) method {
	var m method
	m.Method.WebAuthn = &webAuthn{CredentialID: p.CredentialID, PublicKey: p.PublicKey()}
	m.Security.Protection.Unprotected = &null{}
	m.Security.Purpose.Authentication = &null{}
	m.Metadata = []metadata{}
	return m
}

// result is a variant of Ok and Err, whose error is shown as text.
type result[T, E any] struct {
	_   candid.Variant
	Ok  *T `candid:"Ok"`
	Err *E `candid:"Err"`
}

type nextStep struct {
	Next struct {
		_       candid.Variant
		Captcha *struct {
			PNG string `candid:"captcha_png_base64"`
		} `candid:"CheckCaptcha"`
		Finish *null `candid:"Finish"`
	} `candid:"next_step"`
}

type startError struct {
	_                 candid.Variant
	InvalidCaller     *null `candid:"InvalidCaller"`
	RateLimitExceeded *null `candid:"RateLimitExceeded"`
	AlreadyInProgress *null `candid:"AlreadyInProgress"`
}

type finishError struct {
	_                  candid.Variant
	LimitReached       *null     `candid:"IdentityLimitReached"`
	UnexpectedCall     *nextStep `candid:"UnexpectedCall"`
	NoRegistrationFlow *null     `candid:"NoRegistrationFlow"`
	InvalidMethod      *string   `candid:"InvalidAuthnMethod"`
	StorageError       *string   `candid:"StorageError"`
}

// ErrCaptcha says that a person must solve a captcha, which a program cannot.
var ErrCaptcha = errors.New("the service asks for a captcha")

// ErrRateLimited says that there were too many registrations lately.
var ErrRateLimited = errors.New("the service has too many registrations: try again later")

// Register makes an identity with a passkey and returns its number.
func (s InternetIdentity) Register(ctx context.Context, passkey *Passkey, name string) (uint64, error) {
	temporary := Identity{Signer: GenerateEd25519()}
	started, err := update[struct{}, struct{ R result[nextStep, startError] }](ctx, s, temporary, "identity_registration_start", &struct{}{})
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
	type finish struct {
		Method method  `candid:"authn_method"`
		Name   *string `candid:"name"`
	}
	type finished struct {
		Number uint64 `candid:"identity_number"`
	}
	ended, err := update[struct{ A finish }, struct{ R result[finished, finishError] }](ctx, s, temporary, "identity_registration_finish",
		&struct{ A finish }{finish{Method: methodOf(passkey), Name: &name}})
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
	type prepareArgs struct {
		Number     uint64
		Origin     string
		SessionKey []byte
		MaxTTL     *uint64
	}
	type prepared struct {
		UserKey    []byte
		Expiration uint64
	}
	p, err := update[prepareArgs, prepared](ctx, s, i, "prepare_delegation", &prepareArgs{request.Number, request.Origin, request.SessionKey, request.MaxTTL})
	if err != nil {
		return certificate.Chain{}, err
	}
	type getArgs struct {
		Number     uint64
		Origin     string
		SessionKey []byte
		Expiration uint64
	}
	type signed struct {
		Delegation struct {
			PublicKey  []byte                 `candid:"pubkey"`
			Expiration uint64                 `candid:"expiration"`
			Targets    *[]principal.Principal `candid:"targets"`
		} `candid:"delegation"`
		Signature []byte `candid:"signature"`
	}
	type got struct {
		R struct {
			_      candid.Variant
			Signed *signed `candid:"signed_delegation"`
			None   *null   `candid:"no_such_delegation"`
		}
	}
	arg := candid.MustCodec[getArgs]().Encode(&getArgs{request.Number, request.Origin, request.SessionKey, p.Expiration})
	reply, err := s.Client.Query(ctx, i, s.Canister, "get_delegation", arg)
	if err != nil {
		return certificate.Chain{}, err
	}
	var g got
	if err := candid.MustCodec[got]().Decode(reply, &g); err != nil {
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

// update makes a call with Candid on both sides.
func update[A, R any](ctx context.Context, s InternetIdentity, i Identity, name string, arg *A) (*R, error) {
	reply, err := s.Client.Call(ctx, i, s.Canister, name, candid.MustCodec[A]().Encode(arg))
	if err != nil {
		return nil, err
	}
	var r R
	if err := candid.MustCodec[R]().Decode(reply, &r); err != nil {
		return nil, err
	}
	return &r, nil
}
