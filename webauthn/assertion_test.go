package webauthn

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"internetidentity/cbor"
)

func TestAuthenticatorsOfEveryKindSign(t *testing.T) {
	for _, a := range authenticators() {
		k := a.key(t)
		if name, _, _ := strings.Cut(a.name, " "); k.Algorithm().String() != name {
			t.Errorf("%s is taken for %v", a.name, k.Algorithm())
		}
		assertion := reparse(t, a.honest())
		if err := assertion.Verify(k, payload()); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
		for _, other := range authenticators() {
			if other.name != a.name && assertion.Verify(other.key(t), payload()) == nil {
				t.Errorf("an assertion of %s verifies with a key of %s", a.name, other.name)
			}
		}
	}
}

// Every bit of what is signed, and of the signature, counts.
func TestNothingCanBeChanged(t *testing.T) {
	for _, a := range authenticators() {
		k := a.key(t)
		honest := a.honest()
		for _, part := range []struct {
			name  string
			bytes []byte
		}{{"authenticator data", honest.AuthenticatorData}, {"client data", honest.ClientDataJSON}, {"signature", honest.Signature}} {
			for i := range part.bytes {
				part.bytes[i] ^= 1 << (i % 8)
				if honest.Verify(k, payload()) == nil {
					t.Errorf("%s: byte %d of the %s does not count", a.name, i, part.name)
				}
				part.bytes[i] ^= 1 << (i % 8)
			}
		}
		if err := honest.Verify(k, payload()); err != nil {
			t.Fatalf("%s: %v", a.name, err)
		}
		cut := *honest
		cut.Signature = honest.Signature[:len(honest.Signature)-1]
		long := *honest
		long.Signature = append(bytes.Clone(honest.Signature), 0)
		padded := *honest
		padded.Signature = append([]byte{0}, honest.Signature...)
		none := *honest
		none.Signature = nil
		for name, assertion := range map[string]Assertion{"cut": cut, "long": long, "padded": padded, "empty": none} {
			if err := assertion.Verify(k, payload()); !errors.Is(err, ErrSignature) {
				t.Errorf("%s with a %s signature: %v", a.name, name, err)
			}
		}
	}
}

func TestVerifyAsksForTheWholePayload(t *testing.T) {
	a := es256()
	k := a.key(t)
	other := append(payload(), 0)
	for name, challenge := range map[string][]byte{
		"another payload":    other,
		"nothing":            {},
		"the payload's hash": payload()[27:],
		"the payload twice":  append(payload(), payload()...),
	} {
		if a.assert(authenticatorData(), clientData(challenge)).Verify(k, payload()) == nil {
			t.Errorf("%s was signed and is taken for the payload", name)
		}
	}
	// An empty payload has an empty challenge, which is still asked for.
	if err := a.assert(authenticatorData(), clientData(nil)).Verify(k, nil); err != nil {
		t.Errorf("an empty payload: %v", err)
	}
}

