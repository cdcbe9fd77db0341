package canister

import (
	"errors"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// Taking another device in, in the interface's second version.

type modeEntered struct {
	Expiration uint64 `candid:"expiration"`
}

type enterError struct {
	_                     candid.Variant
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	InvalidRegistrationID *string              `candid:"InvalidRegistrationId"`
	AlreadyInProgress     *null                `candid:"AlreadyInProgress"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

func enterMode(c *call, a *struct {
	N  uint64
	ID *string
}) (*outcome[modeEntered, enterError], error) {
	until, err := c.EnterMode(identity.Number(a.N), a.ID)
	var invalid *identity.InvalidModeID
	switch {
	case err == nil:
		return ok[modeEntered, enterError](&modeEntered{uint64(until)}), nil
	case errors.As(err, &invalid):
		return failed[modeEntered](&enterError{InvalidRegistrationID: &invalid.Text}), nil
	case err == identity.ErrAlreadyInProgress:
		return failed[modeEntered](&enterError{AlreadyInProgress: yes()}), nil
	}
	return refusedAs[modeEntered](err, func(e *infoError) *enterError {
		return &enterError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
	})
}

type exitError struct {
	_                     candid.Variant
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	InvalidMetadata       *string              `candid:"InvalidMetadata"`
	Used                  *null                `candid:"PasskeyWithThisPublicKeyIsAlreadyUsed"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

// errMetadata marks a method that cannot be read as a device.
type errMetadata struct{ error }

// exitMode ends the mode: with a method for a session that was confirmed, and
// without looking at it for the identity itself.
func exitMode(c *call, a *struct {
	N      uint64
	Method *authnMethodData
}) (*outcome[null, exitError], error) {
	n := identity.Number(a.N)
	var err error
	if a.Method != nil && c.ConfirmedSession(n) {
		d, malformed := a.Method.device()
		if malformed != nil {
			malformed = errMetadata{malformed}
		}
		err = c.ExitModeWithDevice(n, d, malformed)
	} else {
		err = c.ExitMode(n)
	}
	var metadata errMetadata
	switch {
	case err == nil:
		return ok[null, exitError](yes()), nil
	case errors.As(err, &metadata):
		return failed[null](&exitError{InvalidMetadata: text(metadata)}), nil
	case err == identity.ErrPasskeyUsed:
		return failed[null](&exitError{Used: yes()}), nil
	}
	return refusedAs[null](err, func(e *infoError) *exitError {
		return &exitError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
	})
}

type confirmationCode struct {
	Code       string `candid:"confirmation_code"`
	Expiration uint64 `candid:"expiration"`
}

type offerError struct {
	_                     candid.Variant
	ModeOff               *null                `candid:"RegistrationModeOff"`
	Busy                  *null                `candid:"RegistrationAlreadyInProgress"`
	NotSelfAuthenticating *principal.Principal `candid:"NotSelfAuthenticating"`
	InvalidMetadata       *string              `candid:"InvalidMetadata"`
	Used                  *null                `candid:"PasskeyWithThisPublicKeyIsAlreadyUsed"`
}

func offered(c *call, code *identity.Code, err error) (*outcome[confirmationCode, offerError], error) {
	e := &offerError{}
	switch err {
	case nil:
		return ok[confirmationCode, offerError](&confirmationCode{code.Code, uint64(code.Expiration)}), nil
	case identity.ErrModeOff:
		e.ModeOff = yes()
	case identity.ErrModeBusy:
		e.Busy = yes()
	case identity.ErrNotSelfAuthenticating:
		e.NotSelfAuthenticating = &c.Caller
	case identity.ErrPasskeyUsed:
		e.Used = yes()
	default:
		return nil, err
	}
	return failed[confirmationCode](e), nil
}

func offerMethod(c *call, a *struct {
	N      uint64
	Method authnMethodData
}) (*outcome[confirmationCode, offerError], error) {
	d, err := a.Method.device()
	if err != nil {
		return failed[confirmationCode](&offerError{InvalidMetadata: text(err)}), nil
	}
	code, err := c.OfferDevice(identity.Number(a.N), d)
	return offered(c, code, err)
}

func offerSession(c *call, a *numberArg) (*outcome[confirmationCode, offerError], error) {
	code, err := c.OfferSession(identity.Number(a.V))
	return offered(c, code, err)
}

type sessionInfo struct {
	Name      *string `candid:"name"`
	CreatedAt *uint64 `candid:"created_at"`
}

func sessionInfoOf(c *call, a *numberArg) (*one[*sessionInfo], error) {
	of := c.SessionInfo(identity.Number(a.V))
	if of == nil {
		return &one[*sessionInfo]{}, nil
	}
	return &one[*sessionInfo]{&sessionInfo{of.Name, (*uint64)(of.CreatedAt)}}, nil
}

type confirmError struct {
	_                     candid.Variant
	WrongCode             *wrongCode           `candid:"WrongCode"`
	ModeOff               *null                `candid:"RegistrationModeOff"`
	Nothing               *null                `candid:"NoAuthnMethodToConfirm"`
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

func confirm(c *call, a *struct {
	N    uint64
	Code string
}) (*outcome[null, confirmError], error) {
	err := c.Confirm(identity.Number(a.N), a.Code)
	var wrong *identity.WrongCode
	e := &confirmError{}
	switch {
	case err == nil:
		return ok[null, confirmError](yes()), nil
	case errors.As(err, &wrong):
		e.WrongCode = &wrongCode{wrong.RetriesLeft}
	case err == identity.ErrModeOff:
		e.ModeOff = yes()
	case err == identity.ErrNothingToConfirm:
		e.Nothing = yes()
	default:
		return refusedAs[null](err, func(e *infoError) *confirmError {
			return &confirmError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
		})
	}
	return failed[null](e), nil
}

func lookupByModeID(c *call, a *one[string]) (*one[*uint64], error) {
	return found(c.LookupByModeID(a.V)), nil
}
