// Package certificate owns the Internet Computer's certificates: BLS keys and
// signatures, state trees signed by a subnet, delegations from the root key to
// a subnet and from one key to another, and canister signatures.
//
// It must not know who asks or what time it is, and holds no clock: callers
// compare times. It is the only package that imports the BLS libraries.
package certificate

import (
	"encoding/binary"
	"errors"
	"fmt"

	"internetidentity/cbor"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

// Certificate is a signed part of a subnet's state (IC interface spec,
// Certificate).
type Certificate struct {
	Tree       hashtree.Tree
	Signature  []byte
	Delegation *SubnetDelegation
}

// SubnetDelegation is the root key's word for a subnet's key: a certificate of
// the root subnet.
type SubnetDelegation struct {
	SubnetID    principal.Principal
	Certificate []byte
}

// maxCertificateBytes bounds what is decoded: a reply of 2 MiB and some.
const maxCertificateBytes = 5 << 20

// Parse reads a certificate. The specification wants the self-describe tag in
// front; certificates without it are in the wild and are read too. Nothing is
// verified. The certificate shares memory with b.
func Parse(b []byte) (*Certificate, error) {
	if len(b) > maxCertificateBytes {
		return nil, fmt.Errorf("certificate has %d bytes, limit %d", len(b), maxCertificateBytes)
	}
	r := cbor.NewReader(b)
	c, err := read(r)
	if err == nil {
		err = r.Done()
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return c, nil
}

// read pulls a certificate out by hand: its tree is deeper than the general
// decoder allows.
func read(r *cbor.Reader) (*Certificate, error) {
	pairs, err := r.Map()
	if err != nil {
		return nil, err
	}
	c := &Certificate{}
	seen := map[string]bool{}
	for range pairs {
		name, err := r.Text()
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, fmt.Errorf("two fields %.20q", name)
		}
		seen[name] = true
		switch name {
		case "tree":
			c.Tree, err = hashtree.DecodeFrom(r)
		case "signature":
			c.Signature, err = r.Bytes()
		case "delegation":
			c.Delegation, err = readDelegation(r)
		default:
			err = fmt.Errorf("unknown field %.20q", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if !seen["tree"] || !seen["signature"] {
		return nil, errors.New("tree or signature is missing")
	}
	return c, nil
}

func readDelegation(r *cbor.Reader) (*SubnetDelegation, error) {
	pairs, err := r.Map()
	if err != nil {
		return nil, err
	}
	if pairs != 2 {
		return nil, errors.New("delegation: want two fields")
	}
	d := &SubnetDelegation{}
	seen := map[string]bool{}
	for range pairs {
		name, err := r.Text()
		if err != nil {
			return nil, err
		}
		value, err := r.Bytes()
		if err != nil {
			return nil, err
		}
		seen[name] = true
		switch name {
		case "subnet_id":
			if d.SubnetID, err = principal.FromBytes(value); err != nil {
				return nil, err
			}
		case "certificate":
			d.Certificate = value
		}
	}
	if !seen["subnet_id"] || !seen["certificate"] {
		return nil, errors.New("delegation: subnet_id or certificate is missing")
	}
	return d, nil
}

// Encode writes the certificate with the tag.
func (c *Certificate) Encode() []byte {
	b := cbor.AppendTag(make([]byte, 0, 2048))
	fields := 2
	if c.Delegation != nil {
		fields = 3
	}
	b = cbor.AppendMap(b, fields)
	b = c.Tree.AppendCBOR(cbor.AppendText(b, "tree"))
	b = cbor.AppendBytes(cbor.AppendText(b, "signature"), c.Signature)
	if c.Delegation != nil {
		b = cbor.AppendMap(cbor.AppendText(b, "delegation"), 2)
		b = cbor.AppendBytes(cbor.AppendText(b, "subnet_id"), c.Delegation.SubnetID.Bytes())
		b = cbor.AppendBytes(cbor.AppendText(b, "certificate"), c.Delegation.Certificate)
	}
	return b
}

// StateRootMessage is what a subnet signs of its state.
func StateRootMessage(root hashtree.Digest) []byte {
	return append([]byte("\x0dic-state-root"), root[:]...)
}

// Time is when the subnet signed, in nanoseconds since 1970.
func (c *Certificate) Time() (uint64, error) {
	value, status := c.Tree.Lookup([]byte("time"))
	if status != hashtree.Found {
		return 0, fmt.Errorf("certificate tells no time (%v)", status)
	}
	t, n := binary.Uvarint(value)
	if n != len(value) || n == 0 {
		return 0, errors.New("certificate has a malformed time")
	}
	return t, nil
}
