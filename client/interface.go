package client

import (
	"context"
	"sync"

	"internetidentity/candid"
	"internetidentity/principal"
)

// The part of the service's interface that is used here, with its names.

// remote is a method with the codecs of both sides, which are made at its
// first use.
type remote[A, R any] struct {
	name  string
	args  func() *candid.Codec[A]
	reply func() *candid.Codec[R]
}

func newRemote[A, R any](name string) remote[A, R] {
	return remote[A, R]{name, sync.OnceValue(candid.MustCodec[A]), sync.OnceValue(candid.MustCodec[R])}
}

var (
	startMethod   = newRemote[struct{}, startReply]("identity_registration_start")
	finishMethod  = newRemote[finishArgs, finishReply]("identity_registration_finish")
	prepareMethod = newRemote[prepareArgs, prepared]("prepare_delegation")
	getMethod     = newRemote[getArgs, got]("get_delegation")
)

func (m remote[A, R]) call(ctx context.Context, s InternetIdentity, i Identity, args *A) (*R, error) {
	return m.ask(ctx, s.Client.Call, s, i, args)
}

func (m remote[A, R]) query(ctx context.Context, s InternetIdentity, i Identity, args *A) (*R, error) {
	return m.ask(ctx, s.Client.Query, s, i, args)
}

type ask = func(ctx context.Context, i Identity, canister principal.Principal, method string, arg []byte) ([]byte, error)

func (m remote[A, R]) ask(ctx context.Context, ask ask, s InternetIdentity, i Identity, args *A) (*R, error) {
	reply, err := ask(ctx, i, s.Canister, m.name, m.args().Encode(args))
	if err != nil {
		return nil, err
	}
	var r R
	if err := m.reply().Decode(reply, &r); err != nil {
		return nil, err
	}
	return &r, nil
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

type startReply struct{ R result[nextStep, startError] }

type finishArgs struct{ A finish }

type finishReply struct{ R result[finished, finishError] }

type finish struct {
	Method method  `candid:"authn_method"`
	Name   *string `candid:"name"`
}

type finished struct {
	Number uint64 `candid:"identity_number"`
}

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
