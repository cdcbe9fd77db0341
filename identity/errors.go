package identity

import (
	"fmt"

	"internetidentity/principal"
)

// Trap ends a message and undoes all that it did. Clients search its text.
type Trap struct{ Text string }

func (t *Trap) Error() string { return t.Text }

func trap(format string, args ...any) error { return &Trap{fmt.Sprintf(format, args...)} }

// Unauthorized is the error of a caller who may not act for an identity.
type Unauthorized struct{ Caller principal.Principal }

func (u *Unauthorized) Error() string { return fmt.Sprintf("%s could not be authenticated.", u.Caller) }

// NotOwned is the error of an account that is not the identity's at the origin.
type NotOwned struct{ Caller principal.Principal }

func (n *NotOwned) Error() string { return fmt.Sprintf("Unauthorized(%s)", n.Caller) }

// InternalError is an error that the interface has no name for.
type InternalError struct{ Text string }

func (i *InternalError) Error() string { return i.Text }

// Problem is an error without details, named as in the interface.
type Problem string

func (p Problem) Error() string { return string(p) }

// The problems.
const (
	ErrInvalidCaller        Problem = "InvalidCaller"
	ErrRateLimitExceeded    Problem = "RateLimitExceeded"
	ErrAlreadyInProgress    Problem = "AlreadyInProgress"
	ErrNoRegistrationFlow   Problem = "NoRegistrationFlow"
	ErrIdentityLimitReached Problem = "IdentityLimitReached"
	ErrNoSuchDelegation     Problem = "NoSuchDelegation"

	ErrBadChallenge Problem = "bad_challenge"

	ErrNameTooLong         Problem = "NameTooLong"
	ErrAccountLimitReached Problem = "AccountLimitReached"
	ErrNoSuchAccount       Problem = "NoSuchAccount"

	ErrModeOff               Problem = "RegistrationModeOff"
	ErrModeBusy              Problem = "RegistrationAlreadyInProgress"
	ErrPasskeyUsed           Problem = "PasskeyWithThisPublicKeyIsAlreadyUsed"
	ErrNotSelfAuthenticating Problem = "NotSelfAuthenticating"
	ErrNothingToConfirm      Problem = "NoAuthnMethodToConfirm"
)

// UnexpectedCall is the error of a step out of turn.
type UnexpectedCall struct{ Next NextStep }

func (u *UnexpectedCall) Error() string { return "UnexpectedCall" }

// WrongSolution is the error of a captcha; a new one is given.
type WrongSolution struct{ PNG string }

func (w *WrongSolution) Error() string { return "WrongSolution" }

// InvalidAuthnMethod is the error of a method that breaks a rule.
type InvalidAuthnMethod struct{ Text string }

func (i *InvalidAuthnMethod) Error() string { return i.Text }

// StorageError is the error of an identity that cannot be kept.
type StorageError struct{ Text string }

func (s *StorageError) Error() string { return s.Text }

// StorageExceeded is the error of metadata that is too long.
type StorageExceeded struct{ Available, Required int }

func (s *StorageExceeded) Error() string {
	return fmt.Sprintf("%d bytes are too many, limit %d", s.Required, s.Available)
}

// InvalidModeID is the error of a registration id that cannot be one.
type InvalidModeID struct{ Text string }

func (i *InvalidModeID) Error() string { return i.Text }

// WrongCode is the error of a code that is not the other device's.
type WrongCode struct{ RetriesLeft uint8 }

func (w *WrongCode) Error() string { return "WrongCode" }
