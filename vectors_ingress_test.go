package internetidentity_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/rih"
	"internetidentity/webauthn"
)

func vectorsPrincipals(r *vectorRun, data []byte) {
	var file struct {
		Valid              []struct{ Hex, Text string }
		InvalidText        []string                     `json:"invalid_text"`
		AlsoValid          []string                     `json:"also_valid_text"`
		SelfAuthenticating []struct{ DER, Text string } `json:"self_authenticating"`
	}
	decodeVector(r.t, data, &file)
	for _, c := range file.Valid {
		r.check(c.Text, func() error {
			p, err := principal.Parse(c.Text)
			if err != nil {
				return err
			}
			if hex.EncodeToString(p.Bytes()) != c.Hex {
				return fmt.Errorf("%x", p.Bytes())
			}
			if q, err := principal.FromBytes(unhex(r.t, c.Hex)); err != nil || q.String() != c.Text {
				return fmt.Errorf("%s: %w", q, err)
			}
			return nil
		})
	}
	for _, text := range file.InvalidText {
		r.check("refuse "+text, func() error { _, err := principal.Parse(text); return want(false, err) })
	}
	for _, text := range file.AlsoValid {
		r.check("accept "+text, func() error { _, err := principal.Parse(text); return err })
	}
	for _, c := range file.SelfAuthenticating {
		r.check(c.Text, func() error {
			if got := principal.SelfAuthenticating(unhex(r.t, c.DER)).String(); got != c.Text {
				return errors.New(got)
			}
			return nil
		})
	}
}

// vectorValue is a value in the syntax of request-ids.json.
type vectorValue struct {
	Text  *string
	Blob  *string
	Nat   *string
	Array []vectorValue
	Map   map[string]vectorValue
}

