package candid

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

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

// messageOf encodes a value text.
func messageOf(t *testing.T, program, valueText, typeText string) []byte {
	t.Helper()
	p, err := ParseProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	types, err := p.ParseTypes(typeText)
	if err != nil {
		t.Fatal(err)
	}
	values, err := ParseValues(valueText, types)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Encode(types, values)
	if err != nil {
		t.Fatal(err)
	}
	return b
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
			t.Errorf("argument %d is %v", i, got)
		}
	}
}

// everything has a field of each Go type that stands for a Candid type.
type everything struct {
	Record struct {
		Null     Null                `candid:"nothing"`
		Reserved Reserved            `candid:"reserved"`
		Bool     bool                `candid:"bool"`
		Nat      Nat                 `candid:"nat"`
		Int      Int                 `candid:"int"`
		Nat8     uint8               `candid:"nat8"`
		Nat16    uint16              `candid:"nat16"`
		Nat32    uint32              `candid:"nat32"`
		Nat64    uint64              `candid:"nat64"`
		Int8     int8                `candid:"int8"`
		Int16    int16               `candid:"int16"`
		Int32    int32               `candid:"int32"`
		Int64    int64               `candid:"int64"`
		Float32  float32             `candid:"float32"`
		Float64  float64             `candid:"float64"`
		Text     string              `candid:"text"`
		Owner    principal.Principal `candid:"owner"`
		Blob     []byte              `candid:"bytes"`
		Numbers  []uint32            `candid:"numbers"`
		Nested   **string            `candid:"nested"`
		Nulls    []Null              `candid:"nulls"`
	}
}

const (
	everythingType = `(record { nothing : null; reserved : reserved; bool : bool; nat : nat; int : int;
		nat8 : nat8; nat16 : nat16; nat32 : nat32; nat64 : nat64; int8 : int8; int16 : int16; int32 : int32; int64 : int64;
		float32 : float32; float64 : float64; text : text; owner : principal; bytes : blob; numbers : vec nat32;
		nested : opt opt text; nulls : vec null })`
	everythingText = `(record { nothing = null; reserved = null; bool = true; nat = 1_000; int = -1_000;
		nat8 = 255; nat16 = 65535; nat32 = 4294967295; nat64 = 18446744073709551615;
		int8 = -128; int16 = -32768; int32 = -2147483648; int64 = -9223372036854775808;
		float32 = 1.5; float64 = -0.25; text = "ä"; owner = principal "2vxsx-fae"; bytes = blob "\00\ff"; numbers = vec { 1; 2 };
		nested = opt opt "x"; nulls = vec { null; null } })`
)

// TestEveryGoType compares the Go side with the text side.
func TestEveryGoType(t *testing.T) {
	message := messageOf(t, "", everythingText, everythingType)
	codec := MustCodec[everything]()
	var got everything
	if err := codec.Decode(message, &got); err != nil {
		t.Fatal(err)
	}
	r := got.Record
	switch {
	case !r.Bool, r.Nat.String() != "1000", r.Int.String() != "-1000",
		r.Nat8 != 255, r.Nat16 != 65535, r.Nat32 != math.MaxUint32, r.Nat64 != math.MaxUint64,
		r.Int8 != -128, r.Int16 != -32768, r.Int32 != math.MinInt32, r.Int64 != math.MinInt64,
		r.Float32 != 1.5, r.Float64 != -0.25, r.Text != "ä", r.Owner != principal.Anonymous(),
		string(r.Blob) != "\x00\xff", !reflect.DeepEqual(r.Numbers, []uint32{1, 2}), **r.Nested != "x", len(r.Nulls) != 2:
		t.Errorf("got %+v", r)
	}
	if again := codec.Encode(&got); !bytes.Equal(again, message) {
		t.Errorf("encoded again:\n%x, was\n%x", again, message)
	}
}

