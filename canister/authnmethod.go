package canister

import (
	"bytes"
	"slices"

	"internetidentity/candid"
	"internetidentity/identity"
)

// Authentication methods of an identity: adding and changing them in the
// interface's second version.

type addError struct {
	_               candid.Variant
	InvalidMetadata *string `candid:"InvalidMetadata"`
}

// text is the text of an error, for variants that carry one.
func text(err error) *string {
	s := err.Error()
	return &s
}

func addMethod(c *call, a *struct {
	N      uint64
	Method authnMethodData
}) (*outcome[null, addError], error) {
	d, err := a.Method.device()
	if err != nil {
		return failed[null](&addError{InvalidMetadata: text(err)}), nil
	}
	return ok[null, addError](yes()), c.AddDevice(identity.Number(a.N), d)
}

type replaceError struct {
	_               candid.Variant
	InvalidMetadata *string `candid:"InvalidMetadata"`
	NotFound        *null   `candid:"AuthnMethodNotFound"`
	Used            *null   `candid:"PasskeyWithThisPublicKeyIsAlreadyUsed"`
}

func replaceMethod(c *call, a *struct {
	N         uint64
	PublicKey []byte
	Method    authnMethodData
}) (*outcome[null, replaceError], error) {
	d, err := a.Method.device()
	if err != nil {
		return failed[null](&replaceError{InvalidMetadata: text(err)}), nil
	}
	return ok[null, replaceError](yes()), c.ReplaceDevice(identity.Number(a.N), a.PublicKey, d)
}

func removeMethod(c *call, a *keyArg) (*outcome[null, null], error) {
	return ok[null, null](yes()), c.RemoveDevice(identity.Number(a.N), a.PublicKey)
}

// ownMethod authorizes the caller and finds one of its identity's methods.
func ownMethod(c *call, n uint64, publicKey []byte) (*identity.Device, error) {
	info, err := c.Info(identity.Number(n))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(info.Devices, func(d identity.Device) bool { return bytes.Equal(d.PublicKey, publicKey) })
	if at < 0 {
		return nil, nil
	}
	return &info.Devices[at], nil
}

type metadataReplaceError struct {
	_               candid.Variant
	InvalidMetadata *string `candid:"InvalidMetadata"`
	NotFound        *null   `candid:"AuthnMethodNotFound"`
}

// replaceMethodMetadata sets all metadata: what is left out is cleared.
func replaceMethodMetadata(c *call, a *struct {
	N         uint64
	PublicKey []byte
	Metadata  metadataMap
}) (*outcome[null, metadataReplaceError], error) {
	old, err := ownMethod(c, a.N, a.PublicKey)
	switch {
	case err != nil:
		return nil, err
	case old == nil:
		return failed[null](&metadataReplaceError{NotFound: yes()}), nil
	}
	data := methodDataOf(old)
	data.Metadata = a.Metadata
	d, err := data.device()
	if err != nil {
		return failed[null](&metadataReplaceError{InvalidMetadata: text(err)}), nil
	}
	return ok[null, metadataReplaceError](yes()), c.UpdateDevice(identity.Number(a.N), a.PublicKey, d)
}

type securityReplaceError struct {
	_        candid.Variant
	NotFound *null `candid:"AuthnMethodNotFound"`
}

func replaceMethodSecurity(c *call, a *struct {
	N         uint64
	PublicKey []byte
	Settings  securitySettings
}) (*outcome[null, securityReplaceError], error) {
	old, err := ownMethod(c, a.N, a.PublicKey)
	switch {
	case err != nil:
		return nil, err
	case old == nil:
		return failed[null](&securityReplaceError{NotFound: yes()}), nil
	}
	d := *old
	d.Protected = a.Settings.Protection.Protected != nil
	d.Purpose = identity.PurposeAuthentication
	if a.Settings.Purpose.Recovery != nil {
		d.Purpose = identity.PurposeRecovery
	}
	return ok[null, securityReplaceError](yes()), c.UpdateDevice(identity.Number(a.N), a.PublicKey, d)
}
