package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"internetidentity/cbor"
	"internetidentity/webauthn"
)

// Passkey is a passkey in software: it signs as an authenticator and a browser
// do together, with ES256. It protects nothing: it is for tests, load and
// scripts.
type Passkey struct {
	// CredentialID of 32 random bytes.
	CredentialID []byte

	origin string // of the page on which it is used
	rpID   string
	key    *ecdsa.PrivateKey
	cose   []byte
}

// NewPasskey makes a passkey for the page of an origin, whose host is the
// relying party.
func NewPasskey(origin, rpID string) (*Passkey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	// Uncompressed: 4, x, y.
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	// RFC 9053, 7.1: kty 2 (EC2), alg -7, crv 1 (P-256), x, y.
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: int(webauthn.ES256), -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		return nil, err
	}
	p := &Passkey{CredentialID: make([]byte, 32), origin: origin, rpID: rpID, key: key, cose: cose}
	rand.Read(p.CredentialID)
	return p, nil
}

// PublicKey in DER.
func (p *Passkey) PublicKey() []byte { return webauthn.EncodeDER(p.cose) }

// Sign makes an assertion whose challenge is the payload, in the Internet
// Computer's envelope.
func (p *Passkey) Sign(payload []byte) ([]byte, error) {
	clientData, err := json.Marshal(webauthn.ClientData{
		Type: "webauthn.get", Challenge: base64.RawURLEncoding.EncodeToString(payload), Origin: p.origin,
	})
	if err != nil {
		return nil, err
	}
	rp := sha256.Sum256([]byte(p.rpID))
	data := append(rp[:], webauthn.FlagUserPresent|webauthn.FlagUserVerified)
	data = binary.BigEndian.AppendUint32(data, 0)
	assertion := webauthn.Assertion{AuthenticatorData: data, ClientDataJSON: clientData}
	digest := sha256.Sum256(assertion.SignedBytes())
	if assertion.Signature, err = ecdsa.SignASN1(rand.Reader, p.key, digest[:]); err != nil {
		return nil, err
	}
	return assertion.Encode(), nil
}
