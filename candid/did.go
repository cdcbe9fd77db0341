package candid

import "slices"

// Program is a .did text: named types, and the service it describes, if any.
type Program struct {
	Types map[string]*Type
	// Init are the arguments of installing the service.
	Init []*Type
	// Service is nil in a text of types only.
	Service *Type
}

// ParseProgram reads a .did text. Types may be used before they are defined,
// and may be recursive. Imports are refused: there is no file to read.
func ParseProgram(did string) (*Program, error) {
	p, err := newParser(did, map[string]*Type{})
	if err != nil {
		return nil, err
	}
	p.definitions = &definitions{alias: map[*Type]*Type{}, places: map[string]token{}, defined: map[string]bool{}}
	program, err := p.program()
	if err != nil {
		return nil, err
	}
	if err := p.tie(); err != nil {
		return nil, err
	}
	p.follow(program.Init)
	if program.Service != nil {
		program.Service = p.target(program.Service)
	}
	return program, nil
}

// ParseTypes reads a list of types, such as "(nat, opt text)", with the names
// of a program.
func (p *Program) ParseTypes(text string) ([]*Type, error) {
	parser, err := newParser(text, p.Types)
	if err != nil {
		return nil, err
	}
	types, err := parser.arguments()
	if err == nil {
		err = parser.expectEnd()
	}
	return types, err
}

// definitions are the names of a .did text while it is read. Each name is an
// empty type of its own, and an alias of what it is defined as. At the end
// types are tied to types, and no name is left.
type definitions struct {
	alias   map[*Type]*Type
	places  map[string]token // the first use or definition of each name
	names   []string         // in that order
	defined map[string]bool
	// made are all types of the text that have parts.
	made []*Type
	// demands are places where a name must stand for a func or a service.
	demands []demand
}

type demand struct {
	typ   *Type
	kind  Kind
	place token
}

// made keeps a type, whose parts may be aliases, until all names are known.
func (p *parser) made(t *Type) *Type {
	if p.definitions != nil {
		p.definitions.made = append(p.definitions.made, t)
	}
	return t
}

// reference is the type of a name.
func (p *parser) reference(name token) (*Type, error) {
	if t, ok := p.named[name.text]; ok {
		return t, nil
	}
	if p.definitions == nil {
		return nil, p.fail(name, "the type %s is not defined", name.text)
	}
	t := &Type{}
	p.named[name.text] = t
	p.definitions.places[name.text] = name
	p.definitions.names = append(p.definitions.names, name.text)
	return t, nil
}

// demand requires a named type to be of a kind.
func (p *parser) demand(k Kind, name token) (*Type, error) {
	if _, ok := primitiveNames[name.text]; ok {
		return nil, p.fail(name, "%s is not a %v", name.text, k)
	}
	t, err := p.reference(name)
	if err != nil {
		return nil, err
	}
	if p.definitions != nil {
		p.definitions.demands = append(p.definitions.demands, demand{t, k, name})
	} else if t.Kind != k {
		return nil, p.fail(name, "%s is not a %v", name.text, k)
	}
	return t, nil
}

// define gives a name its type.
func (p *parser) define(name token, t *Type) error {
	if p.definitions.defined[name.text] {
		return p.fail(name, "the type %s is defined twice", name.text)
	}
	p.definitions.defined[name.text] = true
	named, err := p.reference(name)
	if err != nil {
		return err
	}
	p.definitions.alias[named] = t
	return nil
}

// target follows aliases.
func (p *parser) target(t *Type) *Type {
	for {
		next, ok := p.definitions.alias[t]
		if !ok {
			return t
		}
		t = next
	}
}

func (p *parser) follow(types []*Type) {
	for i := range types {
		types[i] = p.target(types[i])
	}
}

// tie puts types in the places of all names.
func (p *parser) tie() error {
	defs := p.definitions
	for _, name := range defs.names {
		if !defs.defined[name] {
			return p.fail(defs.places[name], "the type %s is not defined", name)
		}
	}
	for _, name := range defs.names {
		t, steps := p.named[name], 0
		for next, ok := defs.alias[t]; ok; next, ok = defs.alias[t] {
			// A chain longer than there are names goes in a circle.
			if steps++; steps > len(defs.names) {
				return p.fail(defs.places[name], "the type %s stands for nothing but itself", name)
			}
			t = next
		}
	}
	for _, t := range defs.made {
		if t.Elem != nil {
			t.Elem = p.target(t.Elem)
		}
		for i := range t.Fields {
			t.Fields[i].Type = p.target(t.Fields[i].Type)
		}
		if t.Func != nil {
			p.follow(t.Func.Args)
			p.follow(t.Func.Results)
		}
		for i := range t.Methods {
			t.Methods[i].Type = p.target(t.Methods[i].Type)
		}
	}
	for name, t := range p.named {
		p.named[name] = p.target(t)
	}
	for _, d := range defs.demands {
		if p.target(d.typ).Kind != d.kind {
			return p.fail(d.place, "%s is not a %v", d.place.text, d.kind)
		}
	}
	return nil
}

// program is definitions and then perhaps a service.
func (p *parser) program() (*Program, error) {
	program := &Program{Types: p.named}
	for {
		if t := p.peek(); t.kind == tokenName && t.text == "import" {
			return nil, p.fail(t, "imports are not supported: the types must stand in this text")
		}
		if !p.acceptName("type") {
			break
		}
		if err := p.definition(); err != nil {
			return nil, err
		}
		if !p.accept(";") {
			break
		}
	}
	if p.acceptName("service") {
		if err := p.mainService(program); err != nil {
			return nil, err
		}
		p.accept(";")
	}
	return program, p.expectEnd()
}

func (p *parser) definition() error {
	name := p.next()
	if name.kind != tokenName || slices.Contains(keywords, name.text) || primitiveNames[name.text] != 0 {
		return p.fail(name, "%v cannot be the name of a type", name)
	}
	if err := p.expect("="); err != nil {
		return err
	}
	t, err := p.typ()
	if err != nil {
		return err
	}
	return p.define(name, t)
}

// mainService is what stands behind the word service.
func (p *parser) mainService(program *Program) error {
	if t := p.peek(); t.kind == tokenName {
		p.next() // the name of the service says nothing
	}
	if err := p.expect(":"); err != nil {
		return err
	}
	var err error
	if p.sees("(") {
		if program.Init, err = p.arguments(); err != nil {
			return err
		}
		if err := p.expect("->"); err != nil {
			return err
		}
	}
	if t := p.peek(); t.kind == tokenName && !slices.Contains(keywords, t.text) {
		program.Service, err = p.demand(KindService, p.next())
		return err
	}
	program.Service, err = p.serviceType()
	return err
}
