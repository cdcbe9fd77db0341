package candid

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Program is a .did text: named types, and the service it describes, if any.
type Program struct {
	Types map[string]*Type
	// Init are the arguments of installing the service.
	Init []*Type
	// Service is nil in a file of types only.
	Service *Type
}

// ParseProgram reads a .did text.
func ParseProgram(did string) (*Program, error) {
	tokens, err := lex(did)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, named: map[string]*Type{}, defined: map[string]bool{}}
	program, err := p.program()
	if err != nil {
		return nil, err
	}
	for name := range p.named {
		if !p.defined[name] {
			return nil, fmt.Errorf("%w: type %s is not defined", ErrSyntax, name)
		}
	}
	for name, t := range p.named {
		if t.endless() {
			return nil, fmt.Errorf("%w: type %s is only itself", ErrSyntax, name)
		}
	}
	return program, nil
}

// ParseTypes reads a list of types, such as "(nat, opt text)", with the names
// of a program.
func (p *Program) ParseTypes(text string) ([]*Type, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	parser := &parser{tokens: tokens, named: p.Types}
	types, err := parser.arguments()
	if err == nil {
		err = parser.expectEnd()
	}
	return types, err
}

type parser struct {
	tokens []token
	at     int
	depth  int
	// named are the types by name; defined are those with a definition. A nil
	// defined means that no new names may appear.
	named   map[string]*Type
	defined map[string]bool
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(sign string) bool {
	if t := p.peek(); t.kind == tokenSign && t.text == sign {
		p.at++
		return true
	}
	return false
}

func (p *parser) acceptName(name string) bool {
	if t := p.peek(); t.kind == tokenName && t.text == name {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(sign string) error {
	if !p.accept(sign) {
		return fmt.Errorf("%w: want %q, found %q", ErrSyntax, sign, p.peek().text)
	}
	return nil
}

func (p *parser) expectEnd() error {
	if p.peek().kind != tokenEnd {
		return fmt.Errorf("%w: %q behind the end", ErrSyntax, p.peek().text)
	}
	return nil
}

func (p *parser) program() (*Program, error) {
	program := &Program{Types: p.named}
	for p.acceptName("type") {
		name := p.next()
		if name.kind != tokenName || p.defined[name.text] {
			return nil, fmt.Errorf("%w: bad or repeated type name %q", ErrSyntax, name.text)
		}
		if err := p.expect("="); err != nil {
			return nil, err
		}
		t, err := p.typ()
		if err != nil {
			return nil, err
		}
		p.reference(name.text).target = t
		p.defined[name.text] = true
		if !p.accept(";") {
			break
		}
	}
	if !p.acceptName("service") {
		return program, p.expectEnd()
	}
	if t := p.peek(); t.kind == tokenName {
		p.next() // the name of the service says nothing
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	var err error
	if t := p.peek(); t.kind == tokenSign && t.text == "(" {
		if program.Init, err = p.arguments(); err != nil {
			return nil, err
		}
		if err := p.expect("->"); err != nil {
			return nil, err
		}
	}
	if program.Service, err = p.service(); err != nil {
		return nil, err
	}
	p.accept(";")
	return program, p.expectEnd()
}

// reference is the type of a name, which may be defined later.
func (p *parser) reference(name string) *Type {
	t, ok := p.named[name]
	if !ok {
		t = &Type{}
		p.named[name] = t
	}
	return t
}

// endless reports a name that stands for itself, through names only.
func (t *Type) endless() bool {
	steps := 0
	for t.target != nil {
		if steps++; steps > maxTypes {
			return true
		}
		t = t.target
	}
	return false
}

var primitiveNames = map[string]Kind{
	"null": KindNull, "bool": KindBool, "nat": KindNat, "int": KindInt,
	"nat8": KindNat8, "nat16": KindNat16, "nat32": KindNat32, "nat64": KindNat64,
	"int8": KindInt8, "int16": KindInt16, "int32": KindInt32, "int64": KindInt64,
	"float32": KindFloat32, "float64": KindFloat64, "text": KindText,
	"reserved": KindReserved, "empty": KindEmpty, "principal": KindPrincipal,
}

func (p *parser) typ() (*Type, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("%w: types nested too deep", ErrSyntax)
	}
	defer func() { p.depth-- }()
	name := p.next()
	if name.kind != tokenName {
		return nil, fmt.Errorf("%w: want a type, found %q", ErrSyntax, name.text)
	}
	if k, ok := primitiveNames[name.text]; ok {
		return Primitive(k), nil
	}
	switch name.text {
	case "blob":
		return Vec(Primitive(KindNat8)), nil
	case "opt", "vec":
		elem, err := p.typ()
		if err != nil {
			return nil, err
		}
		if name.text == "opt" {
			return Opt(elem), nil
		}
		return Vec(elem), nil
	case "record":
		return p.fields(KindRecord)
	case "variant":
		return p.fields(KindVariant)
	case "func":
		return p.function()
	case "service":
		return p.service()
	}
	if _, known := p.named[name.text]; !known && p.defined == nil {
		return nil, fmt.Errorf("%w: there is no type %s", ErrSyntax, name.text)
	}
	return p.reference(name.text), nil
}

// fields reads the fields of a record or variant. A record's fields without
// a name count on from the one before; a variant's without a type are null.
func (p *parser) fields(k Kind) (*Type, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	t := &Type{Kind: k}
	var next uint32
	for !p.accept("}") {
		f, err := p.field(k, next)
		if err != nil {
			return nil, err
		}
		t.Fields = append(t.Fields, f)
		next = f.ID + 1
		if !p.accept(";") {
			if err := p.expect("}"); err != nil {
				return nil, err
			}
			break
		}
	}
	sortFields(t.Fields)
	for i := 1; i < len(t.Fields); i++ {
		if t.Fields[i].ID == t.Fields[i-1].ID {
			return nil, fmt.Errorf("%w: two fields have the id %d", ErrSyntax, t.Fields[i].ID)
		}
	}
	return t, nil
}

func (p *parser) field(k Kind, position uint32) (Field, error) {
	label := p.peek()
	named := label.kind == tokenName || label.kind == tokenText || label.kind == tokenNumber
	after := p.tokens[min(p.at+1, len(p.tokens)-1)]
	switch {
	case named && after.kind == tokenSign && after.text == ":":
		p.at += 2
	case named && k == KindVariant:
		p.at++
		f, err := labelField(label)
		f.Type = Primitive(KindNull)
		return f, err
	default:
		t, err := p.typ()
		return Field{ID: position, Type: t}, err
	}
	f, err := labelField(label)
	if err != nil {
		return f, err
	}
	f.Type, err = p.typ()
	return f, err
}

func labelField(label token) (Field, error) {
	if label.kind == tokenNumber {
		id, err := strconv.ParseUint(label.text, 0, 32)
		if err != nil {
			return Field{}, fmt.Errorf("%w: field id %s", ErrSyntax, label.text)
		}
		return Field{ID: uint32(id)}, nil
	}
	return Field{ID: Hash(label.text), Name: label.text}, nil
}

// arguments reads a list of types, each perhaps with a name that says nothing.
func (p *parser) arguments() ([]*Type, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	types := []*Type{}
	for !p.accept(")") {
		if after := p.tokens[min(p.at+1, len(p.tokens)-1)]; after.kind == tokenSign && after.text == ":" {
			p.at += 2
		}
		t, err := p.typ()
		if err != nil {
			return nil, err
		}
		types = append(types, t)
		if !p.accept(",") {
			if err := p.expect(")"); err != nil {
				return nil, err
			}
			break
		}
	}
	return types, nil
}

func (p *parser) function() (*Type, error) {
	f := &FuncType{}
	var err error
	if f.Args, err = p.arguments(); err != nil {
		return nil, err
	}
	if err := p.expect("->"); err != nil {
		return nil, err
	}
	if f.Results, err = p.arguments(); err != nil {
		return nil, err
	}
	for _, mode := range []struct {
		name string
		mode Mode
	}{{"query", ModeQuery}, {"oneway", ModeOneway}, {"composite_query", ModeCompositeQuery}} {
		if p.acceptName(mode.name) {
			f.Modes = append(f.Modes, mode.mode)
		}
	}
	return &Type{Kind: KindFunc, Func: f}, nil
}

func (p *parser) service() (*Type, error) {
	if t := p.peek(); t.kind == tokenName {
		return p.typ()
	}
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	t := &Type{Kind: KindService}
	for !p.accept("}") {
		name := p.next()
		if name.kind != tokenName && name.kind != tokenText {
			return nil, fmt.Errorf("%w: want a method name, found %q", ErrSyntax, name.text)
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		m := Method{Name: name.text}
		var err error
		if next := p.peek(); next.kind == tokenSign && next.text == "(" {
			m.Type, err = p.function()
		} else {
			m.Type, err = p.typ()
		}
		if err != nil {
			return nil, err
		}
		t.Methods = append(t.Methods, m)
		if !p.accept(";") {
			if err := p.expect("}"); err != nil {
				return nil, err
			}
			break
		}
	}
	slices.SortFunc(t.Methods, func(a, b Method) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(t.Methods); i++ {
		if t.Methods[i].Name == t.Methods[i-1].Name {
			return nil, fmt.Errorf("%w: two methods %s", ErrSyntax, t.Methods[i].Name)
		}
	}
	return t, nil
}
