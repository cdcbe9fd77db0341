package certificate

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"internetidentity/cbor"
	"internetidentity/hashtree"
)

// signer makes canister signatures step by step, so that each step can go
// wrong.
type signer struct {
	*rig
	seed, payload []byte
	tree          hashtree.Map // the canister's certified tree
	witness       func(hashtree.Map) hashtree.Tree
	layout        Layout
	root          hashtree.Map // what the root subnet knows
	certified     []byte       // nil for the digest of tree
}

func newSigner() *signer {
	r := newRig()
	s := &signer{rig: r, seed: []byte("seed"), payload: []byte("payload"), root: r.rootTree()}
	s.tree = s.tree.Put(s.path(), nil).
		Put(hashtree.P("http_assets", "/index.html"), []byte("hash")).
		Put(sigPath([]byte("another seed"), []byte("another payload")), nil)
	s.witness = func(m hashtree.Map) hashtree.Tree { return m.Witness(s.path()) }
	return s
}

func sigPath(seed, payload []byte) hashtree.Path {
	a, b := sha256.Sum256(seed), sha256.Sum256(payload)
	return hashtree.Path{[]byte("sig"), a[:], b[:]}
}

func (s *signer) path() hashtree.Path { return sigPath(s.seed, s.payload) }

func (s *signer) key() []byte { return CanisterKey{Canister: s.canister, Seed: s.seed}.DER() }

// certificate is the subnet's word for the canister's tree.
func (s *signer) certificate() *Certificate {
	certified := s.certified
	if certified == nil {
		digest := s.tree.Digest()
		certified = digest[:]
	}
	path := hashtree.Path{[]byte("canister"), s.canister.Bytes(), []byte("certified_data")}
	state := s.state().Put(path, certified)
	c := signTree(s.subnetKey, state.Witness(hashtree.P("time"), path))
	c.Signature = s.subnetKey.Sign(StateRootMessage(state.Digest()))
	c.Delegation = NewDelegation(s.rig.root, s.root, s.subnet, s.layout)
	return c
}

func (s *signer) signature() []byte {
	return EncodeCanisterSignature(s.certificate().Encode(), s.witness(s.tree))
}

func TestCanisterSignature(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *signer)
		want   string
	}{
		{"honest", func(s *signer) {}, ""},
		{"sharded ranges", func(s *signer) { s.layout = Sharded }, ""},
		{"the whole tree revealed", func(s *signer) { s.witness = hashtree.Map.Tree }, ""},
		{"an empty seed", func(s *signer) {
			s.seed = nil
			s.tree = s.tree.Put(s.path(), nil)
		}, ""},
		{"nothing signed", func(s *signer) { s.tree = s.tree.Delete(s.path()) }, "has not signed this (absent)"},
		{"the path pruned", func(s *signer) {
			s.witness = func(m hashtree.Map) hashtree.Tree { return m.Witness(hashtree.P("http_assets")) }
		}, "has not signed this (unknown)"},
		{"all pruned", func(s *signer) {
			s.witness = func(m hashtree.Map) hashtree.Tree { return hashtree.Pruned(m.Digest()) }
		}, "has not signed this (unknown)"},
		{"the leaf has a value", func(s *signer) { s.tree = s.tree.Put(s.path(), []byte("x")) }, "has not signed this (found)"},
		{"a level in place of the leaf", func(s *signer) {
			s.tree = s.tree.Put(append(s.path(), []byte("x")), nil)
		}, "has not signed this (error)"},
		{"the seed and payload not hashed", func(s *signer) {
			s.tree = hashtree.Map{}.Put(hashtree.Path{[]byte("sig"), s.seed, s.payload}, nil)
			s.witness = hashtree.Map.Tree
		}, "has not signed this"},
		{"a tree that is not certified", func(s *signer) {
			certified := s.tree.Delete(s.path()).Digest()
			s.certified = certified[:]
		}, "not what the canister has certified"},
		{"a tree under the digest's first bytes only", func(s *signer) {
			digest := s.tree.Digest()
			s.certified = digest[:31]
		}, "not what the canister has certified"},
		{"nothing certified", func(s *signer) { s.certified = []byte{} }, "not what the canister has certified"},
		{"a canister out of range", func(s *signer) { s.canister = canisterID(99) }, "outside of the ranges"},
		{"a subnet key that signs for itself", func(s *signer) { s.rig.root = s.subnetKey }, "does not verify"},
		{"another subnet's key", func(s *signer) { s.subnetKey = DeriveSigningKey([32]byte{77}) }, "does not verify"},
		{"a system subnet", func(s *signer) { s.root = s.root.Put(s.typePath(), []byte("system")) }, ""},
		{"a cloud engine", func(s *signer) { s.root = s.root.Put(s.typePath(), []byte("cloud_engine")) }, "cloud engine"},
		{"a subnet without a type", func(s *signer) { s.root = s.root.Delete(s.typePath()) }, ""},
		{"a type that is no value", func(s *signer) {
			s.root = s.root.Put(append(s.typePath(), []byte("x")), nil)
		}, "does not tell the type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSigner()
			root := s.rig.root.Public()
			c.change(s)
			wantError(t, VerifyCanisterSignature(root, s.key(), s.payload, s.signature()), c.want)
		})
	}
}

