package client

import (
	"context"
	"errors"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// ReadState reads certified state about a canister.
func (c *Client) ReadState(ctx context.Context, i Identity, canister principal.Principal, paths [][][]byte) (*certificate.Certificate, error) {
	e, err := i.envelope(ingress.Content{Kind: ingress.ReadState, Expiry: c.now() + requestTime, Paths: paths})
	if err != nil {
		return nil, err
	}
	_, body, err := c.post(ctx, "/api/v3/canister/"+canister.String()+"/read_state", e)
	if err != nil {
		return nil, err
	}
	var wire struct {
		Certificate []byte `cbor:"certificate"`
	}
	if err := cbor.Unmarshal(body, &wire); err != nil {
		return nil, err
	}
	return c.verifyCertificate(wire.Certificate, canister)
}

// verifyCertificate believes a certificate about a canister, if it is of now.
func (c *Client) verifyCertificate(encoded []byte, canister principal.Principal) (*certificate.Certificate, error) {
	proof, err := certificate.Parse(encoded)
	if err != nil {
		return nil, err
	}
	if err := c.verifier().Canister(proof, canister); err != nil {
		return nil, err
	}
	signed, err := proof.Time()
	if err != nil {
		return nil, err
	}
	if !near(signed, c.now()) {
		return nil, errors.New("the certificate is too old, or one of the clocks is wrong")
	}
	return proof, nil
}