func TestVerifyReadsClientDataStrictly(t *testing.T) {
	a := es256()
	k := a.key(t)
	// One byte at the end, so that the last digit has loose bits.
	payload := []byte("payload of 25 bytes, yes!")
	right := base64.RawURLEncoding.EncodeToString(payload)
	object := func(kind, challenge, origin string) string {
		return `{"type":` + kind + `,"challenge":` + challenge + `,"origin":` + origin + `}`
	}
	const get, origin = `"webauthn.get"`, `"https://id.ai"`
	quoted := `"` + right + `"`
	for _, c := range []struct {
		name, client string
		ok           bool
	}{
		{"plain", object(get, quoted, origin), true},
		{"another order and space", ` { "origin" : "" , "challenge":` + quoted + ",\n\"type\":" + get + ` } `, true},
		{"more fields", `{"type":` + get + `,"challenge":` + quoted + `,"origin":` + origin + `,"crossOrigin":true,"other":{"type":1},"topOrigin":null}`, true},
		{"escapes", object(`"webauthn\u002eget"`, quoted, origin), true},
		{"any origin", object(get, quoted, `"https://evil.example"`), true},

		{"a registration", object(`"webauthn.create"`, quoted, origin), false},
		{"a payment", object(`"payment.get"`, quoted, origin), false},
		{"a type in upper case", object(`"Webauthn.Get"`, quoted, origin), false},
		{"a longer type", object(`"webauthn.get "`, quoted, origin), false},
		{"a type that is no text", object(`1`, quoted, origin), false},
		{"a null type", object(`null`, quoted, origin), false},
		{"no type", `{"challenge":` + quoted + `,"origin":` + origin + `}`, false},
		{"no challenge", `{"type":` + get + `,"origin":` + origin + `}`, false},
		{"no origin", `{"type":` + get + `,"challenge":` + quoted + `}`, false},
		{"an origin that is no text", object(get, quoted, `["https://id.ai"]`), false},
		{"names in upper case", `{"Type":` + get + `,"Challenge":` + quoted + `,"Origin":` + origin + `}`, false},
		{"a second challenge", `{"type":` + get + `,"challenge":"AAAA","origin":` + origin + `,"challenge":` + quoted + `}`, false},
		{"a second challenge before", `{"challenge":` + quoted + `,"type":` + get + `,"challenge":"AAAA","origin":` + origin + `}`, false},
		{"a second challenge by escapes", `{"type":` + get + `,"challenge":` + quoted + `,"origin":` + origin + `,"\u0063hallenge":` + quoted + `}`, false},
		{"padding", object(get, `"`+right+`=="`, origin), false},
		{"the other alphabet", object(get, `"`+base64.RawStdEncoding.EncodeToString([]byte("\xfb\xff"))+`"`, origin), false},
		{"loose bits", object(get, `"`+right[:len(right)-1]+`R"`, origin), false},
		{"a line break", object(get, `"`+right[:4]+`\n`+right[4:]+`"`, origin), false},
		{"a space", object(get, `"`+right+` "`, origin), false},
		{"the payload itself", object(get, `"`+string(payload)+`"`, origin), false},
		{"bytes that are not UTF-8", object(get, quoted, "\"\xff\""), false},
		{"a byte order mark", "\ufeff" + object(get, quoted, origin), false},
		{"something behind", object(get, quoted, origin) + "x", false},
		{"two objects", object(get, quoted, origin) + object(get, quoted, origin), false},
		{"an array", `["type"]`, false},
		{"null", `null`, false},
		{"a text", quoted, false},
		{"nothing", "", false},
		{"half an object", `{"type":` + get, false},
		{"ten thousand arrays", `{"a":` + strings.Repeat("[", 10_000), false},
	} {
		err := a.assert(authenticatorData(), []byte(c.client)).Verify(k, payload)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if right[len(right)-1] != 'Q' {
		t.Fatalf("the challenge %s has no loose bits", right)
	}
}

func TestVerifyAsksForAuthenticatorData(t *testing.T) {
	for _, a := range authenticators() {
		for _, length := range []int{0, 1, minAuthenticatorData - 1} {
			if a.assert(make([]byte, length), clientData(payload())).Verify(a.key(t), payload()) == nil {
				t.Errorf("%s: verifies with %d bytes of it", a.name, length)
			}
		}
		// Extensions may follow, and flags are the caller's matter.
		long := append(bytes.Repeat([]byte{0}, 32), append([]byte{flagExtensions, 0, 0, 0, 0}, marshal(map[string]bool{"x": true})...)...)
		if err := a.assert(long, clientData(payload())).Verify(a.key(t), payload()); err != nil {
			t.Errorf("%s with extensions: %v", a.name, err)
		}
	}
}

func TestNoKeyVerifiesNothing(t *testing.T) {
	if err := es256().honest().Verify(PublicKey{}, payload()); !errors.Is(err, ErrSignature) {
		t.Error(err)
	}
}

// envelope writes an assertion field by field.
func envelope(pairs ...any) []byte {
	b := cbor.AppendMap(cbor.AppendTag(nil), len(pairs)/2)
	for i, part := range pairs {
		if i%2 == 0 {
			b = cbor.AppendText(b, part.(string))
		} else {
			b = append(b, marshal(part)...)
		}
	}
	return b
}

func TestParseAssertion(t *testing.T) {
	data, client, signature := []byte("data"), "client", []byte("signature")
	const d, c, s = "authenticator_data", "client_data_json", "signature"
	plain := envelope(d, data, c, client, s, signature)
	for _, x := range []struct {
		name    string
		message []byte
		ok      bool
	}{
		{"plain", plain, true},
		{"another order", envelope(s, signature, d, data, c, client), true},
		{"client data as bytes", envelope(d, data, c, []byte(client), s, signature), true},
		{"a field more", envelope(d, data, c, client, s, signature, "other", []any{1, "x"}), true},

		{"no tag", plain[3:], false},
		{"two tags", append(plain[:3:3], plain...), false},
		{"bytes behind", append(bytes.Clone(plain), 0), false},
		{"cut short", plain[:len(plain)-1], false},
		{"nothing", nil, false},
		{"an array", append(cbor.AppendTag(nil), marshal([]any{data, client, signature})...), false},
		{"no authenticator data", envelope(c, client, s, signature), false},
		{"no client data", envelope(d, data, s, signature), false},
		{"no signature", envelope(d, data, c, client), false},
		{"null authenticator data", envelope(d, nil, c, client, s, signature), false},
		{"null client data", envelope(d, data, c, nil, s, signature), false},
		{"null signature", envelope(d, data, c, client, s, nil), false},
		{"authenticator data as a text", envelope(d, string(data), c, client, s, signature), false},
		{"a signature as a text", envelope(d, data, c, client, s, string(signature)), false},
		{"a signature as an array", envelope(d, data, c, client, s, []int{1, 2, 3}), false},
		{"client data as an array", envelope(d, data, c, []int{1, 2, 3}, s, signature), false},
		{"client data as a map", envelope(d, data, c, map[string]string{"type": "webauthn.get"}, s, signature), false},
		{"client data as a number", envelope(d, data, c, 1, s, signature), false},
		{"client data that is not UTF-8", envelope(d, data, c, cbor.RawMessage("\x61\xff"), s, signature), false},
		{"client data with a tag", envelope(d, data, c, cbor.RawMessage("\xd9\xd9\xf7\x61a"), s, signature), false},
		{"a signature with a tag", envelope(d, data, c, client, s, cbor.RawMessage("\xc2\x41a")), false},
		{"a signature twice", envelope(d, data, c, client, s, signature, s, signature), false},
		{"an unknown field twice", envelope(d, data, c, client, s, signature, "x", 1, "x", 2), false},
		{"a name in upper case", envelope(d, data, c, client, "Signature", signature), false},
		{"the largest", envelope(d, data, c, client, s, make([]byte, maxAssertionBytes-len(plain)+len(signature)-2)), true},
		{"larger", envelope(d, data, c, client, s, make([]byte, maxAssertionBytes-len(plain)+len(signature)-1)), false},
	} {
		a, err := ParseAssertion(x.message)
		if (err == nil) != x.ok {
			t.Errorf("%s: %v", x.name, err)
		}
		if err == nil && (!bytes.Equal(a.AuthenticatorData, data) || string(a.ClientDataJSON) != client) {
			t.Errorf("%s: %+v", x.name, a)
		}
	}
}

func TestAssertionsKeepTheirMemory(t *testing.T) {
	message := es256().honest().Encode()
	a, err := ParseAssertion(message)
	if err != nil {
		t.Fatal(err)
	}
	before := a.Encode()
	clear(message)
	if !bytes.Equal(a.Encode(), before) {
		t.Error("an assertion shares memory with its envelope")
	}
	// What is signed does not grow into the authenticator data.
	long := append(make([]byte, 0, 100), a.AuthenticatorData...)
	a.AuthenticatorData = long
	a.SignedBytes()
	if !bytes.Equal(long[:cap(long)][len(long):], make([]byte, cap(long)-len(long))) {
		t.Error("the signed bytes were written behind the authenticator data")
	}
}
