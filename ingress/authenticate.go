package ingress

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"internetidentity/certificate"
	"internetidentity/principal"
)

// Domains of what a sender signs (IC interface spec, Authentication).
const (
	requestDomain    = "\x0aic-request"
	senderInfoDomain = "\x0eic-sender-info"
)

// Permissions of a delegation (IC interface spec 0.64).
const (
	permissionQueries = "queries"
	permissionAll     = "all"
)

// Verifier authenticates senders. It is a pure function of the root key.
type Verifier struct {
	Certificates certificate.Verifier
}

// Authority is what a sender has shown it may do, before the clock is asked.
type Authority struct {
	// NotAfter is the earliest expiration in the chain, in nanoseconds since
	// 1970; the largest number without a chain.
	NotAfter uint64
	// Targets are the only canisters that may be called. Nil means any.
	Targets []principal.Principal
	// QueriesOnly forbids calls.
	QueriesOnly bool
}

// Authenticate checks all that does not depend on the clock: the sender's key,
// the chain of delegations, the signature, and the sender's info. It is pure,
// so its verdict on an encoded envelope may be remembered.
func (v Verifier) Authenticate(e *Envelope) (Authority, error) {
	if e.Content.Sender.IsAnonymous() {
		if e.PublicKey != nil || e.Signature != nil || e.Delegations != nil {
			return Authority{}, refuse("Signature is not allowed for the anonymous user")
		}
		if e.Content.SenderInfo != nil {
			return Authority{}, refuse("Invalid sender info: not allowed for the anonymous user")
		}
		return Authority{NotAfter: math.MaxUint64}, nil
	}
	if e.PublicKey == nil || e.Signature == nil {
		return Authority{}, refuse("Missing signature from user: %s", e.Content.Sender)
	}
	if principal.SelfAuthenticating(e.PublicKey) != e.Content.Sender {
		return Authority{}, refuse("The user id %s does not match the public key %x", e.Content.Sender, e.PublicKey[:min(len(e.PublicKey), 300)])
	}
	// The chain's rules come before any signature, since they cost nothing.
	authority, err := chainAuthority(e.PublicKey, e.Delegations)
	if err != nil {
		return Authority{}, refuse("Invalid delegation: %v", err)
	}
	signer := e.PublicKey
	if n := len(e.Delegations); n > 0 {
		signer = e.Delegations[n-1].Delegation.PublicKey
	}
	payload := append([]byte(requestDomain), e.ID[:]...)
	if err := VerifySignature(v.Certificates, signer, payload, e.Signature); err != nil {
		return Authority{}, refuse("Invalid signature: Invalid basic signature: %v", err)
	}
	if err := verifyChainSignatures(v.Certificates, e.PublicKey, e.Delegations); err != nil {
		return Authority{}, refuse("Invalid delegation: %v", err)
	}
	if err := v.senderInfo(e); err != nil {
		return Authority{}, refuse("Invalid sender info: %v", err)
	}
	return authority, nil
}

// chainAuthority applies the rules of a chain that need no signature: keys do
// not repeat, targets are intersected, permissions are known.
func chainAuthority(key []byte, chain []certificate.SignedDelegation) (Authority, error) {
	authority := Authority{NotAfter: math.MaxUint64}
	if len(chain) > maxDelegations {
		return authority, fmt.Errorf("a chain of %d delegations, limit %d", len(chain), maxDelegations)
	}
	for i := range chain {
		d := &chain[i].Delegation
		if occurs(d.PublicKey, key, chain[:i]) {
			return authority, errors.New("a key occurs twice in the chain")
		}
		authority.NotAfter = min(authority.NotAfter, d.Expiration)
		if len(d.Targets) > maxTargets {
			return authority, fmt.Errorf("%d targets, limit %d", len(d.Targets), maxTargets)
		}
		switch d.Permissions {
		case "", permissionAll:
		case permissionQueries:
			authority.QueriesOnly = true
		default:
			return authority, fmt.Errorf("unknown permissions %.20q", d.Permissions)
		}
	}
	authority.Targets = commonTargets(chain)
	return authority, nil
}

// occurs reports whether a key stands in a chain. The few long keys are
// compared in place.
func occurs(wanted, key []byte, chain []certificate.SignedDelegation) bool {
	return bytes.Equal(wanted, key) || slices.ContainsFunc(chain, func(signed certificate.SignedDelegation) bool {
		return bytes.Equal(wanted, signed.Delegation.PublicKey)
	})
}

// commonTargets are what all lists of targets in a chain allow: nil if there is
// no list, and never nil otherwise. The lists are a stranger's, before any
// signature is checked, so they are not compared each with each.
func commonTargets(chain []certificate.SignedDelegation) []principal.Principal {
	var first []principal.Principal
	var allowedBy map[principal.Principal]int // in so many lists, for those of the first
	lists := 0
	for i := range chain {
		targets := chain[i].Delegation.Targets
		if targets == nil {
			continue
		}
		if lists == 0 {
			first, allowedBy = targets, make(map[principal.Principal]int, len(targets))
		}
		for _, p := range targets {
			if allowedBy[p] == lists {
				allowedBy[p]++
			}
		}
		lists++
	}
	if lists == 0 {
		return nil
	}
	common := []principal.Principal{}
	for _, p := range first {
		if allowedBy[p] == lists {
			common = append(common, p)
			delete(allowedBy, p) // once is enough
		}
	}
	return common
}

