package webauthn

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// registration is authenticator data with a credential.
func registration(flags byte, id, rest []byte) []byte {
	b := append(bytes.Repeat([]byte{0xaa}, 32), flags)
	b = binary.BigEndian.AppendUint32(b, 7)
	b = append(b, bytes.Repeat([]byte{0xbb}, 16)...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(id)))
	return append(append(b, id...), rest...)
}

func TestParseAuthenticatorData(t *testing.T) {
	plain := authenticatorData()
	extended := bytes.Clone(plain)
	extended[32] |= flagExtensions
	id := bytes.Repeat([]byte{1}, 16)
	long := make([]byte, maxCredentialID)
	key := es256().cose
	for _, c := range []struct {
		name       string
		data       []byte
		ok         bool
		credential []byte
		cose       []byte
	}{
		{"an assertion", plain, true, nil, nil},
		{"an assertion with extensions", append(bytes.Clone(extended), 0xa0), true, nil, nil},
		{"a registration", registration(flagAttested, id, key), true, id, key},
		{"a registration with extensions", registration(flagAttested|flagExtensions, id, append(bytes.Clone(key), 0xa0)), true, id, append(bytes.Clone(key), 0xa0)},
		{"the longest credential", registration(flagAttested, long, key), true, long, key},

		{"nothing", nil, false, nil, nil},
		{"a byte too few", plain[:36], false, nil, nil},
		{"bytes that no flag announces", append(bytes.Clone(plain), 0xa0), false, nil, nil},
		{"a registration that is none", registration(flagAttested, id, key)[:37], false, nil, nil},
		{"half an AAGUID", registration(flagAttested, id, key)[:50], false, nil, nil},
		{"half a length", registration(flagAttested, id, key)[:54], false, nil, nil},
		{"half a credential", registration(flagAttested, id, nil)[:60], false, nil, nil},
		{"no key", registration(flagAttested, id, nil), false, nil, nil},
		{"too long a credential", registration(flagAttested, make([]byte, maxCredentialID+1), key), false, nil, nil},
		{"a credential of 65535 bytes", registration(flagAttested, make([]byte, 65535), key), false, nil, nil},
	} {
		a, err := ParseAuthenticatorData(c.data)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil {
			continue
		}
		if a.Counter != 7 || a.Flags != c.data[32] || !bytes.Equal(a.RPIDHash[:], c.data[:32]) || (a.Attested != nil) != (c.credential != nil) {
			t.Errorf("%s: %+v", c.name, a)
		}
		if a.Attested != nil && (!bytes.Equal(a.Attested.CredentialID, c.credential) || !bytes.Equal(a.Attested.COSE, c.cose) || a.Attested.AAGUID[15] != 0xbb) {
			t.Errorf("%s: %+v", c.name, a.Attested)
		}
	}
}

func TestFlagsStandWhereTheSpecificationPutsThem(t *testing.T) {
	a, err := ParseAuthenticatorData(append(make([]byte, 32), 0x05, 0x01, 0x02, 0x03, 0x04))
	if err != nil {
		t.Fatal(err)
	}
	if a.Flags&FlagUserPresent == 0 || a.Flags&FlagUserVerified == 0 || a.Counter != 0x01020304 {
		t.Errorf("%+v", a)
	}
}

func TestEveryCredentialIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SliceOfN(rapid.Byte(), 0, maxCredentialID).Draw(t, "id")
		key := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "key")
		a, err := ParseAuthenticatorData(registration(rapid.Byte().Draw(t, "flags")|flagAttested, id, key))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Attested.CredentialID, id) || !bytes.Equal(a.Attested.COSE, key) {
			t.Fatalf("%+v", a.Attested)
		}
	})
}
