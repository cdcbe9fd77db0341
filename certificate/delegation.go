package certificate

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"internetidentity/principal"
	"internetidentity/rih"
)

// Delegation is a key's word that another key may act for it (IC interface
// spec, Authentication).
type Delegation struct {
	// PublicKey is the key that may act, in DER.
	PublicKey []byte
	// Expiration in nanoseconds since 1970.
	Expiration uint64
	// Targets are the only canisters that may be called. Nil means any, and an
	// empty list none.
	Targets []principal.Principal
	// Permissions is empty, "queries" or "all" (IC interface spec 0.64).
	Permissions string
}

// delegationDomain separates signatures of delegations from all others.
const delegationDomain = "\x1aic-request-auth-delegation"

// Hash is the representation-independent hash.
func (d Delegation) Hash() [32]byte {
	fields := make([]rih.Field, 0, 4)
	fields = append(fields,
		rih.Field{Name: "pubkey", Value: rih.Blob(d.PublicKey)},
		rih.Field{Name: "expiration", Value: rih.Nat(d.Expiration)})
	if d.Targets != nil {
		targets := make([]rih.Value, len(d.Targets))
		for i, target := range d.Targets {
			targets[i] = rih.Blob(target.Bytes())
		}
		fields = append(fields, rih.Field{Name: "targets", Value: rih.Array(targets...)})
	}
	if d.Permissions != "" {
		fields = append(fields, rih.Field{Name: "permissions", Value: rih.Text(d.Permissions)})
	}
	return rih.Map(fields...)
}

// SignedBytes are what the delegating key signs.
func (d Delegation) SignedBytes() []byte {
	hash := d.Hash()
	return append([]byte(delegationDomain), hash[:]...)
}

// SignedDelegation is a delegation with the signature of the key before it.
type SignedDelegation struct {
	Delegation Delegation
	Signature  []byte
}

// Chain leads from a key, whose principal it speaks for, to a session key.
type Chain struct {
	PublicKey   []byte
	Delegations []SignedDelegation
}

// The JSON form is the ecosystem's: bytes and principals in hex, the expiration
// as the hex of a number. An empty list of targets is written, since none at
// all would mean any canister.
type jsonChain struct {
	PublicKey   hexBytes               `json:"publicKey"`
	Delegations []jsonSignedDelegation `json:"delegations"`
}

type jsonSignedDelegation struct {
	Delegation jsonDelegation `json:"delegation"`
	Signature  hexBytes       `json:"signature"`
}

type jsonDelegation struct {
	PublicKey   hexBytes   `json:"pubkey"`
	Expiration  hexNumber  `json:"expiration"`
	Targets     []hexBytes `json:"targets,omitzero"`
	Permissions string     `json:"permissions,omitempty"`
}

type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexBytes) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

type hexNumber uint64

func (h hexNumber) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", uint64(h)), nil }

func (h *hexNumber) UnmarshalText(text []byte) error {
	if len(text)%2 == 1 {
		text = append([]byte("0"), text...)
	}
	var number [8]byte
	if len(text) == 0 || len(text) > 2*len(number) {
		return errors.New("expiration is not a number of at most 64 bits in hex")
	}
	if _, err := hex.Decode(number[len(number)-len(text)/2:], text); err != nil {
		return err
	}
	*h = hexNumber(binary.BigEndian.Uint64(number[:]))
	return nil
}

// MarshalJSON writes the JSON form.
func (c Chain) MarshalJSON() ([]byte, error) {
	j := jsonChain{PublicKey: c.PublicKey, Delegations: []jsonSignedDelegation{}}
	for _, d := range c.Delegations {
		var targets []hexBytes
		if d.Delegation.Targets != nil {
			targets = make([]hexBytes, len(d.Delegation.Targets))
		}
		for i, target := range d.Delegation.Targets {
			targets[i] = target.Bytes()
		}
		j.Delegations = append(j.Delegations, jsonSignedDelegation{
			Delegation: jsonDelegation{
				PublicKey:   d.Delegation.PublicKey,
				Expiration:  hexNumber(d.Delegation.Expiration),
				Targets:     targets,
				Permissions: d.Delegation.Permissions,
			},
			Signature: d.Signature,
		})
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads the JSON form. Nothing is verified.
func (c *Chain) UnmarshalJSON(data []byte) error {
	var j jsonChain
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("delegation chain: %w", err)
	}
	read := Chain{PublicKey: j.PublicKey}
	for _, d := range j.Delegations {
		delegation := Delegation{
			PublicKey:   d.Delegation.PublicKey,
			Expiration:  uint64(d.Delegation.Expiration),
			Permissions: d.Delegation.Permissions,
		}
		if d.Delegation.Targets != nil {
			delegation.Targets = []principal.Principal{}
		}
		for _, target := range d.Delegation.Targets {
			if target == nil {
				return errors.New("delegation chain: a target is null")
			}
			id, err := principal.FromBytes(target)
			if err != nil {
				return fmt.Errorf("delegation chain: target: %w", err)
			}
			delegation.Targets = append(delegation.Targets, id)
		}
		read.Delegations = append(read.Delegations, SignedDelegation{Delegation: delegation, Signature: d.Signature})
	}
	*c = read
	return nil
}
