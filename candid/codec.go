package candid

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"internetidentity/principal"
)

// Variant marks a struct as a variant: it is the first field, named _, and
// every other field is a pointer, of which exactly one is set.
type Variant struct{}

// Codec reads and writes a sequence of arguments as a Go struct, whose
// exported fields are the arguments in order.
//
// Go types stand for Candid types like this: bool, sized numbers and string
// for themselves; []byte for blob; Nat, Int, Null and Reserved of this package;
// principal.Principal; *T for opt T; []T for vec T; a struct for a record, or
// a variant when it begins with `_ Variant`. A field's tag `candid:"name"`
// gives its name, which may be a number.
type Codec[T any] struct {
	types  []*Type
	header []byte
}

// NewCodec studies the Go type once.
func NewCodec[T any]() (*Codec[T], error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("candid: %v is not a struct of arguments", t)
	}
	b := typeBuilder{known: map[reflect.Type]*Type{}}
	c := &Codec[T]{}
	for i := range t.NumField() {
		argument, err := b.build(t.Field(i).Type)
		if err != nil {
			return nil, fmt.Errorf("candid: %v.%s: %w", t, t.Field(i).Name, err)
		}
		c.types = append(c.types, argument)
	}
	c.header = encodeHeader(c.types)
	return c, nil
}

// MustCodec is NewCodec for types written in the program; it panics on others.
func MustCodec[T any]() *Codec[T] {
	c, err := NewCodec[T]()
	if err != nil {
		panic(err)
	}
	return c
}

// Types are the Candid types of the arguments.
func (c *Codec[T]) Types() []*Type { return c.types }

// Encode writes a message. It panics on a variant without a choice, which is
// a mistake of the program.
func (c *Codec[T]) Encode(v *T) []byte {
	b := append(make([]byte, 0, len(c.header)+256), c.header...)
	value := reflect.ValueOf(v).Elem()
	for i, t := range c.types {
		b = appendGo(b, t.resolve(), value.Field(i))
	}
	return b
}

// Decode reads a message, with subtyping. Byte strings share memory with data.
func (c *Codec[T]) Decode(data []byte, v *T) error {
	values, err := Decode(data, c.types)
	if err != nil {
		return err
	}
	target := reflect.ValueOf(v).Elem()
	for i := range values {
		setGo(target.Field(i), c.types[i].resolve(), values[i])
	}
	return nil
}

// typeBuilder makes Candid types of Go types; a Go type is built once, which
// ties recursion.
type typeBuilder struct {
	known map[reflect.Type]*Type
}

var (
	goPrincipal = reflect.TypeFor[principal.Principal]()
	goNat       = reflect.TypeFor[Nat]()
	goInt       = reflect.TypeFor[Int]()
	goNull      = reflect.TypeFor[Null]()
	goReserved  = reflect.TypeFor[Reserved]()
	goVariant   = reflect.TypeFor[Variant]()
)

var goKinds = map[reflect.Kind]Kind{
	reflect.Bool: KindBool, reflect.String: KindText,
	reflect.Uint8: KindNat8, reflect.Uint16: KindNat16, reflect.Uint32: KindNat32, reflect.Uint64: KindNat64,
	reflect.Int8: KindInt8, reflect.Int16: KindInt16, reflect.Int32: KindInt32, reflect.Int64: KindInt64,
	reflect.Float32: KindFloat32, reflect.Float64: KindFloat64,
}

func (b typeBuilder) build(t reflect.Type) (*Type, error) {
	switch t {
	case goPrincipal:
		return Primitive(KindPrincipal), nil
	case goNat:
		return Primitive(KindNat), nil
	case goInt:
		return Primitive(KindInt), nil
	case goNull:
		return Primitive(KindNull), nil
	case goReserved:
		return Primitive(KindReserved), nil
	}
	if k, ok := goKinds[t.Kind()]; ok {
		return Primitive(k), nil
	}
	if known, ok := b.known[t]; ok {
		return known, nil
	}
	made := &Type{}
	b.known[t] = made
	var err error
	switch t.Kind() {
	case reflect.Pointer:
		made.Kind = KindOpt
		made.Elem, err = b.build(t.Elem())
	case reflect.Slice:
		made.Kind = KindVec
		made.Elem, err = b.build(t.Elem())
	case reflect.Struct:
		err = b.fields(made, t)
	default:
		err = fmt.Errorf("%v stands for no Candid type", t)
	}
	return made, err
}

