package canister

import (
	"errors"

	"internetidentity/candid"
	"internetidentity/identity"
)

// Taking another device in, in the interface's first version.

// enterDeviceMode traps where the second version names an error.
func enterDeviceMode(c *call, a *numberArg) (*one[uint64], error) {
	until, err := c.EnterMode(identity.Number(a.V), nil)
	if err == identity.ErrAlreadyInProgress {
		err = errors.New("Already in progress")
	}
	return &one[uint64]{uint64(until)}, err
}

func exitDeviceMode(c *call, a *numberArg) (*none, error) {
	return &none{}, c.ExitMode(identity.Number(a.V))
}

type tentativelyAdded struct {
	Code    string `candid:"verification_code"`
	Timeout uint64 `candid:"device_registration_timeout"`
}

type offerResponse struct {
	_       candid.Variant
	Added   *tentativelyAdded `candid:"added_tentatively"`
	ModeOff *null             `candid:"device_registration_mode_off"`
	Another *null             `candid:"another_device_tentatively_added"`
	Used    *null             `candid:"passkey_with_this_public_key_is_already_used"`
}

func offerDevice(c *call, a *deviceArg) (*one[offerResponse], error) {
	code, err := c.OfferDevice(identity.Number(a.N), a.Device.rule())
	r := &one[offerResponse]{}
	switch err {
	case nil:
		r.V.Added = &tentativelyAdded{code.Code, uint64(code.Expiration)}
	case identity.ErrModeOff:
		r.V.ModeOff = yes()
	case identity.ErrModeBusy:
		r.V.Another = yes()
	case identity.ErrPasskeyUsed:
		r.V.Used = yes()
	default:
		return nil, err
	}
	return r, nil
}

type wrongCode struct {
	RetriesLeft uint8 `candid:"retries_left"`
}

type verifyResponse struct {
	_         candid.Variant
	Verified  *null      `candid:"verified"`
	WrongCode *wrongCode `candid:"wrong_code"`
	ModeOff   *null      `candid:"device_registration_mode_off"`
	NoDevice  *null      `candid:"no_device_to_verify"`
}

func verifyDevice(c *call, a *struct {
	N    uint64
	Code string
}) (*one[verifyResponse], error) {
	err := c.Confirm(identity.Number(a.N), a.Code)
	r := &one[verifyResponse]{}
	var wrong *identity.WrongCode
	switch {
	case err == nil:
		r.V.Verified = yes()
	case errors.As(err, &wrong):
		r.V.WrongCode = &wrongCode{wrong.RetriesLeft}
	case err == identity.ErrModeOff:
		r.V.ModeOff = yes()
	case err == identity.ErrNothingToConfirm:
		r.V.NoDevice = yes()
	default:
		return nil, err
	}
	return r, nil
}
