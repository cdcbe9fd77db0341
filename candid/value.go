package candid

import (
	"math/big"

	"internetidentity/principal"
)

// Value is a Candid value: one of the types below, bool, the sized integers
// and floats of Go, string, []byte for vec nat8, or principal.Principal.
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
	// RecordValue has its fields by id.
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

// Nat is a natural number of any size. The zero value is 0.
type Nat struct{ n *big.Int }

// Int is an integer of any size. The zero value is 0.
type Int struct{ n *big.Int }

// NewNat is the number n.
func NewNat(n uint64) Nat { return Nat{new(big.Int).SetUint64(n)} }

// NewInt is the number n.
func NewInt(n int64) Int { return Int{big.NewInt(n)} }

// Big is a fresh big integer.
func (n Nat) Big() *big.Int { return bigOf(n.n) }

// Big is a fresh big integer.
func (i Int) Big() *big.Int { return bigOf(i.n) }

// String is the decimal number.
func (n Nat) String() string { return bigOf(n.n).String() }

// String is the decimal number.
func (i Int) String() string { return bigOf(i.n).String() }

func bigOf(n *big.Int) *big.Int {
	if n == nil {
		return new(big.Int)
	}
	return new(big.Int).Set(n)
}
