package candid

import (
	"errors"
	"fmt"
	"math"
)

// Budgets of decoding. Work is counted in steps: a value read or skipped, a
// pair of types compared, or 16 bytes of memory for the result. A value of any
// type costs work, also one that takes no bytes, and also one that is only
// skipped, so that a short message cannot claim an endless list.
const (
	// A message may claim workBase steps, and workPerByte more for each of its
	// bytes: honest messages need less than one. maxWork, for messages of 2 MB
	// and more, is about 0.1 seconds or 128 MB.
	workBase    = 100_000
	workPerByte = 4
	maxWork     = 8 << 20
	workMemory  = 16
	// maxDepth bounds nested values and types, so that no message can use up
	// the stack.
	maxDepth = 512
	// maxNumberBytes bounds a number of any size in its wire form: 7168 bits.
	maxNumberBytes = 1 << 10
	// maxTypes bounds the type table.
	maxTypes = 10_000
	// maxLength bounds lengths, which then fit into every kind of integer.
	maxLength = math.MaxInt32
)

// ErrMalformed is the error of bytes that are not a Candid message, or one
// beyond the bounds of this package.
var ErrMalformed = errors.New("malformed Candid")

// reader takes the wire form apart.
type reader struct {
	data []byte
	at   int
	work int
}

func newReader(data []byte) reader {
	return reader{data: data, work: workBase + workPerByte*min(len(data), maxWork/workPerByte)}
}

// malformed tells what is wrong before the place where the reader stands.
func (r *reader) malformed(format string, args ...any) error {
	return fmt.Errorf("%w at byte %d: %s", ErrMalformed, r.at, fmt.Sprintf(format, args...))
}

func (r *reader) tooShort() error { return r.malformed("the message ends too early") }

func (r *reader) spend(n int) error {
	if r.work -= n; r.work < 0 {
		return r.malformed("it claims more work than it is worth")
	}
	return nil
}

// spendMemory pays for memory of n things of a size in bytes.
func (r *reader) spendMemory(n, size int) error {
	if size > 0 && n > maxWork*workMemory/size {
		return r.spend(maxWork + workBase + 1)
	}
	return r.spend((n*size + workMemory - 1) / workMemory)
}

func (r *reader) left() int { return len(r.data) - r.at }

func (r *reader) byte() (byte, error) {
	if r.at >= len(r.data) {
		return 0, r.tooShort()
	}
	b := r.data[r.at]
	r.at++
	return b, nil
}

// take is the next n bytes, which stay part of the message.
func (r *reader) take(n int) ([]byte, error) {
	if n > r.left() {
		return nil, r.tooShort()
	}
	b := r.data[r.at : r.at+n : r.at+n]
	r.at += n
	return b, nil
}

// tag reads one of the bytes 0 and 1.
func (r *reader) tag(of string) (bool, error) {
	b, err := r.byte()
	if err == nil && b > 1 {
		err = r.malformed("%s of %d", of, b)
	}
	return b == 1, err
}

// uleb reads an unsigned LEB128 of at most 64 bits. Longer forms than needed
// are accepted.
func (r *reader) uleb() (uint64, error) {
	if r.at < len(r.data) && r.data[r.at] < 0x80 {
		r.at++ // most numbers are small
		return uint64(r.data[r.at-1]), nil
	}
	var n uint64
	for shift := 0; ; shift += 7 {
		b, err := r.byte()
		if err != nil {
			return 0, err
		}
		low := uint64(b & 0x7f)
		switch {
		case shift < 63:
			n |= low << shift
		case shift == 63 && low <= 1:
			n |= low << 63
		case low != 0 || shift >= 7*maxNumberBytes:
			return 0, r.malformed("a number is too large")
		}
		if b < 0x80 {
			return n, nil
		}
	}
}

// sleb reads a signed LEB128 of at most 64 bits. Longer forms than needed are
// accepted.
func (r *reader) sleb() (int64, error) {
	var n int64
	for shift := 0; ; shift += 7 {
		b, err := r.byte()
		if err != nil {
			return 0, err
		}
		low := int64(b & 0x7f)
		switch {
		case shift < 63:
			n |= low << shift
		case shift == 63 && (low == 0 || low == 0x7f):
			n |= low << 63
		case shift == 63 || low != n>>63&0x7f || shift >= 7*maxNumberBytes:
			// Behind 64 bits only copies of the sign may follow.
			return 0, r.malformed("a number is too large")
		}
		if b < 0x80 {
			if shift < 57 && b&0x40 != 0 {
				n |= -1 << (shift + 7)
			}
			return n, nil
		}
	}
}

// length reads a count.
func (r *reader) length() (int, error) {
	n, err := r.uleb()
	if err == nil && n > maxLength {
		err = r.malformed("a length of %d", n)
	}
	return int(n), err
}

// count reads how many things follow that take at least size bytes each.
func (r *reader) count(size int, what string) (int, error) {
	n, err := r.length()
	if err == nil && n > r.left()/size {
		err = r.malformed("%d %s do not fit into the message", n, what)
	}
	return n, err
}

// digits passes over a LEB128 number of any size.
func (r *reader) digits() ([]byte, error) {
	for n, b := range r.data[r.at:] {
		if n == maxNumberBytes {
			return nil, r.malformed("a number of more than %d bytes", maxNumberBytes)
		}
		if b < 0x80 {
			return r.take(n + 1)
		}
	}
	r.at = len(r.data)
	return nil, r.tooShort()
}
