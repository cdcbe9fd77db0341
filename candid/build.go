package candid

// Memory of Values in bytes: what an interface points to, its own place in a
// list, and with an id in a record.
const (
	boxSize     = 16
	elementSize = 16
	fieldSize   = 24
)

// build makes the next Value of an expected type from the items.
func (d *decoder) build(t *Type) (Value, error) {
	// The smallest values need no memory of their own.
	switch t.Kind {
	case KindNull:
		return Null{}, nil
	case KindReserved:
		return Reserved{}, nil
	case KindBool, KindNat8, KindInt8:
		return fixedValue(t.Kind, d.next().n), nil
	}
	if err := d.spendMemory(1, boxSize); err != nil {
		return nil, err
	}
	switch t.Kind {
	case KindOpt:
		if d.next().n == 0 {
			return OptValue{}, nil
		}
		v, err := d.build(t.Elem)
		return OptValue{Value: v}, err
	case KindVec:
		return d.buildVec(t.Elem)
	case KindRecord:
		return d.buildRecord(t)
	case KindVariant:
		f := &t.Fields[d.next().n]
		v, err := d.build(f.Type)
		return VariantValue{ID: f.ID, Value: v}, err
	case KindNat:
		return parseNat(d.bytes(d.next())), nil
	case KindInt:
		return d.intOf(d.next()), nil
	case KindText:
		i := d.next()
		return string(d.bytes(i)), d.spendMemory(1, int(i.n))
	case KindPrincipal:
		return d.principalOf(d.next()), nil
	case KindService:
		return ServiceValue(d.principalOf(d.next())), nil
	case KindFunc:
		service, method := d.principalOf(d.next()), d.next()
		return FuncValue{Service: service, Method: string(d.bytes(method))}, d.spendMemory(1, int(method.n))
	}
	return fixedValue(t.Kind, d.next().n), nil
}

func (d *decoder) buildVec(elem *Type) (Value, error) {
	i := d.next()
	if elem.Kind == KindNat8 {
		return d.bytes(i), nil
	}
	if err := d.spendMemory(int(i.n), elementSize); err != nil {
		return nil, err
	}
	values := make(VecValue, i.n)
	for i := range values {
		var err error
		if values[i], err = d.build(elem); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (d *decoder) buildRecord(t *Type) (Value, error) {
	if err := d.spendMemory(len(t.Fields), fieldSize); err != nil {
		return nil, err
	}
	values := make(RecordValue, len(t.Fields))
	for i, f := range t.Fields {
		v, err := d.build(f.Type)
		if err != nil {
			return nil, err
		}
		values[i] = FieldValue{f.ID, v}
	}
	return values, nil
}