func TestCanisterSignatureIsForOneKeyAndPayload(t *testing.T) {
	s := newSigner()
	root, signature := s.rig.root.Public(), s.signature()
	other := *s
	other.seed = []byte("another seed")
	for _, c := range []struct {
		name         string
		root         BLSPublicKey
		key, payload []byte
		want         string
	}{
		{"another payload", root, s.key(), []byte("payloae"), "has not signed this"},
		{"another seed", root, other.key(), s.payload, "has not signed this"},
		{"another canister of the subnet", root, CanisterKey{Canister: canisterID(8), Seed: s.seed}.DER(), s.payload, "no certified data of canister"},
		{"another root", s.subnetKey.Public(), s.key(), s.payload, "does not verify"},
		{"a key of another kind", root, root.DER(), s.payload, "not a DER-encoded canister signature key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, VerifyCanisterSignature(c.root, c.key, c.payload, signature), c.want)
		})
	}
}

func TestPrunedSubnetTypeIsRefused(t *testing.T) {
	s := newSigner()
	s.root = s.root.Put(s.typePath(), []byte("cloud_engine"))
	c := s.certificate()
	c.Delegation = &SubnetDelegation{SubnetID: s.subnet, Certificate: (&Certificate{
		Tree:      s.root.Witness(hashtree.P("time"), s.keyPath(), s.rangesPath()),
		Signature: s.rig.root.Sign(StateRootMessage(s.root.Digest())),
	}).Encode()}
	signature := EncodeCanisterSignature(c.Encode(), s.witness(s.tree))
	wantError(t, VerifyCanisterSignature(s.rig.root.Public(), s.key(), s.payload, signature), "does not tell the type")
	// For all but canister signatures the type does not matter.
	wantError(t, reparse(t, c).VerifyForCanister(s.rig.root.Public(), s.canister), "")
}

func TestCanisterSignatureOfTheRootSubnetNeedsNoType(t *testing.T) {
	s := newSigner()
	s.subnetKey = s.rig.root
	c := s.certificate()
	c.Delegation = nil
	signature := EncodeCanisterSignature(c.Encode(), s.witness(s.tree))
	wantError(t, VerifyCanisterSignature(s.rig.root.Public(), s.key(), s.payload, signature), "")
}

func TestCanisterSignatureTakesTheTagOnBothLevels(t *testing.T) {
	s := newSigner()
	certificate, tree := s.certificate().Encode(), s.witness(s.tree)
	verify := func(signature []byte) error {
		return VerifyCanisterSignature(s.rig.root.Public(), s.key(), s.payload, signature)
	}
	wantError(t, verify(EncodeCanisterSignature(certificate, tree)), "")
	wantError(t, verify(EncodeCanisterSignature(certificate, tree)[3:]), "malformed canister signature")
	wantError(t, verify(EncodeCanisterSignature(certificate[3:], tree)), "self-describe tag")
	twice := append(cbor.AppendTag(nil), EncodeCanisterSignature(certificate, tree)...)
	wantError(t, verify(twice), "malformed canister signature")
}

