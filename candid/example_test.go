package candid_test

import (
	"errors"
	"fmt"

	"internetidentity/candid"
)

// A Codec is made once for the arguments or results of a method.
func ExampleCodec() {
	type contact struct {
		_     candid.Variant
		Email *string      `candid:"email"`
		None  *candid.Null `candid:"none"`
	}
	type person struct {
		Name    string  `candid:"name"`
		Age     *uint8  `candid:"age"`
		Contact contact `candid:"contact"`
	}
	type arguments struct {
		People []person
	}
	codec := candid.MustCodec[arguments]()
	fmt.Println(codec.Types()[0])

	email := "ada@example.org"
	message := codec.Encode(&arguments{[]person{{Name: "Ada", Contact: contact{Email: &email}}}})

	var got arguments
	if err := codec.Decode(message, &got); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got.People[0].Name, *got.People[0].Contact.Email)
	// Output:
	// vec record { age : opt nat8; contact : variant { none; email : text }; name : text }
	// Ada ada@example.org
}

// A message says its own types. They are read at the expected ones, by the
// rules of subtyping.
func ExampleDecode() {
	program, err := candid.ParseProgram(`
		type Old = record { id : nat; note : text };
		type New = record { id : int; size : opt nat64 };`)
	if err != nil {
		fmt.Println(err)
		return
	}
	old, recent := program.Types["Old"], program.Types["New"]
	values, err := candid.ParseValues(`(record { id = 5; note = "dropped" })`, []*candid.Type{old})
	if err != nil {
		fmt.Println(err)
		return
	}
	message, err := candid.Encode([]*candid.Type{old}, values)
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err = candid.Decode(message, []*candid.Type{recent})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(candid.FormatValues([]*candid.Type{recent}, values))

	_, err = candid.Decode(message, []*candid.Type{candid.Primitive(candid.KindText)})
	fmt.Println(errors.Is(err, candid.ErrMismatch), err)
	// Output:
	// (record { id = 5; size = null }) <nil>
	// true unexpected Candid: argument 0: it is record and should be text
}

func ExampleParseProgram() {
	program, err := candid.ParseProgram(`
		type Tree = variant { leaf : nat; node : vec Tree };
		service : (initial : opt Tree) -> {
			depth : (Tree) -> (nat64) query;
		}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range program.Service.Methods {
		fmt.Println(m.Name, m.Type.Func.Args[0] == program.Types["Tree"], m.Type.Func.Results[0], m.Type.Func.Modes)
	}
	_, err = candid.ParseProgram("type A = record {\n  next : B\n};")
	fmt.Println(err)
	// Output:
	// depth true nat64 [query]
	// candid syntax: line 2, column 10: the type B is not defined
}
