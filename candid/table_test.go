package candid

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The files in testdata are read as prose: what is asked, and indented below
// it what comes out. After a wanted change, rewrite the answers with
//
//	go test ./candid -update
//
// and read the difference.
var update = flag.Bool("update", false, "rewrite the answers in testdata")

// book runs a file: each line that is not indented, a comment or a definition
// is a question, and the indented line below it is its answer.
func book(t *testing.T, name string, answer func(*Program, string) string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(before), "\n"), "\n")
	var definitions, after []string
	for _, line := range lines {
		if strings.HasPrefix(line, "type ") {
			definitions = append(definitions, line)
		}
	}
	program, err := ParseProgram(strings.Join(definitions, "\n"))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	questions := 0
	for i, line := range lines {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		after = append(after, line)
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "type ") {
			continue
		}
		questions++
		got := "    " + answer(program, line)
		after = append(after, got)
		want := ""
		if i+1 < len(lines) {
			want = lines[i+1]
		}
		if got != want && !*update {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", path, i+1, line, got, want)
		}
	}
	if questions == 0 {
		t.Errorf("%s asks nothing", path)
	}
	if text := strings.Join(after, "\n") + "\n"; *update && text != string(before) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// message reads the notation of the files: bytes in hexadecimal, texts in
// quotes, and n*bytes or n*"text" for what is there n times.
func message(text string) ([]byte, error) {
	var b []byte
	for _, part := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(text, -1) {
		times := 1
		if number, rest, ok := strings.Cut(part, "*"); ok && !strings.HasPrefix(part, `"`) {
			var err error
			if times, err = strconv.Atoi(number); err != nil {
				return nil, err
			}
			part = rest
		}
		if strings.HasPrefix(part, `"`) {
			b = append(b, bytes.Repeat([]byte(strings.Trim(part, `"`)), times)...)
			continue
		}
		decoded, err := hex.DecodeString(part)
		if err != nil {
			return nil, err
		}
		b = append(b, bytes.Repeat(decoded, times)...)
	}
	return b, nil
}

// ask reads "message : (types)".
func ask(program *Program, question string) ([]byte, []*Type, error) {
	text, typeText, ok := strings.Cut(question, " : ")
	if !ok {
		return nil, nil, fmt.Errorf("the question has no types")
	}
	b, err := message(text)
	if err != nil {
		return nil, nil, err
	}
	types, err := program.ParseTypes(typeText)
	return b, types, err
}

func TestDecodeTables(t *testing.T) {
	for _, name := range []string{
		"envelope", "numbers", "text", "reserved", "opt", "vec", "record", "variant", "reference", "future", "budget",
	} {
		t.Run(name, func(t *testing.T) {
			book(t, "decode/"+name+".txt", func(program *Program, question string) string {
				message, types, err := ask(program, question)
				if err != nil {
					t.Fatalf("%s: %v", question, err)
				}
				return decoded(t, question, message, types)
			})
		})
	}
}

// decoded is what a message says at the types, or the error. Whatever can be
// read must be the same after our own encoding.
func decoded(t *testing.T, question string, message []byte, types []*Type) string {
	t.Helper()
	values, err := Decode(message, types)
	if err != nil {
		return "! " + err.Error()
	}
	text, err := FormatValues(types, values)
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	own, err := Encode(types, values)
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	again, err := Decode(own, types)
	if err != nil {
		t.Fatalf("%s: own encoding: %v", question, err)
	}
	if second, _ := FormatValues(types, again); second != text {
		t.Errorf("%s: after encoding: %s, was %s", question, second, text)
	}
	return "= " + text
}

// TestEncodeTable also reads every message back.
func TestEncodeTable(t *testing.T) {
	book(t, "encode.txt", func(program *Program, question string) string {
		valueText, typeText, _ := strings.Cut(question, " : ")
		types, err := program.ParseTypes(typeText)
		if err != nil {
			t.Fatalf("%s: %v", question, err)
		}
		values, err := ParseValues(valueText, types)
		if err != nil {
			t.Fatalf("%s: %v", question, err)
		}
		encoded, err := Encode(types, values)
		if err != nil {
			return "! " + err.Error()
		}
		again, err := Decode(encoded, types)
		if err != nil {
			t.Errorf("%s: %v", question, err)
		} else if text, err := FormatValues(types, again); err != nil || text != valueText {
			t.Errorf("%s: came back as %s, %v", question, text, err)
		}
		return fmt.Sprintf("%s %x", encoded[:len(magic)], encoded[len(magic):])
	})
}

func TestSubtypeTable(t *testing.T) {
	book(t, "subtype.txt", func(program *Program, question string) string {
		left, right, _ := strings.Cut(question, " <: ")
		types, err := program.ParseTypes("(" + left + ", " + right + ")")
		if err != nil || len(types) != 2 {
			t.Fatalf("%s: %v", question, err)
		}
		a, b := types[0], types[1]
		if Equal(a, b) != Equal(b, a) || Equal(a, b) && !IsSubtype(a, b) {
			t.Errorf("%s: equality is not what it should be", question)
		}
		if Equal(a, b) {
			return "= the same type"
		}
		if IsSubtype(a, b) {
			return "= yes"
		}
		return "= no"
	})
}

func TestTextTables(t *testing.T) {
	t.Run("values", func(t *testing.T) {
		book(t, "values.txt", func(program *Program, question string) string {
			valueText, typeText, _ := strings.Cut(question, " :: ")
			types, err := program.ParseTypes(typeText)
			if err != nil {
				t.Fatalf("%s: %v", question, err)
			}
			values, err := ParseValues(valueText, types)
			if err != nil {
				return "! " + err.Error()
			}
			text, err := FormatValues(types, values)
			if err != nil {
				t.Fatal(err)
			}
			return "= " + text
		})
	})
	t.Run("types", func(t *testing.T) {
		book(t, "types.txt", func(program *Program, question string) string {
			types, err := program.ParseTypes(question)
			if err != nil {
				return "! " + err.Error()
			}
			var text formatter
			text.list(types)
			return "= " + text.String()
		})
	})
}
