package candid

import (
	"errors"
	"fmt"
	"math/big"
)

// Budgets of decoding. A value of any type costs work, also one that takes no
// bytes, so that a short message cannot claim an endless list.
const (
	workPerByte = 64
	workBase    = 100_000
	maxWork     = 16 << 20
	// maxDepth bounds nested values, maxBigBytes a number.
	maxDepth    = 512
	maxBigBytes = 1 << 10
	// Type table: entries, and all fields together are bounded by the bytes.
	maxTypes = 10_000
)

// ErrMalformed is the error of bytes that are not a Candid message.
var ErrMalformed = errors.New("malformed Candid")

// errMismatch is the error of a value that does not fit the expected type;
// under an opt it becomes null.
type errMismatch struct{ text string }

func (e *errMismatch) Error() string { return e.text }

func mismatch(format string, args ...any) error { return &errMismatch{fmt.Sprintf(format, args...)} }

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// reader takes the wire form apart.
type reader struct {
	data []byte
	at   int
	work int
}

func (r *reader) spend(n int) error {
	if r.work -= n; r.work < 0 {
		return malformed("the message claims more work than it is worth")
	}
	return nil
}

func (r *reader) byte() (byte, error) {
	if r.at >= len(r.data) {
		return 0, malformed("the message ends too early")
	}
	b := r.data[r.at]
	r.at++
	return b, nil
}

func (r *reader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.data)-r.at {
		return nil, malformed("the message ends too early")
	}
	b := r.data[r.at : r.at+n : r.at+n]
	r.at += n
	return b, nil
}

// uleb reads an unsigned LEB128 of at most 64 bits; overlong forms are read.
func (r *reader) uleb() (uint64, error) {
	var n uint64
	for shift := uint(0); ; shift += 7 {
		b, err := r.byte()
		if err != nil {
			return 0, err
		}
		low := uint64(b & 0x7f)
		if shift > 63 && low != 0 || shift == 63 && low > 1 || shift > 7*maxBigBytes {
			return 0, malformed("a number is too large")
		}
		if shift <= 63 {
			n |= low << shift
		}
		if b < 0x80 {
			return n, nil
		}
	}
}

// length reads a count of things that take at least a byte each, or none.
func (r *reader) length() (int, error) {
	n, err := r.uleb()
	if err != nil {
		return 0, err
	}
	if n > 1<<31 {
		return 0, malformed("a length is too large")
	}
	return int(n), nil
}

// sleb reads a signed LEB128 of at most 64 bits.
func (r *reader) sleb() (int64, error) {
	n, err := r.bigSigned()
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() {
		return 0, malformed("a number is too large")
	}
	return n.Int64(), nil
}

// bigDigits reads the groups of a LEB128 number, and the sign bit of the last.
func (r *reader) bigDigits() (n *big.Int, bits uint, negative bool, err error) {
	start := r.at
	for {
		b, err := r.byte()
		if err != nil {
			return nil, 0, false, err
		}
		if r.at-start > maxBigBytes {
			return nil, 0, false, malformed("a number is too large")
		}
		if b < 0x80 {
			negative = b&0x40 != 0
			break
		}
	}
	groups := r.data[start:r.at]
	if len(groups) <= 8 {
		var small uint64
		for i, b := range groups {
			small |= uint64(b&0x7f) << (7 * i)
		}
		return new(big.Int).SetUint64(small), uint(7 * len(groups)), negative, nil
	}
	n = new(big.Int)
	for i := len(groups) - 1; i >= 0; i-- {
		n.Lsh(n, 7)
		n.Or(n, big.NewInt(int64(groups[i]&0x7f)))
	}
	return n, uint(7 * len(groups)), negative, nil
}

func (r *reader) bigUnsigned() (*big.Int, error) {
	n, _, _, err := r.bigDigits()
	return n, err
}

func (r *reader) bigSigned() (*big.Int, error) {
	n, bits, negative, err := r.bigDigits()
	if err == nil && negative {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), bits))
	}
	return n, err
}
