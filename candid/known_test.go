package candid_test

import (
	"reflect"
	"testing"

	"internetidentity/candid"
	"internetidentity/internal/answers"
)

// typesOf reads a list of types with the names of a program.
func typesOf(t *testing.T, program, types string) []*candid.Type {
	t.Helper()
	p, err := candid.ParseProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	list, err := p.ParseTypes(types)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func valuesOf(t *testing.T, text string, types []*candid.Type) []candid.Value {
	t.Helper()
	values, err := candid.ParseValues(text, types)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return values
}

// numbers writes numbers of any size as text, so that DeepEqual compares their
// values.
func numbers(v any) any {
	switch v := v.(type) {
	case []candid.Value:
		list := make([]any, len(v))
		for i := range v {
			list[i] = numbers(v[i])
		}
		return list
	case candid.VecValue:
		return numbers([]candid.Value(v))
	case candid.Nat:
		return "nat " + v.String()
	case candid.Int:
		return "int " + v.String()
	case candid.OptValue:
		if v.Value == nil {
			return candid.OptValue{}
		}
		return candid.OptValue{Value: numbers(v.Value)}
	case candid.RecordValue:
		fields := candid.RecordValue{}
		for _, f := range v {
			fields = append(fields, candid.FieldValue{ID: f.ID, Value: numbers(f.Value)})
		}
		return fields
	case candid.VariantValue:
		return candid.VariantValue{ID: v.ID, Value: numbers(v.Value)}
	}
	return v
}

func decodes(t *testing.T, encoded []byte, types []*candid.Type, want []candid.Value) {
	t.Helper()
	got, err := candid.Decode(encoded, types)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(numbers(got), numbers(want)) {
		t.Errorf("decoded %v, want %v", numbers(got), numbers(want))
	}
}

// TestKnownAnswers compares messages, subtyping and field ids with those of
// other libraries.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"value": answers.Each(func(t *testing.T, c struct {
			Program, Types, Values string
			Hex                    answers.Bytes
		}) {
			types := typesOf(t, c.Program, c.Types)
			want := valuesOf(t, c.Values, types)
			decodes(t, c.Hex, types, want)
			encoded, err := candid.Encode(types, want)
			if err != nil {
				t.Fatal(err)
			}
			decodes(t, encoded, types, want)
			// The types in the message are those that are expected, so a reader
			// that skips all of it must find its end too.
			if _, err := candid.Decode(c.Hex, nil); err != nil {
				t.Errorf("skipped: %v", err)
			}
		}),
		"read": answers.Each(func(t *testing.T, c struct {
			Program, Types, Values string
			Hex                    answers.Bytes
			Accepted               bool
		}) {
			types := typesOf(t, c.Program, c.Types)
			if !c.Accepted {
				if got, err := candid.Decode(c.Hex, types); err == nil {
					t.Errorf("decoded %v, must be refused", numbers(got))
				}
				return
			}
			decodes(t, c.Hex, types, valuesOf(t, c.Values, types))
		}),
		"subtype": answers.Each(func(t *testing.T, c struct {
			Program, Types string
			Subtype        bool
		}) {
			types := typesOf(t, c.Program, c.Types)
			if got := candid.IsSubtype(types[0], types[1]); got != c.Subtype {
				t.Errorf("%v, want %v", got, c.Subtype)
			}
		}),
		"fieldId": answers.Each(func(t *testing.T, c struct {
			Label string
			ID    uint32
		}) {
			types := typesOf(t, "", "(record { "+c.Label+" : nat })")
			if got := types[0].Fields[0].ID; got != c.ID {
				t.Errorf("id %d, want %d", got, c.ID)
			}
		}),
		"malformed": answers.Each(func(t *testing.T, c struct {
			Types string
			Hex   answers.Bytes
		}) {
			if got, err := candid.Decode(c.Hex, typesOf(t, "", c.Types)); err == nil {
				t.Errorf("decoded %v, must be refused", got)
			}
		}),
	})
}
