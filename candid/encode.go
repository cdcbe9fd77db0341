package candid

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"internetidentity/principal"
)

// Encode writes values of the given types as a message. A value that is not
// of its type is an error.
func Encode(types []*Type, values []Value) ([]byte, error) {
	if len(types) != len(values) {
		return nil, fmt.Errorf("candid: %d values for %d types", len(values), len(types))
	}
	b := encodeHeader(types)
	var err error
	for i, t := range types {
		if b, err = appendValue(b, t.resolve(), values[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// encodeHeader writes the magic, the type table and the argument types. Types
// are numbered in the order of their first use, and equal types share a number.
func encodeHeader(types []*Type) []byte {
	e := tableEncoder{numbers: map[*Type]int{}}
	for _, t := range types {
		e.add(t)
	}
	b := append([]byte(magic), appendUvarint(nil, uint64(len(e.entries)))...)
	for _, t := range e.entries {
		b = e.appendEntry(b, t)
	}
	return e.appendList(b, types)
}

type tableEncoder struct {
	entries []*Type
	numbers map[*Type]int
}

func (e *tableEncoder) add(t *Type) {
	t = t.resolve()
	if t.Kind >= KindEmpty || t.Kind == KindPrincipal {
		return
	}
	if _, ok := e.numbers[t]; ok {
		return
	}
	for i, known := range e.entries {
		if Equal(known, t) {
			e.numbers[t] = i
			return
		}
	}
	e.numbers[t] = len(e.entries)
	e.entries = append(e.entries, t)
	for _, part := range t.parts() {
		e.add(part)
	}
}

// parts are the types that a type is made of.
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

func (e *tableEncoder) appendRef(b []byte, t *Type) []byte {
	t = t.resolve()
	if n, ok := e.numbers[t]; ok {
		return appendSLEB(b, int64(n))
	}
	return appendSLEB(b, int64(t.Kind))
}

func (e *tableEncoder) appendList(b []byte, types []*Type) []byte {
	b = appendUvarint(b, uint64(len(types)))
	for _, t := range types {
		b = e.appendRef(b, t)
	}
	return b
}

func (e *tableEncoder) appendEntry(b []byte, t *Type) []byte {
	b = appendSLEB(b, int64(t.Kind))
	switch t.Kind {
	case KindOpt, KindVec:
		return e.appendRef(b, t.Elem)
	case KindRecord, KindVariant:
		b = appendUvarint(b, uint64(len(t.Fields)))
		for _, f := range t.Fields {
			b = e.appendRef(appendUvarint(b, uint64(f.ID)), f.Type)
		}
		return b
	case KindFunc:
		b = e.appendList(e.appendList(b, t.Func.Args), t.Func.Results)
		b = appendUvarint(b, uint64(len(t.Func.Modes)))
		for _, mode := range t.Func.Modes {
			b = append(b, byte(mode))
		}
		return b
	default:
		b = appendUvarint(b, uint64(len(t.Methods)))
		for _, m := range t.Methods {
			b = e.appendRef(appendText(b, m.Name), m.Type)
		}
		return b
	}
}

func appendText(b []byte, s string) []byte {
	return append(appendUvarint(b, uint64(len(s))), s...)
}

func appendSLEB(b []byte, n int64) []byte {
	for {
		low := byte(n & 0x7f)
		n >>= 7
		if n == 0 && low&0x40 == 0 || n == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

func appendBigUnsigned(b []byte, n *big.Int) []byte {
	n = new(big.Int).Set(n)
	low := new(big.Int)
	for {
		low.And(n, big.NewInt(0x7f))
		n.Rsh(n, 7)
		if n.Sign() == 0 {
			return append(b, byte(low.Uint64()))
		}
		b = append(b, byte(low.Uint64())|0x80)
	}
}

func appendBigSigned(b []byte, n *big.Int) []byte {
	if n.IsInt64() {
		return appendSLEB(b, n.Int64())
	}
	n = new(big.Int).Set(n)
	low := new(big.Int)
	for {
		digit := byte(low.And(n, big.NewInt(0x7f)).Uint64())
		n.Rsh(n, 7)
		if n.Sign() == 0 && digit&0x40 == 0 || n.IsInt64() && n.Int64() == -1 && digit&0x40 != 0 {
			return append(b, digit)
		}
		b = append(b, digit|0x80)
	}
}

func appendPrincipal(b []byte, p principal.Principal) []byte {
	id := p.Bytes()
	return append(appendUvarint(append(b, 1), uint64(len(id))), id...)
}

// appendValue writes a value of a resolved type.
func appendValue(b []byte, t *Type, v Value) ([]byte, error) {
	switch v := v.(type) {
	case OptValue:
		if t.Kind != KindOpt {
			break
		}
		if v.Value == nil {
			return append(b, 0), nil
		}
		return appendValue(append(b, 1), t.Elem.resolve(), v.Value)
	case []byte:
		if t.Kind == KindVec && t.Elem.resolve().Kind == KindNat8 {
			return append(appendUvarint(b, uint64(len(v))), v...), nil
		}
	case VecValue:
		if t.Kind == KindVec {
			return appendVec(b, t.Elem.resolve(), v)
		}
	case RecordValue:
		if t.Kind == KindRecord && len(v) == len(t.Fields) {
			return appendRecord(b, t, v)
		}
	case VariantValue:
		if i, ok := findField(t.Fields, v.ID); ok && t.Kind == KindVariant {
			return appendValue(appendUvarint(b, uint64(i)), t.Fields[i].Type.resolve(), v.Value)
		}
	case FuncValue:
		if t.Kind == KindFunc {
			return appendText(appendPrincipal(append(b, 1), v.Service), v.Method), nil
		}
	case ServiceValue:
		if t.Kind == KindService {
			return appendPrincipal(b, principal.Principal(v)), nil
		}
	default:
		return appendPrimitive(b, t.Kind, v)
	}
	return nil, fmt.Errorf("candid: a %T is not of the type it is encoded as", v)
}

func appendVec(b []byte, elem *Type, v VecValue) ([]byte, error) {
	b = appendUvarint(b, uint64(len(v)))
	var err error
	for _, element := range v {
		if b, err = appendValue(b, elem, element); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendRecord(b []byte, t *Type, v RecordValue) ([]byte, error) {
	var err error
	for i, f := range t.Fields {
		if v[i].ID != f.ID {
			return nil, fmt.Errorf("candid: a record has field %d in place of %d", v[i].ID, f.ID)
		}
		if b, err = appendValue(b, f.Type.resolve(), v[i].Value); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendPrimitive(b []byte, k Kind, v Value) ([]byte, error) {
	var got Kind
	switch v := v.(type) {
	case Null:
		got = KindNull
	case Reserved:
		got = KindReserved
	case bool:
		got = KindBool
		if v {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	case Nat:
		got, b = KindNat, appendBigUnsigned(b, v.Big())
	case Int:
		got, b = KindInt, appendBigSigned(b, v.Big())
	case uint8:
		got, b = KindNat8, append(b, v)
	case uint16:
		got, b = KindNat16, binary.LittleEndian.AppendUint16(b, v)
	case uint32:
		got, b = KindNat32, binary.LittleEndian.AppendUint32(b, v)
	case uint64:
		got, b = KindNat64, binary.LittleEndian.AppendUint64(b, v)
	case int8:
		got, b = KindInt8, append(b, byte(v))
	case int16:
		got, b = KindInt16, binary.LittleEndian.AppendUint16(b, uint16(v))
	case int32:
		got, b = KindInt32, binary.LittleEndian.AppendUint32(b, uint32(v))
	case int64:
		got, b = KindInt64, binary.LittleEndian.AppendUint64(b, uint64(v))
	case float32:
		got, b = KindFloat32, binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	case float64:
		got, b = KindFloat64, binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	case string:
		got, b = KindText, appendText(b, v)
	case principal.Principal:
		got, b = KindPrincipal, appendPrincipal(b, v)
	default:
		return nil, fmt.Errorf("candid: a %T is no value", v)
	}
	if got != k {
		return nil, fmt.Errorf("candid: a %T is not of the type it is encoded as", v)
	}
	return b, nil
}

func appendUvarint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }
