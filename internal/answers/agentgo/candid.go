package main

import (
	"encoding/hex"

	"github.com/aviate-labs/agent-go/candid"
	"github.com/aviate-labs/agent-go/candid/idl"
	"github.com/aviate-labs/agent-go/principal"
)

func candidAnswers() map[string][]known {
	canister := principal.MustDecode("rdmx6-jaaaa-aaaaa-aaadq-cai")
	record := idl.NewRecordType(map[string]idl.Type{"foo": new(idl.TextType), "bar": new(idl.IntType)})
	variant := idl.NewVariantType(map[string]idl.Type{"Ok": idl.Nat64Type(), "Err": new(idl.TextType)})
	blob := idl.NewVectorType(idl.Nat8Type())
	cases := []struct {
		name, types, values string
		idl                 []idl.Type
		given               []any
	}{
		{"primitives", "(nat, int, bool, text, null)", `(300, -300, true, "a", null)`,
			[]idl.Type{new(idl.NatType), new(idl.IntType), new(idl.BoolType), new(idl.TextType), new(idl.NullType)},
			[]any{idl.NewNat(uint(300)), idl.NewInt(-300), true, "a", nil}},
		{"sized numbers", "(nat16, int64, float64)", "(258, -2, 0.5)",
			[]idl.Type{idl.Nat16Type(), idl.Int64Type(), idl.Float64Type()}, []any{uint16(258), int64(-2), 0.5}},
		{"a principal", "(principal)", `(principal "rdmx6-jaaaa-aaaaa-aaadq-cai")`,
			[]idl.Type{new(idl.PrincipalType)}, []any{canister}},
		{"a record", `(record { foo : text; bar : int })`, `(record { foo = "x"; bar = 42 })`,
			[]idl.Type{record}, []any{map[string]any{"foo": "x", "bar": idl.NewInt(42)}}},
		{"a vec of records", `(vec record { foo : text; bar : int })`, `(vec { record { foo = "x"; bar = 1 }; record { foo = "y"; bar = -1 } })`,
			[]idl.Type{idl.NewVectorType(record)}, []any{[]any{map[string]any{"foo": "x", "bar": idl.NewInt(1)}, map[string]any{"foo": "y", "bar": idl.NewInt(-1)}}}},
		{"a variant", `(variant { Ok : nat64; Err : text })`, `(variant { Err = "no" })`,
			[]idl.Type{variant}, []any{idl.Variant{Name: "Err", Value: "no", Type: variant}}},
		{"a blob", `(blob)`, `(blob "\00\ff")`, []idl.Type{blob}, []any{[]byte{0, 0xff}}},
		{"an opt", `(opt nat, opt nat)`, `(null, opt 1)`,
			[]idl.Type{idl.NewOptionalType(new(idl.NatType)), idl.NewOptionalType(new(idl.NatType))}, []any{nil, idl.NewNat(uint(1))}},
		{"a func", `(func (text) -> (nat))`, `(func "rdmx6-jaaaa-aaaaa-aaadq-cai".foo)`,
			[]idl.Type{idl.NewFunctionType([]idl.FunctionParameter{{Type: new(idl.TextType)}}, []idl.FunctionParameter{{Type: new(idl.NatType)}}, nil)},
			[]any{&idl.PrincipalMethod{Principal: canister, Method: "foo"}}},
	}
	var value, ids []known
	for _, c := range cases {
		encoded := must(candid.Encode(c.idl, c.given))
		value = append(value, known{"name": c.name, "program": "", "types": c.types, "values": c.values, "hex": hex.EncodeToString(encoded)})
	}
	for _, label := range []string{"foo", "Ok", "identity_number"} {
		ids = append(ids, known{"name": label, "label": `"` + label + `"`, "id": idl.Hash(label).Uint64()})
	}
	return map[string][]known{"value": value, "fieldId": ids}
}
