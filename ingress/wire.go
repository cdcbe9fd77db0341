package ingress

import (
	"bytes"

	"internetidentity/cbor"
	"internetidentity/principal"
)

// The wire forms. Absent fields may also be null, as some clients write them.

type wireEnvelope struct {
	Content     *wireContent `cbor:"content"`
	PublicKey   []byte       `cbor:"sender_pubkey,omitzero"`
	Signature   []byte       `cbor:"sender_sig,omitzero"`
	Delegations wireChain    `cbor:"sender_delegation,omitzero"`
}

type wireContent struct {
	RequestType string          `cbor:"request_type"`
	Sender      []byte          `cbor:"sender"`
	Expiry      *uint64         `cbor:"ingress_expiry"`
	Nonce       []byte          `cbor:"nonce,omitzero"`
	Canister    []byte          `cbor:"canister_id,omitzero"`
	Method      *string         `cbor:"method_name,omitempty"`
	Arg         []byte          `cbor:"arg,omitzero"`
	SenderInfo  *wireSenderInfo `cbor:"sender_info,omitempty"`
	Paths       wirePaths       `cbor:"paths,omitzero"`
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
	PublicKey   []byte      `cbor:"pubkey"`
	Expiration  *uint64     `cbor:"expiration"`
	Targets     wireTargets `cbor:"targets,omitzero"`
	Permissions *string     `cbor:"permissions,omitempty"`
}

// The lists count their elements before they take memory for them: an element
// of one byte on the wire takes some dozens in memory.

// listHead reads the head of a list. Null is no list.
func listHead(data []byte, name string, limit int) (*cbor.Reader, int, error) {
	if len(data) == 1 && (data[0] == null || data[0] == undefined) {
		return nil, 0, nil
	}
	r := cbor.NewReader(data)
	n, err := r.Array()
	if err == nil && n > limit {
		err = refuse("Malformed request: %d %s, limit %d", n, name, limit)
	}
	return r, n, err
}

// The values that stand for nothing.
const null, undefined = 0xf6, 0xf7

// wireChain is a list of delegations.
type wireChain []wireSignedDelegation

func (w *wireChain) UnmarshalCBOR(data []byte) error {
	r, n, err := listHead(data, "delegations", maxDelegations)
	if err != nil || r == nil {
		return err
	}
	*w = make(wireChain, 0, n)
	return cbor.Unmarshal(data, (*[]wireSignedDelegation)(w))
}

// wireTargets is a list of canisters.
type wireTargets []principal.Principal

func (w *wireTargets) UnmarshalCBOR(data []byte) error {
	r, n, err := listHead(data, "targets", maxTargets)
	if err != nil || r == nil {
		return err
	}
	*w = make(wireTargets, n)
	for i := range *w {
		id, err := r.Bytes()
		if err != nil {
			return err
		}
		if (*w)[i], err = principal.FromBytes(id); err != nil {
			return refuse("Malformed request: delegation target: %v", err)
		}
	}
	return nil
}

func (w wireTargets) MarshalCBOR() ([]byte, error) {
	b := cbor.AppendArray(nil, len(w))
	for _, id := range w {
		b = cbor.AppendBytes(b, id.Bytes())
	}
	return b, nil
}

// wirePaths is a list of paths, which are lists of labels.
type wirePaths [][][]byte

func (w *wirePaths) UnmarshalCBOR(data []byte) error {
	// The labels share one copy.
	r, n, err := listHead(bytes.Clone(data), "paths", maxPaths)
	if err != nil || r == nil {
		return err
	}
	*w = make(wirePaths, n)
	for i := range *w {
		labels, err := r.Array()
		if err != nil {
			return err
		}
		if labels > maxLabels {
			return refuse("Malformed request: a path of %d labels, limit %d", labels, maxLabels)
		}
		(*w)[i] = make([][]byte, labels)
		for j := range (*w)[i] {
			if (*w)[i][j], err = r.Bytes(); err != nil {
				return err
			}
		}
	}
	return nil
}
