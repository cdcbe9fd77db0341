package webauthn

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func FuzzParseAssertion(f *testing.F) {
	for _, a := range []*authenticator{es256(), eddsa(), rs256("RS256", rsa2048Key())} {
		f.Add(a.honest().Encode())
	}
	f.Add(envelope("authenticator_data", []byte{}, "client_data_json", []byte("{}"), "signature", []byte{}))
	f.Add(envelope("authenticator_data", []int{1}, "client_data_json", nil, "signature", []byte{}))
	k := PublicKey{}
	f.Fuzz(func(t *testing.T, message []byte) {
		a, err := ParseAssertion(message)
		if err != nil {
			return
		}
		if a.AuthenticatorData == nil || a.ClientDataJSON == nil || a.Signature == nil || len(message) > maxAssertionBytes {
			t.Fatalf("a field is missing: %+v", a)
		}
		if a.Verify(k, payload()) == nil {
			t.Fatal("verifies without a key")
		}
		if utf8.Valid(a.ClientDataJSON) && len(message) < maxAssertionBytes-10 {
			reparse(t, a)
		}
	})
}

func FuzzParseDER(f *testing.F) {
	for _, a := range []*authenticator{es256(), eddsa(), rs256("RS256", rsa2048Key())} {
		f.Add(EncodeDER(a.cose), a.sign([]byte("message")))
	}
	f.Add(EncodeDER(marshal(coseRSA(odd(4096), odd(2)))), make([]byte, 512))
	f.Add(EncodeDER([]byte{0xa0}), []byte{})
	f.Add([]byte(oid+oid), []byte{0x30, 0})
	f.Fuzz(func(t *testing.T, der, signature []byte) {
		k, err := ParseDER(der)
		if err != nil {
			return
		}
		if !bytes.Equal(EncodeDER(k.COSE()), der) {
			t.Fatal("another form than ours was taken")
		}
		if again, err := ParseCOSE(k.COSE()); err != nil || again.Algorithm() != k.Algorithm() {
			t.Fatalf("the key alone does not parse: %v", err)
		}
		_ = k.Verify([]byte("message"), signature) // must not panic
	})
}

func FuzzParseAuthenticatorData(f *testing.F) {
	f.Add(authenticatorData())
	f.Add(registration(flagAttested, make([]byte, 16), es256().cose))
	f.Add(registration(flagAttested|flagExtensions, nil, []byte{0xa0}))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseAuthenticatorData(data)
		if err != nil {
			return
		}
		if (a.Attested != nil) != (a.Flags&flagAttested != 0) {
			t.Fatalf("flags %08b, credential %v", a.Flags, a.Attested)
		}
		if c := a.Attested; c != nil {
			again := append(bytes.Clone(data[:53]), byte(len(c.CredentialID)>>8), byte(len(c.CredentialID)))
			if again = append(append(again, c.CredentialID...), c.COSE...); !bytes.Equal(again, data) {
				t.Fatalf("%x, want %x", again, data)
			}
		}
	})
}

func FuzzParseClientData(f *testing.F) {
	f.Add(clientData(payload()))
	f.Add([]byte(`{"type":"a","challenge":"b","origin":"c","Type":"d","x":{"type":[1,2]}}`))
	f.Add([]byte(`{"type":"a","challenge":"b","origin":"c","type":"d"}`))
	f.Add([]byte(`{"type":null,"challenge":1,"origin":"\ud800"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseClientData(data)
		if err != nil {
			if c != (ClientData{}) {
				t.Fatalf("%+v with %v", c, err)
			}
			return
		}
		var fields map[string]any
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatalf("no JSON was taken: %v", err)
		}
		if fields["type"] != c.Type || fields["challenge"] != c.Challenge || fields["origin"] != c.Origin {
			t.Fatalf("%+v, want %v", c, fields)
		}
	})
}
