package candid

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
