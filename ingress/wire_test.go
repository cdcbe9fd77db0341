package ingress

import (
	"bytes"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/principal"
)

// wire is a message as a client might write it.
type wire map[string]any

func (w wire) encode() []byte {
	b, err := cbor.MarshalTagged(w)
	if err != nil {
		panic(err)
	}
	return b
}

// with is a copy with changes; a value of drop takes the field away.
func (w wire) with(changes wire) wire {
	changed := maps.Clone(w)
	for name, value := range changes {
		changed[name] = value
		if value == drop {
			delete(changed, name)
		}
	}
	return changed
}

type dropped struct{}

var drop = dropped{}

func wireCall() wire {
	return wire{
		"request_type": "call", "sender": []byte{4}, "ingress_expiry": uint64(now),
		"canister_id": canister.Bytes(), "method_name": "whoami", "arg": []byte("arg"), "nonce": []byte("nonce"),
	}
}

func wireRead() wire {
	return wire{"request_type": "read_state", "sender": []byte{4}, "ingress_expiry": uint64(now), "paths": [][][]byte{{[]byte("time")}}}
}

func envelope(content wire) wire { return wire{"content": content} }

func wireDelegated(delegation wire) wire {
	return envelope(wireCall()).with(wire{
		"sender_pubkey": []byte("k"), "sender_sig": []byte("s"),
		"sender_delegation": []any{wire{"delegation": delegation, "signature": []byte("d")}},
	})
}

// TestListsTakeNoMemoryBeforeTheyAreCounted compares memory with the size of
// the message: a list of one-byte elements must not become much more.
func TestListsTakeNoMemoryBeforeTheyAreCounted(t *testing.T) {
	empty := slices.Repeat([][]byte{{}}, 1024)
	delegation := wire{"delegation": wire{"pubkey": []byte{1}, "expiration": uint64(1), "targets": empty}, "signature": []byte{}}
	for name, body := range map[string][]byte{
		"labels":  envelope(wireRead().with(wire{"paths": slices.Repeat([][][]byte{empty}, 1024)})).encode(),
		"targets": envelope(wireCall()).with(wire{"sender_delegation": slices.Repeat([]any{delegation}, 1024)}).encode(),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(body)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(2*len(body)) {
			t.Errorf("%s: a message of %d bytes takes %d bytes of memory, want at most twice as many", name, len(body), took)
		}
	}
}

func TestEnvelopeDoesNotShareMemoryWithTheBody(t *testing.T) {
	for _, body := range [][]byte{
		envelope(wireCall()).encode(),
		envelope(wireRead()).encode(),
		wireDelegated(wire{"pubkey": []byte("p"), "expiration": uint64(now), "targets": [][]byte{{1}}}).encode(),
	} {
		want, err := Parse(bytes.Clone(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		for i := range body {
			body[i] = 0xee
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the envelope changes with the body: %+v", got)
		}
	}
}

func drawBlob(t *rapid.T, name string, most int) []byte {
	return append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, most).Draw(t, name)...)
}

