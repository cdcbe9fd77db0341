package candid

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"internetidentity/principal"
)

// Encode writes values of the given types as a message. A value that is not
// of its type is an error.
func Encode(types []*Type, values []Value) ([]byte, error) {
	if len(types) != len(values) {
		return nil, fmt.Errorf("candid: %d values for %d types", len(values), len(types))
	}
	b := appendHeader(nil, types)
	for i, t := range types {
		var err error
		if b, err = appendValue(b, t, values[i], 0); err != nil {
			return nil, fmt.Errorf("candid: argument %d: %w", i, err)
		}
	}
	return b, nil
}

func appendValue(b []byte, t *Type, v Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values nested deeper than %d", maxDepth)
	}
	switch v := v.(type) {
	case OptValue:
		if t.Kind != KindOpt {
			break
		}
		if v.Value == nil {
			return append(b, 0), nil
		}
		return appendValue(append(b, 1), t.Elem, v.Value, depth+1)
	case []byte:
		if t.Kind == KindVec && t.Elem.Kind == KindNat8 {
			return appendBlob(b, v), nil
		}
	case VecValue:
		if t.Kind == KindVec {
			return appendVec(b, t.Elem, v, depth)
		}
	case RecordValue:
		if t.Kind == KindRecord {
			return appendRecord(b, t, v, depth)
		}
	case VariantValue:
		if t.Kind == KindVariant {
			return appendVariant(b, t, v, depth)
		}
	default:
		return appendPrimitive(b, t.Kind, v)
	}
	return nil, unlike(t.Kind, v)
}

// unlike is the error of a value at a type that it is not of.
func unlike(k Kind, v Value) error { return fmt.Errorf("a %T is no value of %v", v, k) }

func appendVec(b []byte, elem *Type, v VecValue, depth int) ([]byte, error) {
	b = appendUvarint(b, uint64(len(v)))
	for i, element := range v {
		var err error
		if b, err = appendValue(b, elem, element, depth+1); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return b, nil
}

func appendRecord(b []byte, t *Type, v RecordValue, depth int) ([]byte, error) {
	if len(v) != len(t.Fields) {
		return nil, fmt.Errorf("a record has %d fields in place of %d", len(v), len(t.Fields))
	}
	for i, f := range t.Fields {
		if v[i].ID != f.ID {
			return nil, fmt.Errorf("a record has the field %d in place of %s", v[i].ID, f.label())
		}
		var err error
		if b, err = appendValue(b, f.Type, v[i].Value, depth+1); err != nil {
			return nil, fmt.Errorf("%s: %w", f.label(), err)
		}
	}
	return b, nil
}

func appendVariant(b []byte, t *Type, v VariantValue, depth int) ([]byte, error) {
	i, ok := findField(t.Fields, v.ID)
	if !ok {
		return nil, fmt.Errorf("a variant has no choice %d", v.ID)
	}
	b, err := appendValue(appendUvarint(b, uint64(i)), t.Fields[i].Type, v.Value, depth+1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Fields[i].label(), err)
	}
	return b, nil
}

// appendPrimitive writes a value without parts.
func appendPrimitive(b []byte, k Kind, v Value) ([]byte, error) {
	var got Kind
	switch v := v.(type) {
	case Null:
		got = KindNull
	case Reserved:
		got = KindReserved
	case bool:
		got, b = KindBool, appendBool(b, v)
	case Nat:
		got, b = KindNat, appendNat(b, v)
	case Int:
		got, b = KindInt, appendInt(b, v)
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
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("a text is not UTF-8")
		}
		got, b = KindText, appendText(b, v)
	case principal.Principal:
		got, b = KindPrincipal, appendPrincipal(b, v)
	case ServiceValue:
		got, b = KindService, appendPrincipal(b, principal.Principal(v))
	case FuncValue:
		if !utf8.ValidString(v.Method) {
			return nil, fmt.Errorf("a method name is not UTF-8")
		}
		got, b = KindFunc, appendText(appendPrincipal(append(b, 1), v.Service), v.Method)
	default:
		return nil, fmt.Errorf("a %T is no value", v)
	}
	if got != k {
		return nil, unlike(k, v)
	}
	return b, nil
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendText(b []byte, s string) []byte {
	return append(appendUvarint(b, uint64(len(s))), s...)
}

func appendBlob(b, blob []byte) []byte {
	return append(appendUvarint(b, uint64(len(blob))), blob...)
}

func appendPrincipal(b []byte, p principal.Principal) []byte {
	b = append(b, 1, 0)
	at := len(b)
	b = p.AppendTo(b)
	// At most 29, so the length takes one byte.
	b[at-1] = byte(len(b) - at)
	return b
}
