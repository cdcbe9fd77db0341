package ingress

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/principal"
)

// Envelope is a request with what authenticates it.
type Envelope struct {
	Content Content
	// ID is the content's request id.
	ID RequestID
	// PublicKey of the sender in DER; empty for the anonymous sender.
	PublicKey   []byte
	Signature   []byte
	Delegations []certificate.SignedDelegation
}

// The wire forms. Absent fields may also be null, as some clients write them.
type wireEnvelope struct {
	Content     *wireContent           `cbor:"content"`
	PublicKey   []byte                 `cbor:"sender_pubkey,omitempty"`
	Signature   []byte                 `cbor:"sender_sig,omitempty"`
	Delegations []wireSignedDelegation `cbor:"sender_delegation,omitempty"`
}

type wireContent struct {
	RequestType string          `cbor:"request_type"`
	Sender      []byte          `cbor:"sender"`
	Expiry      *uint64         `cbor:"ingress_expiry"`
	Nonce       []byte          `cbor:"nonce,omitempty"`
	Canister    []byte          `cbor:"canister_id,omitzero"`
	Method      *string         `cbor:"method_name,omitempty"`
	Arg         []byte          `cbor:"arg,omitzero"`
	SenderInfo  *wireSenderInfo `cbor:"sender_info,omitempty"`
	Paths       *[][][]byte     `cbor:"paths,omitempty"`
}

type wireSenderInfo struct {
	Info      []byte `cbor:"info"`
	Signer    []byte `cbor:"signer"`
	Signature []byte `cbor:"sig"`
}

type wireSignedDelegation struct {
	Delegation wireDelegation `cbor:"delegation"`
	Signature  []byte         `cbor:"signature"`
}

type wireDelegation struct {
	PublicKey   []byte   `cbor:"pubkey"`
	Expiration  *uint64  `cbor:"expiration"`
	Targets     [][]byte `cbor:"targets,omitempty"`
	Permissions *string  `cbor:"permissions,omitempty"`
}

// Parse reads an envelope and checks what it alone can show: form and limits.
// The error is a *Refusal. The envelope does not share memory with body.
func Parse(body []byte) (*Envelope, error) {
	if len(body) > MaxBodyBytes {
		return nil, &Refusal{Status: 413, Text: fmt.Sprintf("The request has %d bytes, limit %d.", len(body), MaxBodyBytes)}
	}
	var wire wireEnvelope
	if err := cbor.Unmarshal(body, &wire); err != nil {
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
	if len(w.Delegations) > maxDelegations {
		return nil, fmt.Errorf("%d delegations, limit %d", len(w.Delegations), maxDelegations)
	}
	e := &Envelope{PublicKey: w.PublicKey, Signature: w.Signature}
	for _, d := range w.Delegations {
		signed, err := d.delegation()
		if err != nil {
			return nil, err
		}
		e.Delegations = append(e.Delegations, signed)
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
		c.Kind = ReadState
		return w.readState(c)
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
	if len(*w.Method) > maxMethodBytes || !utf8.ValidString(*w.Method) {
		return errors.New("method_name is too long")
	}
	c.Method, c.Arg = *w.Method, w.Arg
	if w.SenderInfo != nil {
		signer, err := principal.FromBytes(w.SenderInfo.Signer)
		if err != nil {
			return fmt.Errorf("sender_info: %w", err)
		}
		c.SenderInfo = &SenderInfo{Info: w.SenderInfo.Info, Signer: signer, Signature: w.SenderInfo.Signature}
	}
	return nil
}

func (w *wireContent) readState(c *Content) error {
	if w.Paths == nil {
		return errors.New("paths are missing")
	}
	if len(*w.Paths) > maxPaths {
		return fmt.Errorf("%d paths, limit %d", len(*w.Paths), maxPaths)
	}
	for _, path := range *w.Paths {
		if len(path) > maxLabels {
			return fmt.Errorf("a path of %d labels, limit %d", len(path), maxLabels)
		}
	}
	c.Paths = *w.Paths
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
	d.Expiration = *w.Delegation.Expiration
	if w.Delegation.Targets != nil {
		if len(w.Delegation.Targets) > maxTargets {
			return certificate.SignedDelegation{}, fmt.Errorf("%d targets, limit %d", len(w.Delegation.Targets), maxTargets)
		}
		d.Targets = make([]principal.Principal, len(w.Delegation.Targets))
		for i, target := range w.Delegation.Targets {
			var err error
			if d.Targets[i], err = principal.FromBytes(target); err != nil {
				return certificate.SignedDelegation{}, fmt.Errorf("delegation target: %w", err)
			}
		}
	}
	if p := w.Delegation.Permissions; p != nil {
		// An empty text would hash differently from none.
		if *p != permissionQueries && *p != permissionAll {
			return certificate.SignedDelegation{}, fmt.Errorf("delegation permissions %.20q, want %q or %q", *p, permissionQueries, permissionAll)
		}
		d.Permissions = *p
	}
	return certificate.SignedDelegation{Delegation: d, Signature: w.Signature}, nil
}

// Encode writes the envelope with the self-describe tag.
func (e *Envelope) Encode() []byte {
	c := &e.Content
	content := &wireContent{
		RequestType: c.Kind.String(),
		Sender:      c.Sender.Bytes(),
		Expiry:      &c.Expiry,
		Nonce:       c.Nonce,
	}
	if content.Sender == nil {
		content.Sender = []byte{}
	}
	if c.Kind == ReadState {
		paths := c.Paths
		if paths == nil {
			paths = [][][]byte{}
		}
		content.Paths = &paths
	} else {
		// The management canister's id and an argument may be empty, and are
		// there nevertheless.
		content.Canister = append([]byte{}, c.Canister.Bytes()...)
		content.Method, content.Arg = &c.Method, append([]byte{}, c.Arg...)
		if c.SenderInfo != nil {
			content.SenderInfo = &wireSenderInfo{Info: c.SenderInfo.Info, Signer: c.SenderInfo.Signer.Bytes(), Signature: c.SenderInfo.Signature}
		}
	}
	wire := wireEnvelope{Content: content, PublicKey: e.PublicKey, Signature: e.Signature}
	for _, d := range e.Delegations {
		signed := wireSignedDelegation{
			Delegation: wireDelegation{PublicKey: d.Delegation.PublicKey, Expiration: &d.Delegation.Expiration},
			Signature:  d.Signature,
		}
		for _, target := range d.Delegation.Targets {
			signed.Delegation.Targets = append(signed.Delegation.Targets, target.Bytes())
		}
		if d.Delegation.Permissions != "" {
			signed.Delegation.Permissions = &d.Delegation.Permissions
		}
		wire.Delegations = append(wire.Delegations, signed)
	}
	return encode(wire)
}

// encode writes a message of ours, which always has an encoding.
func encode(v any) []byte {
	b, err := cbor.MarshalTagged(v)
	if err != nil {
		panic(fmt.Sprintf("ingress: encode: %v", err))
	}
	return b
}
