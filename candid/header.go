package candid

// appendHeader writes the magic, the type table and the argument types. Types
// are numbered in the order of their first use, and equal types share a
// number.
func appendHeader(b []byte, types []*Type) []byte {
	w := tableWriter{numbers: map[*Type]int{}}
	for _, t := range types {
		w.add(t)
	}
	b = appendUvarint(append(b, magic...), uint64(len(w.types)))
	for _, t := range w.types {
		b = w.appendEntry(b, t)
	}
	return w.appendList(b, types)
}

type tableWriter struct {
	types   []*Type
	numbers map[*Type]int
}

func (w *tableWriter) add(t *Type) {
	if t.Kind.primitive() {
		return
	}
	if _, ok := w.numbers[t]; ok {
		return
	}
	for i, known := range w.types {
		if known.Kind == t.Kind && Equal(known, t) {
			w.numbers[t] = i
			return
		}
	}
	w.numbers[t] = len(w.types)
	w.types = append(w.types, t)
	for _, part := range t.parts() {
		w.add(part)
	}
}

func (w *tableWriter) appendReference(b []byte, t *Type) []byte {
	if t.Kind.primitive() {
		return appendVarint(b, int64(t.Kind))
	}
	return appendVarint(b, int64(w.numbers[t]))
}

func (w *tableWriter) appendList(b []byte, types []*Type) []byte {
	b = appendUvarint(b, uint64(len(types)))
	for _, t := range types {
		b = w.appendReference(b, t)
	}
	return b
}

func (w *tableWriter) appendEntry(b []byte, t *Type) []byte {
	b = appendVarint(b, int64(t.Kind))
	switch t.Kind {
	case KindOpt, KindVec:
		return w.appendReference(b, t.Elem)
	case KindRecord, KindVariant:
		b = appendUvarint(b, uint64(len(t.Fields)))
		for _, f := range t.Fields {
			b = w.appendReference(appendUvarint(b, uint64(f.ID)), f.Type)
		}
		return b
	case KindFunc:
		b = w.appendList(w.appendList(b, t.Func.Args), t.Func.Results)
		b = appendUvarint(b, uint64(len(t.Func.Modes)))
		for _, mode := range t.Func.Modes {
			b = append(b, byte(mode))
		}
		return b
	case KindService:
		b = appendUvarint(b, uint64(len(t.Methods)))
		for _, m := range t.Methods {
			b = w.appendReference(appendText(b, m.Name), m.Type)
		}
		return b
	}
	panic("candid: " + t.Kind.String() + " has no wire form")
}