func drawPrincipal(t *rapid.T) principal.Principal {
	p, err := principal.FromBytes(drawBlob(t, "principal", principal.MaxLength))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// drawOptional is a blob, or nil: the two are never the same.
func drawOptional(t *rapid.T, name string, most int) []byte {
	if rapid.Bool().Draw(t, name+" is there") {
		return drawBlob(t, name, most)
	}
	return nil
}

func drawEnvelope(t *rapid.T) *Envelope {
	e := &Envelope{
		Content:   Content{Sender: drawPrincipal(t), Expiry: rapid.Uint64().Draw(t, "expiry"), Nonce: drawOptional(t, "nonce", maxNonceBytes)},
		PublicKey: drawOptional(t, "key", 50), Signature: drawOptional(t, "signature", 70),
	}
	c := &e.Content
	if c.Kind = Kind(rapid.IntRange(1, 3).Draw(t, "kind")); c.Kind == ReadState {
		c.Paths = [][][]byte{}
		for range rapid.IntRange(0, 3).Draw(t, "paths") {
			path := [][]byte{}
			for range rapid.IntRange(0, 3).Draw(t, "labels") {
				path = append(path, drawBlob(t, "label", 5))
			}
			c.Paths = append(c.Paths, path)
		}
	} else {
		c.Canister, c.Method, c.Arg = drawPrincipal(t), rapid.String().Draw(t, "method"), drawBlob(t, "arg", 40)
		if rapid.Bool().Draw(t, "info is there") {
			c.SenderInfo = &SenderInfo{Info: drawBlob(t, "info", 9), Signer: drawPrincipal(t), Signature: drawBlob(t, "sig", 9)}
		}
	}
	if rapid.Bool().Draw(t, "chain is there") {
		e.Delegations = []certificate.SignedDelegation{}
		for range rapid.IntRange(0, 3).Draw(t, "delegations") {
			d := certificate.Delegation{
				PublicKey: append([]byte{1}, drawBlob(t, "pubkey", 5)...), Expiration: rapid.Uint64().Draw(t, "expiration"),
				Permissions: rapid.SampledFrom([]string{"", "queries", "all"}).Draw(t, "permissions"),
			}
			if rapid.Bool().Draw(t, "targets are there") {
				d.Targets = []principal.Principal{}
				for range rapid.IntRange(0, 3).Draw(t, "targets") {
					d.Targets = append(d.Targets, drawPrincipal(t))
				}
			}
			e.Delegations = append(e.Delegations, certificate.SignedDelegation{Delegation: d, Signature: drawBlob(t, "signature", 9)})
		}
	}
	e.ID = c.ID()
	return e
}

func TestEnvelopeSurvivesTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawEnvelope(t)
		encoded := want.Encode()
		if !cbor.HasTag(encoded) {
			t.Fatal("the tag is missing")
		}
		got, err := Parse(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("came back as %+v", got)
		}
		// A verdict is remembered by the encoding, so what differs in any way
		// has another.
		if other := drawEnvelope(t); !reflect.DeepEqual(other, want) && bytes.Equal(other.Encode(), encoded) {
			t.Fatalf("%+v has the same encoding", other)
		}
	})
}

func TestAbsentAndEmptyAreNotTheSame(t *testing.T) {
	for name, set := range map[string]func(e *Envelope, b []byte){
		"nonce":     func(e *Envelope, b []byte) { e.Content.Nonce = b },
		"key":       func(e *Envelope, b []byte) { e.PublicKey = b },
		"signature": func(e *Envelope, b []byte) { e.Signature = b },
		"chain": func(e *Envelope, b []byte) {
			if e.Delegations = nil; b != nil {
				e.Delegations = []certificate.SignedDelegation{}
			}
		},
		"targets": func(e *Envelope, b []byte) {
			if e.Delegations[0].Delegation.Targets = nil; b != nil {
				e.Delegations[0].Delegation.Targets = []principal.Principal{}
			}
		},
	} {
		absent := request(t, callContent(), edKeys(2))
		empty := request(t, callContent(), edKeys(2))
		set(absent, nil)
		set(empty, []byte{})
		if bytes.Equal(absent.Encode(), empty.Encode()) {
			t.Errorf("%s: absent and empty have the same encoding", name)
		}
	}
}

func TestHandMadeEnvelopesEncode(t *testing.T) {
	// What is nil and must be there is written as empty.
	for _, e := range []*Envelope{
		{Content: Content{Kind: Call}},
		{Content: Content{Kind: Query, SenderInfo: &SenderInfo{}}},
		{Content: Content{Kind: ReadState}},
		{Content: Content{Kind: Call}, Delegations: []certificate.SignedDelegation{{Delegation: certificate.Delegation{PublicKey: []byte{1}, Targets: []principal.Principal{principal.Management()}}}}},
	} {
		parsed, err := Parse(e.Encode())
		if err != nil {
			t.Errorf("%+v: %v", e.Content, err)
			continue
		}
		if parsed.ID != e.Content.ID() {
			t.Errorf("%+v comes back as another request", e.Content)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
