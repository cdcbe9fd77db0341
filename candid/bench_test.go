package candid

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"internetidentity/principal"
)

// benchDevice has the shape of what such a service lists for a person: texts,
// keys, choices, optional fields and a recursive part.
type benchDevice struct {
	Alias        string        `candid:"alias"`
	PublicKey    []byte        `candid:"pubkey"`
	CredentialID *[]byte       `candid:"credential_id"`
	Purpose      purpose       `candid:"purpose"`
	Protection   protection    `candid:"protection"`
	KeyType      keyType       `candid:"key_type"`
	Origin       *string       `candid:"origin"`
	LastUsage    *uint64       `candid:"last_usage"`
	Metadata     *[]benchEntry `candid:"metadata"`
}

type protection struct {
	_           Variant
	Protected   *Null `candid:"protected"`
	Unprotected *Null `candid:"unprotected"`
}

type keyType struct {
	_             Variant
	Unknown       *Null `candid:"unknown"`
	Platform      *Null `candid:"platform"`
	CrossPlatform *Null `candid:"cross_platform"`
	SeedPhrase    *Null `candid:"seed_phrase"`
}

type benchEntry struct {
	Key   string     `candid:"0"`
	Value benchValue `candid:"1"`
}

type benchValue struct {
	_      Variant
	Map    *[]benchEntry `candid:"map"`
	String *string       `candid:"string"`
	Bytes  *[]byte       `candid:"bytes"`
}

type benchArguments struct {
	Devices []benchDevice
}

// benchDevices are 5 devices, about 1.4 KB.
func benchDevices() *benchArguments {
	var a benchArguments
	for i := range 5 {
		credential, origin, used := bytes.Repeat([]byte{byte(i)}, 64), "https://identity.example.org", uint64(1_700_000_000_000_000_000)
		brand, model := "a brand", []byte("model")
		a.Devices = append(a.Devices, benchDevice{
			Alias: "A phone of mine", PublicKey: bytes.Repeat([]byte{0x30}, 94), CredentialID: &credential,
			Purpose: purpose{Other: &Null{}}, Protection: protection{Unprotected: &Null{}}, KeyType: keyType{Platform: &Null{}},
			Origin: &origin, LastUsage: &used,
			Metadata: &[]benchEntry{
				{Key: "brand", Value: benchValue{String: &brand}},
				{Key: "more", Value: benchValue{Map: &[]benchEntry{{Key: "model", Value: benchValue{Bytes: &model}}}}},
			},
		})
	}
	return &a
}

// foreignHeader is the message with a type table in another order than ours,
// as it comes from other encoders.
func foreignHeader(b *testing.B, message []byte) []byte {
	b.Helper()
	values, err := Decode(message, MustCodec[benchArguments]().Types())
	if err != nil {
		b.Fatal(err)
	}
	program, err := ParseProgram(`
		type Unused = record { nat8 };
		type Map = vec record { text; Value };
		type Value = variant { map : Map; string : text; bytes : blob };
		type Device = record { alias : text; pubkey : blob; credential_id : opt blob; purpose : variant { recovery; authentication };
			protection : variant { protected; unprotected }; key_type : variant { unknown; platform; cross_platform; seed_phrase };
			origin : opt text; last_usage : opt nat64; metadata : opt Map };`)
	if err != nil {
		b.Fatal(err)
	}
	types, err := program.ParseTypes("(vec Device, Unused)")
	if err != nil {
		b.Fatal(err)
	}
	foreign, err := Encode(types, append(values, RecordValue{{0, uint8(1)}}))
	if err != nil {
		b.Fatal(err)
	}
	return foreign
}

func BenchmarkDevices(b *testing.B) {
	codec := MustCodec[benchArguments]()
	devices := benchDevices()
	message := codec.Encode(devices)
	foreign := foreignHeader(b, message)
	b.Logf("message of %d bytes", len(message))
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			codec.Encode(devices)
		}
	})
	for name, message := range map[string][]byte{"decode": message, "decode foreign": foreign} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := codec.Decode(message, new(benchArguments)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("decode values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(message, codec.Types()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBlob(b *testing.B) {
	codec := MustCodec[struct{ Blob []byte }]()
	v := &struct{ Blob []byte }{make([]byte, 1<<20)}
	message := codec.Encode(v)
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(1 << 20)
		b.ReportAllocs()
		for b.Loop() {
			codec.Encode(v)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(1 << 20)
		b.ReportAllocs()
		for b.Loop() {
			if err := codec.Decode(message, v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkNewCodec is what a program pays that makes a codec for each message.
func BenchmarkNewCodec(b *testing.B) {
	for b.Loop() {
		MustCodec[benchArguments]()
	}
}

// BenchmarkP256Verify is the yardstick: one bare signature check.
func BenchmarkP256Verify(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte(principal.Anonymous().String()))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			b.Fatal("refused")
		}
	}
}
