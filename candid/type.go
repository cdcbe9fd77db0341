// Package candid owns Candid, the Internet Computer's interface language:
// types, the .did text, decoding by expected type with subtyping and budgets,
// and encoding (Candid specification).
//
// A program that knows its types reads and writes Go structs with a Codec. One
// that learns them from a .did text uses Decode and Encode with Values.
//
// It must not know any service's interface. Principals are its only import of
// ours.
package candid

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Kind is the constructor of a type. The numbers are the opcodes of the wire
// form.
type Kind int8

// The kinds of types.
const (
	KindNull      Kind = -1
	KindBool      Kind = -2
	KindNat       Kind = -3
	KindInt       Kind = -4
	KindNat8      Kind = -5
	KindNat16     Kind = -6
	KindNat32     Kind = -7
	KindNat64     Kind = -8
	KindInt8      Kind = -9
	KindInt16     Kind = -10
	KindInt32     Kind = -11
	KindInt64     Kind = -12
	KindFloat32   Kind = -13
	KindFloat64   Kind = -14
	KindText      Kind = -15
	KindReserved  Kind = -16
	KindEmpty     Kind = -17
	KindOpt       Kind = -18
	KindVec       Kind = -19
	KindRecord    Kind = -20
	KindVariant   Kind = -21
	KindFunc      Kind = -22
	KindService   Kind = -23
	KindPrincipal Kind = -24
	// kindFuture is any type that a later version may add; its values can
	// only be skipped.
	kindFuture Kind = -25
)

// Type is a Candid type. Types may be recursive, so they are compared with
// Equal and never with ==. A finished type does not change, and may then be
// used by many at once.
type Type struct {
	Kind Kind
	// Elem of opt and vec.
	Elem *Type
	// Fields of records and variants, by id.
	Fields []Field
	// Func of a function reference.
	Func *FuncType
	// Methods of a service, by name.
	Methods []Method
}

// Field of a record or variant.
type Field struct {
	ID uint32
	// Name is what the id is the hash of, when that is known.
	Name string
	Type *Type
}

// label is the name, or else the id.
func (f Field) label() string {
	if f.Name != "" {
		return f.Name
	}
	return strconv.FormatUint(uint64(f.ID), 10)
}

// FuncType is the type of a function.
type FuncType struct {
	Args, Results []*Type
	// Modes are the annotations, a set in ascending order.
	Modes []Mode
}

// Mode is an annotation of a function.
type Mode byte

// The annotations.
const (
	ModeQuery          Mode = 1
	ModeOneway         Mode = 2
	ModeCompositeQuery Mode = 3
)

// String is the annotation in the text form.
func (m Mode) String() string {
	switch m {
	case ModeQuery:
		return "query"
	case ModeOneway:
		return "oneway"
	case ModeCompositeQuery:
		return "composite_query"
	}
	return fmt.Sprintf("mode %d", byte(m))
}

// Method of a service.
type Method struct {
	Name string
	Type *Type // of kind func
}

// Hash is the id of a field name.
func Hash(name string) uint32 {
	var h uint32
	for i := range len(name) {
		h = h*223 + uint32(name[i])
	}
	return h
}

// kindNames are the names of the kinds in the text form.
var kindNames = [...]string{
	-KindNull: "null", -KindBool: "bool", -KindNat: "nat", -KindInt: "int",
	-KindNat8: "nat8", -KindNat16: "nat16", -KindNat32: "nat32", -KindNat64: "nat64",
	-KindInt8: "int8", -KindInt16: "int16", -KindInt32: "int32", -KindInt64: "int64",
	-KindFloat32: "float32", -KindFloat64: "float64", -KindText: "text",
	-KindReserved: "reserved", -KindEmpty: "empty",
	-KindOpt: "opt", -KindVec: "vec", -KindRecord: "record", -KindVariant: "variant",
	-KindFunc: "func", -KindService: "service", -KindPrincipal: "principal",
	-kindFuture: "a type of the future",
}

