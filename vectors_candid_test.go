package internetidentity_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"internetidentity/candid"
)

// candidInput is a message as hex, or values as text.
type candidInput struct {
	Blob *string
	Text *string
}

func (in candidInput) decode(r *vectorRun, types []*candid.Type) ([]candid.Value, error) {
	if in.Blob != nil {
		return candid.Decode(unhex(r.t, *in.Blob), types)
	}
	return candid.ParseValues(*in.Text, types)
}

func vectorsCandid(r *vectorRun, data []byte) {
	var suite struct {
		Files map[string]struct {
			Defs  []string
			Tests []struct {
				In         candidInput
				Op         string
				RHS        candidInput
				Type, Desc string
			}
		}
	}
	decodeVector(r.t, data, &suite)
	for name, file := range suite.Files {
		program, err := candid.ParseProgram(strings.Join(file.Defs, ";\n"))
		if err != nil {
			r.t.Fatal(err)
		}
		for i, c := range file.Tests {
			r.check(fmt.Sprintf("%s %d %s", name, i, c.Desc), func() error {
				types, err := program.ParseTypes(c.Type)
				if err != nil {
					return err
				}
				left, err := c.In.decode(r, types)
				switch c.Op {
				case ":":
					if err != nil {
						return err
					}
					return encodesAgain(types, left)
				case "!:":
					return want(false, err)
				}
				if err != nil {
					return err
				}
				right, err := c.RHS.decode(r, types)
				if err != nil {
					return err
				}
				if equal := reflect.DeepEqual(fmt.Sprint(left), fmt.Sprint(right)); equal != (c.Op == "==") {
					return fmt.Errorf("%v %s %v does not hold", left, c.Op, right)
				}
				return nil
			})
		}
	}
}

// encodesAgain checks that what was decoded survives our own encoding.
func encodesAgain(types []*candid.Type, values []candid.Value) error {
	encoded, err := candid.Encode(types, values)
	if err != nil {
		return err
	}
	again, err := candid.Decode(encoded, types)
	if err == nil && fmt.Sprint(again) != fmt.Sprint(values) {
		err = errors.New("something else came back")
	}
	return err
}
