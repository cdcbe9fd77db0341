package identity

import (
	"encoding/binary"
	"errors"
)

// recordVersion begins every stored record.
const recordVersion = 1

// writer makes a record: numbers as varints, texts with their length, options
// with a flag.
type writer struct{ b []byte }

func newRecord() *writer { return &writer{[]byte{recordVersion}} }

func (w *writer) uint(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *writer) bytes(v []byte) {
	w.uint(uint64(len(v)))
	w.b = append(w.b, v...)
}

func (w *writer) text(s string) { w.bytes([]byte(s)) }

func (w *writer) flag(on bool) {
	n := uint64(0)
	if on {
		n = 1
	}
	w.uint(n)
}

func (w *writer) optText(s *string) {
	w.flag(s != nil)
	if s != nil {
		w.text(*s)
	}
}

func (w *writer) optTime(t *Time) {
	w.flag(t != nil)
	if t != nil {
		w.uint(uint64(*t))
	}
}

func (w *writer) texts(list []string) {
	w.uint(uint64(len(list)))
	for _, s := range list {
		w.text(s)
	}
}

// reader takes a record apart. After an error it gives zeros; err tells.
type reader struct {
	b   []byte
	err error
}

var errRecord = errors.New("a stored record is damaged")

func openRecord(b []byte) *reader {
	r := &reader{b: b}
	if len(b) == 0 || b[0] != recordVersion {
		r.fail()
		return r
	}
	r.b = b[1:]
	return r
}

func (r *reader) fail() { r.err, r.b = errRecord, nil }

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	v := append([]byte{}, r.b[:n]...)
	r.b = r.b[n:]
	return v
}

func (r *reader) text() string { return string(r.bytes()) }

func (r *reader) flag() bool {
	n := r.uint()
	if n > 1 {
		r.fail()
	}
	return n == 1
}

func (r *reader) optText() *string {
	if !r.flag() {
		return nil
	}
	s := r.text()
	return &s
}

func (r *reader) optTime() *Time {
	if !r.flag() {
		return nil
	}
	t := Time(r.uint())
	return &t
}

func (r *reader) texts() []string {
	list := make([]string, r.count())
	for i := range list {
		list[i] = r.text()
	}
	return list
}

// count reads how many elements follow; each takes a byte at least.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

// done is the verdict at the end.
func (r *reader) done() error {
	if r.err == nil && len(r.b) != 0 {
		r.fail()
	}
	return r.err
}
