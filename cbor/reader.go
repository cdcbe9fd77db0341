package cbor

import (
	"errors"
	"unicode/utf8"
)

// Reader pulls one value after another out of a message: for structures that
// are deeper than the bound of Unmarshal and have their own. Lengths are
// definite, heads of any width are accepted as Unmarshal does, tags are
// refused. Byte strings alias the input.
type Reader struct {
	rest []byte
}

// ErrMalformed is the error of input that is not the CBOR that was expected.
var ErrMalformed = errors.New("cbor: malformed")

// NewReader reads data, whose self-describe tag is skipped if it has one.
func NewReader(data []byte) *Reader {
	if HasTag(data) {
		data = data[len(selfDescribe):]
	}
	return &Reader{rest: data}
}

// Done is an error unless everything has been read.
func (r *Reader) Done() error {
	if len(r.rest) != 0 {
		return ErrMalformed
	}
	return nil
}

// Uint reads a number.
func (r *Reader) Uint() (uint64, error) { return r.head(majorUint) }

// Array reads the head of an array, whose elements follow.
func (r *Reader) Array() (int, error) { return r.count(majorArray, 1) }

// Map reads the head of a map, whose pairs follow.
func (r *Reader) Map() (int, error) { return r.count(majorMap, 2) }

// Bytes reads a byte string, which stays part of the input.
func (r *Reader) Bytes() ([]byte, error) { return r.str(majorBytes) }

// Text reads a text.
func (r *Reader) Text() (string, error) {
	b, err := r.str(majorText)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", ErrMalformed
	}
	return string(b), nil
}

// count reads the head of a collection; each element takes a byte at least, so
// no more can follow than there are bytes.
func (r *Reader) count(major byte, each uint64) (int, error) {
	n, err := r.head(major)
	if err != nil {
		return 0, err
	}
	if n > uint64(len(r.rest))/each {
		return 0, ErrMalformed
	}
	return int(n), nil
}

func (r *Reader) str(major byte) ([]byte, error) {
	n, err := r.head(major)
	if err != nil {
		return nil, err
	}
	if n > uint64(len(r.rest)) {
		return nil, ErrMalformed
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b, nil
}

// head reads the head of a value of one major type.
func (r *Reader) head(major byte) (uint64, error) {
	found, n, size := splitHead(r.rest)
	if size == 0 || found != major {
		return 0, ErrMalformed
	}
	r.rest = r.rest[size:]
	return n, nil
}

// splitHead tells the major type and the number of the head that b begins
// with, and its size in bytes: 0 if there is none of definite length.
func splitHead(b []byte) (major byte, n uint64, size int) {
	if len(b) == 0 {
		return 0, 0, 0
	}
	major, low := b[0]&0xe0, b[0]&0x1f
	if low < 24 {
		return major, uint64(low), 1
	}
	if low > 27 {
		return 0, 0, 0
	}
	size = 1 + 1<<(low-24)
	if len(b) < size {
		return 0, 0, 0
	}
	for _, digit := range b[1:size] {
		n = n<<8 | uint64(digit)
	}
	return major, n, size
}
