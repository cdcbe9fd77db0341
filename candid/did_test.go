package candid

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// summary writes what was read: types by name, arguments, service.
func summary(p *Program) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(p.Types)) {
		lines = append(lines, fmt.Sprintf("%s = %v", name, p.Types[name]))
	}
	if p.Init != nil {
		var f formatter
		f.list(p.Init)
		lines = append(lines, "init "+f.String())
	}
	if p.Service != nil {
		lines = append(lines, p.Service.String())
	}
	return strings.Join(lines, "\n")
}

func TestParseProgram(t *testing.T) {
	for _, c := range []struct{ name, did, want string }{
		{"nothing", "", ""},
		{"only comments", "// a\n/* b /* c */ d */ //", ""},
		{"types", "type A = nat; type B = opt A;", "A = nat\nB = opt nat"},
		{"a semicolon may be missing at the end", "type A = nat", "A = nat"},
		{"before it is defined", "type A = vec B; type B = record { C }; type C = text",
			"A = vec record { text }\nB = record { text }\nC = text"},
		{"an alias of an alias", "type A = B; type B = C; type C = vec A;", "A = vec ...\nB = vec ...\nC = vec ..."},
		{"in itself", "type Node = record { value : nat; next : opt Node }", "Node = record { value : nat; next : opt ... }"},
		{"in each other", "type A = opt B; type B = vec A;", "A = opt vec ...\nB = vec opt ..."},
		{"an endless record", "type E = record { E }", "E = record { ... }"},
		{"a function", "type F = func (nat, x : text) -> (opt F) query;", "F = func (nat, text) -> (opt ...) query"},
		{"a service type", "type S = service { m : (S) -> () oneway }", "S = service { m : (...) -> () oneway }"},
		{"a service", "service : { m : () -> () }", "service { m : () -> () }"},
		{"a service with a name", "service Counter : { get : () -> (nat) query; };", "service { get : () -> (nat) query }"},
		{"a service with arguments", "service : (opt nat, name : text) -> { }", "init (opt nat, text)\nservice {}"},
		{"a service with no arguments", "service : () -> {}", "init ()\nservice {}"},
		{"a service by name", "type S = service { a : () -> () }; service : S", "S = service { a : () -> () }\nservice { a : () -> () }"},
		{"a service by the name of a name", "type T = S; type S = service {}; service : (T) -> T;", "S = service {}\nT = service {}\ninit (service {})\nservice {}"},
		{"methods by name", "type F = func () -> () query; type G = F; service : { b : G; a : F; \"c d\" : F }",
			"F = func () -> () query\nG = func () -> () query\nservice { a : () -> () query; b : () -> () query; \"c d\" : () -> () query }"},
		{"names of primitive types", "type r = record { text : text; nat : nat; principal_ : principal }; service nat : { bool : (int : int) -> () }",
			"r = record { nat : nat; text : text; principal_ : principal }\nservice { bool : (int) -> () }"},
		{"keywords in quotes", `type r = record { "type" : nat; "service" : nat }; service : { "query" : () -> () query }`,
			"r = record { \"service\" : nat; \"type\" : nat }\nservice { \"query\" : () -> () query }"},
		{"names with escapes", `type r = record { "a\"\u{e4}" : nat }`, `r = record { "a\"ä" : nat }`},
		{"spaces do not matter", "type\tA\r\n=variant{a;b:nat;};service:{m:(A)->(A)}",
			"A = variant { a; b : nat }\nservice { m : (variant { a; b : nat }) -> (variant { a; b : nat }) }"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program, err := ParseProgram(c.did)
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(program); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestParseProgramRefuses(t *testing.T) {
	for _, c := range []struct{ name, did, want string }{
		{"an import", `import "other.did"; type A = nat`, "line 1, column 1: imports are not supported: the types must stand in this text"},
		{"an import further down", "type A = nat;\n  import service \"b.did\";", "line 2, column 3: imports are not supported"},
		{"what is not defined", "type A = B;\ntype C = opt D;", "line 1, column 10: the type B is not defined"},
		{"what is defined twice", "type A = nat;\ntype A = text;", "line 2, column 6: the type A is defined twice"},
		{"a name that is only itself", "type A = A;", "line 1, column 10: the type A stands for nothing but itself"},
		{"names in a circle", "type X = nat; type A = B; type B = C; type C = A;", "column 24: the type B stands for nothing but itself"},
		{"an alias of a circle", "type A = B; type B = B;", "the type B stands for nothing but itself"},
		{"a primitive's name", "type nat = text;", `line 1, column 6: "nat" cannot be the name of a type`},
		{"a keyword as a name", "type query = text;", `"query" cannot be the name of a type`},
		{"a quoted type name", `type "A" = text;`, `"A" cannot be the name of a type`},
		{"no definition", "type A;", `line 1, column 7: want "=", found ";"`},
		{"no name", "type = nat;", `"=" cannot be the name of a type`},
		{"two services", "service : {}; service : {}", `line 1, column 15: "service" behind the end`},
		{"a type behind the service", "service : {}; type A = nat", `"type" behind the end`},
		{"a service that is no service", "type A = nat;\nservice : A", "line 2, column 11: A is not a service"},
		{"a service that is primitive", "service : nat", "nat is not a service"},
		{"a service that is not defined", "service : A", "the type A is not defined"},
		{"a service of a func", "service : func () -> ()", `want "{", found "func"`},
		{"init arguments without an arrow", "service : (nat) {}", `want "->", found "{"`},
		{"a method that is no function", "type A = service {};\nservice : { m : A }", "line 2, column 17: A is not a func"},
		{"a method without a type", "service : { m }", `want ":", found "}"`},
		{"a method twice", "service : { m : () -> (); m : () -> () }", `column 27: two methods have the name "m"`},
		{"a stray word", "typ A = nat", `line 1, column 1: "typ" behind the end`},
		{"an open comment", "type A = nat;\n/* /* */", "line 2, column 1: the comment is not closed"},
		{"an open text", "type A = record { \"a : nat }\n", "line 1, column 29: a control character"},
		{"an open brace", "service : {", `want a name, found the end`},
		{"a strange character", "type Ä = nat", "line 1, column 6: unexpected 'Ä'"},
		{"a byte that is no character", "type A = record { \"\xff\" : nat }", "column 20: the text is not UTF-8"},
		{"columns are characters", `type A = record { "äöü" : B }`, "line 1, column 27: the type B is not defined"},
		{"deep nesting", "type A = " + strings.Repeat("opt ", 1000) + "nat", "nested deeper than 512"},
		{"deep services", strings.Repeat("service { m : (", 1000), ""},
		{"deep records", "type A = " + strings.Repeat("record { ", 100_000), "nested deeper than 512"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program, err := ParseProgram(c.did)
			if err == nil {
				t.Fatalf("accepted as\n%s", summary(program))
			}
			if !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// TestParsedTypesHaveNoNames walks everything: a program uses the fields of
// types directly.
func TestParsedTypesHaveNoNames(t *testing.T) {
	program, err := ParseProgram(`
		type A = B; type B = record { A2; c : opt C; d : vec D; f : F; s : S };
		type A2 = C; type C = variant { e : E; b : opt B }; type D = E; type E = nat;
		type F = func (A, D) -> (C, E); type S = service { m : F2; n : (A2) -> (D) }; type F2 = F; type S2 = S;
		service : (A, D) -> S2;`)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*Type]bool{}
	var walk func(*Type)
	walk = func(typ *Type) {
		if typ.Kind == 0 {
			t.Error("a name is left")
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		for _, part := range typ.parts() {
			walk(part)
		}
	}
	walk(program.Service)
	for _, typ := range append(program.Init, slices.Collect(maps.Values(program.Types))...) {
		walk(typ)
	}
	types, err := program.ParseTypes("(A, opt D)")
	if err != nil {
		t.Fatal(err)
	}
	walk(types[0])
	walk(types[1])
	if types[0] != program.Types["B"] || program.Service != program.Types["S"] || types[1].Elem != Primitive(KindNat) {
		t.Error("names do not lead to the same types")
	}
}

func TestConstructorsSortAndRefuse(t *testing.T) {
	fields := []Field{{ID: 5, Type: Primitive(KindNat)}, {ID: 1, Name: "a b", Type: Primitive(KindText)}}
	record := Record(fields...)
	if record.String() != `record { "a b" : text; 5 : nat }` || fields[0].ID != 5 {
		t.Errorf("%v of %v", record, fields)
	}
	f := Func([]*Type{record}, nil, ModeCompositeQuery, ModeQuery, ModeQuery)
	if got := Service(Method{"z", f}, Method{"a", f}).String(); !strings.HasPrefix(got, "service { a : (record") || !strings.Contains(got, "() query composite_query; z :") {
		t.Error(got)
	}
	mustPanic(t, "two fields have the id 7", func() { Record(Field{ID: 7}, Field{ID: 7}) })
	mustPanic(t, "two fields have the id 7", func() { VariantOf(Field{ID: 7}, Field{ID: 7}) })
	mustPanic(t, "the method a", func() { Service(Method{"a", f}, Method{"a", f}) })
	mustPanic(t, "the method a", func() { Service(Method{"a", record}) })
	if Primitive(KindOpt) != nil || Primitive(5) != nil || Primitive(KindPrincipal).Kind != KindPrincipal {
		t.Error("only kinds without parts are primitive")
	}
	if Hash("") != 0 || Hash("id") != 23515 || Hash("ä") != 0xc3*223+0xa4 {
		t.Error("the hash is not that of the specification")
	}
}

func TestEncodeRefusesValuesOfOtherTypes(t *testing.T) {
	nat := Primitive(KindNat)
	record := Record(Field{ID: 1, Type: nat}, Field{ID: 2, Name: "b", Type: Vec(nat)})
	for _, c := range []struct {
		typ  *Type
		v    Value
		want string
	}{
		{nat, "text", "argument 0: a string is no value of nat"},
		{nat, NewInt(1), "a candid.Int is no value of nat"},
		{nat, 5, "a int is no value"},
		{nat, nil, "a <nil> is no value"},
		{nat, OptValue{}, "is no value of nat"},
		{Opt(nat), NewNat(1), "a candid.Nat is no value of opt"},
		{Opt(nat), OptValue{true}, "a bool is no value of nat"},
		{Vec(nat), []byte("a"), "a []uint8 is no value of vec"},
		{Vec(nat), VecValue{NewNat(1), true}, "element 1: a bool is no value of nat"},
		{record, VecValue{}, "no value of record"},
		{record, RecordValue{}, "a record has 0 fields in place of 2"},
		{record, RecordValue{{1, NewNat(1)}, {3, VecValue{}}}, "a record has the field 3 in place of b"},
		{record, RecordValue{{1, NewNat(1)}, {2, VecValue{true}}}, "b: element 0: a bool"},
		{VariantOf(Field{ID: 1, Type: nat}), VariantValue{2, NewNat(1)}, "a variant has no choice 2"},
		{VariantOf(Field{ID: 1, Type: nat}), VariantValue{1, true}, "1: a bool"},
		{Primitive(KindEmpty), Null{}, "no value of empty"},
		{Primitive(KindText), "\xff", "a text is not UTF-8"},
		{Func(nil, nil), FuncValue{Method: "\xff"}, "a method name is not UTF-8"},
		{Service(), FuncValue{}, "no value of service"},
	} {
		if _, err := Encode([]*Type{c.typ}, []Value{c.v}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v at %v: %v, want %s", c.v, c.typ, err, c.want)
		}
		if _, err := FormatValues([]*Type{c.typ}, []Value{c.v}); err == nil {
			t.Errorf("%v has a text at %v", c.v, c.typ)
		}
	}
	if _, err := Encode([]*Type{nat}, nil); err == nil {
		t.Error("a value is missing")
	}
	deep, typ := Value(OptValue{}), &Type{Kind: KindOpt}
	typ.Elem = typ
	for range maxDepth + 1 {
		deep = OptValue{deep}
	}
	if _, err := Encode([]*Type{typ}, []Value{deep}); err == nil || !strings.Contains(err.Error(), "nested deeper") {
		t.Errorf("a value that nobody could read: %v", err)
	}
}
