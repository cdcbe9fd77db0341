package certificate

import (
	"bytes"
	"math"
	"testing"

	"internetidentity/cbor"
	"internetidentity/hashtree"
)

// fields is a map of encoded fields, with the tag.
func fields(pairs ...[]byte) []byte {
	return append(cbor.AppendMap(cbor.AppendTag(nil), len(pairs)), bytes.Join(pairs, nil)...)
}

func field(name string, value []byte) []byte {
	return append(cbor.AppendText(nil, name), value...)
}

func TestParse(t *testing.T) {
	tree := field("tree", hashtree.Labeled([]byte("a"), hashtree.Leaf(nil)).AppendCBOR(nil))
	signature := field("signature", cbor.AppendBytes(nil, []byte("s")))
	subnet := field("subnet_id", cbor.AppendBytes(nil, []byte{1}))
	inner := field("certificate", cbor.AppendBytes(nil, []byte("c")))
	delegation := field("delegation", fields(subnet, inner)[3:])
	for _, c := range []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"without a delegation", fields(tree, signature), ""},
		{"with a delegation", fields(tree, signature, delegation), ""},
		{"in another order", fields(delegation, signature, tree), ""},
		{"a delegation in another order", fields(tree, signature, field("delegation", fields(inner, subnet)[3:])), ""},
		{"without the tag", fields(tree, signature)[3:], ""},
		{"with two tags", append(cbor.AppendTag(nil), fields(tree, signature)...), "malformed"},
		{"nothing", nil, "malformed"},
		{"an array", cbor.AppendArray(nil, 0), "malformed"},
		{"no tree", fields(signature), "tree or signature is missing"},
		{"no signature", fields(tree), "tree or signature is missing"},
		{"two trees", fields(tree, tree, signature), `two fields "tree"`},
		{"two signatures", fields(tree, signature, signature), `two fields "signature"`},
		{"an unknown field", fields(tree, signature, field("x", cbor.AppendBytes(nil, nil))), `unknown field "x"`},
		{"a tree that is none", fields(field("tree", cbor.AppendArray(nil, 0)), signature), "malformed hash tree"},
		{"a signature as text", fields(tree, field("signature", cbor.AppendText(nil, "s"))), "malformed"},
		{"a delegation of one field", fields(tree, signature, field("delegation", fields(subnet)[3:])), "want two fields"},
		{"a delegation of three fields", fields(tree, signature, field("delegation", fields(subnet, inner, inner)[3:])), "want two fields"},
		{"a delegation with a field twice", fields(tree, signature, field("delegation", fields(subnet, subnet)[3:])), "subnet_id or certificate is missing"},
		{"a delegation with an unknown field", fields(tree, signature, field("delegation", fields(subnet, field("x", cbor.AppendBytes(nil, nil)))[3:])), "subnet_id or certificate is missing"},
		{"a subnet id of 30 bytes", fields(tree, signature, field("delegation", fields(inner, field("subnet_id", cbor.AppendBytes(nil, make([]byte, 30))))[3:])), "more than 29 bytes"},
		{"a byte behind", append(fields(tree, signature), 0), "malformed"},
		{"cut short", fields(tree, signature)[:12], "malformed"},
		{"a map of a lie", append(cbor.AppendMap(nil, math.MaxInt32), tree...), "malformed"},
		{"too large", make([]byte, maxCertificateBytes+1), "limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := Parse(c.encoded)
			wantError(t, err, c.want)
			if err != nil {
				return
			}
			if _, status := parsed.Tree.Lookup([]byte("a")); status != hashtree.Found || string(parsed.Signature) != "s" {
				t.Errorf("parsed %+v", parsed)
			}
			if d := parsed.Delegation; d != nil && (d.SubnetID != id(1) || string(d.Certificate) != "c") {
				t.Errorf("parsed the delegation %+v", d)
			}
		})
	}
}

func TestCertificateSurvivesEncoding(t *testing.T) {
	r := newRig()
	for name, c := range map[string]*Certificate{
		"root":    signTree(r.root, r.state().Tree()),
		"flat":    r.certify(r.delegation(Flat)),
		"sharded": r.certify(r.delegation(Sharded)),
		"empty":   {},
	} {
		encoded := c.Encode()
		if !cbor.HasTag(encoded) {
			t.Errorf("%s: the tag is missing", name)
		}
		parsed := reparse(t, c)
		if parsed.Tree.Digest() != c.Tree.Digest() || !bytes.Equal(parsed.Signature, c.Signature) || (parsed.Delegation == nil) != (c.Delegation == nil) {
			t.Errorf("%s: another certificate came back", name)
		}
		if !bytes.Equal(parsed.Encode(), encoded) {
			t.Errorf("%s: the second encoding differs", name)
		}
	}
}

func TestTime(t *testing.T) {
	withTime := func(value []byte) hashtree.Tree {
		return hashtree.Map{}.Put(hashtree.P("time"), value).Tree()
	}
	for _, c := range []struct {
		name string
		tree hashtree.Tree
		time uint64
		want string
	}{
		{"a time", withTime(EncodeTime(rigTime)), rigTime, ""},
		{"zero", withTime([]byte{0}), 0, ""},
		{"the last", withTime(EncodeTime(math.MaxUint64)), math.MaxUint64, ""},
		{"no time", hashtree.Empty(), 0, "tells no time (absent)"},
		{"a pruned time", hashtree.Pruned(hashtree.Digest{}), 0, "tells no time (unknown)"},
		{"an empty time", withTime(nil), 0, "malformed time"},
		{"an unfinished number", withTime([]byte{0x80}), 0, "malformed time"},
		{"a byte behind", withTime([]byte{1, 1}), 0, "malformed time"},
		{"more than 64 bits", withTime(bytes.Repeat([]byte{0xff}, 10)), 0, "malformed time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := (&Certificate{Tree: c.tree}).Time()
			wantError(t, err, c.want)
			if got != c.time {
				t.Errorf("time %d, want %d", got, c.time)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	r := newRig()
	f.Add(r.certify(r.delegation(Flat)).Encode())
	f.Add(r.certify(r.delegation(Sharded)).Encode()[3:])
	f.Add(signTree(r.root, r.state().Witness(hashtree.P("time"))).Encode())
	f.Add(r.delegation(Flat).Certificate)
	f.Add(r.delegation(Sharded).Certificate)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data)
		if err != nil {
			return
		}
		again, err := Parse(c.Encode())
		if err != nil || again.Tree.Digest() != c.Tree.Digest() || !bytes.Equal(again.Signature, c.Signature) {
			t.Fatalf("a parsed certificate does not survive encoding: %v", err)
		}
		// What reads a tree that somebody has signed must not trust its form.
		d := &VerifiedDelegation{subnet: r.subnet, tree: c.Tree}
		_ = d.covers(r.canister)
		_ = d.mayCanisterSign()
		_, _ = c.Time()
	})
}
