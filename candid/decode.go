package candid

import "fmt"

// Decode reads a message as arguments of the expected types, with subtyping:
// extra arguments are skipped, and missing ones may be null. Byte strings
// share memory with the message.
func Decode(message []byte, expected []*Type) ([]Value, error) {
	d := newDecoder(message)
	wire, err := d.header()
	if err != nil {
		return nil, err
	}
	if err := d.arguments(wire, expected); err != nil {
		return nil, err
	}
	values := make([]Value, len(expected))
	for i, t := range expected {
		if values[i], err = d.build(t); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// arguments reads all values. It follows the header.
func (d *decoder) arguments(wire, want []*Type) error {
	if len(d.data) > maxLength {
		return d.malformed("a message of %d bytes", len(d.data))
	}
	for i, t := range want {
		var err error
		if i < len(wire) {
			err = d.value(wire[i], t, 0)
		} else {
			err = d.missing(t)
		}
		if err != nil {
			return within(err, func() string { return fmt.Sprintf("argument %d", i) })
		}
	}
	for _, extra := range wire[min(len(wire), len(want)):] {
		if err := d.skip(extra, 0); err != nil {
			return err
		}
	}
	if d.left() > 0 {
		return d.malformed("%d bytes behind the last value", d.left())
	}
	return nil
}

// missing notes an argument or field that is not there.
func (d *decoder) missing(want *Type) error {
	if !want.mayBeMissing() {
		return &mismatch{reason: absentValue}
	}
	if want.Kind == KindOpt {
		d.add(0)
	}
	return d.spend(1)
}

// value reads a value of the wire type as the expected type (Candid
// specification, Decoding).
func (d *decoder) value(wire, want *Type, depth int) error {
	if depth > maxDepth {
		return d.malformed("values nested deeper than %d", maxDepth)
	}
	if err := d.spend(1); err != nil {
		return err
	}
	switch {
	case want.Kind == KindReserved:
		return d.skip(wire, depth)
	case want.Kind == KindOpt:
		return d.opt(wire, want.Elem, depth)
	case wire.Kind == KindEmpty:
		return d.malformed("a value of type empty")
	case want.Kind == KindInt && wire.Kind == KindNat:
		return d.number(true)
	case want.Kind == KindPrincipal && wire.Kind == KindService:
		return d.principal()
	case want.Kind != wire.Kind:
		return &mismatch{reason: wrongKind, wire: wire.Kind, want: want.Kind}
	}
	switch want.Kind {
	case KindVec:
		return d.vec(wire.Elem, want.Elem, depth)
	case KindRecord:
		return d.record(wire, want, depth)
	case KindVariant:
		return d.variant(wire, want, depth)
	case KindFunc, KindService:
		// Nobody can look into a reference later, so its whole type counts.
		fits, err := d.subtypes.check(wire, want)
		if err != nil {
			return err
		}
		if !fits {
			return &mismatch{reason: wrongReference, want: want.Kind}
		}
	}
	return d.leaf(want.Kind)
}

// opt reads anything as an optional value.
func (d *decoder) opt(wire, elem *Type, depth int) error {
	switch wire.Kind {
	case KindNull, KindReserved:
		d.add(0)
		return nil
	case KindOpt:
		some, err := d.tag("an opt tag")
		if err != nil {
			return err
		}
		if !some {
			d.add(0)
			return nil
		}
		return d.orNull(wire.Elem, elem, depth)
	}
	// A plain value becomes an optional one, unless null could be meant.
	if elem.Kind == KindNull || elem.Kind == KindReserved {
		d.add(0)
		return d.skip(wire, depth+1)
	}
	return d.orNull(wire, elem, depth)
}

// orNull reads the value of an opt. One that does not fit becomes null: it is
// read a second time to be skipped, and its bytes are paid for.
func (d *decoder) orNull(wire, elem *Type, depth int) error {
	start, mark := d.at, d.noted
	d.add(1)
	err := d.value(wire, elem, depth+1)
	if _, unfit := err.(*mismatch); !unfit {
		return err
	}
	if err := d.spendMemory(1, d.at-start); err != nil {
		return err
	}
	d.at, d.noted = start, mark
	d.add(0)
	return d.skip(wire, depth+1)
}

func (d *decoder) vec(wire, want *Type, depth int) error {
	n, err := d.length()
	if err != nil {
		return err
	}
	if wire.Kind == KindNat8 && want.Kind == KindNat8 {
		if _, err := d.take(n); err != nil {
			return err
		}
		d.addBytes(n)
		return nil
	}
	if want.Kind == KindNat8 {
		// No other type fits, but an empty vec is empty at every type.
		d.addBytes(0)
	} else {
		d.add(uint64(n))
	}
	for i := range n {
		if err := d.value(wire, want, depth+1); err != nil {
			return within(err, func() string { return fmt.Sprintf("element %d", i) })
		}
	}
	return nil
}

func (d *decoder) record(wire, want *Type, depth int) error {
	rest := want.Fields // that are not read yet
	for i := range wire.Fields {
		field := &wire.Fields[i]
		for len(rest) > 0 && rest[0].ID < field.ID {
			if err := d.missing(rest[0].Type); err != nil {
				return within(err, rest[0].label)
			}
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0].ID != field.ID {
			if err := d.skip(field.Type, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := d.value(field.Type, rest[0].Type, depth+1); err != nil {
			return within(err, rest[0].label)
		}
		rest = rest[1:]
	}
	for _, field := range rest {
		if err := d.missing(field.Type); err != nil {
			return within(err, field.label)
		}
	}
	return nil
}

func (d *decoder) variant(wire, want *Type, depth int) error {
	field, err := d.chosen(wire)
	if err != nil {
		return err
	}
	i, ok := findField(want.Fields, field.ID)
	if !ok {
		return &mismatch{reason: wrongChoice, choice: field.ID}
	}
	d.add(uint64(i))
	if err := d.value(field.Type, want.Fields[i].Type, depth+1); err != nil {
		return within(err, want.Fields[i].label)
	}
	return nil
}

// chosen reads which field of a variant follows.
func (d *decoder) chosen(wire *Type) (*Field, error) {
	n, err := d.uleb()
	if err != nil {
		return nil, err
	}
	if n >= uint64(len(wire.Fields)) {
		return nil, d.malformed("the choice %d of a variant of %d", n, len(wire.Fields))
	}
	return &wire.Fields[n], nil
}
