package candid

import "internetidentity/principal"

// Value is a Candid value: one of the types below, Nat, Int, bool, the sized
// integers and floats of Go, string, []byte for vec nat8, or
// principal.Principal.
type Value any

type (
	// Null is the one value of null.
	Null struct{}
	// Reserved is what any value becomes at the type reserved.
	Reserved struct{}
	// OptValue is an optional value; nil Value is null.
	OptValue struct{ Value Value }
	// VecValue is a list.
	VecValue []Value
	// RecordValue has all its fields, in the order of their ids.
	RecordValue []FieldValue
	// FieldValue is a field of a record.
	FieldValue struct {
		ID    uint32
		Value Value
	}
	// VariantValue is the chosen field.
	VariantValue struct {
		ID    uint32
		Value Value
	}
	// FuncValue is a reference to a method.
	FuncValue struct {
		Service principal.Principal
		Method  string
	}
	// ServiceValue is a reference to a service.
	ServiceValue principal.Principal
)
