package candid

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"internetidentity/principal"
)

// shape is what is known of a Go type: the Candid type that it stands for, and
// how its parts lie in it.
type shape struct {
	typ *Type
	// elem of opt and vec.
	elem *shape
	// fields of records and variants, in the order of typ.Fields.
	fields []shapeField
	// goType is the Go type; a variant's choices are pointers to theirs.
	goType reflect.Type
	// empty is the slice without elements that is not nil.
	empty reflect.Value
}

type shapeField struct {
	index int // in the Go struct
	shape *shape
}

// study makes shapes of Go types. Each Go type is looked at once, which ties
// recursion.
type study struct {
	known map[reflect.Type]*shape
}

var (
	goVariant = reflect.TypeFor[Variant]()
	goFloat32 = reflect.TypeFor[float32]()

	// Types with methods of their own, and a meaning by their name.
	namedKinds = map[reflect.Type]Kind{
		reflect.TypeFor[principal.Principal](): KindPrincipal,
		reflect.TypeFor[Nat]():                 KindNat,
		reflect.TypeFor[Int]():                 KindInt,
		reflect.TypeFor[Null]():                KindNull,
		reflect.TypeFor[Reserved]():            KindReserved,
	}

	plainKinds = map[reflect.Kind]Kind{
		reflect.Bool: KindBool, reflect.String: KindText,
		reflect.Uint8: KindNat8, reflect.Uint16: KindNat16, reflect.Uint32: KindNat32, reflect.Uint64: KindNat64,
		reflect.Int8: KindInt8, reflect.Int16: KindInt16, reflect.Int32: KindInt32, reflect.Int64: KindInt64,
		reflect.Float32: KindFloat32, reflect.Float64: KindFloat64,
	}
)

func (st study) shape(t reflect.Type) (*shape, error) {
	if known, ok := st.known[t]; ok {
		return known, nil
	}
	s := &shape{goType: t}
	st.known[t] = s
	k, ok := namedKinds[t]
	if !ok {
		k, ok = plainKinds[t.Kind()]
	}
	if ok {
		s.typ = Primitive(k)
		return s, nil
	}
	// The Candid type is there before its parts are, so that they can be it.
	s.typ = &Type{}
	switch t.Kind() {
	case reflect.Pointer:
		s.typ.Kind = KindOpt
		return s, st.element(s)
	case reflect.Slice:
		s.typ.Kind = KindVec
		s.empty = reflect.MakeSlice(t, 0, 0)
		return s, st.element(s)
	case reflect.Struct:
		return s, st.fields(s)
	}
	return nil, fmt.Errorf("%v stands for no Candid type", t)
}

func (st study) element(s *shape) error {
	elem, err := st.shape(s.goType.Elem())
	if err == nil {
		s.elem, s.typ.Elem = elem, elem.typ
	}
	return err
}

func (st study) fields(s *shape) error {
	t := s.goType
	s.typ.Kind = KindRecord
	type part struct {
		Field
		shapeField
	}
	var parts []part
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == goVariant {
			if i > 0 || f.Name != "_" {
				return fmt.Errorf("%v.%s: the mark of a variant is its first field, named _", t, f.Name)
			}
			s.typ.Kind = KindVariant
			continue
		}
		p := part{shapeField: shapeField{index: i}}
		var err error
		if p.Field, err = taggedField(f); err != nil {
			return fmt.Errorf("%v.%s %w", t, f.Name, err)
		}
		goType := f.Type
		if s.typ.Kind == KindVariant {
			if goType.Kind() != reflect.Pointer {
				return fmt.Errorf("%v.%s: a choice of a variant is a pointer", t, f.Name)
			}
			goType = goType.Elem()
		}
		if p.shape, err = st.shape(goType); err != nil {
			return fmt.Errorf("%v.%s: %w", t, f.Name, err)
		}
		p.Type = p.shape.typ
		parts = append(parts, p)
	}
	if s.typ.Kind == KindVariant && len(parts) == 0 {
		return fmt.Errorf("%v: a variant has choices", t)
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.ID, b.ID) })
	for i, p := range parts {
		if i > 0 && p.ID == parts[i-1].ID {
			return fmt.Errorf("%v: the fields %s and %s have the same id", t, parts[i-1].label(), p.label())
		}
		s.typ.Fields, s.fields = append(s.typ.Fields, p.Field), append(s.fields, p.shapeField)
	}
	return nil
}

// taggedField is a field without its type, from the tag of a struct field.
func taggedField(f reflect.StructField) (Field, error) {
	if !f.IsExported() {
		return Field{}, errors.New("is not exported")
	}
	name, ok := f.Tag.Lookup("candid")
	if !ok || name == "" {
		return Field{}, errors.New("has no candid tag")
	}
	if id, err := strconv.ParseUint(name, 10, 32); err == nil {
		return Field{ID: uint32(id)}, nil
	}
	return Field{ID: Hash(name), Name: name}, nil
}
