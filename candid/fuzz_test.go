package candid

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// questions are those of the files in testdata, which make good seeds.
func questions(f *testing.F, pattern string) []string {
	f.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds in %s: %v", pattern, err)
	}
	var list []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '=' && line[0] != '!' {
				list = append(list, line)
			}
		}
	}
	return list
}

// seedMessages adds the messages of the files.
func seedMessages(f *testing.F) {
	f.Helper()
	for _, question := range questions(f, "decode/*.txt") {
		if text, _, ok := strings.Cut(question, " : "); ok && len(text) < 500 {
			if b, err := message(text); err == nil && len(b) < 5000 {
				f.Add(b)
			}
		}
	}
}

// fuzzTypes are lists of types that together need every rule.
func fuzzTypes(f *testing.F) [][]*Type {
	f.Helper()
	program, err := ParseProgram(`
		type List = opt record { head : int; tail : List };
		type Map = vec record { text; variant { map : Map; text : text; bytes : blob } };
		type Tree = variant { leaf; node : record { Tree; Tree } };
		type S = service { m : (S) -> (S) query };`)
	if err != nil {
		f.Fatal(err)
	}
	var lists [][]*Type
	for _, text := range []string{
		"()", "(nat)", "(int, opt text)", "(reserved, reserved)", "(opt opt bool)", "(null, opt null)", "(blob, vec int8)",
		"(List)", "(Map)", "(Tree)", "(opt Tree, opt Map)", "(S, principal)", "(opt S, opt func (S) -> ())",
		"(vec record { 0 : opt nat; 1 : nat8; 2 : opt vec float32 })", "(float64, nat64, int16)", "(empty)",
	} {
		types, err := program.ParseTypes(text)
		if err != nil {
			f.Fatal(err)
		}
		lists = append(lists, types)
	}
	return lists
}

// FuzzDecode reads a message at many types. What can be read can be written,
// and is then read as the same.
func FuzzDecode(f *testing.F) {
	lists := fuzzTypes(f)
	seedMessages(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		read := 0
		for _, types := range lists {
			values, err := Decode(message, types)
			if err != nil {
				continue
			}
			read++
			own, err := Encode(types, values)
			if err != nil {
				t.Fatalf("%v: %v", types, err)
			}
			again, err := Decode(own, types)
			if err != nil {
				t.Fatalf("%v: own encoding: %v", types, err)
			}
			second, err := Encode(types, again)
			if err != nil || !bytes.Equal(own, second) {
				t.Fatalf("%v: %x became %x, %v", types, own, second, err)
			}
		}
		// Without arguments, everything that is well-formed can be read.
		if _, err := Decode(message, nil); err != nil && read > 0 {
			t.Fatalf("read at a type, and not well-formed: %v", err)
		}
	})
}

// authnMethod has the shape of what a person signs in with.
type authnMethod struct {
	Method struct {
		_        Variant
		WebAuthn *struct {
			CredentialID []byte  `candid:"credential_id"`
			PublicKey    []byte  `candid:"pubkey"`
			AAGUID       *[]byte `candid:"aaguid"`
		} `candid:"WebAuthn"`
		PubKey *struct {
			PublicKey []byte `candid:"pubkey"`
		} `candid:"PubKey"`
	} `candid:"authn_method"`
	Settings struct {
		Protection protection `candid:"protection"`
		Purpose    purpose    `candid:"purpose"`
	} `candid:"security_settings"`
	Metadata           []benchEntry `candid:"metadata"`
	LastAuthentication *uint64      `candid:"last_authentication"`
}

// FuzzCodecDecode reads a message as a Go value, which must say the same as
// the Values of it.
func FuzzCodecDecode(f *testing.F) {
	type arguments struct {
		Number uint64
		Method authnMethod
		Name   *string
	}
	codec := MustCodec[arguments]()
	var v arguments
	v.Method.Settings.Protection.Protected, v.Method.Settings.Purpose.Other = &Null{}, &Null{}
	v.Method.Method.PubKey = &struct {
		PublicKey []byte `candid:"pubkey"`
	}{[]byte("a key")}
	v.Method.Metadata = *benchDevices().Devices[0].Metadata
	f.Add(codec.Encode(&v))
	values, err := Decode(codec.Encode(&v), codec.Types())
	if err != nil {
		f.Fatal(err)
	}
	foreign, err := Encode(append(codec.Types(), Vec(Primitive(KindBool))), append(values, VecValue{}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(foreign)
	seedMessages(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		var v arguments
		err := codec.Decode(message, &v)
		values, valueErr := Decode(message, codec.Types())
		if (err == nil) != (valueErr == nil) {
			t.Fatalf("as a Go value %v, as Values %v", err, valueErr)
		}
		if err != nil {
			return
		}
		own, err := Encode(codec.Types(), values)
		if err != nil {
			t.Fatal(err)
		}
		if again := codec.Encode(&v); !bytes.Equal(own, again) {
			t.Fatalf("as a Go value %x, as Values %x", again, own)
		}
	})
}

func FuzzParseProgram(f *testing.F) {
	f.Add("type T = opt record { a : T; 5 : blob }; service : (T) -> { m : (T) -> (nat) query }")
	f.Add("type A = B; type B = service { \"x\\u{e4}\" : F }; type F = func (A, n : B) -> () oneway; service s : B")
	f.Add("import \"a.did\"; /* /* */ */ // end")
	for _, question := range questions(f, "types.txt") {
		f.Add("type T = record {}; service : " + question + " -> {}")
	}
	f.Fuzz(func(t *testing.T, did string) {
		program, err := ParseProgram(did)
		if err != nil {
			return
		}
		for name, typ := range program.Types {
			if !Equal(typ, typ) || typ.Kind == 0 {
				t.Fatalf("the type %s is %v", name, typ)
			}
			if text := typ.String(); !strings.Contains(text, "...") {
				again, err := program.ParseTypes("(" + text + ")")
				if err != nil || !Equal(again[0], typ) {
					t.Fatalf("%s is %s, which is read as %v, %v", name, text, again, err)
				}
			}
		}
		if program.Service != nil && program.Service.Kind != KindService {
			t.Fatalf("a service of %v", program.Service)
		}
		appendHeader(nil, program.Init)
	})
}

// FuzzParseValues reads a text at many types. What can be read can be written
// as a text and a message.
func FuzzParseValues(f *testing.F) {
	lists := fuzzTypes(f)
	for _, question := range append(questions(f, "values.txt"), questions(f, "encode.txt")...) {
		text, _, _ := strings.Cut(question, " :")
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, types := range lists {
			values, err := ParseValues(text, types)
			if err != nil {
				continue
			}
			encoded, err := Encode(types, values)
			if err != nil {
				t.Fatalf("%v: %v", types, err)
			}
			formatted, err := FormatValues(types, values)
			if err != nil {
				t.Fatalf("%v: %v", types, err)
			}
			again, err := ParseValues(formatted, types)
			if err != nil {
				t.Fatalf("%v: %s: %v", types, formatted, err)
			}
			if second, err := Encode(types, again); err != nil || !bytes.Equal(encoded, second) {
				t.Fatalf("%v: %s became %s, %v", types, text, formatted, err)
			}
		}
	})
}
