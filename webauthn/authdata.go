package webauthn

import (
	"encoding/binary"
	"errors"
)

// AuthenticatorData is what the authenticator says (WebAuthn, 6.1).
type AuthenticatorData struct {
	RPIDHash [32]byte
	Flags    byte
	Counter  uint32

	// Attested is there after a registration.
	Attested *AttestedCredential
}

// AttestedCredential is a new credential (WebAuthn, 6.5.2).
type AttestedCredential struct {
	AAGUID       [16]byte
	CredentialID []byte
	// COSE is the public key; extensions may follow it.
	COSE []byte
}

// Flags of authenticator data.
const (
	FlagUserPresent  = 1 << 0
	FlagUserVerified = 1 << 2
	flagAttested     = 1 << 6
	flagExtensions   = 1 << 7
)

// minAuthenticatorData is the length without attested data and extensions.
const minAuthenticatorData = 37

// ParseAuthenticatorData reads authenticator data and shares its memory. The
// public key and what follows it are not looked into.
func ParseAuthenticatorData(b []byte) (*AuthenticatorData, error) {
	short := errors.New("WebAuthn authenticator data is too short")
	if len(b) < minAuthenticatorData {
		return nil, short
	}
	a := &AuthenticatorData{
		RPIDHash: [32]byte(b[:32]),
		Flags:    b[32],
		Counter:  binary.BigEndian.Uint32(b[33:37]),
	}
	if a.Flags&flagAttested == 0 {
		if a.Flags&flagExtensions == 0 && len(b) > minAuthenticatorData {
			return nil, errors.New("WebAuthn authenticator data has bytes behind it")
		}
		return a, nil
	}
	b = b[minAuthenticatorData:]
	if len(b) < 18 {
		return nil, short
	}
	c := &AttestedCredential{AAGUID: [16]byte(b[:16])}
	length := int(binary.BigEndian.Uint16(b[16:18]))
	b = b[18:]
	if length > maxCredentialID {
		return nil, errors.New("WebAuthn credential id is too long")
	}
	if len(b) <= length {
		return nil, short // a public key follows
	}
	c.CredentialID, c.COSE = b[:length:length], b[length:]
	a.Attested = c
	return a, nil
}
