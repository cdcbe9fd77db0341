package client

import (
	"errors"
	"fmt"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// SignIn is who signed in, as a server that trusts only a root key finds out.
type SignIn struct {
	Principal principal.Principal
	// Session is the key that may act, in DER.
	Session []byte
	// Expiration in nanoseconds since 1970.
	Expiration uint64
}

// VerifySignIn checks offline that a canister, such as Internet Identity, has
// signed a chain to a session key, that it has not expired, and that it is not
// for certain canisters or queries only. now is in nanoseconds since 1970.
//
// A chain is no secret. Whoever shows one must also sign a fresh challenge with
// the session key: ingress.VerifySignature checks that.
func VerifySignIn(root certificate.BLSPublicKey, canister principal.Principal, chain certificate.Chain, now uint64) (*SignIn, error) {
	if len(chain.Delegations) == 0 {
		return nil, errors.New("the chain has no delegation")
	}
	key, err := certificate.ParseCanisterKey(chain.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the chain does not begin with the key of a canister: %w", err)
	}
	// Any canister can sign for the principals that it makes up.
	if key.Canister != canister {
		return nil, fmt.Errorf("the chain is signed by canister %s, not by %s", key.Canister, canister)
	}
	authority, err := ingress.VerifyChain(certificate.Verifier{Root: root}, chain, now)
	if err != nil {
		return nil, err
	}
	// Whoever may act for the person at some canisters, or only ask questions,
	// is not the person.
	if authority.Targets != nil || authority.QueriesOnly {
		return nil, errors.New("the chain is for certain canisters or queries only, which is no sign-in")
	}
	return &SignIn{
		Principal:  key.Principal(),
		Session:    chain.Delegations[len(chain.Delegations)-1].Delegation.PublicKey,
		Expiration: authority.NotAfter,
	}, nil
}
