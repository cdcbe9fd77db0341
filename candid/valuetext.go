package candid

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"internetidentity/principal"
)

// ParseValues reads a text such as `(42, opt "a")` as values of the given
// types. Extra values are dropped, as in the wire form.
func ParseValues(text string, types []*Type) ([]Value, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &valueParser{parser{tokens: tokens}}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var values []Value
	for i := 0; !p.accept(")"); i++ {
		t := Primitive(KindReserved)
		if i < len(types) {
			t = types[i].resolve()
		}
		v, err := p.value(t)
		if err != nil {
			return nil, err
		}
		if i < len(types) {
			values = append(values, v)
		}
		if !p.accept(",") {
			if err := p.expect(")"); err != nil {
				return nil, err
			}
			break
		}
	}
	for _, t := range types[len(values):] {
		v, err := missing(t)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, p.expectEnd()
}

type valueParser struct{ parser }

func (p *valueParser) value(t *Type) (Value, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("%w: values nested too deep", ErrSyntax)
	}
	defer func() { p.depth-- }()
	start := p.peek()
	wrong := func() (Value, error) {
		return nil, fmt.Errorf("%w: %q is not a value of the expected type", ErrSyntax, start.text)
	}
	switch t.Kind {
	case KindReserved:
		return Reserved{}, p.skipValue()
	case KindOpt:
		if p.acceptName("null") {
			return OptValue{}, nil
		}
		if p.acceptName("opt") {
			v, err := p.value(t.Elem.resolve())
			return OptValue{v}, err
		}
		return wrong()
	case KindVec:
		return p.vec(t)
	case KindRecord:
		if !p.acceptName("record") {
			return wrong()
		}
		return p.record(t)
	case KindVariant:
		if !p.acceptName("variant") {
			return wrong()
		}
		return p.variant(t)
	case KindPrincipal, KindService:
		return p.reference(t.Kind)
	case KindFunc:
		return p.funcValue()
	}
	p.next()
	return scalar(t.Kind, start)
}

// skipValue passes over any one value.
func (p *valueParser) skipValue() error {
	for depth := 0; ; {
		t := p.peek()
		if t.kind == tokenEnd {
			return fmt.Errorf("%w: a value is missing", ErrSyntax)
		}
		if t.kind == tokenSign {
			switch t.text {
			case "{":
				depth++
			case "}":
				if depth == 0 {
					return nil
				}
				depth--
			case ",", ";", ")":
				if depth == 0 {
					return nil
				}
			}
		}
		p.next()
	}
}

func (p *valueParser) vec(t *Type) (Value, error) {
	elem := t.Elem.resolve()
	if p.acceptName("blob") {
		if text := p.next(); text.kind == tokenText && elem.Kind == KindNat8 {
			return []byte(text.text), nil
		}
		return nil, fmt.Errorf("%w: not a blob", ErrSyntax)
	}
	if !p.acceptName("vec") {
		return nil, fmt.Errorf("%w: want a vec", ErrSyntax)
	}
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	values := VecValue{}
	for !p.accept("}") {
		v, err := p.value(elem)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		p.accept(";")
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

func (p *valueParser) record(t *Type) (Value, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	given := map[uint32]Value{}
	var next uint32
	for !p.accept("}") {
		id := next
		if after := p.tokens[min(p.at+1, len(p.tokens)-1)]; after.kind == tokenSign && after.text == "=" {
			f, err := labelField(p.peek())
			if err != nil {
				return nil, err
			}
			id = f.ID
			p.at += 2
		}
		next = id + 1
		want := Primitive(KindReserved)
		if i, ok := findField(t.Fields, id); ok {
			want = t.Fields[i].Type.resolve()
		}
		v, err := p.value(want)
		if err != nil {
			return nil, err
		}
		given[id] = v
		p.accept(";")
	}
	values := make(RecordValue, len(t.Fields))
	for i, f := range t.Fields {
		v, ok := given[f.ID]
		if !ok {
			var err error
			if v, err = missing(f.Type); err != nil {
				return nil, err
			}
		}
		values[i] = FieldValue{f.ID, v}
	}
	return values, nil
}

func (p *valueParser) variant(t *Type) (Value, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	label := p.next()
	if label.kind == tokenSign || label.kind == tokenEnd {
		return nil, fmt.Errorf("%w: a variant without a tag", ErrSyntax)
	}
	f, err := labelField(label)
	if err != nil {
		return nil, err
	}
	i, ok := findField(t.Fields, f.ID)
	if !ok {
		return nil, fmt.Errorf("%w: the variant has no tag %s", ErrSyntax, label.text)
	}
	v := Value(Null{})
	if p.accept("=") {
		if v, err = p.value(t.Fields[i].Type.resolve()); err != nil {
			return nil, err
		}
	}
	p.accept(";")
	return VariantValue{f.ID, v}, p.expect("}")
}

func (p *valueParser) reference(k Kind) (Value, error) {
	word := map[Kind]string{KindPrincipal: "principal", KindService: "service"}[k]
	if !p.acceptName(word) {
		return nil, fmt.Errorf("%w: want a %s", ErrSyntax, word)
	}
	id, err := principal.Parse(p.next().text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if k == KindService {
		return ServiceValue(id), nil
	}
	return id, nil
}

func (p *valueParser) funcValue() (Value, error) {
	if !p.acceptName("func") {
		return nil, fmt.Errorf("%w: want a func", ErrSyntax)
	}
	id, err := principal.Parse(p.next().text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if err := p.expect("."); err != nil {
		return nil, err
	}
	return FuncValue{Service: id, Method: p.next().text}, nil
}

// scalar reads a value of one token.
func scalar(k Kind, t token) (Value, error) {
	wrong := fmt.Errorf("%w: %q is not a value of the expected type", ErrSyntax, t.text)
	switch {
	case k == KindNull && t.kind == tokenName && t.text == "null":
		return Null{}, nil
	case k == KindBool && t.kind == tokenName && (t.text == "true" || t.text == "false"):
		return t.text == "true", nil
	case k == KindText && t.kind == tokenText:
		return t.text, nil
	case t.kind != tokenNumber:
		return nil, wrong
	case k == KindFloat32:
		f, err := strconv.ParseFloat(t.text, 32)
		return float32(f), err
	case k == KindFloat64:
		return strconv.ParseFloat(t.text, 64)
	}
	n, ok := new(big.Int).SetString(strings.TrimPrefix(t.text, "+"), 0)
	if !ok {
		return nil, wrong
	}
	return integer(k, n)
}

func integer(k Kind, n *big.Int) (Value, error) {
	width := uint(8 * fixedWidth(k))
	switch k {
	case KindNat:
		if n.Sign() >= 0 {
			return Nat{n}, nil
		}
	case KindInt:
		return Int{n}, nil
	case KindNat8, KindNat16, KindNat32, KindNat64:
		if n.Sign() >= 0 && n.BitLen() <= int(width) {
			return fixedValue(k, littleEndian(n.Uint64())), nil
		}
	case KindInt8, KindInt16, KindInt32, KindInt64:
		half := new(big.Int).Lsh(big.NewInt(1), width-1)
		if n.CmpAbs(half) < 0 || n.Sign() < 0 && n.CmpAbs(half) == 0 {
			return fixedValue(k, littleEndian(uint64(n.Int64()))), nil
		}
	}
	return nil, fmt.Errorf("%w: %s is out of range", ErrSyntax, n)
}

func littleEndian(n uint64) []byte {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(n >> (8 * i))
	}
	return b
}