func TestCanisterSignatureVerifiesItsDelegationOnce(t *testing.T) {
	s := newSigner()
	c := &cache{entries: map[[32]byte]*VerifiedDelegation{}}
	v := Verifier{Root: s.rig.root.Public(), Cache: c}
	wantError(t, v.CanisterSignature(s.key(), s.payload, s.signature()), "")
	if c.puts+c.hits != 1 {
		t.Errorf("the delegation was asked for %d times, want once", c.puts+c.hits)
	}
	// What is wrong without any signature is refused before one is checked.
	wantError(t, v.CanisterSignature(s.key(), []byte("else"), s.signature()), "has not signed this")
	if c.puts+c.hits != 1 {
		t.Error("a forgery that hashes tell reached the delegation")
	}
}

func TestParseCanisterSignature(t *testing.T) {
	tree := hashtree.Labeled([]byte("sig"), hashtree.Pruned(hashtree.Digest{1}))
	encode := func(pairs ...[]byte) []byte {
		b := cbor.AppendMap(cbor.AppendTag(nil), len(pairs))
		return append(b, bytes.Join(pairs, nil)...)
	}
	certificateField := cbor.AppendBytes(cbor.AppendText(nil, "certificate"), []byte("c"))
	treeField := tree.AppendCBOR(cbor.AppendText(nil, "tree"))
	other := cbor.AppendBytes(cbor.AppendText(nil, "other"), nil)
	for _, c := range []struct {
		name      string
		signature []byte
		want      string
	}{
		{"in our order", EncodeCanisterSignature([]byte("c"), tree), ""},
		{"in the other order", encode(certificateField, treeField), ""},
		{"nothing", nil, "malformed"},
		{"an empty map", encode(), "malformed"},
		{"no tree", encode(certificateField), "malformed"},
		{"two certificates", encode(certificateField, certificateField), "malformed"},
		{"two trees", encode(treeField, treeField), "malformed"},
		{"a third field", encode(certificateField, treeField, other), "malformed"},
		{"a field of another name", encode(certificateField, other), "unknown field"},
		{"a certificate as text", encode(treeField, cbor.AppendText(cbor.AppendText(nil, "certificate"), "c")), "malformed"},
		{"a tree that is none", encode(certificateField, cbor.AppendText(nil, "tree"), nil), "malformed"},
		{"a key that is no text", encode(certificateField, []byte{0x01, 0x01}), "malformed"},
		{"a byte behind", append(encode(certificateField, treeField), 0), "malformed"},
		{"cut short", encode(certificateField, treeField)[:20], "malformed"},
		{"too large", encode(treeField, cbor.AppendBytes(cbor.AppendText(nil, "certificate"), make([]byte, maxSignatureBytes))), "malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			certificate, parsed, err := ParseCanisterSignature(c.signature)
			wantError(t, err, c.want)
			if err == nil && (string(certificate) != "c" || parsed.Digest() != tree.Digest()) {
				t.Errorf("parsed %q and a tree %x", certificate, parsed.Digest())
			}
			if err != nil && (certificate != nil || !parsed.IsEmpty()) {
				t.Error("a refused signature gives its parts")
			}
		})
	}
}

func FuzzParseCanisterSignature(f *testing.F) {
	s := newSigner()
	f.Add(s.signature())
	f.Add(EncodeCanisterSignature(nil, hashtree.Empty()))
	f.Add([]byte("\xd9\xd9\xf7\xa2"))
	f.Fuzz(func(t *testing.T, data []byte) {
		certificate, tree, err := ParseCanisterSignature(data)
		if err != nil {
			return
		}
		again, sameTree, err := ParseCanisterSignature(EncodeCanisterSignature(certificate, tree))
		if err != nil || !bytes.Equal(again, certificate) || sameTree.Digest() != tree.Digest() {
			t.Fatalf("a parsed signature does not survive encoding: %v", err)
		}
	})
}
