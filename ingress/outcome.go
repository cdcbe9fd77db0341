package ingress

import (
	"errors"
	"fmt"

	"internetidentity/cbor"
	"internetidentity/principal"
	"internetidentity/rih"
)

// Outcome is how a call or query ended: a reply, or a reject with its code,
// message and error code.
type Outcome struct {
	Replied       bool
	Arg           []byte
	RejectCode    uint64
	RejectMessage string
	ErrorCode     string
}

// NodeSignature is a node's word for an answer to a query.
type NodeSignature struct {
	// Timestamp in nanoseconds since 1970.
	Timestamp uint64
	// Signature of 64 bytes, Ed25519.
	Signature []byte
	Node      principal.Principal
}

// QueryResponse is a signed answer to a query.
type QueryResponse struct {
	Outcome    Outcome
	Signatures []NodeSignature
}

// responseDomain separates the signatures of answers to queries.
const responseDomain = "\x0bic-response"

// QueryResponsePayload is what a node signs (IC interface spec, Query).
func QueryResponsePayload(o Outcome, id RequestID, timestamp uint64) []byte {
	fields := []rih.Field{
		{Name: "timestamp", Value: rih.Nat(timestamp)},
		{Name: "request_id", Value: rih.Blob(id[:])},
	}
	if o.Replied {
		fields = append(fields,
			rih.Field{Name: "status", Value: rih.Text("replied")},
			rih.Field{Name: "reply", Value: rih.Map(rih.Field{Name: "arg", Value: rih.Blob(o.Arg)})})
	} else {
		fields = append(fields,
			rih.Field{Name: "status", Value: rih.Text("rejected")},
			rih.Field{Name: "reject_code", Value: rih.Nat(o.RejectCode)},
			rih.Field{Name: "reject_message", Value: rih.Text(o.RejectMessage)})
		if o.ErrorCode != "" {
			fields = append(fields, rih.Field{Name: "error_code", Value: rih.Text(o.ErrorCode)})
		}
	}
	hash := rih.Map(fields...)
	return append([]byte(responseDomain), hash[:]...)
}

type wireQueryResponse struct {
	Status        string          `cbor:"status"`
	Reply         *wireReply      `cbor:"reply,omitempty"`
	RejectCode    uint64          `cbor:"reject_code,omitempty"`
	RejectMessage *string         `cbor:"reject_message,omitempty"`
	ErrorCode     string          `cbor:"error_code,omitempty"`
	Signatures    []wireSignature `cbor:"signatures"`
}

type wireReply struct {
	Arg []byte `cbor:"arg"`
}

type wireSignature struct {
	Timestamp uint64 `cbor:"timestamp"`
	Signature []byte `cbor:"signature"`
	Identity  []byte `cbor:"identity"`
}

// Encode writes the answer with the self-describe tag.
func (q *QueryResponse) Encode() []byte {
	wire := wireQueryResponse{Status: "replied", Signatures: []wireSignature{}}
	if q.Outcome.Replied {
		wire.Reply = &wireReply{Arg: blob(q.Outcome.Arg)}
	} else {
		wire.Status = "rejected"
		wire.RejectCode = q.Outcome.RejectCode
		wire.RejectMessage = &q.Outcome.RejectMessage
		wire.ErrorCode = q.Outcome.ErrorCode
	}
	for _, s := range q.Signatures {
		wire.Signatures = append(wire.Signatures, wireSignature{Timestamp: s.Timestamp, Signature: blob(s.Signature), Identity: blob(s.Node.Bytes())})
	}
	return encode(wire)
}

// ParseQueryResponse reads an answer, for clients. Nothing is verified.
func ParseQueryResponse(b []byte) (*QueryResponse, error) {
	var wire wireQueryResponse
	if err := cbor.Unmarshal(b, &wire); err != nil {
		return nil, fmt.Errorf("answer to a query: %w", err)
	}
	q := &QueryResponse{}
	switch {
	case wire.Status == "replied" && wire.Reply != nil && wire.Reply.Arg != nil:
		q.Outcome = Outcome{Replied: true, Arg: wire.Reply.Arg}
	case wire.Status == "rejected" && wire.RejectCode != 0 && wire.RejectMessage != nil:
		q.Outcome = Outcome{RejectCode: wire.RejectCode, RejectMessage: *wire.RejectMessage, ErrorCode: wire.ErrorCode}
	default:
		return nil, errors.New("answer to a query: neither a reply nor a reject")
	}
	for _, s := range wire.Signatures {
		node, err := principal.FromBytes(s.Identity)
		if err != nil {
			return nil, fmt.Errorf("answer to a query: node: %w", err)
		}
		q.Signatures = append(q.Signatures, NodeSignature{Timestamp: s.Timestamp, Signature: s.Signature, Node: node})
	}
	return q, nil
}
