package candid

import (
	"bytes"
	"fmt"
	"reflect"
)

// Variant marks a struct as a variant: it is the first field, named _, and
// every other field is a pointer, of which exactly one is set.
type Variant struct{}

// Codec reads and writes a sequence of arguments as a Go struct, whose
// exported fields are the arguments in order. It may be used by many at once.
//
// Go types stand for Candid types like this: bool, sized numbers and string
// for themselves; []byte for blob; Nat, Int, Null and Reserved of this package;
// principal.Principal; *T for opt T; []T for vec T; a struct for a record, or
// a variant when it begins with `_ Variant`. The tag `candid:"name"` of each of
// its fields gives the field's name, or its number.
type Codec[T any] struct {
	types  []*Type
	shapes []*shape
	header []byte
}

// NewCodec studies the Go type once.
func NewCodec[T any]() (*Codec[T], error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("candid: %v is not a struct of arguments", t)
	}
	study := study{known: map[reflect.Type]*shape{}}
	c := &Codec[T]{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			return nil, fmt.Errorf("candid: %v.%s is not exported", t, f.Name)
		}
		s, err := study.shape(f.Type)
		if err != nil {
			return nil, fmt.Errorf("candid: %v.%s: %w", t, f.Name, err)
		}
		c.shapes, c.types = append(c.shapes, s), append(c.types, s.typ)
	}
	c.header = appendHeader(nil, c.types)
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

// Encode writes a message. It panics on what no message can hold, which is a
// mistake of the program: a variant with no choice or two, and pointers in a
// circle. A string must be UTF-8, which its reader checks.
func (c *Codec[T]) Encode(v *T) []byte {
	b := append(make([]byte, 0, len(c.header)+256), c.header...)
	value := reflect.ValueOf(v).Elem()
	for i, s := range c.shapes {
		b = s.append(b, value.Field(i), 0)
	}
	return b
}

// Decode reads a message, with subtyping. Byte strings share memory with the
// message. After an error v is as it was before.
func (c *Codec[T]) Decode(message []byte, v *T) error {
	d := newDecoder(message)
	wire := c.types
	if bytes.HasPrefix(message, c.header) {
		// The types are known already: the same encoder has written them.
		d.at = len(c.header)
	} else {
		var err error
		if wire, err = d.header(); err != nil {
			return err
		}
	}
	if err := d.arguments(wire, c.types); err != nil {
		return err
	}
	var fresh T
	value := reflect.ValueOf(&fresh).Elem()
	for i, s := range c.shapes {
		if err := d.set(value.Field(i), s); err != nil {
			return err
		}
	}
	*v = fresh
	return nil
}
