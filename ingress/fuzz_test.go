package ingress

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"internetidentity/principal"
)

func FuzzParse(f *testing.F) {
	file, _ := readCaptured(f)
	for _, x := range file.Exchanges {
		f.Add(unhex(f, x.Request))
	}
	f.Add(request(f, callContent(), schemes(1)[:3], to(canister), permissions("queries")).Encode())
	f.Add(request(f, readContent(), []scheme{canisterScheme(1), ed25519Scheme(2)}).Encode())
	f.Add(envelope(wireCall().with(wire{"sender_info": wire{"info": []byte("i"), "signer": []byte{1}, "sig": []byte("s")}})).encode())
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Parse(body)
		if err != nil {
			refusal := (*Refusal)(nil)
			if !errors.As(err, &refusal) || refusal.Status != 400 && refusal.Status != 413 {
				t.Fatalf("%#v is no refusal", err)
			}
			return
		}
		encoded := e.Encode()
		again, err := Parse(encoded)
		if err != nil {
			t.Fatalf("our own encoding: %v", err)
		}
		if again.ID != e.ID || !reflect.DeepEqual(again, e) {
			t.Fatalf("a parsed envelope comes back as another request:\n%+v\n%+v", e, again)
		}
		if !bytes.Equal(again.Encode(), encoded) {
			t.Fatal("the second encoding differs")
		}
		// Whoever gets through is the holder of the key, or nobody in particular.
		authority, err := verifier().Authenticate(e)
		if err != nil {
			return
		}
		if sender := e.Content.Sender; !sender.IsAnonymous() && sender != principal.SelfAuthenticating(e.PublicKey) {
			t.Fatalf("authenticated as %s", sender)
		}
		_ = authority.Check(e, now)
	})
}

func FuzzParseQueryResponse(f *testing.F) {
	file, _ := readCaptured(f)
	for _, x := range file.Exchanges {
		f.Add(unhex(f, x.Response))
	}
	f.Add((&QueryResponse{Outcome: Outcome{RejectCode: 4, RejectMessage: "no", ErrorCode: "IC0406"}, Signatures: []NodeSignature{{}}}).Encode())
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := ParseQueryResponse(body)
		if err != nil {
			return
		}
		again, err := ParseQueryResponse(q.Encode())
		if err != nil {
			t.Fatalf("our own encoding: %v", err)
		}
		if !bytes.Equal(QueryResponsePayload(again.Outcome, RequestID{}, 0), QueryResponsePayload(q.Outcome, RequestID{}, 0)) {
			t.Fatalf("an answer comes back as another:\n%+v\n%+v", q, again)
		}
		if len(again.Signatures) != len(q.Signatures) {
			t.Fatalf("%d signatures, want %d", len(again.Signatures), len(q.Signatures))
		}
	})
}
