package candid

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"internetidentity/principal"
)

// set stores the next value of the items in a Go value of a shape. The Go
// value is zero and addressable.
func (d *decoder) set(v reflect.Value, s *shape) error {
	switch s.typ.Kind {
	case KindOpt:
		if d.next().n == 0 {
			return nil
		}
		return d.setNew(v, s.elem)
	case KindVec:
		return d.setVec(v, s)
	case KindRecord:
		for _, f := range s.fields {
			if err := d.set(v.Field(f.index), f.shape); err != nil {
				return err
			}
		}
		return nil
	case KindVariant:
		f := s.fields[d.next().n]
		return d.setNew(v.Field(f.index), f.shape)
	case KindNull, KindReserved:
		return nil
	case KindText:
		i := d.next()
		v.SetString(string(d.bytes(i)))
		return d.spendMemory(1, int(i.n))
	case KindNat:
		*v.Addr().Interface().(*Nat) = parseNat(d.bytes(d.next()))
	case KindInt:
		*v.Addr().Interface().(*Int) = d.intOf(d.next())
	case KindPrincipal:
		*v.Addr().Interface().(*principal.Principal) = d.principalOf(d.next())
	case KindBool:
		v.SetBool(d.next().n == 1)
	case KindNat8, KindNat16, KindNat32, KindNat64:
		v.SetUint(d.next().n)
	case KindInt8:
		v.SetInt(int64(int8(d.next().n)))
	case KindInt16:
		v.SetInt(int64(int16(d.next().n)))
	case KindInt32:
		v.SetInt(int64(int32(d.next().n)))
	case KindInt64:
		v.SetInt(int64(d.next().n))
	case KindFloat32:
		// SetFloat would go through a float64 and lose the bits of a NaN.
		v.Set(reflect.ValueOf(math.Float32frombits(uint32(d.next().n))).Convert(s.goType))
	case KindFloat64:
		v.SetFloat(math.Float64frombits(d.next().n))
	}
	return nil
}

// setNew points v to a new value.
func (d *decoder) setNew(v reflect.Value, s *shape) error {
	if err := d.spendMemory(1, int(s.goType.Size())); err != nil {
		return err
	}
	pointer := reflect.New(s.goType)
	v.Set(pointer)
	return d.set(pointer.Elem(), s)
}

func (d *decoder) setVec(v reflect.Value, s *shape) error {
	i := d.next()
	if s.elem.typ.Kind == KindNat8 {
		v.SetBytes(d.bytes(i))
		return nil
	}
	n := int(i.n)
	if n == 0 {
		v.Set(s.empty)
		return nil
	}
	if err := d.spendMemory(n, int(s.elem.goType.Size())); err != nil {
		return err
	}
	v.Grow(n)
	v.SetLen(n)
	for i := range n {
		if err := d.set(v.Index(i), s.elem); err != nil {
			return err
		}
	}
	return nil
}

// append writes a Go value of the shape, which is addressable.
func (s *shape) append(b []byte, v reflect.Value, depth int) []byte {
	if depth > maxDepth {
		panic(fmt.Sprintf("candid: values nested deeper than %d in %v", maxDepth, s.goType))
	}
	switch s.typ.Kind {
	case KindOpt:
		if v.IsNil() {
			return append(b, 0)
		}
		return s.elem.append(append(b, 1), v.Elem(), depth+1)
	case KindVec:
		if s.elem.typ.Kind == KindNat8 {
			return appendBlob(b, v.Bytes())
		}
		n := v.Len()
		b = appendUvarint(b, uint64(n))
		for i := range n {
			b = s.elem.append(b, v.Index(i), depth+1)
		}
		return b
	case KindRecord:
		for _, f := range s.fields {
			b = f.shape.append(b, v.Field(f.index), depth+1)
		}
		return b
	case KindVariant:
		i := s.choice(v)
		f := s.fields[i]
		return f.shape.append(appendUvarint(b, uint64(i)), v.Field(f.index).Elem(), depth+1)
	case KindText:
		return appendText(b, v.String())
	case KindNat:
		return appendNat(b, *v.Addr().Interface().(*Nat))
	case KindInt:
		return appendInt(b, *v.Addr().Interface().(*Int))
	case KindPrincipal:
		return appendPrincipal(b, *v.Addr().Interface().(*principal.Principal))
	case KindBool:
		return appendBool(b, v.Bool())
	case KindNat8:
		return append(b, byte(v.Uint()))
	case KindNat16:
		return binary.LittleEndian.AppendUint16(b, uint16(v.Uint()))
	case KindNat32:
		return binary.LittleEndian.AppendUint32(b, uint32(v.Uint()))
	case KindNat64:
		return binary.LittleEndian.AppendUint64(b, v.Uint())
	case KindInt8:
		return append(b, byte(v.Int()))
	case KindInt16:
		return binary.LittleEndian.AppendUint16(b, uint16(v.Int()))
	case KindInt32:
		return binary.LittleEndian.AppendUint32(b, uint32(v.Int()))
	case KindInt64:
		return binary.LittleEndian.AppendUint64(b, uint64(v.Int()))
	case KindFloat32:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(v.Convert(goFloat32).Interface().(float32)))
	case KindFloat64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	}
	return b // null and reserved take no bytes
}

// choice is the one field of a variant that is set.
func (s *shape) choice(v reflect.Value) int {
	chosen := -1
	for i, f := range s.fields {
		if v.Field(f.index).IsNil() {
			continue
		}
		if chosen >= 0 {
			panic(fmt.Sprintf("candid: a %v with two choices, %s and %s", s.goType, s.typ.Fields[chosen].label(), s.typ.Fields[i].label()))
		}
		chosen = i
	}
	if chosen < 0 {
		panic(fmt.Sprintf("candid: a %v without a choice", s.goType))
	}
	return chosen
}
