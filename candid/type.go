// Package candid owns Candid, the Internet Computer's interface language:
// types, the .did text, decoding by expected type with subtyping and budgets,
// and encoding (Candid specification).
//
// It must not know any service's interface. Principals are its only import of
// ours.
package candid

import (
	"cmp"
	"slices"
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
// Equal and never with ==. A finished type does not change.
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

	// target is set while a name stands for a type that is not parsed yet.
	target *Type
}

// Field of a record or variant.
type Field struct {
	ID uint32
	// Name is what the id is the hash of, when that is known.
	Name string
	Type *Type
}

// FuncType is the type of a function.
type FuncType struct {
	Args, Results []*Type
	// Modes are the annotations of the wire form, in order.
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

// primitives are the types without parts, by their opcode.
var primitives = func() map[Kind]*Type {
	types := map[Kind]*Type{KindPrincipal: {Kind: KindPrincipal}}
	for k := KindEmpty; k <= KindNull; k++ {
		types[k] = &Type{Kind: k}
	}
	return types
}()

// Primitive is a type without parts.
func Primitive(k Kind) *Type { return primitives[k] }

// Opt is an optional value.
func Opt(t *Type) *Type { return &Type{Kind: KindOpt, Elem: t} }

// Vec is a list.
func Vec(t *Type) *Type { return &Type{Kind: KindVec, Elem: t} }

// Record has fields, each with a different id.
func Record(fields ...Field) *Type { return &Type{Kind: KindRecord, Fields: sortFields(fields)} }

// VariantOf is one of its fields.
func VariantOf(fields ...Field) *Type { return &Type{Kind: KindVariant, Fields: sortFields(fields)} }

func sortFields(fields []Field) []Field {
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	return fields
}

// resolve follows names to the type they stand for.
func (t *Type) resolve() *Type {
	for t.target != nil {
		t = t.target
	}
	return t
}

// Resolved is the type that a name in a .did text stands for, or t itself: the
// parts of a parsed type may be names.
func (t *Type) Resolved() *Type { return t.resolve() }

// Equal reports whether two types are the same, whatever their names and
// wherever their recursion is tied.
func Equal(a, b *Type) bool { return (&subtyping{equal: true}).check(a, b) }

// IsSubtype reports whether every value of a can be read as a b.
func IsSubtype(a, b *Type) bool { return (&subtyping{}).check(a, b) }

// subtyping compares types under the assumption that the pairs above hold,
// which ties recursion.
type subtyping struct {
	assumed map[[2]*Type]bool
	equal   bool
	// work bounds hostile pairs of types; 0 is unbounded.
	work int
}

func (s *subtyping) check(a, b *Type) bool {
	a, b = a.resolve(), b.resolve()
	if a == b {
		return true
	}
	pair := [2]*Type{a, b}
	if known, ok := s.assumed[pair]; ok {
		return known
	}
	if s.work > 0 {
		if s.work--; s.work == 0 {
			s.work = -1
		}
	}
	if s.work < 0 {
		return false
	}
	if s.assumed == nil {
		s.assumed = map[[2]*Type]bool{}
	}
	s.assumed[pair] = true
	ok := s.compare(a, b)
	s.assumed[pair] = ok
	return ok
}

func (s *subtyping) compare(a, b *Type) bool {
	if !s.equal {
		switch {
		case b.Kind == KindReserved, a.Kind == KindEmpty, a.Kind == KindNat && b.Kind == KindInt:
			return true
		case b.Kind == KindOpt:
			// Whatever does not fit becomes null.
			return true
		case a.Kind == KindService && b.Kind == KindPrincipal:
			return true
		}
	}
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case KindOpt, KindVec:
		return s.check(a.Elem, b.Elem)
	case KindRecord:
		return s.records(a, b)
	case KindVariant:
		return s.variants(a, b)
	case KindFunc:
		return slices.Equal(a.Func.Modes, b.Func.Modes) && s.sequences(b.Func.Args, a.Func.Args) && s.sequences(a.Func.Results, b.Func.Results)
	case KindService:
		return s.services(a, b)
	case kindFuture:
		return false
	}
	return true
}

// mayBeMissing reports whether a record field of this type may be left out.
func mayBeMissing(t *Type) bool {
	switch t.resolve().Kind {
	case KindOpt, KindNull, KindReserved:
		return true
	}
	return false
}

func (s *subtyping) records(a, b *Type) bool {
	if s.equal && len(a.Fields) != len(b.Fields) {
		return false
	}
	for _, want := range b.Fields {
		i, ok := findField(a.Fields, want.ID)
		switch {
		case ok && !s.check(a.Fields[i].Type, want.Type):
			return false
		case !ok && (s.equal || !mayBeMissing(want.Type)):
			return false
		}
	}
	return true
}

func (s *subtyping) variants(a, b *Type) bool {
	if s.equal && len(a.Fields) != len(b.Fields) {
		return false
	}
	for _, have := range a.Fields {
		i, ok := findField(b.Fields, have.ID)
		if !ok || !s.check(have.Type, b.Fields[i].Type) {
			return false
		}
	}
	return true
}

func (s *subtyping) services(a, b *Type) bool {
	if s.equal && len(a.Methods) != len(b.Methods) {
		return false
	}
	for _, want := range b.Methods {
		i, ok := slices.BinarySearchFunc(a.Methods, want.Name, func(m Method, name string) int { return cmp.Compare(m.Name, name) })
		if !ok || !s.check(a.Methods[i].Type, want.Type) {
			return false
		}
	}
	return true
}

// sequences compares argument lists, where missing ones at the end may be null
// and extra ones are dropped.
func (s *subtyping) sequences(a, b []*Type) bool {
	if s.equal && len(a) != len(b) {
		return false
	}
	for i, want := range b {
		switch {
		case i < len(a) && !s.check(a[i], want):
			return false
		case i >= len(a) && !mayBeMissing(want):
			return false
		}
	}
	return true
}

func findField(fields []Field, id uint32) (int, bool) {
	return slices.BinarySearchFunc(fields, id, func(f Field, id uint32) int { return cmp.Compare(f.ID, id) })
}
