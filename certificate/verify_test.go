package certificate

import (
	"bytes"
	"encoding/binary"
	"testing"

	"internetidentity/cbor"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

// rangesPath and the others are where the rules look.
func (r *rig) rangesPath() hashtree.Path {
	return hashtree.Path{[]byte("subnet"), r.subnet.Bytes(), []byte("canister_ranges")}
}

func (r *rig) shardPath(first principal.Principal) hashtree.Path {
	return hashtree.Path{[]byte("canister_ranges"), r.subnet.Bytes(), first.Bytes()}
}

func (r *rig) keyPath() hashtree.Path {
	return hashtree.Path{[]byte("subnet"), r.subnet.Bytes(), []byte("public_key")}
}

func (r *rig) typePath() hashtree.Path {
	return hashtree.Path{[]byte("subnet"), r.subnet.Bytes(), []byte("type")}
}

func TestCanisterMustBeInTheRangesOfTheDelegation(t *testing.T) {
	r := newRig()
	for _, layout := range []Layout{Flat, Sharded} {
		for _, c := range []struct {
			name     string
			canister principal.Principal
			inside   bool
		}{
			{"first of a range", canisterID(5), true},
			{"inside", canisterID(7), true},
			{"last of a range", canisterID(9), true},
			{"a range of one", canisterID(20), true},
			{"below all", canisterID(4), false},
			{"just above", canisterID(10), false},
			{"between two ranges", canisterID(19), false},
			{"above all", canisterID(21), false},
			{"the management canister", principal.Management(), false},
			{"the anonymous principal", principal.Anonymous(), false},
			{"the first id cut short", id(0, 0, 0, 0, 0, 0, 0, 5, 1), false},
			{"the last id with a byte more", id(0, 0, 0, 0, 0, 0, 0, 9, 1, 1, 0), false},
		} {
			t.Run(map[Layout]string{Flat: "flat ", Sharded: "sharded "}[layout]+c.name, func(t *testing.T) {
				cert := reparse(t, r.certify(r.delegation(layout)))
				want := ""
				if !c.inside {
					want = "outside of the ranges"
					if layout == Sharded && c.canister.Compare(canisterID(5)) < 0 {
						want = "does not tell the ranges"
					}
				}
				wantError(t, cert.VerifyForCanister(r.root.Public(), c.canister), want)
			})
		}
	}
}

func TestDelegationRules(t *testing.T) {
	r := newRig()
	tree := r.rootTree()
	stranger := DeriveSigningKey([32]byte{66})
	whole := func(m hashtree.Map) *SubnetDelegation { return vouch(r.root, r.subnet, m.Tree()) }
	reveal := func(m hashtree.Map, paths ...hashtree.Path) *SubnetDelegation {
		witness := m.Witness(paths...)
		return &SubnetDelegation{SubnetID: r.subnet, Certificate: (&Certificate{
			Tree: witness, Signature: r.root.Sign(StateRootMessage(m.Digest())),
		}).Encode()}
	}
	other := DelegationTree(stranger.Public().SubnetID(), stranger.Public(), r.ranges, rigTime)
	nested := signTree(r.subnetKey, tree.Tree())
	nested.Delegation = whole(tree)
	shard := func(m hashtree.Map, first, last byte) hashtree.Map {
		return m.Put(r.shardPath(canisterID(first)), EncodeRanges([]Range{{canisterID(first), canisterID(last)}}))
	}
	sharded := shard(shard(shard(tree.Delete(r.rangesPath()).Delete(hashtree.P("canister_ranges")), 1, 3), 6, 8), 30, 40)

	for _, c := range []struct {
		name       string
		delegation *SubnetDelegation
		want       string
	}{
		{"the whole tree", whole(tree), ""},
		{"flat ranges only", reveal(tree, r.keyPath(), r.rangesPath()), ""},
		{"one shard only", reveal(tree, r.keyPath(), r.shardPath(canisterID(5))), ""},
		{"the right one of several shards", whole(sharded), ""},
		{"only the right one of several shards", reveal(sharded, r.keyPath(), r.shardPath(canisterID(6))), ""},
		{"another shard only", reveal(sharded, r.keyPath(), r.shardPath(canisterID(1))), "outside of the ranges"},
		{"a later shard only", reveal(sharded, r.keyPath(), r.shardPath(canisterID(30))), "does not tell the ranges"},
		{"an empty shard and flat ranges", whole(tree.Delete(hashtree.P("canister_ranges")).
			Put(append(r.shardPath(canisterID(6)), []byte("x")), nil)), ""},
		{"ranges pruned", reveal(tree, r.keyPath()), "does not tell the ranges"},
		{"no ranges at all", whole(tree.Delete(r.rangesPath()).Delete(hashtree.P("canister_ranges"))), "does not tell the ranges"},
		{"an empty list of ranges", whole(DelegationTree(r.subnet, r.subnetKey.Public(), nil, rigTime)), "outside of the ranges"},
		{"a range with its ends exchanged", whole(DelegationTree(r.subnet, r.subnetKey.Public(), []Range{{canisterID(9), canisterID(5)}}, rigTime)), "outside of the ranges"},
		{"ranges without the tag", whole(sharded.Put(r.shardPath(canisterID(6)), EncodeRanges(r.ranges)[3:])), "self-describe tag"},
		{"ranges that are no ranges", whole(sharded.Put(r.shardPath(canisterID(6)), cbor.AppendTag([]byte{}))), "malformed"},
		{"key pruned", reveal(tree, r.rangesPath()), "no public key of subnet"},
		{"no key", whole(tree.Delete(r.keyPath())), "no public key of subnet"},
		{"a key of another kind", whole(tree.Put(r.keyPath(), []byte("key"))), "not a DER-encoded BLS12"},
		{"a key that is no point", whole(tree.Put(r.keyPath(), BLSPublicKey{}.DER())), "not a valid point"},
		{"the identity as key", whole(tree.Put(r.keyPath(), BLSPublicKey{0xc0}.DER())), "not a valid point"},
		{"another key of the same subnet", whole(tree.Put(r.keyPath(), stranger.Public().DER())), "does not verify"},
		{"of another subnet", vouch(r.root, r.subnet, other.Tree()), "no public key of subnet"},
		{"signed by the subnet itself", vouch(r.subnetKey, r.subnet, tree.Tree()), "does not verify"},
		{"signed by a stranger", vouch(stranger, r.subnet, tree.Tree()), "does not verify"},
		{"inside another delegation", &SubnetDelegation{SubnetID: r.subnet, Certificate: nested.Encode()}, "a delegation inside a delegation"},
		{"no certificate", &SubnetDelegation{SubnetID: r.subnet}, "delegation: certificate"},
		{"the name of no subnet", &SubnetDelegation{Certificate: whole(tree).Certificate}, "no public key of subnet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert := reparse(t, r.certify(c.delegation))
			wantError(t, cert.VerifyForCanister(r.root.Public(), r.canister), c.want)
		})
	}
}

