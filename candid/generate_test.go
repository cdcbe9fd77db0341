package candid

import (
	"math"
	"math/big"
	"slices"

	"pgregory.net/rapid"

	"internetidentity/principal"
)

var (
	anyKind = rapid.SampledFrom([]Kind{
		KindNull, KindBool, KindNat, KindInt, KindNat8, KindNat16, KindNat32, KindNat64, KindInt8, KindInt16, KindInt32, KindInt64,
		KindFloat32, KindFloat64, KindText, KindReserved, KindPrincipal,
		KindOpt, KindVec, KindRecord, KindVariant, KindFunc, KindService, KindOpt, KindVec, KindRecord, KindVariant,
	})
	anyName  = rapid.SampledFrom([]string{"a", "b", "name", "query", "Ok", "ä b", "_x1"})
	anyModes = rapid.SampledFrom([][]Mode{nil, {ModeQuery}, {ModeCompositeQuery}, {ModeQuery, ModeCompositeQuery}})
)

// typeMaker draws types. They can be recursive: a part may be one of the types
// around it, where an opt or vec in between lets values end.
type typeMaker struct {
	t      *rapid.T
	around []*Type
	depth  int
}

func drawType(t *rapid.T) *Type { return (&typeMaker{t: t}).draw() }

func drawTypes(t *rapid.T) []*Type {
	var types []*Type
	for range rapid.IntRange(0, 3).Draw(t, "arguments") {
		types = append(types, drawType(t))
	}
	return types
}

func (m *typeMaker) draw() *Type {
	k := anyKind.Draw(m.t, "kind")
	if k.primitive() || m.depth > 4 {
		if !k.primitive() {
			k = KindNat
		}
		return Primitive(k)
	}
	if targets := m.mayRecurTo(); len(targets) > 0 && rapid.IntRange(0, 3).Draw(m.t, "recur") == 0 {
		return rapid.SampledFrom(targets).Draw(m.t, "around")
	}
	t := &Type{Kind: k}
	m.around = append(m.around, t)
	m.depth++
	defer func() { m.around, m.depth = m.around[:len(m.around)-1], m.depth-1 }()
	switch k {
	case KindOpt, KindVec:
		t.Elem = m.draw()
	case KindRecord:
		t.Fields = m.fields(0)
	case KindVariant:
		t.Fields = m.fields(1)
	case KindFunc:
		*t = *m.function()
	case KindService:
		*t = *m.service()
	}
	return t
}

// mayRecurTo are the types around that a part could be: right inside of an opt
// or vec, so that values can end, and not through opts alone, as no plain value
// can be an opt without end.
func (m *typeMaker) mayRecurTo() []*Type {
	n := len(m.around)
	if n == 0 || m.around[n-1].Kind != KindOpt && m.around[n-1].Kind != KindVec {
		return nil
	}
	for n > 0 && m.around[n-1].Kind == KindOpt {
		n--
	}
	return m.around[:n]
}

func (m *typeMaker) fields(least int) []Field {
	byID := map[uint32]Field{}
	for range rapid.IntRange(least, 4).Draw(m.t, "fields") {
		f := Field{ID: rapid.Uint32Range(0, 6).Draw(m.t, "id")}
		if rapid.Bool().Draw(m.t, "named") {
			f.Name = anyName.Draw(m.t, "name")
			f.ID = Hash(f.Name)
		}
		f.Type = m.draw()
		byID[f.ID] = f
	}
	var fields []Field
	for _, f := range byID {
		fields = append(fields, f)
	}
	sortFields(fields)
	return fields
}

// Functions and services have types of their own, which no value is needed of.
func (m *typeMaker) function() *Type {
	fresh := &typeMaker{t: m.t, depth: m.depth + 1}
	var lists [2][]*Type
	for i := range lists {
		for range rapid.IntRange(0, 2).Draw(m.t, "types") {
			lists[i] = append(lists[i], fresh.draw())
		}
	}
	return Func(lists[0], lists[1], anyModes.Draw(m.t, "modes")...)
}

func (m *typeMaker) service() *Type {
	var methods []Method
	for _, name := range rapid.SliceOfNDistinct(anyName, 0, 2, rapid.ID[string]).Draw(m.t, "methods") {
		methods = append(methods, Method{Name: name, Type: m.function()})
	}
	return Service(methods...)
}

// drawValue draws a value of a type. It ends: from some depth on, an opt is
// null and a vec is empty.
func drawValue(t *rapid.T, typ *Type, depth int) Value {
	switch typ.Kind {
	case KindOpt:
		if depth > 6 || rapid.Bool().Draw(t, "null") {
			return OptValue{}
		}
		return OptValue{drawValue(t, typ.Elem, depth+1)}
	case KindVec:
		n := 0
		if depth <= 6 {
			n = rapid.IntRange(0, 3).Draw(t, "length")
		}
		if typ.Elem.Kind == KindNat8 {
			return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "blob")
		}
		values := make(VecValue, n)
		for i := range values {
			values[i] = drawValue(t, typ.Elem, depth+1)
		}
		return values
	case KindRecord:
		values := make(RecordValue, len(typ.Fields))
		for i, f := range typ.Fields {
			values[i] = FieldValue{f.ID, drawValue(t, f.Type, depth+1)}
		}
		return values
	case KindVariant:
		f := rapid.SampledFrom(typ.Fields).Draw(t, "choice")
		return VariantValue{f.ID, drawValue(t, f.Type, depth+1)}
	}
	return drawLeaf(t, typ.Kind)
}

