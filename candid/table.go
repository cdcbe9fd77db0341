package candid

import (
	"slices"
	"unicode/utf8"
)

// magic begins every message.
const magic = "DIDL"

// Work of a type of the table and of a field or method, by their memory.
const (
	typeCost  = 6
	fieldCost = 3
)

// header reads the magic, the type table and the types of the arguments
// (Candid specification, Parameters and Results). The types are tied together,
// recursion included.
func (r *reader) header() ([]*Type, error) {
	if b, err := r.take(len(magic)); err != nil || string(b) != magic {
		return nil, r.malformed("the message does not begin with %s", magic)
	}
	// A type takes a code and a count or part at least.
	n, err := r.count(2, "types")
	if err != nil {
		return nil, err
	}
	if n > maxTypes {
		return nil, r.malformed("a table of %d types", n)
	}
	if err := r.spend(typeCost * n); err != nil {
		return nil, err
	}
	t := &tableReader{reader: r, types: make([]Type, n)}
	for i := range t.types {
		if err := t.entry(&t.types[i]); err != nil {
			return nil, err
		}
	}
	for i := range t.types {
		for _, m := range t.types[i].Methods {
			if m.Type.Kind != KindFunc {
				return nil, r.malformed("the method %.40q is no function", m.Name)
			}
		}
	}
	return t.list()
}

// tableReader reads the table into memory for all its types at once.
type tableReader struct {
	*reader
	types []Type
	// fields is where the fields of all types lie, one after the other.
	fields []Field
}

// list reads a list of types.
func (t *tableReader) list() ([]*Type, error) {
	n, err := t.count(1, "types")
	if err != nil {
		return nil, err
	}
	if err := t.spend(n); err != nil {
		return nil, err
	}
	types := make([]*Type, n)
	for i := range types {
		if types[i], err = t.reference(); err != nil {
			return nil, err
		}
	}
	return types, nil
}

// reference reads a primitive or the number of a table entry.
func (t *tableReader) reference() (*Type, error) {
	n, err := t.sleb()
	switch {
	case err != nil:
		return nil, err
	case n >= int64(len(t.types)):
		return nil, t.malformed("type %d is not in the table", n)
	case n >= 0:
		return &t.types[n], nil
	case n >= int64(KindPrincipal) && Kind(n).primitive():
		return primitives[-n], nil
	}
	return nil, t.malformed("the type code %d stands outside of the table", n)
}

// entry reads a type of the table.
func (t *tableReader) entry(into *Type) error {
	code, err := t.sleb()
	switch {
	case err != nil:
		return err
	case code < int64(KindPrincipal):
		return t.future(into)
	case code > int64(KindOpt) || code == int64(KindPrincipal):
		return t.malformed("the type code %d stands in the table", code)
	}
	into.Kind = Kind(code)
	switch into.Kind {
	case KindOpt, KindVec:
		into.Elem, err = t.reference()
	case KindRecord, KindVariant:
		into.Fields, err = t.fieldList()
	case KindFunc:
		into.Func, err = t.function()
	default:
		into.Methods, err = t.methods()
	}
	return err
}

// future passes over the description of a type that a later version has added.
func (t *tableReader) future(into *Type) error {
	into.Kind = kindFuture
	n, err := t.length()
	if err == nil {
		_, err = t.take(n)
	}
	return err
}

func (t *tableReader) fieldList() ([]Field, error) {
	n, err := t.count(2, "fields")
	if err != nil {
		return nil, err
	}
	if err := t.spend(fieldCost * n); err != nil {
		return nil, err
	}
	if t.fields == nil {
		t.fields = make([]Field, 0, min(4*len(t.types), t.left()/2))
	}
	// Should the memory move, what is read already stays valid where it was.
	start := len(t.fields)
	for i := range n {
		id, err := t.uleb()
		if err != nil {
			return nil, err
		}
		if id > 1<<32-1 {
			return nil, t.malformed("a field id of more than 32 bits")
		}
		if i > 0 && uint32(id) <= t.fields[len(t.fields)-1].ID {
			return nil, t.malformed("field ids are not ascending")
		}
		part, err := t.reference()
		if err != nil {
			return nil, err
		}
		t.fields = append(t.fields, Field{ID: uint32(id), Type: part})
	}
	return t.fields[start:len(t.fields):len(t.fields)], nil
}

func (t *tableReader) function() (*FuncType, error) {
	f := &FuncType{}
	var err error
	if f.Args, err = t.list(); err != nil {
		return nil, err
	}
	if f.Results, err = t.list(); err != nil {
		return nil, err
	}
	n, err := t.count(1, "annotations")
	if err != nil {
		return nil, err
	}
	for range n {
		mode, err := t.byte()
		if err != nil {
			return nil, err
		}
		if mode < byte(ModeQuery) || mode > byte(ModeCompositeQuery) {
			return nil, t.malformed("the function annotation %d", mode)
		}
		if slices.Contains(f.Modes, Mode(mode)) {
			return nil, t.malformed("the same function annotation twice")
		}
		f.Modes = append(f.Modes, Mode(mode))
	}
	if len(f.Results) > 0 && slices.Contains(f.Modes, ModeOneway) {
		return nil, t.malformed("a oneway function with results")
	}
	slices.Sort(f.Modes)
	return f, nil
}

func (t *tableReader) methods() ([]Method, error) {
	n, err := t.count(2, "methods")
	if err != nil {
		return nil, err
	}
	if err := t.spend(fieldCost * n); err != nil {
		return nil, err
	}
	methods := make([]Method, n)
	for i := range methods {
		length, err := t.length()
		if err != nil {
			return nil, err
		}
		name, err := t.take(length)
		if err != nil {
			return nil, err
		}
		if !utf8.Valid(name) {
			return nil, t.malformed("a method name is not UTF-8")
		}
		if i > 0 && string(name) <= methods[i-1].Name {
			return nil, t.malformed("method names are not ascending")
		}
		methods[i].Name = string(name)
		if methods[i].Type, err = t.reference(); err != nil {
			return nil, err
		}
	}
	return methods, nil
}