func TestCertificateSignatureRules(t *testing.T) {
	r := newRig()
	honest := func() *Certificate { return r.certify(r.delegation(Flat)) }
	for _, c := range []struct {
		name   string
		change func(c *Certificate)
		want   string
	}{
		{"honest", func(c *Certificate) {}, ""},
		{"pruned", func(c *Certificate) { c.Tree = r.state().Witness(hashtree.P("time")) }, ""},
		{"pruned to nothing", func(c *Certificate) { c.Tree = hashtree.Pruned(c.Tree.Digest()) }, ""},
		{"another state", func(c *Certificate) { c.Tree = r.state().Put(hashtree.P("x"), nil).Tree() }, "does not verify"},
		{"signature changed", func(c *Certificate) { c.Signature = r.subnetKey.Sign([]byte("else")) }, "does not verify"},
		{"no signature", func(c *Certificate) { c.Signature = nil }, "0 bytes"},
		{"the digest signed without its domain", func(c *Certificate) {
			d := c.Tree.Digest()
			c.Signature = r.subnetKey.Sign(d[:])
		}, "does not verify"},
		{"the delegation's own signature", func(c *Certificate) {
			inner, err := Parse(c.Delegation.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			c.Signature = inner.Signature
		}, "does not verify"},
		{"signed by the root in the name of the subnet", func(c *Certificate) {
			c.Signature = r.root.Sign(StateRootMessage(c.Tree.Digest()))
		}, "does not verify"},
		{"without its delegation", func(c *Certificate) { c.Delegation = nil }, "does not verify"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert := honest()
			c.change(cert)
			wantError(t, reparse(t, cert).VerifyForCanister(r.root.Public(), r.canister), c.want)
		})
	}
	t.Run("under another root", func(t *testing.T) {
		wantError(t, honest().VerifyForCanister(r.subnetKey.Public(), r.canister), "does not verify")
	})
	t.Run("under a root that is no point", func(t *testing.T) {
		wantError(t, honest().VerifyForCanister(BLSPublicKey{}, r.canister), "not a valid point")
	})
}

func TestRootSubnetSpeaksForEveryCanister(t *testing.T) {
	r := newRig()
	cert := reparse(t, signTree(r.root, r.state().Tree()))
	for _, canister := range []principal.Principal{r.canister, canisterID(200), principal.Management()} {
		wantError(t, cert.VerifyForCanister(r.root.Public(), canister), "")
	}
	wantError(t, signTree(r.subnetKey, r.state().Tree()).VerifyForCanister(r.root.Public(), r.canister), "does not verify")
}

