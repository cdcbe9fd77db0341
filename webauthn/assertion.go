package webauthn

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"internetidentity/cbor"
)

// Assertion is a WebAuthn signature in the Internet Computer's envelope (IC
// interface spec, Signatures, Web Authentication).
type Assertion struct {
	AuthenticatorData []byte
	ClientDataJSON    []byte
	Signature         []byte
}

// maxAssertionBytes bounds an envelope: honest ones have about 300 to 700.
const maxAssertionBytes = 8 << 10

type wireAssertion struct {
	AuthenticatorData []byte          `cbor:"authenticator_data"`
	ClientDataJSON    cbor.RawMessage `cbor:"client_data_json"`
	Signature         []byte          `cbor:"signature"`
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
	a := &Assertion{AuthenticatorData: wire.AuthenticatorData, Signature: wire.Signature}
	var text string
	if cbor.Unmarshal(wire.ClientDataJSON, &text) == nil {
		a.ClientDataJSON = []byte(text)
	} else if err := cbor.Unmarshal(wire.ClientDataJSON, &a.ClientDataJSON); err != nil {
		return nil, errors.New("WebAuthn signature: no client data")
	}
	if a.AuthenticatorData == nil || a.Signature == nil {
		return nil, errors.New("WebAuthn signature: a field is missing")
	}
	return a, nil
}

// Encode writes the envelope.
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
	challenge, err := client.challengeBytes()
	if err != nil {
		return err
	}
	if string(challenge) != string(payload) {
		return errors.New("WebAuthn challenge is not what should be signed")
	}
	if len(a.AuthenticatorData) < minAuthenticatorData {
		return errors.New("WebAuthn authenticator data is too short")
	}
	return k.Verify(a.SignedBytes(), a.Signature)
}

// ClientData is what the browser says (WebAuthn, 5.8.1).
type ClientData struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	Origin    string `json:"origin"`
}

// typeGet is the type of an assertion.
const typeGet = "webauthn.get"

// ParseClientData reads client data; the three fields are required.
func ParseClientData(data []byte) (ClientData, error) {
	var fields struct {
		Type      *string `json:"type"`
		Challenge *string `json:"challenge"`
		Origin    *string `json:"origin"`
	}
	if !utf8.Valid(data) {
		return ClientData{}, errors.New("WebAuthn client data is not UTF-8")
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return ClientData{}, fmt.Errorf("WebAuthn client data: %w", err)
	}
	if fields.Type == nil || fields.Challenge == nil || fields.Origin == nil {
		return ClientData{}, errors.New("WebAuthn client data: type, challenge or origin is missing")
	}
	return ClientData{Type: *fields.Type, Challenge: *fields.Challenge, Origin: *fields.Origin}, nil
}

func (c ClientData) challengeBytes() ([]byte, error) {
	// A registration says "webauthn.create" and signs nothing for us.
	if c.Type != typeGet {
		return nil, fmt.Errorf("WebAuthn client data has type %q, want %q", c.Type, typeGet)
	}
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(c.Challenge)
	if err != nil {
		return nil, errors.New("WebAuthn challenge is not base64url without padding")
	}
	return challenge, nil
}
