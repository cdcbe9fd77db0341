package cbor

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// readItem reads an item and compares it.
func readItem(r *Reader, want any) error {
	switch want := want.(type) {
	case uint64:
		if n, err := r.Uint(); err != nil || n != want {
			return fmt.Errorf("number %d, want %d: %w", n, want, err)
		}
	case []byte:
		if b, err := r.Bytes(); err != nil || !bytes.Equal(b, want) {
			return fmt.Errorf("bytes %x, want %x: %w", b, want, err)
		}
	case string:
		if s, err := r.Text(); err != nil || s != want {
			return fmt.Errorf("text %q, want %q: %w", s, want, err)
		}
	case []any:
		if n, err := r.Array(); err != nil || n != len(want) {
			return fmt.Errorf("array of %d, want %d: %w", n, len(want), err)
		}
		for _, element := range want {
			if err := readItem(r, element); err != nil {
				return err
			}
		}
	case map[uint64]any:
		if n, err := r.Map(); err != nil || n != len(want) {
			return fmt.Errorf("map of %d, want %d: %w", n, len(want), err)
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if err := errors.Join(readItem(r, key), readItem(r, want[key])); err != nil {
				return err
			}
		}
	}
	return nil
}

// pulls are the ways to pull a value out of a reader.
var pulls = map[string]func(*Reader) error{
	"Uint":  func(r *Reader) error { _, err := r.Uint(); return err },
	"Bytes": func(r *Reader) error { _, err := r.Bytes(); return err },
	"Text":  func(r *Reader) error { _, err := r.Text(); return err },
	"Array": func(r *Reader) error { _, err := r.Array(); return err },
	"Map":   func(r *Reader) error { _, err := r.Map(); return err },
}

func TestReaderTakesOnlyWhatIsAskedFor(t *testing.T) {
	for _, c := range []struct{ name, message, takes string }{
		{"nothing", "", ""},
		{"a number", "05", "Uint"},
		{"a number with a wide head", "1b0000000000000005", "Uint"},
		{"a negative number", "20", ""},
		{"a byte string", "4161", "Bytes"},
		{"an empty byte string", "40", "Bytes"},
		{"a text", "6161", "Text"},
		{"a text that is not UTF-8", "61ff", ""},
		{"an array", "81 00", "Array"},
		{"a map", "a1 00 00", "Map"},
		{"a self-describe tag in front", "d9d9f7 05", "Uint"},
		{"two of them", "d9d9f7 d9d9f7 05", ""},
		{"one with a wide head", "da0000d9f7 05", ""},
		{"a bignum", "c2 41 05", ""},
		{"null", "f6", ""},
		{"true", "f5", ""},
		{"a float", "f93c00", ""},
		{"a break", "ff", ""},
		{"an indefinite byte string", "5f 4100 ff", ""},
		{"an indefinite text", "7f 6141 ff", ""},
		{"an indefinite array", "9f ff", ""},
		{"an indefinite map", "bf ff", ""},
		{"a head of reserved width", "1c", ""},
		{"a head cut short", "19 04", ""},
		{"a byte string cut short", "42 00", ""},
		{"a byte string of 2^63-1 bytes", "5b7fffffffffffffff 00", ""},
		{"a byte string of 2^64-1 bytes", "5bffffffffffffffff 00", ""},
		{"an array with more elements than bytes", "82 00", ""},
		{"an array of 2^64-1 elements", "9bffffffffffffffff 00", ""},
		{"a map with more pairs than bytes", "a2 00 00 00", ""},
		{"a map of 2^63 pairs", "bb8000000000000000 00 00", ""},
	} {
		for kind, pull := range pulls {
			err := pull(NewReader(unhex(t, c.message)))
			if want := kind == c.takes; (err == nil) != want {
				t.Errorf("%s: %s says %v", c.name, kind, err)
			}
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %s says %v, which is not ErrMalformed", c.name, kind, err)
			}
		}
	}
}

func TestReaderKnowsItsEnd(t *testing.T) {
	r := NewReader(unhex(t, "d9d9f7 05 06"))
	if _, err := r.Uint(); err != nil {
		t.Fatal(err)
	}
	if r.Done() == nil {
		t.Error("done before the end")
	}
	if _, err := r.Uint(); err != nil {
		t.Fatal(err)
	}
	if err := r.Done(); err != nil {
		t.Errorf("at the end: %v", err)
	}
}

// A byte string is part of the input, and appending to it must not write into
// what stands behind.
func TestReaderBytesEndWhereTheyEnd(t *testing.T) {
	message := unhex(t, "4161 05")
	r := NewReader(message)
	b, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	_ = append(b, 0xff)
	if message[2] != 0x05 {
		t.Error("an append reached the next value")
	}
	if &b[0] != &message[1] {
		t.Error("the byte string was copied")
	}
}

func TestHasTag(t *testing.T) {
	for message, want := range map[string]bool{"d9d9f7": true, "d9d9f7 00": true, "d9d9": false, "": false, "00 d9d9f7": false} {
		if HasTag(unhex(t, message)) != want {
			t.Errorf("%q: %v", strings.TrimSpace(message), !want)
		}
	}
}
