package webauthn

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"internetidentity/cbor"
)

// Assertion is a WebAuthn signature in the Internet Computer's envelope (IC
// interface spec, Signatures, Web Authentication).
type Assertion struct {
	AuthenticatorData []byte
	ClientDataJSON    []byte
	Signature         []byte
}

type wireAssertion struct {
	AuthenticatorData cbor.Bytes      `cbor:"authenticator_data"`
	ClientDataJSON    cbor.RawMessage `cbor:"client_data_json"`
	Signature         cbor.Bytes      `cbor:"signature"`
}

// ParseAssertion reads an envelope. Its client data may be a text or, as some
// old clients wrote it, a byte string.
func ParseAssertion(b []byte) (*Assertion, error) {
	if len(b) > maxAssertionBytes {
		return nil, fmt.Errorf("WebAuthn signature has %d bytes, limit %d", len(b), maxAssertionBytes)
	}
	var wire wireAssertion
	if err := cbor.UnmarshalTagged(b, &wire); err != nil {
		return nil, fmt.Errorf("WebAuthn signature: %w", err)
	}
	a := &Assertion{AuthenticatorData: wire.AuthenticatorData, ClientDataJSON: textOrBytes(wire.ClientDataJSON), Signature: wire.Signature}
	if a.AuthenticatorData == nil || a.ClientDataJSON == nil || a.Signature == nil {
		return nil, errors.New("WebAuthn signature: a field is missing")
	}
	return a, nil
}

// textOrBytes is nil if raw is neither.
func textOrBytes(raw cbor.RawMessage) []byte {
	var text *string
	if cbor.Unmarshal(raw, &text) == nil && text != nil {
		return []byte(*text)
	}
	var b cbor.Bytes
	if cbor.Unmarshal(raw, &b) != nil {
		return nil
	}
	return b
}

// Encode writes the envelope. The client data must be UTF-8, as JSON is.
func (a *Assertion) Encode() []byte {
	b := cbor.AppendMap(cbor.AppendTag(nil), 3)
	b = cbor.AppendBytes(cbor.AppendText(b, "signature"), a.Signature)
	b = cbor.AppendText(cbor.AppendText(b, "client_data_json"), string(a.ClientDataJSON))
	return cbor.AppendBytes(cbor.AppendText(b, "authenticator_data"), a.AuthenticatorData)
}

// SignedBytes are what the authenticator signs.
func (a *Assertion) SignedBytes() []byte {
	hash := sha256.Sum256(a.ClientDataJSON)
	return append(append(make([]byte, 0, len(a.AuthenticatorData)+len(hash)), a.AuthenticatorData...), hash[:]...)
}

// Verify checks that an authenticator has signed the payload: the challenge is
// the payload itself, and the signature covers it.
func (a *Assertion) Verify(k PublicKey, payload []byte) error {
	client, err := ParseClientData(a.ClientDataJSON)
	if err != nil {
		return err
	}
	if err := client.approves(payload); err != nil {
		return err
	}
	if len(a.AuthenticatorData) < minAuthenticatorData {
		return errors.New("WebAuthn authenticator data is too short")
	}
	return k.Verify(a.SignedBytes(), a.Signature)
}