// String is the name of the kind in the text form.
func (k Kind) String() string {
	if k >= 0 || int(-k) >= len(kindNames) {
		return fmt.Sprintf("kind %d", int8(k))
	}
	return kindNames[-k]
}

// primitive reports whether types of this kind have no parts. They are never
// in a type table.
func (k Kind) primitive() bool { return k >= KindEmpty && k <= KindNull || k == KindPrincipal }

// primitives are the types without parts, by their opcode without its sign.
var primitives = func() (types [-KindPrincipal + 1]*Type) {
	for i := range types {
		if k := Kind(-i); k.primitive() {
			types[i] = &Type{Kind: k}
		}
	}
	return types
}()

// Primitive is the type of a kind without parts; other kinds have none, and nil.
func Primitive(k Kind) *Type {
	if !k.primitive() {
		return nil
	}
	return primitives[-k]
}

// Opt is an optional value.
func Opt(t *Type) *Type { return &Type{Kind: KindOpt, Elem: t} }

// Vec is a list.
func Vec(t *Type) *Type { return &Type{Kind: KindVec, Elem: t} }

// Record has fields in any order, each with a different id; it panics on an id
// given twice.
func Record(fields ...Field) *Type { return &Type{Kind: KindRecord, Fields: mustSort(fields)} }

// VariantOf is one of its fields, each with a different id; it panics on an id
// given twice.
func VariantOf(fields ...Field) *Type { return &Type{Kind: KindVariant, Fields: mustSort(fields)} }

// Func is a reference to a function.
func Func(args, results []*Type, modes ...Mode) *Type {
	modes = slices.Compact(slices.Sorted(slices.Values(modes)))
	return &Type{Kind: KindFunc, Func: &FuncType{Args: args, Results: results, Modes: modes}}
}

// Service is a reference to a service, whose methods have different names and
// types of kind func; it panics on others.
func Service(methods ...Method) *Type {
	sorted := slices.SortedFunc(slices.Values(methods), func(a, b Method) int { return cmp.Compare(a.Name, b.Name) })
	for i, m := range sorted {
		if m.Type.Kind != KindFunc || i > 0 && m.Name == sorted[i-1].Name {
			panic(fmt.Sprintf("candid: the method %s is twice there or no function", m.Name))
		}
	}
	return &Type{Kind: KindService, Methods: sorted}
}

func mustSort(fields []Field) []Field {
	fields = slices.Clone(fields)
	if id, twice := sortFields(fields); twice {
		panic(fmt.Sprintf("candid: two fields have the id %d", id))
	}
	return fields
}

// sortFields sorts by id, and tells an id that is there twice.
func sortFields(fields []Field) (id uint32, twice bool) {
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(fields); i++ {
		if fields[i].ID == fields[i-1].ID {
			return fields[i].ID, true
		}
	}
	return 0, false
}

func findField(fields []Field, id uint32) (int, bool) {
	return slices.BinarySearchFunc(fields, id, func(f Field, id uint32) int { return cmp.Compare(f.ID, id) })
}

func findMethod(methods []Method, name string) (int, bool) {
	return slices.BinarySearchFunc(methods, name, func(m Method, name string) int { return cmp.Compare(m.Name, name) })
}

// parts are the types that a type is made of, in the order of the wire form.
func (t *Type) parts() []*Type {
	var parts []*Type
	if t.Elem != nil {
		parts = append(parts, t.Elem)
	}
	for _, f := range t.Fields {
		parts = append(parts, f.Type)
	}
	if t.Func != nil {
		parts = append(append(parts, t.Func.Args...), t.Func.Results...)
	}
	for _, m := range t.Methods {
		parts = append(parts, m.Type)
	}
	return parts
}

// mayBeMissing reports whether a field or argument of this type may be left
// out: it is then null.
func (t *Type) mayBeMissing() bool {
	return t.Kind == KindOpt || t.Kind == KindNull || t.Kind == KindReserved
}