func (v vectorValue) hash(t *testing.T) rih.Value {
	t.Helper()
	switch {
	case v.Text != nil:
		return rih.Text(*v.Text)
	case v.Blob != nil:
		return rih.Blob(unhex(t, *v.Blob))
	case v.Nat != nil:
		n, err := strconv.ParseUint(*v.Nat, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return rih.Nat(n)
	case v.Map != nil:
		return hashVectorMap(t, v.Map)
	}
	values := make([]rih.Value, len(v.Array))
	for i, element := range v.Array {
		values[i] = element.hash(t)
	}
	return rih.Array(values...)
}

func hashVectorMap(t *testing.T, m map[string]vectorValue) rih.Value {
	t.Helper()
	var fields []rih.Field
	for name, value := range m {
		fields = append(fields, rih.Field{Name: name, Value: value.hash(t)})
	}
	return rih.Map(fields...)
}

func vectorsRequestIDs(r *vectorRun, data []byte) {
	var file struct {
		Maps []struct {
			Name  string
			Input map[string]vectorValue
			Pairs [][2]json.RawMessage
			Hash  string
		}
		Values []struct {
			Value vectorValue
			Hash  string
		}
	}
	decodeVector(r.t, data, &file)
	equal := func(got rih.Value, want string) error {
		if hex.EncodeToString(got[:]) != want {
			return fmt.Errorf("%x, want %s", got, want)
		}
		return nil
	}
	for _, c := range file.Maps {
		r.check(c.Name, func() error {
			if c.Pairs == nil {
				return equal(hashVectorMap(r.t, c.Input), c.Hash)
			}
			// A list of pairs may name a field twice.
			fields := make([]rih.Field, len(c.Pairs))
			for i, pair := range c.Pairs {
				var value vectorValue
				decodeVector(r.t, pair[0], &fields[i].Name)
				decodeVector(r.t, pair[1], &value)
				fields[i].Value = value.hash(r.t)
			}
			return equal(rih.Map(fields...), c.Hash)
		})
	}
	for i, c := range file.Values {
		r.check(fmt.Sprintf("value %d", i), func() error { return equal(c.Value.hash(r.t), c.Hash) })
	}
}

func vectorsHashTrees(r *vectorRun, data []byte) {
	var file struct {
		Trees []struct {
			Name    string
			CBOR    string `json:"cbor_hex"`
			Root    string `json:"root_hash"`
			Tree    json.RawMessage
			Lookups [][2]json.RawMessage
		}
	}
	decodeVector(r.t, data, &file)
	for _, c := range file.Trees {
		var tree hashtree.Tree
		var err error
		if c.CBOR != "" {
			tree, err = hashtree.Decode(unhex(r.t, c.CBOR))
		} else {
			// Not well-formed, so it can be built but not decoded.
			tree = buildVectorTree(r.t, c.Tree)
		}
		r.check(c.Name, func() error {
			if err != nil {
				return err
			}
			if digest := tree.Digest(); hex.EncodeToString(digest[:]) != c.Root {
				return fmt.Errorf("digest %x", digest)
			}
			return nil
		})
		for _, lookup := range c.Lookups {
			var labels []string
			var expected string
			decodeVector(r.t, lookup[0], &labels)
			decodeVector(r.t, lookup[1], &expected)
			r.check(fmt.Sprintf("%s %q", c.Name, labels), func() error {
				value, status := tree.Lookup(hashtree.P(labels...)...)
				got := status.String()
				if status == hashtree.Found {
					got += ":" + string(value)
				}
				if got != expected {
					return fmt.Errorf("%s, want %s", got, expected)
				}
				return nil
			})
		}
	}
}

// buildVectorTree builds a tree from its JSON form: a list with the kind, then
// labels as "text:…", subtrees, and values or digests in hex.
func buildVectorTree(t *testing.T, data json.RawMessage) hashtree.Tree {
	t.Helper()
	var parts []json.RawMessage
	var kind int
	decodeVector(t, data, &parts)
	decodeVector(t, parts[0], &kind)
	text := func(i int) string {
		var s string
		decodeVector(t, parts[i], &s)
		return s
	}
	switch kind {
	case 1:
		return hashtree.Fork(buildVectorTree(t, parts[1]), buildVectorTree(t, parts[2]))
	case 2:
		return hashtree.Labeled([]byte(strings.TrimPrefix(text(1), "text:")), buildVectorTree(t, parts[2]))
	case 3:
		return hashtree.Leaf(unhex(t, text(1)))
	case 4:
		return hashtree.Pruned(hashtree.Digest(unhex(t, text(1))))
	default:
		return hashtree.Empty()
	}
}

func vectorsWebAuthn(r *vectorRun, data []byte) {
	var file struct {
		Signatures []struct {
			Name       string
			Key        string `json:"public_key_der"`
			Signature  string
			Payload    string `json:"payload_hex"`
			Delegation *struct {
				PublicKey  string `json:"pubkey_hex"`
				Expiration string
			}
			Valid bool
		}
		WrongKeys []string `json:"wrong_public_keys"`
		Parse     []struct {
			Name              string
			CBOR              string `json:"cbor_hex"`
			Challenge         string `json:"challenge_utf8"`
			AuthenticatorData string `json:"authenticator_data"`
			SignedBytes       string `json:"signed_bytes"`
		}
	}
	decodeVector(r.t, data, &file)
	for _, c := range file.Signatures {
		payload := unhex(r.t, c.Payload)
		if c.Delegation != nil {
			expiration, err := strconv.ParseUint(c.Delegation.Expiration, 10, 64)
			if err != nil {
				r.t.Fatal(err)
			}
			payload = certificate.Delegation{PublicKey: unhex(r.t, c.Delegation.PublicKey), Expiration: expiration}.SignedBytes()
		}
		r.check(c.Name, func() error {
			return want(c.Valid, ingress.VerifySignature(certificate.Verifier{}, unhex(r.t, c.Key), payload, unhex(r.t, c.Signature)))
		})
		for i, wrong := range file.WrongKeys {
			r.check(fmt.Sprintf("%s, wrong key %d", c.Name, i), func() error {
				return want(false, ingress.VerifySignature(certificate.Verifier{}, unhex(r.t, wrong), payload, unhex(r.t, c.Signature)))
			})
		}
	}
	for _, c := range file.Parse {
		r.check(c.Name, func() error {
			a, err := webauthn.ParseAssertion(unhex(r.t, c.CBOR))
			if err != nil {
				return err
			}
			client, err := webauthn.ParseClientData(a.ClientDataJSON)
			if err != nil {
				return err
			}
			if !strings.Contains(base64URL(client.Challenge), c.Challenge) {
				return fmt.Errorf("challenge %q", base64URL(client.Challenge))
			}
			if hex.EncodeToString(a.AuthenticatorData) != c.AuthenticatorData || hex.EncodeToString(a.SignedBytes()) != c.SignedBytes {
				return errors.New("authenticator data or signed bytes differ")
			}
			return nil
		})
	}
}

func vectorsKeys(r *vectorRun, data []byte) {
	var file struct {
		Signatures   []struct{ Alg, DER, Msg, Sig string }
		Encodings    []struct{ Alg, Raw, DER string } `json:"der_encodings"`
		Chains       []vectorKeyChain                 `json:"delegation_chains"`
		SpecWebAuthn string                           `json:"spec_webauthn_der"`
	}
	decodeVector(r.t, data, &file)
	for i, c := range file.Signatures {
		r.check(fmt.Sprintf("%s %d", c.Alg, i), func() error {
			key, msg, sig := unhex(r.t, c.DER), unhex(r.t, c.Msg), unhex(r.t, c.Sig)
			if strings.HasPrefix(c.Alg, "webauthn-inner") {
				k, err := webauthn.ParseDER(key)
				if err != nil {
					return err
				}
				return k.Verify(msg, sig)
			}
			return ingress.VerifySignature(certificate.Verifier{}, key, msg, sig)
		})
	}
	for i, c := range file.Encodings {
		r.check(fmt.Sprintf("%s encoding %d", c.Alg, i), func() error {
			// The key is recognised by its encoding: what fails is the
			// signature and not the key.
			if !strings.HasSuffix(c.DER, c.Raw) {
				return errors.New("the key is not the end of its encoding")
			}
			err := ingress.VerifySignature(certificate.Verifier{}, unhex(r.t, c.DER), nil, make([]byte, 64))
			if err == nil || !strings.Contains(err.Error(), "signature does not verify") {
				return fmt.Errorf("%w", err)
			}
			return nil
		})
	}
	for _, c := range file.Chains {
		r.check(c.Name, func() error { return c.run(r.t) })
	}
	r.check("WebAuthn key of the specification", func() error {
		k, err := webauthn.ParseDER(unhex(r.t, file.SpecWebAuthn))
		if err == nil && hex.EncodeToString(webauthn.EncodeDER(k.COSE())) != file.SpecWebAuthn {
			err = errors.New("another encoding")
		}
		return err
	})
}

type vectorKeyChain struct {
	Name  string
	Seeds []string
	Chain certificate.Chain
}

// run verifies the chain and makes it again from its seeds.
func (c vectorKeyChain) run(t *testing.T) error {
	if _, err := ingress.VerifyChain(certificate.Verifier{}, c.Chain, 0); err != nil {
		return err
	}
	for i, signed := range c.Chain.Delegations {
		key := ed25519.NewKeyFromSeed(unhex(t, c.Seeds[i]))
		if !bytes.Equal(ed25519.Sign(key, signed.Delegation.SignedBytes()), signed.Signature) {
			return fmt.Errorf("delegation %d has another signature", i)
		}
	}
	encoded, err := json.Marshal(c.Chain)
	if err != nil {
		return err
	}
	var again certificate.Chain
	if err := json.Unmarshal(encoded, &again); err != nil {
		return err
	}
	_, err = ingress.VerifyChain(certificate.Verifier{}, again, c.Chain.Delegations[0].Delegation.Expiration)
	return err
}

func vectorsExchanges(r *vectorRun, data []byte) {
	var file struct {
		Root      string `json:"root_key_der_hex"`
		NodeKey   string `json:"node_public_key_der_hex"`
		Node      string `json:"node_id"`
		Canister  string
		Exchanges []struct {
			Client, URL, Sender, Expected string
			Now                           string `json:"now_ns"`
			RequestID                     string `json:"request_id"`
			Request                       string `json:"request_body_hex"`
			Response                      string `json:"response_body_hex"`
		}
	}
	decodeVector(r.t, data, &file)
	root, err := certificate.ParseBLSPublicKeyDER(unhex(r.t, file.Root))
	if err != nil {
		r.t.Fatal(err)
	}
	verifier := ingress.Verifier{Certificates: certificate.Verifier{Root: root}}
	nodeKey := ed25519.PublicKey(unhex(r.t, file.NodeKey)[12:])
	canister := principal.MustParse(file.Canister)
	for i, c := range file.Exchanges {
		name := fmt.Sprintf("%d %s %s", i, c.Client, c.URL[strings.LastIndex(c.URL, "/")+1:])
		e, err := ingress.Parse(unhex(r.t, c.Request))
		r.check(name+" request", func() error {
			if err != nil {
				return err
			}
			if hex.EncodeToString(e.ID[:]) != c.RequestID || e.Content.Sender.String() != c.Sender {
				return fmt.Errorf("request %x of %s", e.ID, e.Content.Sender)
			}
			now, err := strconv.ParseUint(c.Now, 10, 64)
			if err != nil {
				return err
			}
			again, err := ingress.Parse(e.Encode())
			if err != nil || again.ID != e.ID {
				return fmt.Errorf("our encoding is another request: %w", err)
			}
			return want(!strings.HasPrefix(c.Expected, "must be refused"), verifier.Verify(e, now))
		})
		if err != nil {
			continue
		}
		r.check(name+" response", func() error {
			var body struct {
				Certificate []byte `cbor:"certificate"`
			}
			if err := cbor.Unmarshal(unhex(r.t, c.Response), &body); err != nil {
				return err
			}
			if body.Certificate != nil {
				parsed, err := certificate.Parse(body.Certificate)
				if err != nil {
					return err
				}
				return parsed.VerifyForCanister(root, canister)
			}
			response, err := ingress.ParseQueryResponse(unhex(r.t, c.Response))
			if err != nil {
				return err
			}
			if len(response.Signatures) != 1 || response.Signatures[0].Node.String() != file.Node {
				return errors.New("want one signature of the node")
			}
			s := response.Signatures[0]
			if !ed25519.Verify(nodeKey, ingress.QueryResponsePayload(response.Outcome, e.ID, s.Timestamp), s.Signature) {
				return errors.New("the node's signature does not verify")
			}
			again, err := ingress.ParseQueryResponse(response.Encode())
			if err != nil || sha256.Sum256(again.Outcome.Arg) != sha256.Sum256(response.Outcome.Arg) {
				return fmt.Errorf("our encoding is another answer: %w", err)
			}
			return nil
		})
	}
}
