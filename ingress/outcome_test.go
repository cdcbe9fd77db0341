package ingress

import (
	"bytes"
	"crypto/ed25519"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/cbor"
	"internetidentity/rih"
)

func drawOutcome(t *rapid.T) Outcome {
	if rapid.Bool().Draw(t, "replied") {
		return Outcome{Replied: true, Arg: drawBlob(t, "arg", 30)}
	}
	return Outcome{
		RejectCode: rapid.Uint64Range(1, 300).Draw(t, "code"), RejectMessage: rapid.String().Draw(t, "message"),
		ErrorCode: rapid.SampledFrom([]string{"", "IC0406"}).Draw(t, "error code"),
	}
}

func drawResponse(t *rapid.T) *QueryResponse {
	q := &QueryResponse{Outcome: drawOutcome(t)}
	for range rapid.IntRange(0, 3).Draw(t, "signatures") {
		q.Signatures = append(q.Signatures, NodeSignature{
			Timestamp: rapid.Uint64().Draw(t, "timestamp"), Signature: drawBlob(t, "signature", 64), Node: drawPrincipal(t),
		})
	}
	return q
}

func TestQueryResponseSurvivesTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawResponse(t)
		encoded := want.Encode()
		if !cbor.HasTag(encoded) {
			t.Fatal("the tag is missing")
		}
		got, err := ParseQueryResponse(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v came back as %+v", want, got)
		}
	})
}

func TestQueryResponsePayloadCoversEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type question struct {
			outcome   Outcome
			id        RequestID
			timestamp uint64
		}
		draw := func() question {
			// Few values, so that questions differ in one thing only.
			return question{
				drawOutcome(t),
				RequestID{rapid.ByteRange(0, 1).Draw(t, "id")},
				rapid.Uint64Range(0, 1).Draw(t, "timestamp"),
			}
		}
		a, b := draw(), draw()
		same := bytes.Equal(QueryResponsePayload(a.outcome, a.id, a.timestamp), QueryResponsePayload(b.outcome, b.id, b.timestamp))
		if same != reflect.DeepEqual(a, b) {
			t.Fatalf("%+v and %+v: the same payload is %v", a, b, same)
		}
	})
}

func TestQueryResponsePayload(t *testing.T) {
	id := RequestID{1, 2, 3}
	common := []rih.Field{{Name: "timestamp", Value: rih.Nat(300)}, {Name: "request_id", Value: rih.Blob(id[:])}}
	for _, c := range []struct {
		name    string
		outcome Outcome
		fields  []rih.Field
	}{
		{"a reply", Outcome{Replied: true, Arg: []byte("arg")}, []rih.Field{
			{Name: "status", Value: rih.Text("replied")},
			{Name: "reply", Value: rih.Map(rih.Field{Name: "arg", Value: rih.Blob([]byte("arg"))})},
		}},
		{"a reject", Outcome{RejectCode: 4, RejectMessage: "no", ErrorCode: "IC0406"}, []rih.Field{
			{Name: "status", Value: rih.Text("rejected")},
			{Name: "reject_code", Value: rih.Nat(4)},
			{Name: "reject_message", Value: rih.Text("no")},
			{Name: "error_code", Value: rih.Text("IC0406")},
		}},
		{"a reject without an error code", Outcome{RejectCode: 5, RejectMessage: ""}, []rih.Field{
			{Name: "status", Value: rih.Text("rejected")},
			{Name: "reject_code", Value: rih.Nat(5)},
			{Name: "reject_message", Value: rih.Text("")},
		}},
	} {
		want := rih.Map(append(c.fields, common...)...)
		got := QueryResponsePayload(c.outcome, id, 300)
		if string(got) != "\x0bic-response"+string(want[:]) {
			t.Errorf("%s: payload %x", c.name, got)
		}
	}
}

func TestParseQueryResponseRefuses(t *testing.T) {
	reply := wire{"status": "replied", "reply": wire{"arg": []byte("a")}, "signatures": []any{}}
	reject := wire{"status": "rejected", "reject_code": 4, "reject_message": "no", "signatures": []any{}}
	signature := wire{"timestamp": 1, "signature": []byte{}, "identity": []byte{1}}
	signed := func(change wire) []byte {
		return reply.with(wire{"signatures": []any{signature.with(change)}}).encode()
	}
	const neither = "neither a reply nor a reject"
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"a reply", reply.encode(), ""},
		{"a reply without the tag", reply.encode()[3:], ""},
		{"a reply without signatures", reply.with(wire{"signatures": drop}).encode(), ""},
		{"a reject", reject.encode(), ""},
		{"a reject with an error code", reject.with(wire{"error_code": "IC0406"}).encode(), ""},
		{"a signed reply", signed(nil), ""},
		{"nothing", nil, "answer to a query: "},
		{"an empty map", wire{}.encode(), neither},
		{"another status", reply.with(wire{"status": "done"}).encode(), neither},
		{"a reply without its argument", reply.with(wire{"reply": wire{}}).encode(), neither},
		{"a reply that says rejected", reply.with(wire{"status": "rejected"}).encode(), neither},
		{"a reject that says replied", reject.with(wire{"status": "replied"}).encode(), neither},
		{"a reject without a code", reject.with(wire{"reject_code": drop}).encode(), neither},
		{"a reject without a message", reject.with(wire{"reject_message": nil}).encode(), neither},
		{"a node of 30 bytes", signed(wire{"identity": make([]byte, 30)}), "node: principal"},
		{"a timestamp as text", signed(wire{"timestamp": "1"}), "answer to a query: "},
		{"a byte behind", append(reply.encode(), 0), "answer to a query: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := ParseQueryResponse(c.body)
			wantError(t, err, c.want)
			if (q == nil) != (err != nil) {
				t.Errorf("got %v, %v", q, err)
			}
		})
	}
}

func TestHandMadeQueryResponsesEncode(t *testing.T) {
	for _, o := range []Outcome{{Replied: true}, {RejectCode: CanisterReject}} {
		q := &QueryResponse{Outcome: o, Signatures: []NodeSignature{{}}}
		parsed, err := ParseQueryResponse(q.Encode())
		if err != nil || parsed.Outcome.Replied != o.Replied || len(parsed.Signatures) != 1 {
			t.Errorf("%+v came back as %+v, %v", q, parsed, err)
		}
	}
	// Clients that look for the field want it even if there is no signature.
	if encoded := (&QueryResponse{Outcome: Outcome{Replied: true}}).Encode(); !strings.Contains(string(encoded), "signatures\x80") {
		t.Errorf("encoded %q", encoded)
	}
}

func TestNodeSignsItsAnswer(t *testing.T) {
	key := ed25519.NewKeyFromSeed(seed(1))
	outcome := Outcome{Replied: true, Arg: []byte("arg")}
	e := request(t, queryContent(), edKeys(1))
	signature := ed25519.Sign(key, QueryResponsePayload(outcome, e.ID, now))
	q := &QueryResponse{Outcome: outcome, Signatures: []NodeSignature{{Timestamp: now, Signature: signature, Node: ed25519Scheme(1).principal()}}}
	parsed, err := ParseQueryResponse(q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	payload := QueryResponsePayload(parsed.Outcome, e.ID, parsed.Signatures[0].Timestamp)
	if err := verify(ed25519Scheme(1).key, payload, parsed.Signatures[0].Signature); err != nil {
		t.Error(err)
	}
}