func TestCertificateOfASubnet(t *testing.T) {
	r := newRig()
	root := r.root.Public()
	// A subnet needs no ranges to speak of itself.
	bare := r.rootTree().Delete(r.rangesPath()).Delete(hashtree.P("canister_ranges"))
	for _, c := range []struct {
		name   string
		cert   *Certificate
		subnet principal.Principal
		want   string
	}{
		{"delegated", r.certify(r.delegation(Flat)), r.subnet, ""},
		{"delegated without ranges", r.certify(vouch(r.root, r.subnet, bare.Tree())), r.subnet, ""},
		{"root", signTree(r.root, r.state().Tree()), root.SubnetID(), ""},
		{"root by way of a delegation to itself", func() *Certificate {
			c := signTree(r.root, r.state().Tree())
			c.Delegation = vouch(r.root, root.SubnetID(), DelegationTree(root.SubnetID(), root, nil, rigTime).Tree())
			return c
		}(), root.SubnetID(), ""},
		{"delegated, asked for another", r.certify(r.delegation(Flat)), root.SubnetID(), "certificate of subnet"},
		{"root, asked for another", signTree(r.root, r.state().Tree()), r.subnet, "certificate of the root subnet"},
		{"signed by a stranger", signTree(r.subnetKey, r.state().Tree()), root.SubnetID(), "does not verify"},
		{"a delegation that does not verify", r.certify(vouch(r.subnetKey, r.subnet, bare.Tree())), r.subnet, "does not verify"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, reparse(t, c.cert).VerifyForSubnet(root, c.subnet), c.want)
		})
	}
}

func TestLayoutsRevealOneFormOnly(t *testing.T) {
	r := newRig()
	for layout, want := range map[Layout][2]hashtree.Status{
		Flat:    {hashtree.Found, hashtree.Unknown},
		Sharded: {hashtree.Unknown, hashtree.Found},
	} {
		inner, err := Parse(r.delegation(layout).Certificate)
		if err != nil {
			t.Fatal(err)
		}
		flat, flatStatus := inner.Tree.Lookup(r.rangesPath()...)
		shard, shardStatus := inner.Tree.Lookup(r.shardPath(canisterID(5))...)
		if flatStatus != want[0] || shardStatus != want[1] {
			t.Errorf("layout %d: flat %v, shard %v", layout, flatStatus, shardStatus)
		}
		if encoded := append(flat, shard...); !bytes.Equal(encoded, EncodeRanges(r.ranges)) {
			t.Errorf("layout %d reveals the ranges %x", layout, encoded)
		}
		for name, path := range map[string]hashtree.Path{"time": hashtree.P("time"), "key": r.keyPath(), "type": r.typePath()} {
			if _, status := inner.Tree.Lookup(path...); status != hashtree.Found {
				t.Errorf("layout %d: %s is %v", layout, name, status)
			}
		}
		if at, err := inner.Time(); err != nil || at != rigTime {
			t.Errorf("layout %d: time %d, %v", layout, at, err)
		}
	}
}

// cache is a DelegationCache that counts.
type cache struct {
	entries    map[[32]byte]*VerifiedDelegation
	hits, puts int
}

func (c *cache) Get(key [32]byte) (*VerifiedDelegation, bool) {
	d, ok := c.entries[key]
	if ok {
		c.hits++
	}
	return d, ok
}

func (c *cache) Put(key [32]byte, d *VerifiedDelegation) {
	c.puts++
	c.entries[key] = d
}

func TestCacheAnswersTheSameQuestionOnly(t *testing.T) {
	r := newRig()
	c := &cache{entries: map[[32]byte]*VerifiedDelegation{}}
	v := Verifier{Root: r.root.Public(), Cache: c}
	cert := r.certify(r.delegation(Flat))
	for range 3 {
		wantError(t, v.Canister(cert, r.canister), "")
	}
	if c.puts != 1 || c.hits != 2 {
		t.Errorf("%d entries made and %d used, want 1 and 2", c.puts, c.hits)
	}
	wantError(t, v.Canister(cert, canisterID(99)), "outside of the ranges")
	wantError(t, v.Canister(r.certify(&SubnetDelegation{SubnetID: id(1), Certificate: cert.Delegation.Certificate}), r.canister), "no public key")
	other := Verifier{Root: r.subnetKey.Public(), Cache: c}
	wantError(t, other.Canister(cert, r.canister), "does not verify")
	tampered := *cert
	tampered.Signature = r.subnetKey.Sign(nil)
	wantError(t, v.Canister(&tampered, r.canister), "does not verify")
	if c.puts != 1 {
		t.Error("a delegation that does not verify is remembered")
	}
}

func TestCacheKeepsNothingOfTheCallersMemory(t *testing.T) {
	r := newRig()
	c := &cache{entries: map[[32]byte]*VerifiedDelegation{}}
	v := Verifier{Root: r.root.Public(), Cache: c}
	encoded := r.certify(r.delegation(Flat)).Encode()
	body := bytes.Clone(encoded)
	parsed, err := Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, v.Canister(parsed, r.canister), "")

	// The next message arrives in the same memory, with ranges that reach
	// further.
	last := canisterID(9).Bytes()
	at := bytes.Index(body, last)
	if at < 0 {
		t.Fatal("the range is not in the message")
	}
	binary.BigEndian.PutUint64(body[at:], 0xffff)
	parsed, err = Parse(encoded)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, v.Canister(parsed, canisterID(50)), "outside of the ranges")
	if c.hits != 1 {
		t.Errorf("%d entries used, want the one", c.hits)
	}
}
