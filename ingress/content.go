// Package ingress owns the messages that reach a subnet and the answers that
// leave it: envelopes, request ids, the authentication of senders with every
// signature scheme and delegation chains, and the outcomes of calls.
//
// It must not know what a canister does with a message. It holds no clock:
// whoever asks tells the time.
package ingress

import (
	"fmt"

	"internetidentity/principal"
	"internetidentity/rih"
)

// RequestID names a request: the representation-independent hash of its
// content (IC interface spec, Request ids).
type RequestID [32]byte

// Kind is what a request wants.
type Kind uint8

const (
	// Call changes the state.
	Call Kind = iota + 1
	// Query reads a canister.
	Query
	// ReadState reads the certified state.
	ReadState
)

func (k Kind) String() string {
	switch k {
	case Call:
		return "call"
	case Query:
		return "query"
	case ReadState:
		return "read_state"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// SenderInfo is what another canister vouches for about the sender (IC
// interface spec 0.64).
type SenderInfo struct {
	Info      []byte
	Signer    principal.Principal
	Signature []byte
}

// Content is the part of a request that its sender signs.
type Content struct {
	Kind   Kind
	Sender principal.Principal
	// Expiry in nanoseconds since 1970.
	Expiry uint64
	Nonce  []byte

	// Of a call or query.
	Canister   principal.Principal
	Method     string
	Arg        []byte
	SenderInfo *SenderInfo

	// Of a read_state.
	Paths [][][]byte
}

// ID is the request id.
func (c *Content) ID() RequestID {
	fields := make([]rih.Field, 0, 8)
	add := func(name string, value rih.Value) { fields = append(fields, rih.Field{Name: name, Value: value}) }
	add("request_type", rih.Text(c.Kind.String()))
	add("sender", rih.Blob(c.Sender.Bytes()))
	add("ingress_expiry", rih.Nat(c.Expiry))
	if c.Nonce != nil {
		add("nonce", rih.Blob(c.Nonce))
	}
	if c.Kind == ReadState {
		paths := make([]rih.Value, len(c.Paths))
		for i, path := range c.Paths {
			labels := make([]rih.Value, len(path))
			for j, label := range path {
				labels[j] = rih.Blob(label)
			}
			paths[i] = rih.Array(labels...)
		}
		add("paths", rih.Array(paths...))
		return RequestID(rih.Map(fields...))
	}
	add("canister_id", rih.Blob(c.Canister.Bytes()))
	add("method_name", rih.Text(c.Method))
	add("arg", rih.Blob(c.Arg))
	if c.SenderInfo != nil {
		add("sender_info", rih.Map(
			rih.Field{Name: "info", Value: rih.Blob(c.SenderInfo.Info)},
			rih.Field{Name: "signer", Value: rih.Blob(c.SenderInfo.Signer.Bytes())},
			rih.Field{Name: "sig", Value: rih.Blob(c.SenderInfo.Signature)},
		))
	}
	return RequestID(rih.Map(fields...))
}

// Scope is whom a read_state is about: a canister or a subnet.
type Scope struct {
	Subnet bool
	ID     principal.Principal
}
