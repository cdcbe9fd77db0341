package certificate

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/cbor"
	"internetidentity/hashtree"
	"internetidentity/principal"
)

func TestRangesSurviveEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Custom(func(t *rapid.T) principal.Principal {
			return id(rapid.SliceOfN(rapid.Byte(), 0, principal.MaxLength).Draw(t, "id")...)
		})
		ranges := make([]Range, rapid.IntRange(0, 40).Draw(t, "ranges"))
		for i := range ranges {
			ranges[i] = Range{id.Draw(t, "first"), id.Draw(t, "last")}
		}
		got, err := decodeRanges(EncodeRanges(ranges))
		if err != nil || !slices.Equal(got, ranges) {
			t.Fatalf("%v came back as %v, %v", ranges, got, err)
		}
	})
}

// TestRangesForm is the whole example of a wide range.
func TestRangesForm(t *testing.T) {
	wide := []Range{{id(0, 0, 0, 0, 0, 0, 0, 0, 1, 1), id(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1)}}
	const want = "\xd9\xd9\xf7\x81\x82\x4a\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x4a\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"
	if got := EncodeRanges(wide); string(got) != want {
		t.Errorf("ranges are %x", got)
	}
}

func TestMalformedRanges(t *testing.T) {
	list := func(n int, elements ...[]byte) []byte {
		return append(cbor.AppendArray(cbor.AppendTag(nil), n), slices.Concat(elements...)...)
	}
	blob := func(b ...byte) []byte { return cbor.AppendBytes(nil, b) }
	pair := func(parts ...[]byte) []byte {
		return append(cbor.AppendArray(nil, len(parts)), slices.Concat(parts...)...)
	}
	for _, c := range []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"one range", list(1, pair(blob(1), blob(2))), ""},
		{"none", list(0), ""},
		{"no bytes", nil, "self-describe tag"},
		{"no tag", list(1, pair(blob(1), blob(2)))[3:], "self-describe tag"},
		{"no array", append(cbor.AppendTag(nil), blob(1)...), "malformed"},
		{"one end", list(1, pair(blob(1))), "malformed"},
		{"three ends", list(1, pair(blob(1), blob(2), blob(3))), "malformed"},
		{"an end as text", list(1, pair(blob(1), cbor.AppendText(nil, "b"))), "malformed"},
		{"an end of 30 bytes", list(1, pair(blob(make([]byte, 30)...), blob(2))), "more than 29 bytes"},
		{"fewer than told", list(2, pair(blob(1), blob(2))), "malformed"},
		{"more than told", list(1, pair(blob(1), blob(2)), pair(blob(1), blob(2))), "malformed"},
		{"as many as allowed", EncodeRanges(make([]Range, maxRanges)), ""},
		{"one too many", EncodeRanges(make([]Range, maxRanges+1)), "malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeRanges(c.encoded)
			wantError(t, err, c.want)
		})
	}
}

func TestDelegationTreeVouchesForOneSubnet(t *testing.T) {
	r := newRig()
	tree := r.rootTree()
	for _, c := range []struct {
		name string
		path hashtree.Path
		want []byte
	}{
		{"time", hashtree.P("time"), EncodeTime(rigTime)},
		{"key", r.keyPath(), r.subnetKey.Public().DER()},
		{"type", r.typePath(), []byte("application")},
		{"flat ranges", r.rangesPath(), EncodeRanges(r.ranges)},
		{"the shard under its first canister", r.shardPath(canisterID(5)), EncodeRanges(r.ranges)},
	} {
		if got, ok := tree.Get(c.path); !ok || string(got) != string(c.want) {
			t.Errorf("%s is %x", c.name, got)
		}
	}
	// Clients break on a shard too many, or on an empty level of them.
	shards, ok := tree.Sub([]byte("canister_ranges"))
	if of, there := shards.Sub(r.subnet.Bytes()); !ok || !there || of.Len() != 1 {
		t.Error("want exactly one shard")
	}
	if _, ok := DelegationTree(r.subnet, r.subnetKey.Public(), nil, rigTime).Sub([]byte("canister_ranges")); ok {
		t.Error("a subnet without ranges has a level of shards")
	}
}
