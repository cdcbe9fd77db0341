package candid

import (
	"encoding/hex"
	"reflect"
	"testing"

	"internetidentity/principal"
)

type purpose struct {
	_        Variant
	Recovery *Null `candid:"recovery"`
	Other    *Null `candid:"authentication"`
}

type entry struct {
	Key   string `candid:"0"`
	Value data   `candid:"1"`
}

type data struct {
	_      Variant
	Map    *[]entry `candid:"map"`
	String *string  `candid:"string"`
}

type number uint64

type device struct {
	Alias    string              `candid:"alias"`
	Key      []byte              `candid:"pubkey"`
	Purpose  purpose             `candid:"purpose"`
	LastUsed *number             `candid:"last_usage"`
	Owner    principal.Principal `candid:"owner"`
	Metadata []entry             `candid:"metadata"`
	Size     Nat                 `candid:"size"`
}

type arguments struct {
	Number  number
	Devices []device
}

func sampleArguments() *arguments {
	text, used := "value", number(7)
	return &arguments{Number: 10_000, Devices: []device{{
		Alias: "phone", Key: []byte{1, 2, 3}, Purpose: purpose{Recovery: &Null{}}, LastUsed: &used,
		Owner:    principal.Anonymous(),
		Metadata: []entry{{Key: "a", Value: data{Map: &[]entry{{Key: "b", Value: data{String: &text}}}}}},
		Size:     NewNat(5),
	}, {Purpose: purpose{Other: &Null{}}, Key: []byte{}, Metadata: []entry{}, Size: NewNat(0)}}}
}

func TestCodecReturnsWhatItWasGiven(t *testing.T) {
	codec := MustCodec[arguments]()
	var got arguments
	if err := codec.Decode(codec.Encode(sampleArguments()), &got); err != nil {
		t.Fatal(err)
	}
	want := sampleArguments()
	// Numbers of any size are compared by their digits.
	for i := range got.Devices {
		if got.Devices[i].Size.String() != want.Devices[i].Size.String() {
			t.Error("another size")
		}
		got.Devices[i].Size, want.Devices[i].Size = Nat{}, Nat{}
	}
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestCodecTypesEqualTheirText(t *testing.T) {
	program, err := ParseProgram(`
		type Map = vec record { text; variant { map : Map; string : text } };
		type Device = record { alias : text; pubkey : blob; purpose : variant { recovery; authentication };
			last_usage : opt nat64; owner : principal; metadata : Map; size : nat };
		service : { m : (nat64, vec Device) -> () query }`)
	if err != nil {
		t.Fatal(err)
	}
	method := program.Service.Methods[0].Type.Func
	for i, got := range MustCodec[arguments]().Types() {
		if !Equal(got, method.Args[i]) {
			t.Errorf("argument %d differs", i)
		}
	}
}

func TestCodecRefusesWrongMessages(t *testing.T) {
	codec := MustCodec[arguments]()
	whole := codec.Encode(sampleArguments())
	for n := range whole {
		if err := codec.Decode(whole[:n], new(arguments)); err == nil {
			t.Fatalf("accepted the first %d bytes of %d", n, len(whole))
		}
	}
	if err := codec.Decode(append(whole, 0), new(arguments)); err == nil {
		t.Error("accepted a byte too many")
	}
}

func TestBombsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a vec of two billion nulls":     "4449444c016d7f0100" + "8094ebdc07",
		"a vec of vecs of reserved":      "4449444c026d016d700100" + "ff7fff7f",
		"a record that is only itself":   "4449444c016c0100000100",
		"a type table of a million":      "4449444cc0843d",
		"an opt within an opt, endless":  "4449444c016e000100" + repeat("01", 100_000),
		"a number of a million digits":   "4449444c00017d" + repeat("80", 1_000_000) + "00",
		"a text longer than the message": "4449444c000171ffffffff07",
	} {
		message, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range [][]*Type{{}, {Opt(Primitive(KindBool))}, {Primitive(KindReserved)}} {
			if _, err := Decode(message, want); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	}
}

func repeat(s string, n int) string {
	b := make([]byte, 0, len(s)*n)
	for range n {
		b = append(b, s...)
	}
	return string(b)
}

func FuzzDecode(f *testing.F) {
	codec := MustCodec[arguments]()
	f.Add(codec.Encode(sampleArguments()))
	f.Add([]byte("DIDL\x00\x00"))
	f.Fuzz(func(t *testing.T, message []byte) {
		var v arguments
		if codec.Decode(message, &v) != nil {
			return
		}
		if err := codec.Decode(codec.Encode(&v), new(arguments)); err != nil {
			t.Fatalf("what was decoded does not decode again: %v", err)
		}
	})
}

func FuzzParseProgram(f *testing.F) {
	f.Add("type T = opt record { a : T; 5 : blob }; service : (T) -> { m : (T) -> (nat) query }")
	f.Fuzz(func(t *testing.T, text string) {
		if program, err := ParseProgram(text); err == nil && program.Service != nil {
			IsSubtype(program.Service, program.Service)
		}
	})
}

func BenchmarkCodec(b *testing.B) {
	codec := MustCodec[arguments]()
	message := codec.Encode(sampleArguments())
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		v := sampleArguments()
		for b.Loop() {
			codec.Encode(v)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := codec.Decode(message, new(arguments)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
