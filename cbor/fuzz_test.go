package cbor

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// FuzzUnmarshal reads anything as a message: what is read must be written and
// read again as the same.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		"", "a0", "d9d9f7 a0", "d9d9f7 d9d9f7 a0", "a1 616e c2 42 04d2", "a1 616e c2 49 010000000000000000",
		"a2 616e 01 616e 01", "a1 6162 83 010203", "a1 6173 4161", "a1 6170 82 81 40 80", "a1 6169 a1 6169 a0",
		"a1 20 20", "a1 6172 83 01 20 f4", "bf ff", "a1 6178 fb3ff0000000000000", "a1 6162 5bffffffffffffffff", "a1 6174 61ff",
		"a1 6178" + strings.Repeat("81", 20) + "80",
	} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		before := bytes.Clone(message)
		var s sample
		err := Unmarshal(message, &s)
		if !bytes.Equal(message, before) {
			t.Fatal("the message was changed")
		}
		if err != nil {
			if len(err.Error()) > 200 {
				t.Fatalf("a long error: %v", err)
			}
			return
		}
		written, err := Marshal(&s)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		var again sample
		if err := UnmarshalTagged(append([]byte(selfDescribe), written...), &again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if twice, err := Marshal(&again); err != nil || !bytes.Equal(twice, written) {
			t.Fatalf("%x, the second time %x, %v", written, twice, err)
		}
	})
}

// outline reads one value of any of the reader's kinds and writes it with the
// shortest heads. It counts the deepest nesting and the widest collection.
type outline struct {
	r           *Reader
	written     []byte
	depth, wide int
}

func (o *outline) value(depth int) error {
	o.depth = max(o.depth, depth)
	if len(o.r.rest) == 0 || depth > 1_000 {
		return ErrMalformed
	}
	switch o.r.rest[0] & 0xe0 {
	case majorUint:
		n, err := o.r.Uint()
		o.written = AppendUint(o.written, n)
		return err
	case majorBytes:
		b, err := o.r.Bytes()
		o.written = AppendBytes(o.written, b)
		return err
	case majorText:
		s, err := o.r.Text()
		o.written = AppendText(o.written, s)
		return err
	case majorArray:
		n, err := o.r.Array()
		o.written = AppendArray(o.written, n)
		return o.values(depth, n, n, err)
	default:
		n, err := o.r.Map() // which refuses what is none
		o.written = AppendMap(o.written, n)
		return o.values(depth, n, 2*n, err)
	}
}

func (o *outline) values(depth, wide, n int, err error) error {
	o.wide = max(o.wide, wide)
	for i := 0; i < n && err == nil; i++ {
		err = o.value(depth + 1)
	}
	return err
}

// FuzzReader pulls a whole message out by hand. Reader and library must agree
// on what is well-formed, within the bounds of Unmarshal and the kinds that
// the reader knows.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", "00", "1818", "1b00000000000000ff", "4161", "61ff", "6161", "83 01 40 60", "a1 01 02", "d9d9f7 80", "d9d9f7 d9d9f7 80",
		"9f ff", "82 00", "81 81 81 81 80", "a1 a0 a0", "c2 41 05", "20", "f6", "5b7fffffffffffffff",
		strings.Repeat("81", maxDepth+1) + "80",
	} {
		f.Add(unhex(f, seed))
	}
	f.Add(append(binary.BigEndian.AppendUint16([]byte{0x99}, maxElements+1), make([]byte, maxElements+1)...))
	f.Fuzz(func(t *testing.T, message []byte) {
		o := outline{r: NewReader(message)}
		err := o.value(0)
		if err == nil {
			err = o.r.Done()
		}
		var raw RawMessage
		libraryErr := Unmarshal(message, &raw)
		if err == nil && libraryErr != nil && o.depth < maxDepth && o.wide <= maxElements {
			t.Fatalf("only the reader takes it: %v", libraryErr)
		}
		if err != nil {
			return
		}
		// The same outline stands in the message with the shortest heads.
		again := outline{r: NewReader(o.written)}
		if err := again.value(0); err != nil || again.r.Done() != nil || !bytes.Equal(again.written, o.written) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		// A message of one kind is the same to both.
		agree(t, message, (*Reader).Uint, func(a, b uint64) bool { return a == b })
		agree(t, message, (*Reader).Text, func(a, b string) bool { return a == b })
		agree(t, message, func(r *Reader) (Bytes, error) { return r.Bytes() }, func(a, b Bytes) bool { return bytes.Equal(a, b) })
	})
}

func agree[T any](t *testing.T, message []byte, pull func(*Reader) (T, error), equal func(a, b T) bool) {
	t.Helper()
	r := NewReader(message)
	pulled, err := pull(r)
	if err == nil {
		err = r.Done()
	}
	var decoded T
	libraryErr := Unmarshal(message, &decoded)
	if (err == nil) != (libraryErr == nil) || err == nil && !equal(pulled, decoded) {
		t.Fatalf("as %T: the reader says %v, %v; the library %v, %v", decoded, pulled, err, decoded, libraryErr)
	}
}
