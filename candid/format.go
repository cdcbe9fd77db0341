package candid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"internetidentity/principal"
)

// FormatValues writes values of the given types as a text that ParseValues
// reads. Only a float that is no finite number has no such text; it is nan, inf
// or -inf.
func FormatValues(types []*Type, values []Value) (string, error) {
	if len(types) != len(values) {
		return "", fmt.Errorf("candid: %d values for %d types", len(values), len(types))
	}
	var f formatter
	for i, t := range types {
		if i > 0 {
			f.WriteString(", ")
		}
		if err := f.value(t, values[i]); err != nil {
			return "", fmt.Errorf("candid: argument %d: %w", i, err)
		}
	}
	return "(" + f.String() + ")", nil
}

// String is the type in the text form. Where it contains itself it is cut
// short: recursive types need names.
func (t *Type) String() string {
	var f formatter
	f.typ(t)
	return f.String()
}

type formatter struct {
	strings.Builder
	// around are the types around the one being written.
	around []*Type
}

func (f *formatter) value(t *Type, v Value) error {
	switch v := v.(type) {
	case OptValue:
		if t.Kind != KindOpt {
			break
		}
		if v.Value == nil {
			f.WriteString("null")
			return nil
		}
		f.WriteString("opt ")
		return f.value(t.Elem, v.Value)
	case []byte:
		if t.Kind == KindVec && t.Elem.Kind == KindNat8 {
			f.WriteString("blob ")
			f.blob(v)
			return nil
		}
	case VecValue:
		if t.Kind == KindVec {
			return f.braces("vec", len(v), func(i int) error { return f.value(t.Elem, v[i]) })
		}
	case RecordValue:
		if t.Kind == KindRecord && len(v) == len(t.Fields) {
			return f.record(t, v)
		}
	case VariantValue:
		if i, ok := findField(t.Fields, v.ID); ok && t.Kind == KindVariant {
			return f.braces("variant", 1, func(int) error {
				f.label(t.Fields[i])
				if t.Fields[i].Type.Kind == KindNull {
					return nil
				}
				f.WriteString(" = ")
				return f.value(t.Fields[i].Type, v.Value)
			})
		}
	default:
		return f.leaf(t.Kind, v)
	}
	return unlike(t.Kind, v)
}

// leaf writes a value without parts.
func (f *formatter) leaf(k Kind, v Value) error {
	if _, err := appendPrimitive(nil, k, v); err != nil {
		return err
	}
	switch v := v.(type) {
	case Null, Reserved:
		f.WriteString("null")
	case string:
		f.text(v)
	case float32:
		f.float(float64(v), 32)
	case float64:
		f.float(v, 64)
	case principal.Principal:
		f.WriteString("principal " + strconv.Quote(v.String()))
	case ServiceValue:
		f.WriteString("service " + strconv.Quote(principal.Principal(v).String()))
	case FuncValue:
		f.WriteString("func " + strconv.Quote(v.Service.String()) + ".")
		f.name(v.Method)
	default:
		fmt.Fprint(f, v)
	}
	return nil
}

// float writes the shortest text that is read as the same number.
func (f *formatter) float(v float64, size int) {
	switch text := strconv.FormatFloat(v, 'g', -1, size); text {
	case "NaN", "+Inf", "-Inf":
		f.WriteString(strings.ToLower(strings.TrimPrefix(text, "+")))
	default:
		f.WriteString(text)
	}
}

func (f *formatter) record(t *Type, v RecordValue) error {
	return f.braces("record", len(v), func(i int) error {
		if v[i].ID != t.Fields[i].ID {
			return fmt.Errorf("a record has the field %d in place of %s", v[i].ID, t.Fields[i].label())
		}
		if !t.tuple() {
			f.label(t.Fields[i])
			f.WriteString(" = ")
		}
		return f.value(t.Fields[i].Type, v[i].Value)
	})
}

// tuple reports whether the fields have no names and count from 0.
func (t *Type) tuple() bool {
	for i, field := range t.Fields {
		if field.Name != "" || field.ID != uint32(i) {
			return false
		}
	}
	return true
}

// braces writes n parts behind a word.
func (f *formatter) braces(word string, n int, part func(i int) error) error {
	f.WriteString(word + " {")
	for i := range n {
		if i > 0 {
			f.WriteString(";")
		}
		f.WriteString(" ")
		if err := part(i); err != nil {
			return err
		}
	}
	if n > 0 {
		f.WriteString(" ")
	}
	f.WriteString("}")
	return nil
}

func (f *formatter) label(field Field) {
	if field.Name == "" {
		f.WriteString(strconv.FormatUint(uint64(field.ID), 10))
		return
	}
	f.name(field.Name)
}

// name writes a name with quotes where it needs them.
func (f *formatter) name(name string) {
	plain := name != "" && isLetter(name[0]) && !slices.Contains(keywords, name)
	for i := range len(name) {
		plain = plain && (isLetter(name[i]) || isDigit(name[i]))
	}
	if plain {
		f.WriteString(name)
		return
	}
	f.text(name)
}

func (f *formatter) text(s string) {
	f.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			f.WriteByte('\\')
			f.WriteRune(r)
		case r == '\n':
			f.WriteString(`\n`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(f, `\u{%x}`, r)
		default:
			f.WriteRune(r)
		}
	}
	f.WriteByte('"')
}

func (f *formatter) blob(b []byte) {
	f.WriteByte('"')
	for _, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(f, `\%02x`, c)
		} else {
			f.WriteByte(c)
		}
	}
	f.WriteByte('"')
}

func (f *formatter) typ(t *Type) {
	if slices.Contains(f.around, t) || len(f.around) > maxDepth {
		f.WriteString("...")
		return
	}
	f.around = append(f.around, t)
	defer func() { f.around = f.around[:len(f.around)-1] }()
	if t.Kind == KindVec && t.Elem.Kind == KindNat8 {
		f.WriteString("blob")
		return
	}
	switch t.Kind {
	case KindOpt, KindVec:
		f.WriteString(t.Kind.String() + " ")
		f.typ(t.Elem)
	case KindRecord, KindVariant:
		f.braces(t.Kind.String(), len(t.Fields), func(i int) error {
			field := t.Fields[i]
			if t.Kind == KindRecord && t.tuple() {
				f.typ(field.Type)
				return nil
			}
			f.label(field)
			if t.Kind == KindRecord || field.Type.Kind != KindNull {
				f.WriteString(" : ")
				f.typ(field.Type)
			}
			return nil
		})
	case KindFunc:
		f.WriteString("func ")
		f.function(t.Func)
	case KindService:
		f.braces("service", len(t.Methods), func(i int) error {
			f.name(t.Methods[i].Name)
			f.WriteString(" : ")
			f.method(t.Methods[i].Type)
			return nil
		})
	default:
		f.WriteString(t.Kind.String())
	}
}

// method writes the function of a service, which has no word in front.
func (f *formatter) method(t *Type) {
	if slices.Contains(f.around, t) {
		f.WriteString("...")
		return
	}
	f.around = append(f.around, t)
	defer func() { f.around = f.around[:len(f.around)-1] }()
	f.function(t.Func)
}

func (f *formatter) function(t *FuncType) {
	f.list(t.Args)
	f.WriteString(" -> ")
	f.list(t.Results)
	for _, mode := range t.Modes {
		f.WriteString(" " + mode.String())
	}
}

func (f *formatter) list(types []*Type) {
	f.WriteString("(")
	for i, t := range types {
		if i > 0 {
			f.WriteString(", ")
		}
		f.typ(t)
	}
	f.WriteString(")")
}