func drawLeaf(t *rapid.T, k Kind) Value {
	switch k {
	case KindNull:
		return Null{}
	case KindReserved:
		return Reserved{}
	case KindText:
		return rapid.String().Draw(t, "text")
	case KindPrincipal:
		return drawPrincipal(t)
	case KindService:
		return ServiceValue(drawPrincipal(t))
	case KindFunc:
		return FuncValue{Service: drawPrincipal(t), Method: rapid.String().Draw(t, "method")}
	case KindNat:
		return Nat{drawBig(t, 0)}
	case KindInt:
		return Int{drawBig(t, -1)}
	case KindBool:
		return rapid.Bool().Draw(t, "bool")
	}
	return fixedValue(k, rapid.Uint64().Draw(t, "bits"))
}

func drawPrincipal(t *rapid.T) principal.Principal {
	p, err := principal.FromBytes(rapid.SliceOfN(rapid.Byte(), 0, principal.MaxLength).Draw(t, "principal"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func drawBig(t *rapid.T, least int) *big.Int {
	n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "magnitude"))
	if rapid.IntRange(least, 0).Draw(t, "sign") < 0 {
		n.Neg(n)
	}
	return n
}

func drawValues(t *rapid.T, types []*Type) []Value {
	values := make([]Value, len(types))
	for i, typ := range types {
		values[i] = drawValue(t, typ, 0)
	}
	return values
}

// drawRelated draws a supertype of a type, or a subtype with super false.
// Recursive types are left as they are.
func drawRelated(t *rapid.T, typ *Type, super bool, depth int) *Type {
	if depth > 4 || rapid.IntRange(0, 4).Draw(t, "same") == 0 {
		return typ
	}
	related := func(part *Type) *Type { return drawRelated(t, part, super, depth+1) }
	switch step := rapid.IntRange(0, 9).Draw(t, "step"); {
	case super && step == 0:
		return Primitive(KindReserved)
	case super && step == 1:
		return Opt(related(typ))
	case super && step == 2:
		return Opt(drawType(t))
	case !super && step == 0:
		return Primitive(KindEmpty)
	case super && typ.Kind == KindNat:
		return Primitive(KindInt)
	case !super && typ.Kind == KindInt:
		return Primitive(KindNat)
	case super && typ.Kind == KindService && step == 3:
		return Primitive(KindPrincipal)
	case !super && typ.Kind == KindPrincipal:
		return Service()
	case !super && (typ.Kind == KindReserved || typ.Kind == KindOpt) && step == 1:
		return drawType(t)
	}
	switch typ.Kind {
	case KindOpt, KindVec:
		return &Type{Kind: typ.Kind, Elem: related(typ.Elem)}
	case KindRecord:
		return relatedFields(t, typ, related, super)
	case KindVariant:
		return relatedFields(t, typ, related, !super)
	case KindFunc:
		return relatedFunction(t, typ.Func, super, depth)
	case KindService:
		var methods []Method
		for _, m := range typ.Methods {
			if super && rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
				continue
			}
			methods = append(methods, Method{m.Name, relatedFunction(t, m.Type.Func, super, depth)})
		}
		return Service(methods...)
	}
	return typ
}

func relatedFunction(t *rapid.T, f *FuncType, super bool, depth int) *Type {
	var args, results []*Type
	for _, arg := range f.Args {
		args = append(args, drawRelated(t, arg, !super, depth+1))
	}
	for _, result := range f.Results {
		results = append(results, drawRelated(t, result, super, depth+1))
	}
	return Func(args, results, f.Modes...)
}

// relatedFields drops fields or adds one.
func relatedFields(t *rapid.T, typ *Type, related func(*Type) *Type, drop bool) *Type {
	var fields []Field
	for _, f := range typ.Fields {
		if drop && rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
			continue
		}
		fields = append(fields, Field{f.ID, f.Name, related(f.Type)})
	}
	added := Field{ID: 1000, Type: Primitive(KindNat)}
	if typ.Kind == KindRecord {
		added.Type = Opt(added.Type)
	}
	if !drop || typ.Kind == KindRecord {
		fields = append(fields, added)
	}
	made := &Type{Kind: typ.Kind, Fields: fields}
	sortFields(made.Fields)
	return made
}

// wire is the message of values, which stands for them in comparisons.
func wire(t *rapid.T, types []*Type, values []Value) string {
	b, err := Encode(types, values)
	if err != nil {
		t.Fatalf("%v: %v", types, err)
	}
	return string(b)
}

// hasText reports whether all floats are numbers, which have a text form.
func hasText(v Value) bool {
	switch v := v.(type) {
	case float32:
		return hasText(float64(v))
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case OptValue:
		return hasText(v.Value)
	case VecValue:
		return !slices.ContainsFunc(v, func(e Value) bool { return !hasText(e) })
	case RecordValue:
		return !slices.ContainsFunc(v, func(f FieldValue) bool { return !hasText(f.Value) })
	case VariantValue:
		return hasText(v.Value)
	}
	return true
}

// isRecursive reports whether a type contains itself.
func isRecursive(t *Type, around ...*Type) bool {
	if slices.Contains(around, t) {
		return !t.Kind.primitive()
	}
	return slices.ContainsFunc(t.parts(), func(part *Type) bool { return isRecursive(part, append(around, t)...) })
}
