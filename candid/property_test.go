package candid

import (
	"bytes"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsEncodedDecodesToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := drawTypes(t)
		values := drawValues(t, types)
		message := wire(t, types, values)
		got, err := Decode([]byte(message), types)
		if err != nil {
			t.Fatalf("%x at %v: %v", message, types, err)
		}
		if again := wire(t, types, got); again != message {
			t.Fatalf("%v: %x became %x", types, message, again)
		}
	})
}

// TestValuesDecodeAtEverySupertype is the soundness of subtyping.
func TestValuesDecodeAtEverySupertype(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t)
		super := drawRelated(t, typ, true, 0)
		if !IsSubtype(typ, super) {
			t.Fatalf("%v is not a subtype of %v", typ, super)
		}
		message := wire(t, []*Type{typ}, []Value{drawValue(t, typ, 0)})
		values, err := Decode([]byte(message), []*Type{super})
		if err != nil {
			t.Fatalf("%x of %v at %v: %v", message, typ, super, err)
		}
		wire(t, []*Type{super}, values)
	})
}

// TestSubtypesDecode draws two types that may have nothing to do with each
// other: what is called a subtype must be one.
func TestSubtypesDecode(t *testing.T) {
	related := 0
	rapid.Check(t, func(t *rapid.T) {
		a := drawType(t)
		b := drawRelated(t, drawRelated(t, a, true, 2), rapid.Bool().Draw(t, "up"), 2)
		if !IsSubtype(a, b) {
			return
		}
		related++
		message := wire(t, []*Type{a}, []Value{drawValue(t, a, 0)})
		if _, err := Decode([]byte(message), []*Type{b}); err != nil {
			t.Fatalf("%x of %v at %v: %v", message, a, b, err)
		}
	})
	if related == 0 {
		t.Error("no two types were related: the test says nothing")
	}
}

func TestExtraArgumentsAreSkipped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := drawTypes(t)
		values := drawValues(t, types)
		message := wire(t, types, values)
		for n := range types {
			got, err := Decode([]byte(message), types[:n])
			if err != nil {
				t.Fatalf("%x at the first %d of %v: %v", message, n, types, err)
			}
			if wire(t, types[:n], got) != wire(t, types[:n], values[:n]) {
				t.Fatalf("%x at the first %d of %v", message, n, types)
			}
		}
	})
}

// TestAnythingReadsAsReservedAndAsOpt skips by two ways what the first test
// reads.
func TestAnythingReadsAsReservedAndAsOpt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ, other := drawType(t), drawType(t)
		message := []byte(wire(t, []*Type{typ, typ}, []Value{drawValue(t, typ, 0), drawValue(t, typ, 0)}))
		for _, want := range []*Type{Primitive(KindReserved), Opt(other), Opt(Record(Field{ID: 99, Type: Primitive(KindEmpty)}))} {
			if _, err := Decode(message, []*Type{want, want}); err != nil {
				t.Fatalf("%x of %v at %v: %v", message, typ, want, err)
			}
		}
	})
}

func TestNothingIsReadThatIsCutShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := drawTypes(t)
		message := wire(t, types, drawValues(t, types))
		n := rapid.IntRange(0, len(message)-1).Draw(t, "cut")
		if _, err := Decode([]byte(message[:n]), types); err == nil {
			t.Fatalf("%x was read, cut to %d", message, n)
		}
		if _, err := Decode([]byte(message+"\x00"), types); err == nil {
			t.Fatalf("%x was read with a byte behind", message)
		}
	})
}

func TestRandomBytesDoNoHarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := drawTypes(t)
		message := []byte(wire(t, types, drawValues(t, types)))
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(message)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "change") {
			case 0:
				message[at] = rapid.Byte().Draw(t, "byte")
			case 1:
				message = append(message[:at:at], message[at+1:]...)
				message = append(message, rapid.Byte().Draw(t, "byte"))
			case 2:
				message = append(message[:at:at], append([]byte{rapid.Byte().Draw(t, "byte")}, message[at:]...)...)
			}
		}
		values, err := Decode(message, types)
		if err == nil {
			wire(t, types, values)
		}
	})
}

func TestTextFormsSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := drawTypes(t)
		for _, typ := range types {
			if isRecursive(typ) {
				return
			}
		}
		var text formatter
		text.list(types)
		parsed, err := new(Program).ParseTypes(text.String())
		if err != nil {
			t.Fatalf("%s: %v", &text, err)
		}
		for i := range types {
			if !Equal(types[i], parsed[i]) {
				t.Fatalf("%v became %v", types[i], parsed[i])
			}
		}
		values := drawValues(t, types)
		if !hasText(VecValue(values)) {
			return
		}
		formatted, err := FormatValues(types, values)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseValues(formatted, types)
		if err != nil {
			t.Fatalf("%s: %v", formatted, err)
		}
		if wire(t, types, got) != wire(t, types, values) {
			t.Fatalf("%s was read as something else", formatted)
		}
	})
}

func TestEqualTypesShareANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t)
		// The same type again, made of other memory.
		d := newDecoder([]byte(wire(t, []*Type{typ}, []Value{drawValue(t, typ, 0)})))
		again, err := d.header()
		if err != nil {
			t.Fatal(err)
		}
		if !Equal(typ, again[0]) || !IsSubtype(typ, again[0]) || !IsSubtype(again[0], typ) {
			t.Fatalf("%v and %v", typ, again[0])
		}
		once, twice := appendHeader(nil, []*Type{typ}), appendHeader(nil, []*Type{typ, again[0]})
		table := len(once) - len(appendVarint(nil, 0)) - 1
		if !bytes.Equal(once[:table], twice[:table]) {
			t.Fatalf("%v: %x and %x", typ, once, twice)
		}
	})
}

func TestNumbersOfAnySizeComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawBig(t, -1)
		digits := appendInt(nil, Int{n})
		if got := parseInt(digits); got.Big().Cmp(n) != 0 {
			t.Fatalf("%d: %x is %v", n, digits, got)
		}
		// A shorter form would lose the sign or a digit.
		if k := len(digits); k > 1 {
			last, before := digits[k-1], digits[k-2]
			if last == 0 && before&0x40 == 0 || last == 0x7f && before&0x40 != 0 {
				t.Fatalf("%d: %x is longer than it needs to be", n, digits)
			}
		}
		if n.Sign() < 0 {
			return
		}
		digits = appendNat(nil, Nat{n})
		if got := parseNat(digits); got.Big().Cmp(n) != 0 {
			t.Fatalf("%d: %x is %v", n, digits, got)
		}
		if k := len(digits); k > 1 && digits[k-1] == 0 {
			t.Fatalf("%d: %x is longer than it needs to be", n, digits)
		}
	})
}

func TestNumbersAreCopies(t *testing.T) {
	n := big.NewInt(5)
	nat, err := NatOf(n)
	if err != nil {
		t.Fatal(err)
	}
	integer := IntOf(n)
	n.SetInt64(6)
	nat.Big().SetInt64(7)
	integer.Big().SetInt64(8)
	if nat.String() != "5" || integer.String() != "5" {
		t.Errorf("%v and %v were changed from outside", nat, integer)
	}
	if _, err := NatOf(big.NewInt(-1)); err == nil {
		t.Error("a nat of -1")
	}
	if (Nat{}).String() != "0" || (Int{}).String() != "0" || NewInt(-3).String() != "-3" {
		t.Error("the zero values are 0, and -3 is -3")
	}
}