func verifyChainSignatures(v certificate.Verifier, key []byte, chain []certificate.SignedDelegation) error {
	for _, signed := range chain {
		if err := VerifySignature(v, key, signed.Delegation.SignedBytes(), signed.Signature); err != nil {
			return err
		}
		key = signed.Delegation.PublicKey
	}
	return nil
}

// senderInfo checks what a canister vouches for about the sender: the sender
// must be a key of that canister, which has signed the info.
func (v Verifier) senderInfo(e *Envelope) error {
	info := e.Content.SenderInfo
	if info == nil {
		return nil
	}
	key, err := certificate.ParseCanisterKey(e.PublicKey)
	if err != nil {
		return err
	}
	if key.Canister != info.Signer {
		return fmt.Errorf("signed by %s, but the sender's key is of canister %s", info.Signer, key.Canister)
	}
	payload := append([]byte(senderInfoDomain), info.Info...)
	return v.Certificates.CanisterSignature(e.PublicKey, payload, info.Signature)
}

// Check compares a request with the time and with what the chain allows.
func (a Authority) Check(e *Envelope, nowNS uint64) error {
	if err := checkExpiry(&e.Content, nowNS); err != nil {
		return err
	}
	if a.NotAfter < nowNS {
		return refuse("Specified sender delegation has expired: expiry %d, now %d", a.NotAfter, nowNS)
	}
	if e.Content.Kind == ReadState {
		// Targets are compared with the receiver of the original call, which
		// the state knows.
		return nil
	}
	if !a.Allows(e.Content.Canister) {
		return refuse("Canister %s is not one of the delegation targets", e.Content.Canister)
	}
	if a.QueriesOnly && e.Content.Kind == Call {
		return refuse("Invalid delegation: its permissions allow queries only")
	}
	return nil
}

// Allows reports whether a canister may be called.
func (a Authority) Allows(canister principal.Principal) bool {
	return a.Targets == nil || slices.Contains(a.Targets, canister)
}

// checkExpiry refuses requests that are too old or too early. The words
// "Invalid request expiry" make client libraries set their clocks.
func checkExpiry(c *Content, nowNS uint64) error {
	// Reads by nobody in particular can do no harm at any time.
	if c.Kind != Call && c.Sender.IsAnonymous() {
		return nil
	}
	if c.Expiry < nowNS || c.Expiry > nowNS+MaxExpiry {
		return refuse("Invalid request expiry: Specified ingress_expiry not within expected range: Minimum allowed expiry: %d, Maximum allowed expiry: %d, Provided expiry: %d", nowNS, nowNS+MaxExpiry, c.Expiry)
	}
	return nil
}

// Verify is Authenticate and Check.
func (v Verifier) Verify(e *Envelope, nowNS uint64) error {
	authority, err := v.Authenticate(e)
	if err != nil {
		return err
	}
	return authority.Check(e, nowNS)
}

// VerifyChain checks a chain by itself, as the back end of an app does: every
// signature, every rule, and that it has not expired.
func VerifyChain(v certificate.Verifier, c certificate.Chain, nowNS uint64) (Authority, error) {
	if len(c.Delegations) == 0 {
		return Authority{}, errors.New("the chain has no delegation")
	}
	authority, err := chainAuthority(c.PublicKey, c.Delegations)
	if err != nil {
		return Authority{}, err
	}
	if authority.NotAfter < nowNS {
		return Authority{}, fmt.Errorf("the chain has expired at %d, now is %d", authority.NotAfter, nowNS)
	}
	if err := verifyChainSignatures(v, c.PublicKey, c.Delegations); err != nil {
		return Authority{}, err
	}
	return authority, nil
}

// Signer is a key that signs requests.
type Signer interface {
	// PublicKey in DER.
	PublicKey() []byte
	Sign(payload []byte) ([]byte, error)
}

// Sign makes an envelope. The sender becomes the principal of the signer, or of
// the chain's first key, which is then root.
func Sign(c Content, s Signer, root []byte, chain []certificate.SignedDelegation) (*Envelope, error) {
	e := &Envelope{Content: c, Delegations: chain, PublicKey: s.PublicKey()}
	if len(chain) > 0 {
		e.PublicKey = root
	}
	e.Content.Sender = principal.SelfAuthenticating(e.PublicKey)
	e.ID = e.Content.ID()
	var err error
	if e.Signature, err = s.Sign(append([]byte(requestDomain), e.ID[:]...)); err != nil {
		return nil, err
	}
	return e, nil
}
