package candid

import (
	"errors"
	"fmt"
	"strings"
)

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

// ErrMismatch is the error of a well-formed message that does not fit the
// expected types.
var ErrMismatch = errors.New("unexpected Candid")

// mismatch is the error of a value that does not fit the expected type. Under
// an opt it becomes null, which may happen often, so its text is made late.
type mismatch struct {
	reason string
	// wire and want are the kinds for wrongKind; choice is for wrongChoice.
	wire, want Kind
	choice     uint32
	// path leads to the value, innermost step first.
	path []string
}

// Reasons of a mismatch.
const (
	wrongKind      = "it is %v and should be %v"
	wrongChoice    = "the choice %d is not known"
	wrongReference = "the %v is not of the expected type"
	absentValue    = "it is required and missing"
)

func (m *mismatch) Error() string {
	reason := m.reason
	switch reason {
	case wrongKind:
		reason = fmt.Sprintf(reason, m.wire, m.want)
	case wrongChoice:
		reason = fmt.Sprintf(reason, m.choice)
	case wrongReference:
		reason = fmt.Sprintf(reason, m.want)
	}
	var where strings.Builder
	for i := len(m.path) - 1; i >= 0; i-- {
		where.WriteString(m.path[i])
		where.WriteString(": ")
	}
	return fmt.Sprintf("%v: %s%s", ErrMismatch, &where, reason)
}

func (m *mismatch) Unwrap() error { return ErrMismatch }

// within adds a step to the path of a mismatch.
func within(err error, step func() string) error {
	if m, ok := err.(*mismatch); ok {
		m.path = append(m.path, step())
	}
	return err
}

// decoder reads in two passes. The first applies every rule and notes what the
// message holds as items, in the order of the expected types: a value that
// does not fit an opt is unmade by dropping its items. The second pass builds
// Values or Go values from the items and cannot fail but for memory.
type decoder struct {
	reader
	subtypes subtyping
	// Items lie in blocks, which never move. noted is how many there are, and
	// built how many the second pass has taken.
	blocks       [][]item
	first        [blockItems]item
	noted, built int
}

// blockItems is how many items are in a block, of 1 KB.
const blockItems = 64

// item is one thing found in a message. What it means follows from the
// expected type:
//
//	bool, sized numbers    n is the value, in its 64 bits
//	nat, int, principal    n bytes of the message from at
//	text, blob, service    n bytes of the message from at
//	func                   two items: the service's, and the method's as a text
//	opt                    n is 0 or 1, and 1 is followed by the value
//	vec                    n elements follow
//	variant                n is the place of the chosen field in the expected type
//	null, reserved, record no item
type item struct {
	n  uint64
	at uint32
	// nat marks an int that was sent as a nat.
	nat bool
}

func newDecoder(message []byte) *decoder {
	d := &decoder{reader: newReader(message)}
	d.subtypes.budget = &d.reader
	return d
}

func (d *decoder) add(n uint64) { d.note(item{n: n}) }

// addBytes notes the n bytes in front of the place where the decoder stands.
func (d *decoder) addBytes(n int) { d.note(item{n: uint64(n), at: uint32(d.at - n)}) }

func (d *decoder) note(i item) {
	switch {
	case d.noted == 0:
		d.blocks = append(d.blocks[:0], d.first[:])
	case d.noted == len(d.blocks)*blockItems:
		d.blocks = append(d.blocks, make([]item, blockItems))
	}
	*d.item(d.noted) = i
	d.noted++
}

func (d *decoder) item(n int) *item { return &d.blocks[n/blockItems][n%blockItems] }

func (d *decoder) next() item {
	d.built++
	return *d.item(d.built - 1)
}

func (d *decoder) bytes(i item) []byte {
	end := int(i.at) + int(i.n)
	return d.data[i.at:end:end]
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
