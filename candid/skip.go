package candid

// skip passes over a value, which must be well-formed all the same.
func (d *decoder) skip(t *Type, depth int) error {
	if depth > maxDepth {
		return d.malformed("values nested deeper than %d", maxDepth)
	}
	if err := d.spend(1); err != nil {
		return err
	}
	switch t.Kind {
	case KindEmpty:
		return d.malformed("a value of type empty")
	case KindOpt:
		some, err := d.tag("an opt tag")
		if err != nil || !some {
			return err
		}
		return d.skip(t.Elem, depth+1)
	case KindVec:
		return d.skipVec(t.Elem, depth)
	case KindRecord:
		for i := range t.Fields {
			if err := d.skip(t.Fields[i].Type, depth+1); err != nil {
				return err
			}
		}
		return nil
	case KindVariant:
		field, err := d.chosen(t)
		if err != nil {
			return err
		}
		return d.skip(field.Type, depth+1)
	case kindFuture:
		return d.skipFuture()
	}
	mark := d.noted
	err := d.leaf(t.Kind)
	d.noted = mark
	return err
}

func (d *decoder) skipVec(elem *Type, depth int) error {
	n, err := d.length()
	if err != nil {
		return err
	}
	if width := fixedWidth(elem.Kind); width > 0 {
		if n > d.left()/width {
			return d.tooShort()
		}
		d.at += n * width
		return nil
	}
	for range n {
		if err := d.skip(elem, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// skipFuture passes over a value of a type that is not known: the number of
// its bytes, the number of its references beside the message, and the bytes
// (Candid specification, Deserialisation of future types).
func (d *decoder) skipFuture() error {
	n, err := d.length()
	if err != nil {
		return err
	}
	if _, err := d.length(); err != nil {
		return err
	}
	_, err = d.take(n)
	return err
}