func TestNotANumberKeepsItsBits(t *testing.T) {
	type floats struct {
		F32 float32
		F64 float64
	}
	codec := MustCodec[floats]()
	// A signaling one, which arithmetic would change.
	message := append(codec.Encode(&floats{})[:len("DIDL")+4], 0x01, 0, 0xa0, 0x7f, 0x01, 0, 0, 0, 0, 0, 0xf4, 0x7f)
	var got floats
	if err := codec.Decode(message, &got); err != nil {
		t.Fatal(err)
	}
	if again := codec.Encode(&got); !bytes.Equal(again, message) {
		t.Errorf("%x became %x", message, again)
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

func TestCodecReadsOtherTypes(t *testing.T) {
	type record struct {
		R struct {
			Name    string   `candid:"name"`
			Purpose purpose  `candid:"purpose"`
			Choice  *purpose `candid:"choice"`
			Note    *string  `candid:"note"`
			Count   Int      `candid:"count"`
		}
	}
	const complete = `name = "n"; purpose = variant { recovery }; choice = opt variant { recovery }; note = opt "x"; count = 5`
	const completeType = `name : text; purpose : variant { recovery; new }; choice : opt variant { recovery; new }; note : opt text; count : nat`
	for _, c := range []struct{ name, value, typ, err string }{
		{"as expected, a nat for an int", complete, completeType, ""},
		{"with a field that is not known", complete + `; more = vec { 1 }`, completeType + `; more : vec nat`, ""},
		{"without optional fields", `name = "n"; purpose = variant { recovery }; count = 5`, `name : text; purpose : variant { recovery; new }; count : nat`, ""},
		{"with a plain value for an optional one", strings.Replace(complete, `opt "x"`, `"x"`, 1), strings.Replace(completeType, `opt text`, `text`, 1), ""},
		{"with an unknown choice that may be null", strings.Replace(complete, `opt variant { recovery }`, `opt variant { new }`, 1), completeType, ""},
		{"with an unknown choice", strings.Replace(complete, `variant { recovery }`, `variant { new }`, 1), completeType,
			"argument 0: purpose: the choice 5492832 is not known"},
		{"without a required field", `name = "n"; count = 5`, `name : text; count : nat`,
			"argument 0: purpose: it is required and missing"},
		{"with a field of another type", strings.Replace(complete, `count = 5`, `count = "5"`, 1), strings.Replace(completeType, `count : nat`, `count : text`, 1),
			"argument 0: count: it is text and should be int"},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := messageOf(t, "", "(record { "+c.value+" })", "(record { "+c.typ+" })")
			var got record
			err := MustCodec[record]().Decode(message, &got)
			if c.err != "" {
				if !errors.Is(err, ErrMismatch) || !strings.HasSuffix(err.Error(), c.err) {
					t.Errorf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.R.Name != "n" || got.R.Purpose.Recovery == nil || got.R.Count.String() != "5" {
				t.Errorf("got %+v", got)
			}
			unknown := strings.Contains(c.value, "opt variant { new }")
			if missing := !strings.Contains(c.value, "choice"); (got.R.Choice == nil) != (missing || unknown) {
				t.Errorf("choice %v", got.R.Choice)
			}
			if missing := !strings.Contains(c.value, "note"); (got.R.Note == nil) != missing {
				t.Errorf("note %v", got.R.Note)
			}
		})
	}
}

func TestMissingArguments(t *testing.T) {
	type two struct {
		Number uint64
		Note   *string
	}
	var got two
	if err := MustCodec[two]().Decode(messageOf(t, "", "(5)", "(nat64)"), &got); err != nil || got.Number != 5 || got.Note != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if err := MustCodec[two]().Decode(messageOf(t, "", "()", "()"), &got); !errors.Is(err, ErrMismatch) {
		t.Errorf("without the required one: %v", err)
	}
	if err := MustCodec[struct{}]().Decode(messageOf(t, "", "(5)", "(nat64)"), new(struct{})); err != nil {
		t.Errorf("an extra one: %v", err)
	}
}

func TestDecodeOverwritesEverything(t *testing.T) {
	codec := MustCodec[arguments]()
	text := "old"
	got := *sampleArguments()
	got.Devices[0].Metadata[0].Value.String = &text // a second choice
	fresh := sampleArguments()
	fresh.Devices[0].LastUsed = nil
	if err := codec.Decode(codec.Encode(fresh), &got); err != nil {
		t.Fatal(err)
	}
	if got.Devices[0].LastUsed != nil || got.Devices[0].Metadata[0].Value.String != nil {
		t.Errorf("something old is left: %+v", got)
	}
	before := got
	if err := codec.Decode([]byte("DIDL"), &got); err == nil || !reflect.DeepEqual(got, before) {
		t.Error("an error changed what was there")
	}
}

// TestBlobsAreNotCopiedElementByElement counts what the dependable part of the
// cost is: allocations. Blobs are part of the message.
func TestBlobsAreNotCopiedElementByElement(t *testing.T) {
	codec := MustCodec[struct{ Blob []byte }]()
	v := &struct{ Blob []byte }{bytes.Repeat([]byte{7}, 1<<20)}
	message := codec.Encode(v)
	if err := codec.Decode(message, v); err != nil || len(v.Blob) != 1<<20 || &v.Blob[0] != &message[len(message)-1<<20] {
		t.Errorf("the blob of %d bytes is not the message's: %v", len(v.Blob), err)
	}
	if cap(v.Blob) != len(v.Blob) {
		t.Error("appending to the blob would write into the message")
	}
	if n := testing.AllocsPerRun(10, func() { codec.Decode(message, v) }); n > 10 {
		t.Errorf("%v allocations to decode", n)
	}
	if n := testing.AllocsPerRun(10, func() { codec.Encode(v) }); n > 10 {
		t.Errorf("%v allocations to encode", n)
	}
}

func TestEmptyListsAreNotNil(t *testing.T) {
	type lists struct {
		Blob  []byte
		Texts []string
	}
	codec := MustCodec[lists]()
	var got lists
	if err := codec.Decode(codec.Encode(&lists{}), &got); err != nil || got.Blob == nil || got.Texts == nil {
		t.Errorf("%#v, %v", got, err)
	}
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got == nil || !strings.Contains(fmt.Sprint(got), want) {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	f()
}

func TestEncodePanicsOnWhatNoMessageHolds(t *testing.T) {
	codec := MustCodec[struct{ P purpose }]()
	mustPanic(t, "a candid.purpose without a choice", func() { codec.Encode(&struct{ P purpose }{}) })
	mustPanic(t, "a candid.purpose with two choices, authentication and recovery", func() {
		codec.Encode(&struct{ P purpose }{purpose{Recovery: &Null{}, Other: &Null{}}})
	})
	type ring *ring
	var r ring
	r = &r
	mustPanic(t, "values nested deeper", func() { MustCodec[struct{ R ring }]().Encode(&struct{ R ring }{r}) })
}

func TestRecursiveGoTypes(t *testing.T) {
	type list struct {
		Head uint8 `candid:"0"`
		Tail *list `candid:"1"`
	}
	type tree []tree
	type both struct {
		List list
		Tree tree
	}
	codec := MustCodec[both]()
	v := &both{list{1, &list{2, nil}}, tree{{}, {{}}}}
	want := messageOf(t, "type L = record { nat8; opt L }; type T = vec T;", "(record { 1; opt record { 2; null } }, vec { vec {}; vec { vec {} } })", "(L, T)")
	if got := codec.Encode(v); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
	var got both
	if err := codec.Decode(want, &got); err != nil || !reflect.DeepEqual(&got, v) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNewCodecRefusesGoTypes(t *testing.T) {
	try := func(want string, newCodec func() error) {
		t.Helper()
		if err := newCodec(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	try("int is not a struct of arguments", func() error { _, err := NewCodec[int](); return err })
	try("int stands for no Candid type", func() error { _, err := NewCodec[struct{ N int }](); return err })
	try("map[string]int stands for no Candid type", func() error { _, err := NewCodec[struct{ M map[string]int }](); return err })
	try("interface {} stands for no Candid type", func() error { _, err := NewCodec[struct{ A any }](); return err })
	try("func() stands for no Candid type", func() error { _, err := NewCodec[struct{ F func() }](); return err })
	try("[4]uint8 stands for no Candid type", func() error { _, err := NewCodec[struct{ A [4]byte }](); return err })
	try("uint stands for no Candid type", func() error { _, err := NewCodec[struct{ U []*uint }](); return err })
	try("n is not exported", func() error { _, err := NewCodec[struct{ n uint8 }](); return err })
	type noTag struct{ A uint8 }
	try("noTag.A has no candid tag", func() error { _, err := NewCodec[struct{ R noTag }](); return err })
	type hidden struct {
		a uint8 `candid:"a"`
	}
	try("hidden.a is not exported", func() error { _, err := NewCodec[struct{ R hidden }](); return err })
	type twice struct {
		A uint8 `candid:"a"`
		B uint8 `candid:"97"`
	}
	try("have the same id", func() error { _, err := NewCodec[struct{ R twice }](); return err })
	type plainChoice struct {
		_ Variant
		A uint8 `candid:"a"`
	}
	try("a choice of a variant is a pointer", func() error { _, err := NewCodec[struct{ R plainChoice }](); return err })
	type late struct {
		A *uint8 `candid:"a"`
		_ Variant
	}
	try("the mark of a variant is its first field", func() error { _, err := NewCodec[struct{ R late }](); return err })
	type none struct{ _ Variant }
	try("a variant has choices", func() error { _, err := NewCodec[struct{ R none }](); return err })
	type deep struct {
		A []*struct {
			B chan int `candid:"b"`
		} `candid:"a"`
	}
	try("chan int stands for no Candid type", func() error { _, err := NewCodec[struct{ R deep }](); return err })
	mustPanic(t, "int is not a struct of arguments", func() { MustCodec[int]() })
}

// TestBothPathsAgree compares the two results of decoding, Values and Go
// values, and both encodings.
func TestBothPathsAgree(t *testing.T) {
	codec := MustCodec[benchArguments]()
	rapid.Check(t, func(t *rapid.T) {
		values := drawValues(t, codec.Types())
		message := []byte(wire(t, codec.Types(), values))
		var got benchArguments
		if err := codec.Decode(message, &got); err != nil {
			t.Fatal(err)
		}
		if again := codec.Encode(&got); !bytes.Equal(again, message) {
			t.Fatalf("%x became %x", message, again)
		}
		// The same with a type table that is not our own.
		foreign := wire(t, append(codec.Types(), Vec(Primitive(KindBool))), append(values, VecValue{true}))
		var second benchArguments
		if err := codec.Decode([]byte(foreign), &second); err != nil || !reflect.DeepEqual(got, second) {
			t.Fatalf("with another header: %+v, %v", second, err)
		}
	})
}
