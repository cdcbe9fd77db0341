package ingress_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/internal/answers"
	"internetidentity/principal"
)

func number(t *testing.T, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKnownAnswers authenticates what another library's agent sends, and
// compares what nodes sign with what it expects.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"request":   answers.Each(knownRequest),
		"signature": answers.Each(knownSignature),
		"chain":     answers.Each(knownChain),
		"answer":    answers.Each(knownAnswer),
	})
}

func knownRequest(t *testing.T, c struct {
	Path, Kind, Sender, Expiry, Now string
	Body, RequestID, RootKey        answers.Bytes
	Passes                          bool
}) {
	var v ingress.Verifier
	if c.RootKey != nil {
		root, err := certificate.ParseBLSPublicKeyDER(c.RootKey)
		if err != nil {
			t.Fatal(err)
		}
		v.Certificates.Root = root
	}
	e, err := ingress.Parse(c.Body)
	if err != nil {
		// Some are refused before anybody looks at signatures.
		if c.Passes {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(e.ID[:], c.RequestID) {
		t.Errorf("request id %x, want %s", e.ID, c.RequestID)
	}
	if e.Content.Kind.String() != c.Kind || !strings.HasSuffix(c.Path, "/"+c.Kind) || e.Content.Sender.String() != c.Sender || e.Content.Expiry != number(t, c.Expiry) {
		t.Errorf("a %s of %s until %d to %s", e.Content.Kind, e.Content.Sender, e.Content.Expiry, c.Path)
	}
	now := number(t, c.Now)
	if err := v.Verify(e, now); (err == nil) != c.Passes {
		t.Errorf("must pass: %v, got error %v", c.Passes, err)
	}
	// Our own encoding says the same.
	again, err := ingress.Parse(e.Encode())
	if err != nil || again.ID != e.ID {
		t.Fatalf("our encoding is another request: %v", err)
	}
	if err := v.Verify(again, now); (err == nil) != c.Passes {
		t.Errorf("our encoding must pass: %v, got error %v", c.Passes, err)
	}
	// Of a request that has expired, only reads of nobody in particular pass.
	late := v.Verify(e, e.Content.Expiry+1)
	harmless := e.Content.Sender.IsAnonymous() && e.Content.Kind != ingress.Call
	if (late == nil) != harmless {
		t.Errorf("after its expiry: %v", late)
	}
	// A changed request is not what was signed.
	changed := *e
	changed.Content.Expiry++
	changed.ID = changed.Content.ID()
	if err := v.Verify(&changed, now); (err == nil) != e.Content.Sender.IsAnonymous() {
		t.Errorf("with another expiry: %v", err)
	}
}

func knownSignature(t *testing.T, c struct {
	DER, Payload, Signature answers.Bytes
	Principal               string
}) {
	if p := principal.SelfAuthenticating(c.DER); p.String() != c.Principal {
		t.Errorf("principal %s, want %s", p, c.Principal)
	}
	if err := ingress.VerifySignature(certificate.Verifier{}, c.DER, c.Payload, c.Signature); err != nil {
		t.Error(err)
	}
	for _, bad := range []struct{ key, payload, signature []byte }{
		{c.DER, append(slices.Clone(c.Payload), 0), c.Signature},
		{c.DER, c.Payload, append(slices.Clone(c.Signature), 0)},
		{c.DER, c.Payload, c.Signature[:len(c.Signature)-1]},
		{c.DER, c.Payload, make([]byte, len(c.Signature))},
		{c.DER[:len(c.DER)-1], c.Payload, c.Signature},
		{append(slices.Clone(c.DER), 0), c.Payload, c.Signature},
	} {
		if err := ingress.VerifySignature(certificate.Verifier{}, bad.key, bad.payload, bad.signature); err == nil {
			t.Errorf("key %x, payload %x, signature %x verify", bad.key, bad.payload, bad.signature)
		}
	}
}

func knownChain(t *testing.T, c struct {
	JSON        string
	Targets     *[]string
	QueriesOnly bool
	NotAfter    string
}) {
	var chain certificate.Chain
	if err := json.Unmarshal([]byte(c.JSON), &chain); err != nil {
		t.Fatal(err)
	}
	end := number(t, c.NotAfter)
	authority, err := ingress.VerifyChain(certificate.Verifier{}, chain, end)
	if err != nil {
		t.Fatal(err)
	}
	if authority.NotAfter != end || authority.QueriesOnly != c.QueriesOnly || (authority.Targets == nil) != (c.Targets == nil) {
		t.Errorf("authority %+v", authority)
	}
	if c.Targets != nil {
		var texts []string
		for _, target := range authority.Targets {
			texts = append(texts, target.String())
		}
		if !slices.Equal(texts, *c.Targets) {
			t.Errorf("targets %v, want %v", texts, *c.Targets)
		}
	}
	if _, err := ingress.VerifyChain(certificate.Verifier{}, chain, end+1); err == nil {
		t.Error("accepted after its end")
	}
	for i := range chain.Delegations {
		broken := certificate.Chain{PublicKey: chain.PublicKey, Delegations: slices.Clone(chain.Delegations)}
		broken.Delegations[i].Delegation.Expiration++
		if _, err := ingress.VerifyChain(certificate.Verifier{}, broken, end); err == nil {
			t.Errorf("accepted with delegation %d changed", i)
		}
	}
}

func knownAnswer(t *testing.T, c struct {
	Body, RequestID, Payload, NodeKey, Signature, Arg answers.Bytes
	Node, Timestamp, RejectMessage, ErrorCode         string
	Replied                                           bool
	RejectCode                                        uint64
}) {
	response, err := ingress.ParseQueryResponse(c.Body)
	if err != nil {
		t.Fatal(err)
	}
	o := response.Outcome
	if o.Replied != c.Replied || !bytes.Equal(o.Arg, c.Arg) || o.RejectCode != c.RejectCode || o.RejectMessage != c.RejectMessage || o.ErrorCode != c.ErrorCode {
		t.Errorf("outcome %+v", o)
	}
	if len(response.Signatures) != 1 {
		t.Fatalf("%d signatures", len(response.Signatures))
	}
	s := response.Signatures[0]
	if s.Node.String() != c.Node || s.Timestamp != number(t, c.Timestamp) || !bytes.Equal(s.Signature, c.Signature) {
		t.Errorf("signature %+v", s)
	}
	payload := ingress.QueryResponsePayload(o, ingress.RequestID(c.RequestID), s.Timestamp)
	if !bytes.Equal(payload, c.Payload) {
		t.Errorf("payload %x, want %s", payload, c.Payload)
	}
	if !ed25519.Verify(ed25519.PublicKey(c.NodeKey[len(c.NodeKey)-ed25519.PublicKeySize:]), payload, s.Signature) {
		t.Error("the node's signature does not verify")
	}
	again, err := ingress.ParseQueryResponse(response.Encode())
	if err != nil || again.Outcome.RejectMessage != o.RejectMessage || !bytes.Equal(again.Outcome.Arg, o.Arg) || len(again.Signatures) != 1 {
		t.Errorf("our encoding is another answer: %v", err)
	}
}
