package cbor_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"internetidentity/cbor"
	"internetidentity/internal/answers"
)

// value is a value in the notation of the answers: one field is set.
type value struct {
	Text  *string
	Nat   *string
	Blob  *answers.Bytes
	Array *[]value
	Map   *[]field
}

type field struct {
	Name  string
	Value value
}

func (v value) number(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(*v.Nat, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// decoded is the value as Unmarshal gives it to a caller who expects nothing.
func (v value) decoded(t *testing.T) any {
	switch {
	case v.Text != nil:
		return *v.Text
	case v.Nat != nil:
		return v.number(t)
	case v.Blob != nil:
		return []byte(*v.Blob)
	case v.Array != nil:
		list := []any{}
		for _, element := range *v.Array {
			list = append(list, element.decoded(t))
		}
		return list
	}
	m := map[any]any{}
	for _, f := range *v.Map {
		m[f.Name] = f.Value.decoded(t)
	}
	return m
}

// pull reads the value with a Reader, in the order of the message.
func (v value) pull(t *testing.T, r *cbor.Reader) error {
	t.Helper()
	var got, want any
	var err error
	switch {
	case v.Text != nil:
		want = *v.Text
		got, err = r.Text()
	case v.Nat != nil:
		want = v.number(t)
		got, err = r.Uint()
	case v.Blob != nil:
		want = string(*v.Blob)
		var b []byte
		b, err = r.Bytes()
		got = string(b)
	case v.Array != nil:
		want = len(*v.Array)
		got, err = r.Array()
	default:
		want = len(*v.Map)
		got, err = r.Map()
	}
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("read %v, want %v", got, want)
	}
	if v.Array != nil {
		for _, element := range *v.Array {
			if err := element.pull(t, r); err != nil {
				return err
			}
		}
	}
	if v.Map != nil {
		for _, f := range *v.Map {
			if name, err := r.Text(); err != nil || name != f.Name {
				return fmt.Errorf("name %q, want %q: %w", name, f.Name, err)
			}
			if err := f.Value.pull(t, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// appended writes the value with the append functions, in the order given.
func (v value) appended(t *testing.T, b []byte) []byte {
	switch {
	case v.Text != nil:
		return cbor.AppendText(b, *v.Text)
	case v.Nat != nil:
		return cbor.AppendUint(b, v.number(t))
	case v.Blob != nil:
		return cbor.AppendBytes(b, *v.Blob)
	case v.Array != nil:
		b = cbor.AppendArray(b, len(*v.Array))
		for _, element := range *v.Array {
			b = element.appended(t, b)
		}
		return b
	}
	b = cbor.AppendMap(b, len(*v.Map))
	for _, f := range *v.Map {
		b = f.Value.appended(t, cbor.AppendText(b, f.Name))
	}
	return b
}

type known struct {
	Value value
	Hex   answers.Bytes
}

// reads checks that both ways of reading find the value.
func (c known) reads(t *testing.T) {
	t.Helper()
	var got any
	if err := cbor.Unmarshal(c.Hex, &got); err != nil {
		t.Fatal(err)
	}
	if want := c.Value.decoded(t); !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %v, want %v", got, want)
	}
	r := cbor.NewReader(c.Hex)
	if err := c.Value.pull(t, r); err != nil {
		t.Error(err)
	}
	if err := r.Done(); err != nil {
		t.Error(err)
	}
}

// TestKnownAnswers compares messages with those of another library.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"deterministic": answers.Each(func(t *testing.T, c known) {
			c.reads(t)
			encoded, err := cbor.MarshalTagged(c.Value.decoded(t))
			if err != nil || !bytes.Equal(encoded, c.Hex) {
				t.Errorf("encoded %x: %v, want %s", encoded, err, c.Hex)
			}
			if encoded := c.Value.appended(t, cbor.AppendTag(nil)); !bytes.Equal(encoded, c.Hex) {
				t.Errorf("appended %x, want %s", encoded, c.Hex)
			}
			var got any
			if err := cbor.UnmarshalTagged(c.Hex, &got); err != nil {
				t.Error(err)
			}
		}),
		"untagged": answers.Each(func(t *testing.T, c known) {
			c.reads(t)
			var got any
			if err := cbor.UnmarshalTagged(c.Hex, &got); err == nil || cbor.HasTag(c.Hex) {
				t.Errorf("a message without the tag is read where the tag is demanded: %v", got)
			}
		}),
		"anyOrder": answers.Each(func(t *testing.T, c known) { c.reads(t) }),
		"malformed": answers.Each(func(t *testing.T, c struct{ Hex answers.Bytes }) {
			var got any
			if err := cbor.Unmarshal(c.Hex, &got); err == nil {
				t.Errorf("decoded %v, must be refused", got)
			}
		}),
	})
}
