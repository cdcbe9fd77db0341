package webauthn_test

import (
	"bytes"
	"testing"

	"internetidentity/internal/answers"
	"internetidentity/webauthn"
)

// TestKnownAnswers compares keys and assertions with those of another library,
// behind which authenticators of all kinds sign.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"key": answers.Each(func(t *testing.T, c struct {
			Algorithm string
			COSE, DER answers.Bytes
		}) {
			if der := webauthn.EncodeDER(c.COSE); !bytes.Equal(der, c.DER) {
				t.Errorf("DER %x, want %s", der, c.DER)
			}
			key, err := webauthn.ParseDER(c.DER)
			if err != nil {
				t.Fatal(err)
			}
			if key.Algorithm().String() != c.Algorithm || !bytes.Equal(key.COSE(), c.COSE) {
				t.Errorf("%s key %x, want %s %s", key.Algorithm(), key.COSE(), c.Algorithm, c.COSE)
			}
		}),
		"assertion": answers.Each(func(t *testing.T, c struct {
			DER, Payload, Envelope, AuthenticatorData, Signature answers.Bytes
			ClientData                                           string
			Valid                                                bool
		}) {
			key, err := webauthn.ParseDER(c.DER)
			if err != nil {
				t.Fatal(err)
			}
			a, err := webauthn.ParseAssertion(c.Envelope)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.AuthenticatorData, c.AuthenticatorData) || string(a.ClientDataJSON) != c.ClientData || !bytes.Equal(a.Signature, c.Signature) {
				t.Errorf("parsed %x, %s, %x", a.AuthenticatorData, a.ClientDataJSON, a.Signature)
			}
			if err := a.Verify(key, c.Payload); (err == nil) != c.Valid {
				t.Errorf("valid %v, got error %v", c.Valid, err)
			}
			if err := a.Verify(key, append(c.Payload, 0)); err == nil {
				t.Error("valid over another payload")
			}
			again, err := webauthn.ParseAssertion(a.Encode())
			if err != nil || !bytes.Equal(again.SignedBytes(), a.SignedBytes()) || !bytes.Equal(again.Signature, a.Signature) {
				t.Errorf("another assertion came back: %v", err)
			}
		}),
		"refusedEnvelope": answers.Each(func(t *testing.T, c struct{ Envelope answers.Bytes }) {
			if a, err := webauthn.ParseAssertion(c.Envelope); err == nil {
				t.Errorf("parsed %x, must be refused", a.SignedBytes())
			}
		}),
	})
}
