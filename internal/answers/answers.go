// Package answers reads what independent libraries have answered: the file
// testdata/known-answers.json of each format, which the script in this folder
// writes. It makes sure that a test looks at every kind of answer, every case
// and every field of it.
//
// It must not know the formats, and is for tests only.
package answers

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// file is where a package's answers are, from its own folder.
const file = "testdata/known-answers.json"

// Checks has a check for every kind of answer.
type Checks map[string]Check

// Check compares our code with one case.
type Check func(t *testing.T, fields []byte)

// Each makes a check of a function that takes a case as a struct. The name of a
// case and the library that answered are left out; every other field must be in
// the struct, so that none is forgotten.
func Each[T any](check func(t *testing.T, c T)) Check {
	return func(t *testing.T, fields []byte) {
		var c T
		decoder := json.NewDecoder(bytes.NewReader(fields))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&c); err != nil {
			t.Fatal(err)
		}
		check(t, c)
	}
}

// Run checks every case in the file. A kind without a check fails, and so does
// a check without a case.
func Run(t *testing.T, checks Checks) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kinds map[string][]json.RawMessage
	if err := json.Unmarshal(data, &kinds); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for kind := range checks {
		if len(kinds[kind]) == 0 {
			t.Errorf("%s has no answers of the kind %q", file, kind)
		}
	}
	for kind, cases := range kinds {
		check, ok := checks[kind]
		if !ok {
			t.Errorf("nobody checks the kind %q of %s", kind, file)
			continue
		}
		for i, raw := range cases {
			name, fields, err := split(raw)
			if err != nil {
				t.Fatalf("%s: %s %d: %v", file, kind, i, err)
			}
			t.Run(fmt.Sprintf("%s/%d %s", kind, i, name), func(t *testing.T) { check(t, fields) })
		}
	}
}

// split takes the name and the library out of a case.
func split(raw json.RawMessage) (name string, rest []byte, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return "", nil, err
	}
	var from string
	for field, into := range map[string]*string{"name": &name, "from": &from} {
		if err := json.Unmarshal(fields[field], into); err != nil || *into == "" {
			return "", nil, fmt.Errorf("a case without %q", field)
		}
		delete(fields, field)
	}
	rest, err = json.Marshal(fields)
	return name, rest, err
}

// Bytes stand in the file as hex.
type Bytes []byte

// UnmarshalText reads hex.
func (b *Bytes) UnmarshalText(text []byte) error {
	decoded, err := hex.DecodeString(string(text))
	*b = decoded
	return err
}

// String is the hex.
func (b Bytes) String() string { return hex.EncodeToString(b) }
