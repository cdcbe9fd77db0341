package ingress

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/principal"
)

func TestParseReadsTheContent(t *testing.T) {
	for _, c := range []struct {
		name string
		body wire
		want Content
	}{
		{"a call", envelope(wireCall()), Content{Kind: Call, Sender: principal.Anonymous(), Expiry: now, Nonce: []byte("nonce"), Canister: canister, Method: "whoami", Arg: []byte("arg")}},
		{"a query without a nonce", envelope(wireCall().with(wire{"request_type": "query", "nonce": drop})), Content{Kind: Query, Sender: principal.Anonymous(), Expiry: now, Canister: canister, Method: "whoami", Arg: []byte("arg")}},
		{"an empty nonce", envelope(wireCall().with(wire{"nonce": []byte{}})), Content{Kind: Call, Sender: principal.Anonymous(), Expiry: now, Nonce: []byte{}, Canister: canister, Method: "whoami", Arg: []byte("arg")}},
		{"an empty argument and method", envelope(wireCall().with(wire{"arg": []byte{}, "method_name": ""})), Content{Kind: Call, Sender: principal.Anonymous(), Expiry: now, Nonce: []byte("nonce"), Canister: canister, Arg: []byte{}}},
		{"the management canister", envelope(wireCall().with(wire{"canister_id": []byte{}})), Content{Kind: Call, Sender: principal.Anonymous(), Expiry: now, Nonce: []byte("nonce"), Method: "whoami", Arg: []byte("arg")}},
		{"a sender info", envelope(wireCall().with(wire{"sender_info": wire{"info": []byte{}, "signer": canister.Bytes(), "sig": []byte("s")}})), Content{
			Kind: Call, Sender: principal.Anonymous(), Expiry: now, Nonce: []byte("nonce"), Canister: canister, Method: "whoami", Arg: []byte("arg"),
			SenderInfo: &SenderInfo{Info: []byte{}, Signer: canister, Signature: []byte("s")},
		}},
		{"a read_state", envelope(wireRead()), Content{Kind: ReadState, Sender: principal.Anonymous(), Expiry: now, Paths: [][][]byte{{[]byte("time")}}}},
		{"a read_state of nothing", envelope(wireRead().with(wire{"paths": [][][]byte{}})), Content{Kind: ReadState, Sender: principal.Anonymous(), Expiry: now, Paths: [][][]byte{}}},
		{"an empty path and label", envelope(wireRead().with(wire{"paths": [][][]byte{{}, {{}}}})), Content{Kind: ReadState, Sender: principal.Anonymous(), Expiry: now, Paths: [][][]byte{{}, {{}}}}},
		{"fields of another kind of request", envelope(wireRead().with(wire{"method_name": "x", "sender_info": wire{}})), Content{Kind: ReadState, Sender: principal.Anonymous(), Expiry: now, Paths: [][][]byte{{[]byte("time")}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := Parse(c.body.encode())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(e.Content, c.want) {
				t.Errorf("parsed %+v\nwant %+v", e.Content, c.want)
			}
			if e.ID != c.want.ID() || e.PublicKey != nil || e.Signature != nil || e.Delegations != nil {
				t.Errorf("parsed %+v", e)
			}
		})
	}
}

func TestParseReadsTheChain(t *testing.T) {
	targets := [][]byte{canister.Bytes(), {}}
	e, err := Parse(wireDelegated(wire{"pubkey": []byte("p"), "expiration": uint64(now), "targets": targets, "permissions": "queries"}).encode())
	if err != nil {
		t.Fatal(err)
	}
	want := []certificate.SignedDelegation{{
		Delegation: certificate.Delegation{PublicKey: []byte("p"), Expiration: now, Targets: []principal.Principal{canister, principal.Management()}, Permissions: "queries"},
		Signature:  []byte("d"),
	}}
	if !reflect.DeepEqual(e.Delegations, want) || string(e.PublicKey) != "k" || string(e.Signature) != "s" {
		t.Errorf("parsed %+v", e)
	}
}

func TestClientsDifferAndMeanTheSame(t *testing.T) {
	want, err := Parse(envelope(wireCall()).encode())
	if err != nil {
		t.Fatal(err)
	}
	content := wireCall()
	// Nobody's order, and heads of more bytes than needed.
	var pairs []byte
	for _, name := range []string{"method_name", "arg", "sender", "nonce", "request_type", "ingress_expiry", "canister_id"} {
		pairs = append(cbor.AppendText(pairs, name), must(cbor.Marshal(content[name]))...)
	}
	disorder := append(cbor.AppendText(cbor.AppendMap(nil, 1), "content"), cbor.AppendMap(nil, 7)...)
	disorder = append(disorder, pairs...)
	wide := bytes.Replace(disorder, []byte("\x66sender"), []byte("\x79\x00\x06sender"), 1)
	bignum := append([]byte{0xc2}, cbor.AppendBytes(nil, []byte{0x17, 0x97, 0x9c, 0xfe, 0x36, 0x2a, 0, 0})...)
	big := bytes.Replace(disorder, cbor.AppendUint(nil, now), bignum, 1)
	for name, body := range map[string][]byte{
		"no tag":                envelope(content).encode()[3:],
		"another order":         disorder,
		"wide heads":            wide,
		"a bignum":              big,
		"null for what is not":  envelope(content.with(wire{"sender_info": nil, "paths": nil})).with(wire{"sender_pubkey": nil, "sender_sig": nil, "sender_delegation": nil}).encode(),
		"fields nobody knows":   envelope(content.with(wire{"x": "y"})).with(wire{"x": []any{1}}).encode(),
		"a form of its own":     want.Encode(),
		"its own without a tag": want.Encode()[3:],
	} {
		if name != "no tag" && !strings.HasPrefix(name, "a form") && bytes.Equal(body, envelope(content).encode()) {
			t.Fatalf("%s: this is the same message", name)
		}
		got, err := Parse(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: parsed %+v", name, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	id30 := make([]byte, 30)
	paths := func(n int) [][][]byte { return slices.Repeat([][][]byte{{}}, n) }
	path := func(n int) [][][]byte { return [][][]byte{slices.Repeat([][]byte{{}}, n)} }
	delegation := wire{"pubkey": []byte("p"), "expiration": uint64(now)}
	chainOf := func(n int) wire {
		return wireDelegated(delegation).with(wire{"sender_delegation": slices.Repeat([]any{wire{"delegation": delegation, "signature": []byte{}}}, n)})
	}
	targets := func(n int) wire {
		return wireDelegated(delegation.with(wire{"targets": slices.Repeat([][]byte{{}}, n)}))
	}
	info := wire{"info": []byte("i"), "signer": []byte{1}, "sig": []byte("s")}
	withInfo := func(change wire) wire { return envelope(wireCall().with(wire{"sender_info": info.with(change)})) }
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"nothing", nil, "Could not parse the body as a CBOR envelope: "},
		{"the tag alone", []byte("\xd9\xd9\xf7"), "Could not parse"},
		{"two tags", append([]byte("\xd9\xd9\xf7"), envelope(wireCall()).encode()...), "Could not parse"},
		{"an array", []byte{0x80}, "Could not parse"},
		{"a byte behind", append(envelope(wireCall()).encode(), 0), "Could not parse"},
		{"null", []byte{0xf6}, "Malformed request: content is missing"},
		{"no content", wire{}.encode(), "Malformed request: content is missing"},
		{"content is null", envelope(nil).with(wire{"content": nil}).encode(), "Malformed request: content is missing"},
		{"content twice", []byte("\xa2\x67content\xa0\x67content\xa0"), "Could not parse"},
		{"a field of the content twice", []byte("\xa1\x67content\xa2\x66sender\x41\x04\x66sender\x41\x04"), "Could not parse"},
		{"another case", wire{"Content": wireCall()}.encode(), "content is missing"},

		{"no type", envelope(wireCall().with(wire{"request_type": drop})).encode(), `request_type "", want call, query or read_state`},
		{"another type", envelope(wireCall().with(wire{"request_type": "CALL"})).encode(), `request_type "CALL", want call`},
		{"a long type is not repeated", envelope(wireCall().with(wire{"request_type": strings.Repeat("x", 1000)})).encode(), `request_type "xxxxxxxxxxxxxxxxxxxx", want`},
		{"no sender", envelope(wireCall().with(wire{"sender": drop})).encode(), "sender or ingress_expiry is missing"},
		{"sender is null", envelope(wireCall().with(wire{"sender": nil})).encode(), "sender or ingress_expiry is missing"},
		{"sender is a text", envelope(wireCall().with(wire{"sender": "2vxsx-fae"})).encode(), "Could not parse"},
		{"a sender of 30 bytes", envelope(wireCall().with(wire{"sender": id30})).encode(), "sender: principal has more than 29 bytes"},
		{"no expiry", envelope(wireCall().with(wire{"ingress_expiry": drop})).encode(), "sender or ingress_expiry is missing"},
		{"expiry is null", envelope(wireCall().with(wire{"ingress_expiry": nil})).encode(), "sender or ingress_expiry is missing"},
		{"a negative expiry", envelope(wireCall().with(wire{"ingress_expiry": -1})).encode(), "Could not parse"},
		{"an expiry with a fraction", envelope(wireCall().with(wire{"ingress_expiry": 1.5})).encode(), "Could not parse"},
		{"an expiry as text", envelope(wireCall().with(wire{"ingress_expiry": "1"})).encode(), "Could not parse"},
		{"a nonce of 33 bytes", envelope(wireCall().with(wire{"nonce": make([]byte, 33)})).encode(), "nonce of 33 bytes, limit 32"},

		{"no canister", envelope(wireCall().with(wire{"canister_id": drop})).encode(), "canister_id, method_name or arg is missing"},
		{"no method", envelope(wireCall().with(wire{"method_name": drop})).encode(), "canister_id, method_name or arg is missing"},
		{"no argument", envelope(wireCall().with(wire{"arg": drop})).encode(), "canister_id, method_name or arg is missing"},
		{"argument is null", envelope(wireCall().with(wire{"arg": nil})).encode(), "canister_id, method_name or arg is missing"},
		{"a canister of 30 bytes", envelope(wireCall().with(wire{"canister_id": id30})).encode(), "canister_id: principal"},
		{"a method of 20,001 bytes", envelope(wireCall().with(wire{"method_name": strings.Repeat("m", 20_001)})).encode(), "method_name of 20001 bytes, limit 20000"},
		{"a method that is not UTF-8", bytes.Replace(envelope(wireCall()).encode(), []byte("whoami"), []byte("who\xffmi"), 1), "Could not parse"},

		{"no paths", envelope(wireRead().with(wire{"paths": drop})).encode(), "paths are missing"},
		{"paths are null", envelope(wireRead().with(wire{"paths": nil})).encode(), "paths are missing"},
		{"1,001 paths", envelope(wireRead().with(wire{"paths": paths(1001)})).encode(), "Malformed request: 1001 paths, limit 1000"},
		{"100,000 paths", envelope(wireRead().with(wire{"paths": paths(100_000)})).encode(), "Could not parse"},
		{"a path of 128 labels", envelope(wireRead().with(wire{"paths": path(128)})).encode(), "Malformed request: a path of 128 labels, limit 127"},
		{"a null path", envelope(wireRead().with(wire{"paths": []any{nil}})).encode(), "Could not parse"},
		{"a null label", envelope(wireRead().with(wire{"paths": []any{[]any{nil}}})).encode(), "Could not parse"},
		{"a label as text", envelope(wireRead().with(wire{"paths": []any{[]any{"time"}}})).encode(), "Could not parse"},
		{"a path as a blob", envelope(wireRead().with(wire{"paths": [][]byte{[]byte("time")}})).encode(), "Could not parse"},
		{"paths are a map", envelope(wireRead().with(wire{"paths": wire{}})).encode(), "Could not parse"},

		{"a sender info without an info", withInfo(wire{"info": drop}).encode(), "sender_info without info, signer or sig"},
		{"a sender info without a signer", withInfo(wire{"signer": drop}).encode(), "sender_info without info, signer or sig"},
		{"a sender info without a signature", withInfo(wire{"sig": nil}).encode(), "sender_info without info, signer or sig"},
		{"a sender info of a long signer", withInfo(wire{"signer": id30}).encode(), "sender_info: principal"},

		{"a long key", envelope(wireCall()).with(wire{"sender_pubkey": make([]byte, maxKeyBytes+1)}).encode(), "sender_pubkey or sender_sig is too long"},
		{"a long signature", envelope(wireCall()).with(wire{"sender_sig": make([]byte, maxSigBytes+1)}).encode(), "sender_pubkey or sender_sig is too long"},
		{"21 delegations", chainOf(21).encode(), "Malformed request: 21 delegations, limit 20"},
		{"1,001 targets", targets(1001).encode(), "Malformed request: 1001 targets, limit 1000"},
		{"a target of 30 bytes", wireDelegated(delegation.with(wire{"targets": [][]byte{id30}})).encode(), "Malformed request: delegation target: principal"},
		{"a null target", wireDelegated(delegation.with(wire{"targets": []any{nil}})).encode(), "Could not parse"},
		{"a null delegation", wireDelegated(nil).with(wire{"sender_delegation": []any{nil}}).encode(), "a delegation without pubkey, expiration or signature"},
		{"a delegation without a key", wireDelegated(delegation.with(wire{"pubkey": drop})).encode(), "a delegation without pubkey, expiration or signature"},
		{"a delegation without an expiration", wireDelegated(delegation.with(wire{"expiration": nil})).encode(), "a delegation without pubkey, expiration or signature"},
		{"a delegation that is not signed", wireDelegated(nil).with(wire{"sender_delegation": []any{wire{"delegation": delegation}}}).encode(), "a delegation without pubkey, expiration or signature"},
		{"a delegation to a long key", wireDelegated(delegation.with(wire{"pubkey": make([]byte, maxKeyBytes+1)})).encode(), "a delegation with too long a key or signature"},
		{"permissions of another name", wireDelegated(delegation.with(wire{"permissions": "none"})).encode(), `delegation permissions "none", want "queries" or "all"`},
		{"permissions without a name", wireDelegated(delegation.with(wire{"permissions": ""})).encode(), `delegation permissions ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.body)
			wantRefusal(t, err, 400, c.want)
			if err != nil && len(err.Error()) > 300 {
				t.Errorf("a text of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestParseTakesWhatIsJustWithinTheLimits(t *testing.T) {
	delegation := wire{"pubkey": make([]byte, maxKeyBytes), "expiration": uint64(now), "targets": slices.Repeat([][]byte{canister.Bytes()}, maxTargets)}
	signed := wire{"delegation": delegation.with(wire{"pubkey": []byte("p")}), "signature": []byte{}}
	for name, body := range map[string][]byte{
		"labels":      envelope(wireRead().with(wire{"paths": slices.Repeat([][][]byte{slices.Repeat([][]byte{{1}}, maxLabels)}, maxPaths)})).encode(),
		"delegations": envelope(wireCall()).with(wire{"sender_delegation": slices.Repeat([]any{signed}, maxDelegations)}).encode(),
		"key":         wireDelegated(delegation).with(wire{"sender_pubkey": make([]byte, maxKeyBytes), "sender_sig": make([]byte, maxSigBytes)}).encode(),
		"nonce":       envelope(wireCall().with(wire{"nonce": make([]byte, maxNonceBytes), "method_name": strings.Repeat("m", maxMethodBytes)})).encode(),
	} {
		if _, err := Parse(body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ofSize makes a request of exactly so many bytes.
func ofSize(t *testing.T, kind string, size int) []byte {
	t.Helper()
	const head = 5 // of an argument of more than 64 KiB
	empty := len(envelope(wireCall().with(wire{"request_type": kind, "arg": []byte{}})).encode()) - 1
	body := envelope(wireCall().with(wire{"request_type": kind, "arg": make([]byte, size-empty-head)})).encode()
	if len(body) != size {
		t.Fatalf("made %d bytes, want %d", len(body), size)
	}
	return body
}

func TestParseRefusesTooMuch(t *testing.T) {
	for _, c := range []struct {
		kind string
		size int
		want string
	}{
		{"call", MaxCallBytes, ""},
		{"call", MaxCallBytes + 1, "The call has 2097153 bytes, limit 2097152."},
		{"query", MaxCallBytes + 1, ""},
		{"query", MaxBodyBytes, ""},
		{"query", MaxBodyBytes + 1, "The request has 5242881 bytes, limit 5242880."},
	} {
		_, err := Parse(ofSize(t, c.kind, c.size))
		wantRefusal(t, err, 413, c.want)
	}
}
