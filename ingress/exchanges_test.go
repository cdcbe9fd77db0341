package ingress

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/principal"
)

// captured are exchanges of unmodified clients with a host of throw-away keys.
type captured struct {
	RootKey   string `json:"root_key_der_hex"`
	NodeKey   string `json:"node_public_key_der_hex"`
	Node      string `json:"node_id"`
	Subnet    string `json:"subnet_id"`
	Canister  string
	Exchanges []exchange
}

type exchange struct {
	Client, URL, Sender, Expected string

	Now       string   `json:"now_ns"`
	Tagged    bool     `json:"self_describe_tag"`
	Keys      []string `json:"envelope_keys"`
	RequestID string   `json:"request_id"`
	Request   string   `json:"request_body_hex"`
	Response  string   `json:"response_body_hex"`
}

// refused marks the one request that a host must refuse.
func (x exchange) refused() bool { return strings.HasPrefix(x.Expected, "must be refused") }

func (x exchange) now(t testing.TB) uint64 {
	t.Helper()
	now, err := strconv.ParseUint(x.Now, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readCaptured(t testing.TB) (captured, Verifier) {
	t.Helper()
	data, err := os.ReadFile("testdata/generated-exchanges.json")
	if err != nil {
		t.Fatal(err)
	}
	var file captured
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	root, err := certificate.ParseBLSPublicKeyDER(unhex(t, file.RootKey))
	if err != nil {
		t.Fatal(err)
	}
	return file, Verifier{Certificates: certificate.Verifier{Root: root}}
}

func TestCapturedRequestsAuthenticate(t *testing.T) {
	file, verifier := readCaptured(t)
	refused := 0
	for i, x := range file.Exchanges {
		t.Run(fmt.Sprintf("%d %s", i, x.Client), func(t *testing.T) {
			body := unhex(t, x.Request)
			e, err := Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			if hex.EncodeToString(e.ID[:]) != x.RequestID || e.Content.Sender.String() != x.Sender {
				t.Errorf("request %x of %s", e.ID, e.Content.Sender)
			}
			if cbor.HasTag(body) != x.Tagged {
				t.Errorf("the tag is there: %v", !x.Tagged)
			}
			kind := x.URL[strings.LastIndexByte(x.URL, '/')+1:]
			if e.Content.Kind.String() != kind || kind != "read_state" && e.Content.Canister.String() != file.Canister {
				t.Errorf("parsed a %s of %s from %s", e.Content.Kind, e.Content.Canister, x.URL)
			}
			now := x.now(t)
			if x.refused() {
				refused++
				wantRefusal(t, verifier.Verify(e, now), 400, "its permissions allow queries only")
				return
			}
			wantRefusal(t, verifier.Verify(e, now), 400, "")
			again, err := Parse(e.Encode())
			if err != nil || again.ID != e.ID {
				t.Fatalf("our encoding is another request: %v", err)
			}
			wantRefusal(t, verifier.Verify(again, now), 400, "")

			// The same request is refused when anything of it is another.
			if e.Content.Sender.IsAnonymous() {
				return
			}
			again.Content.Expiry--
			again.ID = again.Content.ID()
			wantRefusal(t, verifier.Verify(again, now), 400, "Invalid signature: ")
			e.Signature[len(e.Signature)/2] ^= 1
			wantRefusal(t, verifier.Verify(e, now), 400, "Invalid signature: ")
		})
	}
	if len(file.Exchanges) != 33 || refused != 1 {
		t.Errorf("%d exchanges, %d refused, want 33 and 1", len(file.Exchanges), refused)
	}
}

func TestCapturedResponsesVerify(t *testing.T) {
	file, verifier := readCaptured(t)
	canister, subnet := principal.MustParse(file.Canister), principal.MustParse(file.Subnet)
	node := ed25519.PublicKey(unhex(t, file.NodeKey)[len(ed25519Prefix):])
	answers := 0
	for i, x := range file.Exchanges {
		t.Run(fmt.Sprintf("%d %s", i, x.Client), func(t *testing.T) {
			body := unhex(t, x.Response)
			var proof struct {
				Certificate []byte `cbor:"certificate"`
			}
			if err := cbor.Unmarshal(body, &proof); err != nil {
				t.Fatal(err)
			}
			if proof.Certificate != nil {
				c, err := certificate.Parse(proof.Certificate)
				if err != nil {
					t.Fatal(err)
				}
				wantError(t, verifier.Certificates.Canister(c, canister), "")
				wantError(t, verifier.Certificates.Subnet(c, subnet), "")
				return
			}
			answers++
			q, err := ParseQueryResponse(body)
			if err != nil {
				t.Fatal(err)
			}
			if len(q.Signatures) != 1 || q.Signatures[0].Node.String() != file.Node {
				t.Fatalf("signed by %+v", q.Signatures)
			}
			s := q.Signatures[0]
			id := RequestID(unhex(t, x.RequestID))
			if !ed25519.Verify(node, QueryResponsePayload(q.Outcome, id, s.Timestamp), s.Signature) {
				t.Error("the node's signature does not verify")
			}
			if ed25519.Verify(node, QueryResponsePayload(q.Outcome, id, s.Timestamp+1), s.Signature) {
				t.Error("the signature does not cover the time")
			}
		})
	}
	if answers == 0 {
		t.Error("no answer to a query was captured")
	}
}
