package canister

import (
	"errors"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// What there is to know of an identity, for everybody and for itself, and what
// it has besides methods.

type numberArg = one[uint64]

type authnInfo struct {
	Methods  []authnMethod `candid:"authn_methods"`
	Recovery []authnMethod `candid:"recovery_authn_methods"`
}

func authnInfoOf(c *call, a *numberArg) (*outcome[authnInfo, null], error) {
	info := &authnInfo{Methods: []authnMethod{}, Recovery: []authnMethod{}}
	devices := c.Devices(identity.Number(a.V))
	for i := range devices {
		list := &info.Methods
		if devices[i].Purpose == identity.PurposeRecovery {
			list = &info.Recovery
		}
		*list = append(*list, methodOf(&devices[i], false))
	}
	return ok[authnInfo, null](info), nil
}

type openIDCredential struct {
	Issuer    string      `candid:"iss"`
	Subject   string      `candid:"sub"`
	Audience  string      `candid:"aud"`
	LastUsage *uint64     `candid:"last_usage_timestamp"`
	Metadata  metadataMap `candid:"metadata"`
}

type identityInfo struct {
	Methods      []authnMethodData            `candid:"authn_methods"`
	Registration *authnMethodRegistrationInfo `candid:"authn_method_registration"`
	OpenID       *[]openIDCredential          `candid:"openid_credentials"`
	Metadata     metadataMap                  `candid:"metadata"`
	Name         *string                      `candid:"name"`
	CreatedAt    *uint64                      `candid:"created_at"`
}

type authnMethodRegistrationInfo struct {
	AuthnMethod *authnMethodData     `candid:"authn_method"`
	Session     *principal.Principal `candid:"session"`
	Expiration  uint64               `candid:"expiration"`
}

type infoError struct {
	_                     candid.Variant
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

// refused names the error of a caller who may not, and leaves a trap to be
// one.
func refused(err error) (*infoError, error) {
	var unauthorized *identity.Unauthorized
	var internal *identity.InternalError
	switch {
	case errors.As(err, &unauthorized):
		return &infoError{Unauthorized: &unauthorized.Caller}, nil
	case errors.As(err, &internal):
		return &infoError{InternalCanisterError: &internal.Text}, nil
	}
	return nil, err
}

// refusedAs is the answer of methods whose errors are more than these two.
func refusedAs[T, E any](err error, as func(*infoError) *E) (*outcome[T, E], error) {
	e, err := refused(err)
	if err != nil {
		return nil, err
	}
	return failed[T](as(e)), nil
}

func infoOf(c *call, a *numberArg) (*outcome[identityInfo, infoError], error) {
	found, err := c.Info(identity.Number(a.V))
	if err != nil {
		e, err := refused(err)
		return failed[identityInfo](e), err
	}
	info := &identityInfo{
		Methods:      []authnMethodData{},
		Registration: registrationOf(c.WaitingFor(found.Number)),
		OpenID:       &[]openIDCredential{},
		Metadata:     metadataOf(found.Metadata),
		Name:         found.Name,
		CreatedAt:    (*uint64)(found.CreatedAt),
	}
	for i := range found.Devices {
		info.Methods = append(info.Methods, methodDataOf(&found.Devices[i]))
	}
	return ok[identityInfo, infoError](info), nil
}

func registrationOf(w *identity.Waiting) *authnMethodRegistrationInfo {
	if w == nil {
		return nil
	}
	r := &authnMethodRegistrationInfo{Session: w.Session, Expiration: uint64(w.Expiration)}
	if w.Device != nil {
		data := methodDataOf(w.Device)
		r.AuthnMethod = &data
	}
	return r
}

type storageSpace struct {
	Available uint64 `candid:"space_available"`
	Required  uint64 `candid:"space_required"`
}

type metadataError struct {
	_                     candid.Variant
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	StorageSpaceExceeded  *storageSpace        `candid:"StorageSpaceExceeded"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

func replaceMetadata(c *call, a *struct {
	N        uint64
	Metadata metadataMap
}) (*outcome[null, metadataError], error) {
	err := c.ReplaceMetadata(identity.Number(a.N), a.Metadata.metadata())
	var exceeded *identity.StorageExceeded
	switch {
	case err == nil:
		return ok[null, metadataError](yes()), nil
	case errors.As(err, &exceeded):
		return failed[null](&metadataError{StorageSpaceExceeded: &storageSpace{uint64(exceeded.Available), uint64(exceeded.Required)}}), nil
	}
	return refusedAs[null](err, func(e *infoError) *metadataError {
		return &metadataError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
	})
}

type properties struct {
	Name *string `candid:"name"`
}

type nameLimit struct {
	Limit uint64 `candid:"limit"`
}

type propertiesError struct {
	_                     candid.Variant
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	StorageSpaceExceeded  *storageSpace        `candid:"StorageSpaceExceeded"`
	NameTooLong           *nameLimit           `candid:"NameTooLong"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

func replaceProperties(c *call, a *struct {
	N          uint64
	Properties properties
}) (*outcome[null, propertiesError], error) {
	switch err := c.ReplaceName(identity.Number(a.N), a.Properties.Name); err {
	case nil:
		return ok[null, propertiesError](yes()), nil
	case identity.ErrNameTooLong:
		return failed[null](&propertiesError{NameTooLong: &nameLimit{identity.MaxNameBytes}}), nil
	default:
		return refusedAs[null](err, func(e *infoError) *propertiesError {
			return &propertiesError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
		})
	}
}

type deviceKey struct {
	PublicKey []byte `candid:"pubkey"`
	Number    uint64 `candid:"anchor_number"`
}

func lookupDeviceKey(c *call, a *one[[]byte]) (*one[*deviceKey], error) {
	n, publicKey, found := c.LookupDeviceKey(a.V)
	if !found {
		return &one[*deviceKey]{}, nil
	}
	return &one[*deviceKey]{&deviceKey{PublicKey: publicKey, Number: uint64(n)}}, nil
}

func lookupCaller(c *call, _ *none) (*one[*uint64], error) {
	return found(c.LookupByRecoveryKey(c.Caller)), nil
}

// found is an optional number.
func found(n identity.Number, there bool) *one[*uint64] {
	if !there {
		return &one[*uint64]{}
	}
	return &one[*uint64]{(*uint64)(&n)}
}
