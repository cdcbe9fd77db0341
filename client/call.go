package client

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"time"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// Call runs a method that may change the state, and returns its certified
// reply. The error of a reject is a *RejectError.
func (c *Client) Call(ctx context.Context, i Identity, canister principal.Principal, method string, arg []byte) ([]byte, error) {
	e, err := c.NewCall(i, canister, method, arg)
	if err != nil {
		return nil, err
	}
	return c.Send(ctx, i, e)
}

// NewCall signs a call without sending it.
func (c *Client) NewCall(i Identity, canister principal.Principal, method string, arg []byte) (*ingress.Envelope, error) {
	return i.envelope(ingress.Content{
		Kind: ingress.Call, Expiry: c.now() + requestTime, Nonce: nonce(),
		Canister: canister, Method: method, Arg: arg,
	})
}

// Send sends a call, perhaps once more: it is executed once.
func (c *Client) Send(ctx context.Context, i Identity, e *ingress.Envelope) ([]byte, error) {
	canister := e.Content.Canister
	status, body, err := c.post(ctx, "/api/v4/canister/"+canister.String()+"/call", e)
	if err != nil {
		return nil, err
	}
	if status == http.StatusAccepted {
		return c.poll(ctx, i, canister, e.ID)
	}
	var wire struct {
		Status      string `cbor:"status"`
		Certificate []byte `cbor:"certificate"`
		Code        uint64 `cbor:"reject_code"`
		Message     string `cbor:"reject_message"`
		ErrorCode   string `cbor:"error_code"`
	}
	if err := cbor.Unmarshal(body, &wire); err != nil {
		return nil, err
	}
	if wire.Status != "replied" {
		return nil, &RejectError{Code: wire.Code, Message: wire.Message, ErrorCode: wire.ErrorCode}
	}
	proof, err := c.verifyCertificate(wire.Certificate, canister)
	if err != nil {
		return nil, err
	}
	reply, ended, err := callOutcome(proof, e.ID)
	if err == nil && !ended {
		err = errors.New("the certificate does not tell the outcome of the call")
	}
	return reply, err
}

// poll waits for the outcome of a call that takes longer.
func (c *Client) poll(ctx context.Context, i Identity, canister principal.Principal, id ingress.RequestID) ([]byte, error) {
	const first, most = 200 * time.Millisecond, 5 * time.Second
	for pause := first; ; pause = min(pause*2, most) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		proof, err := c.ReadState(ctx, i, canister, [][][]byte{{[]byte("request_status"), id[:]}})
		if err != nil {
			return nil, err
		}
		if reply, ended, err := callOutcome(proof, id); ended || err != nil {
			return reply, err
		}
	}
}

// callOutcome reads how a call ended from a verified certificate.
func callOutcome(proof *certificate.Certificate, id ingress.RequestID) (reply []byte, ended bool, err error) {
	look := func(name string) []byte {
		value, _ := proof.Tree.Lookup([]byte("request_status"), id[:], []byte(name))
		return value
	}
	switch status := string(look("status")); status {
	case "replied":
		return look("reply"), true, nil
	case "rejected":
		code, n := binary.Uvarint(look("reject_code"))
		if n <= 0 {
			return nil, true, errors.New("the certificate has no reject code")
		}
		return nil, true, &RejectError{
			Code: code, Message: string(look("reject_message")), ErrorCode: string(look("error_code")), Certified: true,
		}
	case "done":
		return nil, true, errors.New("the call has ended, and its outcome is forgotten")
	case "", "received", "processing":
		return nil, false, nil
	default:
		return nil, false, fmt.Errorf("unknown status %q of a call", status)
	}
}