func (b typeBuilder) fields(made *Type, t reflect.Type) error {
	made.Kind = KindRecord
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == goVariant {
			made.Kind = KindVariant
			continue
		}
		name := f.Tag.Get("candid")
		if name == "" {
			return fmt.Errorf("%v.%s has no candid tag", t, f.Name)
		}
		goType := f.Type
		if made.Kind == KindVariant {
			if goType.Kind() != reflect.Pointer {
				return fmt.Errorf("%v.%s: a choice of a variant is a pointer", t, f.Name)
			}
			goType = goType.Elem()
		}
		part, err := b.build(goType)
		if err != nil {
			return fmt.Errorf("%v.%s: %w", t, f.Name, err)
		}
		field := Field{ID: Hash(name), Name: name, Type: part}
		if id, err := strconv.ParseUint(name, 10, 32); err == nil {
			field = Field{ID: uint32(id), Type: part}
		}
		made.Fields = append(made.Fields, field)
	}
	sortFields(made.Fields)
	for i := 1; i < len(made.Fields); i++ {
		if made.Fields[i].ID == made.Fields[i-1].ID {
			return errors.New("two fields with one id")
		}
	}
	return nil
}

// goField is the index of the Go field that holds a Candid field.
func goField(t reflect.Type, id uint32) int {
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("candid")
		if name == "" {
			continue
		}
		if n, err := strconv.ParseUint(name, 10, 32); err == nil && uint32(n) == id || err != nil && Hash(name) == id {
			return i
		}
	}
	panic(fmt.Sprintf("candid: %v has no field %d", t, id))
}

// appendGo writes a Go value of a Candid type that was built from its type.
func appendGo(b []byte, t *Type, v reflect.Value) []byte {
	switch t.Kind {
	case KindOpt:
		if v.IsNil() {
			return append(b, 0)
		}
		return appendGo(append(b, 1), t.Elem.resolve(), v.Elem())
	case KindVec:
		if t.Elem.Kind == KindNat8 {
			return appendText(b, string(v.Bytes()))
		}
		b = appendUvarint(b, uint64(v.Len()))
		for i := range v.Len() {
			b = appendGo(b, t.Elem.resolve(), v.Index(i))
		}
		return b
	case KindRecord:
		for _, f := range t.Fields {
			b = appendGo(b, f.Type.resolve(), v.Field(goField(v.Type(), f.ID)))
		}
		return b
	case KindVariant:
		for i, f := range t.Fields {
			if choice := v.Field(goField(v.Type(), f.ID)); !choice.IsNil() {
				return appendGo(appendUvarint(b, uint64(i)), f.Type.resolve(), choice.Elem())
			}
		}
		panic(fmt.Sprintf("candid: a %v without a choice", v.Type()))
	}
	b, err := appendPrimitive(b, t.Kind, plain(v))
	if err != nil {
		panic(err)
	}
	return b
}

// plain strips a Go value of its named type.
func plain(v reflect.Value) Value {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Uint8:
		return uint8(v.Uint())
	case reflect.Uint16:
		return uint16(v.Uint())
	case reflect.Uint32:
		return uint32(v.Uint())
	case reflect.Uint64:
		return v.Uint()
	case reflect.Int8:
		return int8(v.Int())
	case reflect.Int16:
		return int16(v.Int())
	case reflect.Int32:
		return int32(v.Int())
	case reflect.Int64:
		return v.Int()
	case reflect.Float32:
		return float32(v.Float())
	case reflect.Float64:
		return v.Float()
	}
	return v.Interface()
}

// setGo stores a value that was decoded at the Candid type of the target.
func setGo(target reflect.Value, t *Type, v Value) {
	switch v := v.(type) {
	case OptValue:
		if v.Value == nil {
			target.SetZero()
			return
		}
		target.Set(reflect.New(target.Type().Elem()))
		setGo(target.Elem(), t.Elem.resolve(), v.Value)
	case []byte:
		target.SetBytes(v)
	case VecValue:
		target.Set(reflect.MakeSlice(target.Type(), len(v), len(v)))
		for i := range v {
			setGo(target.Index(i), t.Elem.resolve(), v[i])
		}
	case RecordValue:
		for i, f := range t.Fields {
			setGo(target.Field(goField(target.Type(), f.ID)), f.Type.resolve(), v[i].Value)
		}
	case VariantValue:
		i, _ := findField(t.Fields, v.ID)
		choice := target.Field(goField(target.Type(), v.ID))
		choice.Set(reflect.New(choice.Type().Elem()))
		setGo(choice.Elem(), t.Fields[i].Type.resolve(), v.Value)
	default:
		target.Set(reflect.ValueOf(v).Convert(target.Type()))
	}
}
