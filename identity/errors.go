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

// Problem is an error without details, named as in the interface.
type Problem string

func (p Problem) Error() string { return string(p) }

// The problems of registration and delegation.
const (
	ErrInvalidCaller        Problem = "InvalidCaller"
	ErrRateLimitExceeded    Problem = "RateLimitExceeded"
	ErrAlreadyInProgress    Problem = "AlreadyInProgress"
	ErrNoRegistrationFlow   Problem = "NoRegistrationFlow"
	ErrIdentityLimitReached Problem = "IdentityLimitReached"
	ErrNoSuchDelegation     Problem = "NoSuchDelegation"
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
