package candid

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"

	"internetidentity/principal"
)

// Decode reads a message as arguments of the expected types, with subtyping:
// extra arguments are skipped, and missing ones may be null. Byte strings
// share memory with data.
func Decode(data []byte, expected []*Type) ([]Value, error) {
	r := &reader{data: data, work: min(maxWork, workBase+workPerByte*len(data))}
	wire, err := r.header()
	if err != nil {
		return nil, err
	}
	d := decoder{reader: r}
	values := make([]Value, len(expected))
	for i, want := range expected {
		if i >= len(wire) {
			if values[i], err = missing(want); err != nil {
				return nil, err
			}
			continue
		}
		if values[i], err = d.value(wire[i], want, 0); err != nil {
			return nil, err
		}
	}
	for _, extra := range wire[min(len(wire), len(expected)):] {
		if err := d.skip(extra, 0); err != nil {
			return nil, err
		}
	}
	if r.at != len(data) {
		return nil, malformed("bytes behind the last value")
	}
	return values, nil
}

// missing is the value of an argument or field that is not there.
func missing(t *Type) (Value, error) {
	switch t.resolve().Kind {
	case KindOpt:
		return OptValue{}, nil
	case KindNull:
		return Null{}, nil
	case KindReserved:
		return Reserved{}, nil
	}
	return nil, mismatch("a required value is missing")
}

type decoder struct {
	*reader
}

// value reads a value of the wire type as the expected type.
func (d *decoder) value(wire, want *Type, depth int) (Value, error) {
	if depth > maxDepth {
		return nil, malformed("values nested deeper than %d", maxDepth)
	}
	if err := d.spend(1); err != nil {
		return nil, err
	}
	want = want.resolve()
	switch {
	case want.Kind == KindReserved:
		return Reserved{}, d.skip(wire, depth)
	case want.Kind == KindOpt:
		return d.opt(wire, want.Elem, depth)
	case want.Kind == KindInt && wire.Kind == KindNat:
		n, err := d.bigUnsigned()
		return Int{n}, err
	case want.Kind == KindPrincipal && wire.Kind == KindService:
		return d.principal()
	case wire.Kind == KindEmpty:
		return nil, malformed("a value of type empty")
	case want.Kind != wire.Kind:
		return nil, mismatch("the value is of another type than expected")
	}
	switch want.Kind {
	case KindVec:
		return d.vec(wire, want, depth)
	case KindRecord:
		return d.record(wire, want, depth)
	case KindVariant:
		return d.variant(wire, want, depth)
	case KindFunc:
		if !d.isSubtype(wire, want) {
			return nil, mismatch("the function is of another type than expected")
		}
		return d.funcRef()
	case KindService:
		if !d.isSubtype(wire, want) {
			return nil, mismatch("the service is of another type than expected")
		}
		p, err := d.principal()
		return ServiceValue(p), err
	}
	return d.primitive(want.Kind)
}

func (d *decoder) isSubtype(wire, want *Type) bool {
	s := subtyping{work: max(d.work, 1)}
	ok := s.check(wire, want)
	d.work = s.work
	return ok
}

// opt reads anything as an optional value. What does not fit becomes null,
// which costs a second reading, so it is paid for.
func (d *decoder) opt(wire, elem *Type, depth int) (Value, error) {
	switch wire.Kind {
	case KindNull:
		return OptValue{}, nil
	case KindReserved:
		return OptValue{}, nil
	case KindOpt:
		tag, err := d.byte()
		if err != nil {
			return nil, err
		}
		switch tag {
		case 0:
			return OptValue{}, nil
		case 1:
			return d.orNull(wire.Elem, elem, depth)
		}
		return nil, malformed("an opt with the tag %d", tag)
	}
	// A plain value becomes an optional one, however many opts are around it.
	switch elem.resolve().Kind {
	case KindNull, KindReserved:
		return OptValue{}, d.skip(wire, depth+1)
	}
	return d.orNull(wire, elem, depth)
}

func (d *decoder) orNull(wire, elem *Type, depth int) (Value, error) {
	start := d.at
	v, err := d.value(wire, elem, depth+1)
	if err == nil {
		return OptValue{Value: v}, nil
	}
	var wrong *errMismatch
	if !errors.As(err, &wrong) {
		return nil, err
	}
	if err := d.spend(d.at - start); err != nil {
		return nil, err
	}
	d.at = start
	return OptValue{}, d.skip(wire, depth+1)
}

