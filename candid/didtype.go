package candid

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var primitiveNames = func() map[string]Kind {
	names := map[string]Kind{}
	for _, t := range primitives {
		if t != nil {
			names[t.Kind.String()] = t.Kind
		}
	}
	return names
}()

// keywords are the words that must be quoted to be a name. The names of
// primitive types need not be, but those that are also part of the syntax of
// values.
var keywords = []string{
	"type", "import", "service", "func", "opt", "vec", "record", "variant", "blob",
	"query", "oneway", "composite_query", "principal", "null", "true", "false",
}

func (p *parser) typ() (*Type, error) {
	done, err := p.deeper()
	if err != nil {
		return nil, err
	}
	defer done()
	name := p.next()
	if name.kind != tokenName {
		return nil, p.fail(name, "want a type, found %v", name)
	}
	if k, ok := primitiveNames[name.text]; ok {
		return Primitive(k), nil
	}
	switch name.text {
	case "blob":
		return p.made(Vec(Primitive(KindNat8))), nil
	case "opt", "vec":
		elem, err := p.typ()
		if err != nil {
			return nil, err
		}
		t := &Type{Kind: KindOpt, Elem: elem}
		if name.text == "vec" {
			t.Kind = KindVec
		}
		return p.made(t), nil
	case "record":
		return p.fields(KindRecord)
	case "variant":
		return p.fields(KindVariant)
	case "func":
		return p.function()
	case "service":
		return p.serviceType()
	}
	if slices.Contains(keywords, name.text) {
		return nil, p.fail(name, "want a type, found %v", name)
	}
	return p.reference(name)
}

// fields reads the fields of a record or variant. A record's fields without
// a name count on from the one before; a variant's without a type are null.
func (p *parser) fields(k Kind) (*Type, error) {
	t := &Type{Kind: k}
	taken := map[uint32]Field{}
	next := uint64(0)
	err := p.list("{", ";", "}", func() error {
		place := p.peek()
		f, err := p.field(k, next)
		if err != nil {
			return err
		}
		if other, ok := taken[f.ID]; ok {
			return p.fail(place, "the id %d of %s is taken by %s", f.ID, f.label(), other.label())
		}
		taken[f.ID] = f
		t.Fields = append(t.Fields, f)
		next = uint64(f.ID) + 1
		return nil
	})
	sortFields(t.Fields)
	return p.made(t), err
}

func (p *parser) field(k Kind, position uint64) (Field, error) {
	label := p.peek()
	if label.kind == tokenName || label.kind == tokenText || label.kind == tokenNumber {
		if p.seesNext(":") {
			p.at += 2
			f, err := p.label(label)
			if err == nil {
				f.Type, err = p.typ()
			}
			return f, err
		}
		if k == KindVariant {
			p.at++
			f, err := p.label(label)
			f.Type = Primitive(KindNull)
			return f, err
		}
	}
	if k == KindVariant {
		return Field{}, p.fail(label, "want the name of a choice, found %v", label)
	}
	if position > 1<<32-1 {
		return Field{}, p.fail(label, "there is no id behind the largest")
	}
	t, err := p.typ()
	return Field{ID: uint32(position), Type: t}, err
}

// label is a field without its type.
func (p *parser) label(t token) (Field, error) {
	if t.kind == tokenNumber {
		digits, base := t.text, 10
		if hex, ok := strings.CutPrefix(digits, "0x"); ok {
			digits, base = hex, 16
		}
		id, err := strconv.ParseUint(digits, base, 32)
		if err != nil {
			return Field{}, p.fail(t, "%v is no field id", t)
		}
		return Field{ID: uint32(id)}, nil
	}
	name, err := p.name(t)
	return Field{ID: Hash(name), Name: name}, err
}

// name is the name of a field, argument or method.
func (p *parser) name(t token) (string, error) {
	switch {
	case t.kind != tokenName && t.kind != tokenText:
		return "", p.fail(t, "want a name, found %v", t)
	case t.kind == tokenName && slices.Contains(keywords, t.text):
		return "", p.fail(t, "the keyword %s must be quoted to be a name", t.text)
	case !utf8.ValidString(t.text):
		return "", p.fail(t, "the name is not UTF-8")
	}
	return t.text, nil
}

// arguments reads a list of types, each perhaps with a name that says nothing.
func (p *parser) arguments() ([]*Type, error) {
	types, names := []*Type{}, map[string]bool{}
	err := p.list("(", ",", ")", func() error {
		if p.seesNext(":") {
			label := p.next()
			name, err := p.name(label)
			if err != nil {
				return err
			}
			if names[name] {
				return p.fail(label, "two arguments have the name %v", label)
			}
			names[name] = true
			p.next()
		}
		t, err := p.typ()
		types = append(types, t)
		return err
	})
	return types, err
}

var modeNames = map[string]Mode{
	ModeQuery.String(): ModeQuery, ModeOneway.String(): ModeOneway, ModeCompositeQuery.String(): ModeCompositeQuery,
}

func (p *parser) function() (*Type, error) {
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if err := p.expect("->"); err != nil {
		return nil, err
	}
	results, err := p.arguments()
	if err != nil {
		return nil, err
	}
	var modes []Mode
	for {
		t := p.peek()
		mode, ok := modeNames[t.text]
		if t.kind != tokenName || !ok {
			return p.made(Func(args, results, modes...)), nil
		}
		switch {
		case slices.Contains(modes, mode):
			return nil, p.fail(t, "%s stands there twice", t.text)
		case mode == ModeOneway && len(results) > 0:
			return nil, p.fail(t, "a oneway function has no results")
		}
		modes = append(modes, mode)
		p.next()
	}
}

func (p *parser) serviceType() (*Type, error) {
	t, names := &Type{Kind: KindService}, map[string]bool{}
	err := p.list("{", ";", "}", func() error {
		label := p.next()
		name, err := p.name(label)
		if err != nil {
			return err
		}
		if names[name] {
			return p.fail(label, "two methods have the name %v", label)
		}
		names[name] = true
		if err := p.expect(":"); err != nil {
			return err
		}
		m := Method{Name: name}
		if next := p.peek(); next.kind == tokenName && !slices.Contains(keywords, next.text) {
			m.Type, err = p.demand(KindFunc, p.next())
		} else {
			m.Type, err = p.function()
		}
		t.Methods = append(t.Methods, m)
		return err
	})
	slices.SortFunc(t.Methods, func(a, b Method) int { return cmp.Compare(a.Name, b.Name) })
	return p.made(t), err
}
