package candid

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"internetidentity/principal"
)

// fit makes a Value of a type from a value as it is written.
func (p *parser) fit(v *textValue, t *Type) (Value, error) {
	if v.annotation != nil && !Equal(v.annotation, t) {
		return p.fitAnnotated(v, t)
	}
	word := ""
	if v.start.kind == tokenName {
		word = v.start.text
	}
	switch {
	case t.Kind == KindReserved:
		return Reserved{}, nil
	case t.Kind == KindOpt && word == "null":
		return OptValue{}, nil
	case t.Kind == KindOpt && word == "opt":
		inner, err := p.fit(v.fields[0].value, t.Elem)
		return OptValue{Value: inner}, err
	case t.Kind == KindVec && word == "blob" && t.Elem.Kind == KindNat8:
		return []byte(v.content.text), nil
	case t.Kind == KindVec && word == "vec":
		return p.fitVec(v, t)
	case t.Kind == KindRecord && word == "record":
		return p.fitRecord(v, t)
	case t.Kind == KindVariant && word == "variant":
		return p.fitVariant(v, t)
	case t.Kind == KindNull && word == "null":
		return Null{}, nil
	case t.Kind == KindBool && (word == "true" || word == "false"):
		return word == "true", nil
	case t.Kind == KindText && v.start.kind == tokenText:
		if !utf8.ValidString(v.start.text) {
			return nil, p.fail(v.start, "the text is not UTF-8")
		}
		return v.start.text, nil
	case t.Kind.String() == word && slices.Contains([]Kind{KindPrincipal, KindService, KindFunc}, t.Kind):
		return p.fitReference(v, t.Kind)
	case v.start.kind == tokenNumber && (t.Kind == KindFloat32 || t.Kind == KindFloat64):
		return p.float(v.start, t.Kind)
	case v.start.kind == tokenNumber && (t.Kind == KindNat || t.Kind == KindInt || fixedWidth(t.Kind) > 0):
		return p.integer(v.start, t.Kind)
	}
	return nil, p.fail(v.start, "%v begins no value of the type %v", v.start, t.Kind)
}

// fitAnnotated reads a value at the type that stands behind it, and that at
// the expected type, as it would be if it were sent.
func (p *parser) fitAnnotated(v *textValue, t *Type) (Value, error) {
	own := *v
	own.annotation = nil
	value, err := p.fit(&own, v.annotation)
	if err != nil {
		return nil, err
	}
	message, err := Encode([]*Type{v.annotation}, []Value{value})
	if err != nil {
		return nil, p.fail(v.start, "%v", err)
	}
	values, err := Decode(message, []*Type{t})
	if err != nil {
		return nil, p.fail(v.start, "the value does not fit the expected type: %v", err)
	}
	return values[0], nil
}

func (p *parser) fitVec(v *textValue, t *Type) (Value, error) {
	values := make(VecValue, len(v.fields))
	for i, f := range v.fields {
		var err error
		if values[i], err = p.fit(f.value, t.Elem); err != nil {
			return nil, err
		}
	}
	if t.Elem.Kind != KindNat8 {
		return values, nil
	}
	blob := make([]byte, len(values))
	for i := range values {
		blob[i] = values[i].(uint8)
	}
	return blob, nil
}

func (p *parser) fitRecord(v *textValue, t *Type) (Value, error) {
	given := map[uint32]*textValue{}
	for _, f := range v.fields {
		given[f.id] = f.value
	}
	values := make(RecordValue, len(t.Fields))
	for i, f := range t.Fields {
		var field Value
		var err error
		if value, ok := given[f.ID]; ok {
			field, err = p.fit(value, f.Type)
		} else if field, err = absent(f.Type); err != nil {
			err = p.fail(v.start, "the field %s is required and missing", f.label())
		}
		if err != nil {
			return nil, err
		}
		values[i] = FieldValue{f.ID, field}
	}
	return values, nil
}

func (p *parser) fitVariant(v *textValue, t *Type) (Value, error) {
	choice := v.fields[0]
	i, ok := findField(t.Fields, choice.id)
	if !ok {
		return nil, p.fail(v.start, "the choice %d is not known", choice.id)
	}
	if choice.value == nil {
		if t.Fields[i].Type.Kind != KindNull {
			return nil, p.fail(v.start, "the choice %s has a value", t.Fields[i].label())
		}
		return VariantValue{choice.id, Null{}}, nil
	}
	value, err := p.fit(choice.value, t.Fields[i].Type)
	return VariantValue{choice.id, value}, err
}

func (p *parser) fitReference(v *textValue, k Kind) (Value, error) {
	id, err := principal.Parse(v.content.text)
	switch {
	case err != nil:
		return nil, p.fail(v.content, "%v", err)
	case k == KindPrincipal:
		return id, nil
	case k == KindService:
		return ServiceValue(id), nil
	}
	return FuncValue{Service: id, Method: v.method.text}, nil
}

func (p *parser) float(t token, k Kind) (Value, error) {
	text := t.text
	if isHexNumber(text) && !strings.ContainsAny(text, "pP") {
		text += "p0"
	}
	bits := 8 * fixedWidth(k)
	f, err := strconv.ParseFloat(text, bits)
	switch {
	case err != nil:
		return nil, p.fail(t, "%v is no %v", t, k)
	case k == KindFloat32:
		return float32(f), nil
	}
	return f, nil
}

// integer reads a decimal or hexadecimal number of a sized type or of any size.
func (p *parser) integer(t token, k Kind) (Value, error) {
	digits, base := t.text, 10
	if isHexNumber(digits) {
		digits, base = strings.Replace(digits, "0x", "", 1), 16
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, p.fail(t, "%v is no %v", t, k)
	}
	signed := k == KindInt || k >= KindInt64 && k <= KindInt8
	width := 8 * fixedWidth(k)
	size := n.BitLen()
	if signed {
		// Two's complement: the sign takes a bit, and the smallest number
		// has no positive counterpart.
		if n.Sign() < 0 {
			size = new(big.Int).Not(n).BitLen()
		}
		size++
	}
	switch {
	case !signed && n.Sign() < 0, width > 0 && size > width:
		return nil, p.fail(t, "%s is out of the range of %v", t.text, k)
	case k == KindNat:
		return Nat{n}, nil
	case k == KindInt:
		return Int{n}, nil
	case signed:
		return fixedValue(k, uint64(n.Int64())), nil
	}
	return fixedValue(k, n.Uint64()), nil
}