func (d *decoder) vec(wire, want *Type, depth int) (Value, error) {
	n, err := d.length()
	if err != nil {
		return nil, err
	}
	elem := want.Elem.resolve()
	if elem.Kind == KindNat8 && wire.Elem.Kind == KindNat8 {
		return d.take(n)
	}
	if err := d.spend(n); err != nil {
		return nil, err
	}
	// Room is made as values arrive: the length is only a claim.
	values := make(VecValue, 0, min(n, 64))
	for range n {
		v, err := d.value(wire.Elem, elem, depth+1)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if elem.Kind == KindNat8 {
		b := make([]byte, len(values))
		for i := range values {
			b[i] = values[i].(uint8)
		}
		return b, nil
	}
	return values, nil
}

func (d *decoder) record(wire, want *Type, depth int) (Value, error) {
	values := make(RecordValue, 0, len(want.Fields))
	next := 0
	// fill gives the expected fields below an id their value of absence.
	fill := func(below uint64) error {
		for next < len(want.Fields) && uint64(want.Fields[next].ID) < below {
			v, err := missing(want.Fields[next].Type)
			if err != nil {
				return err
			}
			values = append(values, FieldValue{want.Fields[next].ID, v})
			next++
		}
		return nil
	}
	for _, field := range wire.Fields {
		if err := fill(uint64(field.ID)); err != nil {
			return nil, err
		}
		if next == len(want.Fields) || want.Fields[next].ID != field.ID {
			if err := d.skip(field.Type, depth+1); err != nil {
				return nil, err
			}
			continue
		}
		v, err := d.value(field.Type, want.Fields[next].Type, depth+1)
		if err != nil {
			return nil, err
		}
		values = append(values, FieldValue{field.ID, v})
		next++
	}
	if err := fill(math.MaxUint64); err != nil {
		return nil, err
	}
	return values, nil
}

func (d *decoder) variant(wire, want *Type, depth int) (Value, error) {
	field, err := d.chosen(wire)
	if err != nil {
		return nil, err
	}
	i, ok := findField(want.Fields, field.ID)
	if !ok {
		return nil, mismatch("the variant has an unexpected tag")
	}
	v, err := d.value(field.Type, want.Fields[i].Type, depth+1)
	return VariantValue{field.ID, v}, err
}

func (d *decoder) chosen(wire *Type) (Field, error) {
	n, err := d.uleb()
	if err != nil {
		return Field{}, err
	}
	if n >= uint64(len(wire.Fields)) {
		return Field{}, malformed("a variant has no field %d", n)
	}
	return wire.Fields[n], nil
}

func (d *decoder) principal() (principal.Principal, error) {
	tag, err := d.byte()
	if err != nil {
		return principal.Principal{}, err
	}
	if tag != 1 {
		return principal.Principal{}, malformed("an opaque reference")
	}
	n, err := d.length()
	if err != nil {
		return principal.Principal{}, err
	}
	b, err := d.take(n)
	if err != nil {
		return principal.Principal{}, err
	}
	p, err := principal.FromBytes(b)
	if err != nil {
		return p, malformed("%v", err)
	}
	return p, nil
}

func (d *decoder) funcRef() (Value, error) {
	tag, err := d.byte()
	if err != nil {
		return nil, err
	}
	if tag != 1 {
		return nil, malformed("an opaque reference")
	}
	service, err := d.principal()
	if err != nil {
		return nil, err
	}
	method, err := d.text()
	return FuncValue{Service: service, Method: method}, err
}

func (d *decoder) text() (string, error) {
	n, err := d.length()
	if err != nil {
		return "", err
	}
	b, err := d.take(n)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", malformed("a text is not UTF-8")
	}
	return string(b), nil
}

// primitive reads a value without parts.
func (d *decoder) primitive(k Kind) (Value, error) {
	switch k {
	case KindNull:
		return Null{}, nil
	case KindBool:
		b, err := d.byte()
		if err == nil && b > 1 {
			err = malformed("a bool of %d", b)
		}
		return b == 1, err
	case KindNat:
		n, err := d.bigUnsigned()
		return Nat{n}, err
	case KindInt:
		n, err := d.bigSigned()
		return Int{n}, err
	case KindText:
		return d.text()
	case KindPrincipal:
		return d.principal()
	}
	width := fixedWidth(k)
	b, err := d.take(width)
	if err != nil {
		return nil, err
	}
	return fixedValue(k, b), nil
}

// fixedWidth is the number of bytes of a number type, or 0.
func fixedWidth(k Kind) int {
	switch k {
	case KindNat8, KindInt8:
		return 1
	case KindNat16, KindInt16:
		return 2
	case KindNat32, KindInt32, KindFloat32:
		return 4
	case KindNat64, KindInt64, KindFloat64:
		return 8
	}
	return 0
}

func fixedValue(k Kind, b []byte) Value {
	var n uint64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	switch k {
	case KindNat8:
		return uint8(n)
	case KindNat16:
		return uint16(n)
	case KindNat32:
		return uint32(n)
	case KindNat64:
		return n
	case KindInt8:
		return int8(n)
	case KindInt16:
		return int16(n)
	case KindInt32:
		return int32(n)
	case KindInt64:
		return int64(n)
	case KindFloat32:
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	default:
		return math.Float64frombits(n)
	}
}

// skip passes over a value, which must be well-formed all the same.
func (d *decoder) skip(t *Type, depth int) error {
	if depth > maxDepth {
		return malformed("values nested deeper than %d", maxDepth)
	}
	if err := d.spend(1); err != nil {
		return err
	}
	switch t.Kind {
	case KindReserved:
		return nil
	case KindEmpty:
		return malformed("a value of type empty")
	case KindOpt:
		tag, err := d.byte()
		if err != nil || tag == 0 {
			return err
		}
		if tag != 1 {
			return malformed("an opt with the tag %d", tag)
		}
		return d.skip(t.Elem, depth+1)
	case KindVec:
		return d.skipVec(t, depth)
	case KindRecord:
		for _, field := range t.Fields {
			if err := d.skip(field.Type, depth+1); err != nil {
				return err
			}
		}
		return nil
	case KindVariant:
		field, err := d.chosen(t)
		if err != nil {
			return err
		}
		return d.skip(field.Type, depth+1)
	case KindFunc:
		_, err := d.funcRef()
		return err
	case KindService:
		_, err := d.principal()
		return err
	case kindFuture:
		return d.skipFuture()
	}
	_, err := d.primitive(t.Kind)
	return err
}

func (d *decoder) skipVec(t *Type, depth int) error {
	n, err := d.length()
	if err != nil {
		return err
	}
	if width := fixedWidth(t.Elem.Kind); width > 0 {
		_, err := d.take(n * width)
		return err
	}
	for range n {
		if err := d.skip(t.Elem, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// skipFuture passes over a value of a type that is not known: its bytes, and
// the number of its references, which have none.
func (d *decoder) skipFuture() error {
	n, err := d.length()
	if err != nil {
		return err
	}
	if _, err := d.length(); err != nil {
		return err
	}
	_, err = d.take(n)
	return err
}
