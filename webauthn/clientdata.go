package webauthn

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// ClientData is what the browser says (WebAuthn, 5.8.1).
type ClientData struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	Origin    string `json:"origin"`
}

// ParseClientData reads client data. The three fields are required, each under
// its exact name and once; others may stand beside them. Decoding into the
// struct would take a name in upper case for the same, and the last of two.
func ParseClientData(data []byte) (ClientData, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return ClientData{}, errors.New("WebAuthn client data is not JSON in UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return ClientData{}, errors.New("WebAuthn client data is not an object")
	}
	var c ClientData
	wanted := map[any]*string{"type": &c.Type, "challenge": &c.Challenge, "origin": &c.Origin}
	found := 0
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return ClientData{}, fmt.Errorf("WebAuthn client data: %w", err)
		}
		field, isWanted := wanted[name]
		if !isWanted {
			if err := d.Decode(&json.RawMessage{}); err != nil {
				return ClientData{}, fmt.Errorf("WebAuthn client data: %w", err)
			}
			continue
		}
		value, err := d.Token()
		text, isText := value.(string)
		if err != nil || !isText || field == nil {
			return ClientData{}, fmt.Errorf("WebAuthn client data: %s is no text or stands twice", name)
		}
		*field, wanted[name] = text, nil
		found++
	}
	if found != len(wanted) {
		return ClientData{}, errors.New("WebAuthn client data: type, challenge or origin is missing")
	}
	return c, nil
}

// typeGet is the type of an assertion.
const typeGet = "webauthn.get"

// approves checks that the user was asked for a signature of the payload: it
// is the challenge, as base64url without padding.
func (c ClientData) approves(payload []byte) error {
	// A registration says "webauthn.create" and signs nothing for us.
	if c.Type != typeGet {
		return fmt.Errorf("WebAuthn client data has type %.20q, want %q", c.Type, typeGet)
	}
	// Encoding has one result; a decoder would skip line breaks.
	if c.Challenge != base64.RawURLEncoding.EncodeToString(payload) {
		return errors.New("WebAuthn challenge is not what should be signed")
	}
	return nil
}
