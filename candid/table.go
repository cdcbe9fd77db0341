package candid

import (
	"slices"
	"unicode/utf8"
)

// magic begins every message.
const magic = "DIDL"

// header reads the magic, the type table and the types of the arguments. The
// types are tied together, recursion included.
func (r *reader) header() ([]*Type, error) {
	if b, err := r.take(len(magic)); err != nil || string(b) != magic {
		return nil, malformed("the message does not begin with DIDL")
	}
	n, err := r.length()
	if err != nil {
		return nil, err
	}
	if n > maxTypes || n > len(r.data) {
		return nil, malformed("a table of %d types", n)
	}
	table := make([]*Type, n)
	for i := range table {
		table[i] = &Type{}
	}
	for _, t := range table {
		if err := r.entry(t, table); err != nil {
			return nil, err
		}
	}
	for _, t := range table {
		for _, m := range t.Methods {
			if m.Type.Kind != KindFunc {
				return nil, malformed("a method that is not a function")
			}
		}
	}
	return r.typeList(table)
}

func (r *reader) typeList(table []*Type) ([]*Type, error) {
	n, err := r.length()
	if err != nil {
		return nil, err
	}
	if n > len(r.data)-r.at {
		return nil, malformed("a list of %d types", n)
	}
	types := make([]*Type, n)
	for i := range types {
		if types[i], err = r.typeRef(table); err != nil {
			return nil, err
		}
	}
	return types, nil
}

// typeRef reads a primitive or the number of a table entry.
func (r *reader) typeRef(table []*Type) (*Type, error) {
	n, err := r.sleb()
	if err != nil {
		return nil, err
	}
	if n >= 0 {
		if n >= int64(len(table)) {
			return nil, malformed("type %d is not in the table", n)
		}
		return table[n], nil
	}
	if n < int64(KindPrincipal) {
		return nil, malformed("no type has the code %d", n)
	}
	t, ok := primitives[Kind(n)]
	if !ok {
		return nil, malformed("code %d stands outside of the table", n)
	}
	return t, nil
}

// entry reads one composite type of the table into t.
func (r *reader) entry(t *Type, table []*Type) error {
	code, err := r.sleb()
	if err != nil {
		return err
	}
	switch {
	case code < int64(KindPrincipal):
		// A type of the future: its description is skipped.
		n, err := r.length()
		if err != nil {
			return err
		}
		t.Kind = kindFuture
		_, err = r.take(n)
		return err
	case code > int64(KindOpt) || code == int64(KindPrincipal):
		return malformed("a type with the code %d in the table", code)
	}
	t.Kind = Kind(code)
	switch t.Kind {
	case KindOpt, KindVec:
		t.Elem, err = r.typeRef(table)
		return err
	case KindRecord, KindVariant:
		return r.fields(t, table)
	case KindFunc:
		return r.funcType(t, table)
	default:
		return r.serviceType(t, table)
	}
}

func (r *reader) fields(t *Type, table []*Type) error {
	n, err := r.length()
	if err != nil {
		return err
	}
	if n > len(r.data)-r.at {
		return malformed("a type with %d fields", n)
	}
	t.Fields = make([]Field, n)
	for i := range t.Fields {
		id, err := r.uleb()
		if err != nil {
			return err
		}
		if id > 1<<32-1 || i > 0 && uint32(id) <= t.Fields[i-1].ID {
			return malformed("field ids out of order")
		}
		t.Fields[i].ID = uint32(id)
		if t.Fields[i].Type, err = r.typeRef(table); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) funcType(t *Type, table []*Type) error {
	f := &FuncType{}
	t.Func = f
	var err error
	if f.Args, err = r.typeList(table); err != nil {
		return err
	}
	if f.Results, err = r.typeList(table); err != nil {
		return err
	}
	n, err := r.length()
	if err != nil {
		return err
	}
	modes, err := r.take(n)
	if err != nil {
		return err
	}
	for _, mode := range modes {
		if mode < byte(ModeQuery) || mode > byte(ModeCompositeQuery) || slices.Contains(f.Modes, Mode(mode)) {
			return malformed("function annotation %d", mode)
		}
		f.Modes = append(f.Modes, Mode(mode))
	}
	return nil
}

func (r *reader) serviceType(t *Type, table []*Type) error {
	n, err := r.length()
	if err != nil {
		return err
	}
	if n > len(r.data)-r.at {
		return malformed("a service with %d methods", n)
	}
	for i := range n {
		length, err := r.length()
		if err != nil {
			return err
		}
		name, err := r.take(length)
		if err != nil {
			return err
		}
		if !utf8.Valid(name) || i > 0 && string(name) <= t.Methods[i-1].Name {
			return malformed("method names out of order")
		}
		m := Method{Name: string(name)}
		if m.Type, err = r.typeRef(table); err != nil {
			return err
		}
		t.Methods = append(t.Methods, m)
	}
	return nil
}
