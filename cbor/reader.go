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
	if len(r.rest) == 0 || r.rest[0]&0xe0 != major {
		return 0, ErrMalformed
	}
	low := r.rest[0] & 0x1f
	if low < 24 {
		r.rest = r.rest[1:]
		return uint64(low), nil
	}
	if low > 27 {
		return 0, ErrMalformed
	}
	width := 1 << (low - 24)
	if len(r.rest) < 1+width {
		return 0, ErrMalformed
	}
	var n uint64
	for _, b := range r.rest[1 : 1+width] {
		n = n<<8 | uint64(b)
	}
	r.rest = r.rest[1+width:]
	return n, nil
}
