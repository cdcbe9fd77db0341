package candid

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"internetidentity/principal"
)

// ParseValues reads a text such as `(42, opt "a")` as values of the given
// types (Candid specification, Values). Extra values and fields are dropped, and
// missing ones may be null, as in the wire form.
func ParseValues(text string, types []*Type) ([]Value, error) {
	p, err := newParser(text, nil)
	if err != nil {
		return nil, err
	}
	var parsed []*textValue
	err = p.list("(", ",", ")", func() error {
		v, err := p.annotated()
		parsed = append(parsed, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := p.expectEnd(); err != nil {
		return nil, err
	}
	values := make([]Value, len(types))
	for i, t := range types {
		if i < len(parsed) {
			values[i], err = p.fit(parsed[i], t)
		} else if values[i], err = absent(t); err != nil {
			err = p.fail(p.peek(), "argument %d is required and missing", i)
		}
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}

// absent is the value of an argument or field that is not there.
func absent(t *Type) (Value, error) {
	switch t.Kind {
	case KindOpt:
		return OptValue{}, nil
	case KindNull:
		return Null{}, nil
	case KindReserved:
		return Reserved{}, nil
	}
	return nil, ErrSyntax
}

// textValue is a value as it is written, before its type says what it means.
type textValue struct {
	// start is the first token: a number, text, or the word that tells the
	// form of the value.
	start token
	// content is the text behind the word: of a blob, principal, service or
	// func.
	content, method token
	fields          []textField
	annotation      *Type
}

// textField is the value of an opt or a part of a vec, record or variant.
type textField struct {
	id    uint32
	value *textValue // nil in a variant without one
}

// annotated is a value, perhaps with its type behind it.
func (p *parser) annotated() (*textValue, error) {
	v, err := p.value()
	if err == nil && p.accept(":") {
		if v.annotation != nil {
			return nil, p.fail(v.start, "the value has two types")
		}
		v.annotation, err = p.typ()
	}
	return v, err
}

func (p *parser) value() (*textValue, error) {
	done, err := p.deeper()
	if err != nil {
		return nil, err
	}
	defer done()
	start := p.next()
	v := &textValue{start: start}
	switch {
	case start.is(tokenSign, "("):
		if v, err = p.annotated(); err != nil {
			return nil, err
		}
		return v, p.expect(")")
	case start.kind == tokenNumber, start.kind == tokenText:
		return v, nil
	case start.kind != tokenName:
		return nil, p.fail(start, "want a value, found %v", start)
	}
	switch start.text {
	case "true", "false", "null":
		return v, nil
	case "opt":
		inner, err := p.value()
		v.fields = []textField{{value: inner}}
		return v, err
	case "vec":
		return v, p.list("{", ";", "}", func() error {
			element, err := p.annotated()
			v.fields = append(v.fields, textField{value: element})
			return err
		})
	case "record":
		return v, p.recordFields(v)
	case "variant":
		return v, p.variantField(v)
	case "blob", "principal", "service", "func":
		return v, p.quoted(v)
	}
	return nil, p.fail(start, "want a value, found %v", start)
}

// recordFields reads fields, which count on from the one before if they have no
// label.
func (p *parser) recordFields(v *textValue) error {
	next, taken := uint64(0), map[uint32]bool{}
	return p.list("{", ";", "}", func() error {
		place := p.peek()
		if p.seesNext("=") {
			f, err := p.label(p.next())
			if err != nil {
				return err
			}
			next = uint64(f.ID)
			p.next()
		}
		if next > 1<<32-1 {
			return p.fail(place, "there is no id behind the largest")
		}
		id := uint32(next)
		if taken[id] {
			return p.fail(place, "the field %d is given twice", id)
		}
		taken[id] = true
		next++
		value, err := p.annotated()
		v.fields = append(v.fields, textField{id, value})
		return err
	})
}

func (p *parser) variantField(v *textValue) error {
	if err := p.expect("{"); err != nil {
		return err
	}
	f, err := p.label(p.next())
	if err != nil {
		return err
	}
	choice := textField{id: f.ID}
	if p.accept("=") {
		if choice.value, err = p.annotated(); err != nil {
			return err
		}
	}
	v.fields = []textField{choice}
	p.accept(";")
	return p.expect("}")
}

// quoted reads what a word is followed by: a text, and for a func also the
// name of the method.
func (p *parser) quoted(v *textValue) error {
	if v.content = p.next(); v.content.kind != tokenText {
		return p.fail(v.content, "want a text, found %v", v.content)
	}
	if v.start.text != "func" {
		return nil
	}
	if err := p.expect("."); err != nil {
		return err
	}
	v.method = p.next()
	_, err := p.name(v.method)
	return err
}

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
