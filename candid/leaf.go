package candid

import (
	"math"
	"unicode/utf8"

	"internetidentity/principal"
)

// fixedWidth is the number of bytes of a sized number, or 0 for other types.
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

// leaf reads a value without parts.
func (d *decoder) leaf(k Kind) error {
	switch k {
	case KindNull, KindReserved:
		return nil
	case KindBool:
		b, err := d.tag("a bool")
		if b {
			d.add(1)
		} else {
			d.add(0)
		}
		return err
	case KindNat, KindInt:
		return d.number(false)
	case KindText:
		return d.text()
	case KindPrincipal, KindService:
		return d.principal()
	case KindFunc:
		return d.function()
	}
	b, err := d.take(fixedWidth(k))
	if err != nil {
		return err
	}
	var n uint64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	d.add(n)
	return nil
}

// number notes a number of any size. One that was sent as a nat may be
// expected as an int.
func (d *decoder) number(nat bool) error {
	digits, err := d.digits()
	if err != nil {
		return err
	}
	if err := d.spendMemory(1, len(digits)); err != nil {
		return err
	}
	d.addBytes(len(digits))
	d.item(d.noted - 1).nat = nat
	return nil
}

func (d *decoder) text() error {
	n, err := d.length()
	if err != nil {
		return err
	}
	b, err := d.take(n)
	if err != nil {
		return err
	}
	if !utf8.Valid(b) {
		return d.malformed("a text is not UTF-8")
	}
	d.addBytes(n)
	return nil
}

func (d *decoder) principal() error {
	if err := d.transparent(); err != nil {
		return err
	}
	n, err := d.length()
	if err != nil {
		return err
	}
	if n > principal.MaxLength {
		return d.malformed("a principal of %d bytes", n)
	}
	if _, err := d.take(n); err != nil {
		return err
	}
	d.addBytes(n)
	return nil
}

func (d *decoder) function() error {
	if err := d.transparent(); err != nil {
		return err
	}
	if err := d.principal(); err != nil {
		return err
	}
	return d.text()
}

// transparent reads the byte that says that a reference is spelled out. The
// other kind would point into a list beside the message, which the Internet
// Computer does not have.
func (d *decoder) transparent() error {
	spelled, err := d.tag("a reference tag")
	if err == nil && !spelled {
		err = d.malformed("an opaque reference")
	}
	return err
}

// principalOf is the principal of an item.
func (d *decoder) principalOf(i item) principal.Principal {
	p, err := principal.FromBytes(d.bytes(i))
	if err != nil {
		panic("candid: a principal's length was not checked: " + err.Error())
	}
	return p
}

// intOf is the number of an item of type int.
func (d *decoder) intOf(i item) Int {
	if i.nat {
		return Int(parseNat(d.bytes(i)))
	}
	return parseInt(d.bytes(i))
}

// fixedValue is the value of a sized number or bool in the low bits of n.
func fixedValue(k Kind, n uint64) Value {
	switch k {
	case KindBool:
		return n == 1
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
		return math.Float32frombits(uint32(n))
	case KindFloat64:
		return math.Float64frombits(n)
	}
	panic("candid: " + k.String() + " is no sized number")
}
