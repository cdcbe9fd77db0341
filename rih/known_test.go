package rih_test

import (
	"strconv"
	"testing"

	"internetidentity/internal/answers"
	"internetidentity/rih"
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

func (v value) hash(t *testing.T) rih.Value {
	t.Helper()
	switch {
	case v.Text != nil:
		return rih.Text(*v.Text)
	case v.Nat != nil:
		n, err := strconv.ParseUint(*v.Nat, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return rih.Nat(n)
	case v.Blob != nil:
		return rih.Blob(*v.Blob)
	case v.Array != nil:
		list := make([]rih.Value, len(*v.Array))
		for i, element := range *v.Array {
			list[i] = element.hash(t)
		}
		return rih.Array(list...)
	case v.Map != nil:
		fields := make([]rih.Field, len(*v.Map))
		for i, f := range *v.Map {
			fields[i] = rih.Field{Name: f.Name, Value: f.Value.hash(t)}
		}
		return rih.Map(fields...)
	}
	t.Fatal("a value of no kind")
	return rih.Value{}
}

// TestKnownAnswers compares hashes with those of other libraries.
func TestKnownAnswers(t *testing.T) {
	check := answers.Each(func(t *testing.T, c struct {
		Value value
		Hash  answers.Bytes
	}) {
		if got := c.Value.hash(t); answers.Bytes(got[:]).String() != c.Hash.String() {
			t.Errorf("hash %x, want %s", got, c.Hash)
		}
	})
	answers.Run(t, answers.Checks{"value": check, "map": check, "requestId": check})
}
