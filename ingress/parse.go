package ingress

import (
	"errors"
	"fmt"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/principal"
)

// Envelope is a request with what authenticates it.
type Envelope struct {
	Content Content
	// ID is the content's request id, as Parse and Sign work it out.
	ID RequestID
	// PublicKey of the sender in DER; nil for the anonymous sender, as are
	// the next two.
	PublicKey   []byte
	Signature   []byte
	Delegations []certificate.SignedDelegation
}

// Parse reads an envelope and checks what it alone can show: form and limits.
// The error is a *Refusal. The envelope does not share memory with body.
func Parse(body []byte) (*Envelope, error) {
	if len(body) > MaxBodyBytes {
		return nil, &Refusal{Status: 413, Text: fmt.Sprintf("The request has %d bytes, limit %d.", len(body), MaxBodyBytes)}
	}
	var wire wireEnvelope
	if err := cbor.Unmarshal(body, &wire); err != nil {
		if limit := (*Refusal)(nil); errors.As(err, &limit) {
			return nil, limit
		}
		return nil, refuse("Could not parse the body as a CBOR envelope: %v", err)
	}
	e, err := wire.envelope()
	if err != nil {
		return nil, refuse("Malformed request: %v", err)
	}
	if e.Content.Kind == Call && len(body) > MaxCallBytes {
		return nil, &Refusal{Status: 413, Text: fmt.Sprintf("The call has %d bytes, limit %d.", len(body), MaxCallBytes)}
	}
	return e, nil
}

func (w *wireEnvelope) envelope() (*Envelope, error) {
	if w.Content == nil {
		return nil, errors.New("content is missing")
	}
	if len(w.PublicKey) > maxKeyBytes || len(w.Signature) > maxSigBytes {
		return nil, errors.New("sender_pubkey or sender_sig is too long")
	}
	e := &Envelope{PublicKey: w.PublicKey, Signature: w.Signature}
	if w.Delegations != nil {
		e.Delegations = make([]certificate.SignedDelegation, len(w.Delegations))
	}
	for i := range w.Delegations {
		var err error
		if e.Delegations[i], err = w.Delegations[i].delegation(); err != nil {
			return nil, err
		}
	}
	if err := w.Content.content(&e.Content); err != nil {
		return nil, err
	}
	e.ID = e.Content.ID()
	return e, nil
}

func (w *wireContent) content(c *Content) error {
	var err error
	if w.Sender == nil || w.Expiry == nil {
		return errors.New("sender or ingress_expiry is missing")
	}
	if c.Sender, err = principal.FromBytes(w.Sender); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if len(w.Nonce) > maxNonceBytes {
		return fmt.Errorf("nonce of %d bytes, limit %d", len(w.Nonce), maxNonceBytes)
	}
	c.Expiry, c.Nonce = *w.Expiry, w.Nonce
	switch w.RequestType {
	case "read_state":
		if w.Paths == nil {
			return errors.New("paths are missing")
		}
		c.Kind, c.Paths = ReadState, w.Paths
		return nil
	case "call":
		c.Kind = Call
	case "query":
		c.Kind = Query
	default:
		return fmt.Errorf("request_type %.20q, want call, query or read_state", w.RequestType)
	}
	if w.Canister == nil || w.Method == nil || w.Arg == nil {
		return errors.New("canister_id, method_name or arg is missing")
	}
	if c.Canister, err = principal.FromBytes(w.Canister); err != nil {
		return fmt.Errorf("canister_id: %w", err)
	}
	if len(*w.Method) > maxMethodBytes {
		return fmt.Errorf("method_name of %d bytes, limit %d", len(*w.Method), maxMethodBytes)
	}
	c.Method, c.Arg = *w.Method, w.Arg
	if info := w.SenderInfo; info != nil {
		if info.Info == nil || info.Signer == nil || info.Signature == nil {
			return errors.New("sender_info without info, signer or sig")
		}
		signer, err := principal.FromBytes(info.Signer)
		if err != nil {
			return fmt.Errorf("sender_info: %w", err)
		}
		c.SenderInfo = &SenderInfo{Info: info.Info, Signer: signer, Signature: info.Signature}
	}
	return nil
}

func (w *wireSignedDelegation) delegation() (certificate.SignedDelegation, error) {
	d := certificate.Delegation{PublicKey: w.Delegation.PublicKey}
	if len(d.PublicKey) == 0 || w.Delegation.Expiration == nil || w.Signature == nil {
		return certificate.SignedDelegation{}, errors.New("a delegation without pubkey, expiration or signature")
	}
	if len(d.PublicKey) > maxKeyBytes || len(w.Signature) > maxSigBytes {
		return certificate.SignedDelegation{}, errors.New("a delegation with too long a key or signature")
	}
	d.Expiration, d.Targets = *w.Delegation.Expiration, w.Delegation.Targets
	if p := w.Delegation.Permissions; p != nil {
		// An empty text would hash differently from none.
		if *p != permissionQueries && *p != permissionAll {
			return certificate.SignedDelegation{}, fmt.Errorf("delegation permissions %.20q, want %q or %q", *p, permissionQueries, permissionAll)
		}
		d.Permissions = *p
	}
	return certificate.SignedDelegation{Delegation: d, Signature: w.Signature}, nil
}

// Encode writes the envelope with the self-describe tag. What was parsed comes
// back with the same content, absent or empty as it was: two envelopes have one
// encoding only if they are authenticated alike.
func (e *Envelope) Encode() []byte {
	c := &e.Content
	content := &wireContent{
		RequestType: c.Kind.String(),
		Sender:      blob(c.Sender.Bytes()),
		Expiry:      &c.Expiry,
		Nonce:       c.Nonce,
	}
	if c.Kind == ReadState {
		content.Paths = c.Paths
		if c.Paths == nil {
			content.Paths = wirePaths{}
		}
	} else {
		content.Canister = blob(c.Canister.Bytes())
		content.Method, content.Arg = &c.Method, blob(c.Arg)
		if info := c.SenderInfo; info != nil {
			content.SenderInfo = &wireSenderInfo{Info: blob(info.Info), Signer: blob(info.Signer.Bytes()), Signature: blob(info.Signature)}
		}
	}
	wire := wireEnvelope{Content: content, PublicKey: e.PublicKey, Signature: e.Signature}
	if e.Delegations != nil {
		wire.Delegations = make(wireChain, len(e.Delegations))
	}
	for i := range e.Delegations {
		d := &e.Delegations[i].Delegation
		wire.Delegations[i] = wireSignedDelegation{
			Delegation: wireDelegation{PublicKey: blob(d.PublicKey), Expiration: &d.Expiration, Targets: d.Targets},
			Signature:  blob(e.Delegations[i].Signature),
		}
		if d.Permissions != "" {
			wire.Delegations[i].Delegation.Permissions = &d.Permissions
		}
	}
	return encode(wire)
}

// blob is a byte string that is there even if it is empty, such as the id of
// the management canister or an argument.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// encode writes a message of ours, which always has an encoding.
func encode(v any) []byte {
	b, err := cbor.MarshalTagged(v)
	if err != nil {
		panic(fmt.Sprintf("ingress: encode: %v", err))
	}
	return b
}
