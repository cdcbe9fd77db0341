package candid

import (
	"errors"
	"math/big"
	"math/bits"
)

// Nat is a natural number of any size. The zero value is 0.
type Nat struct{ n *big.Int }

// Int is an integer of any size. The zero value is 0.
type Int struct{ n *big.Int }

// NewNat is the number n.
func NewNat(n uint64) Nat { return Nat{new(big.Int).SetUint64(n)} }

// NewInt is the number n.
func NewInt(n int64) Int { return Int{big.NewInt(n)} }

// NatOf is the number n, which is not negative. It may have at most 7168 bits
// to be readable again.
func NatOf(n *big.Int) (Nat, error) {
	if n.Sign() < 0 {
		return Nat{}, errors.New("candid: a nat is not negative")
	}
	return Nat{new(big.Int).Set(n)}, nil
}

// IntOf is the number n. It may have at most 7167 bits to be readable again.
func IntOf(n *big.Int) Int { return Int{new(big.Int).Set(n)} }

// Big is a fresh big integer.
func (n Nat) Big() *big.Int { return new(big.Int).Set(orZero(n.n)) }

// Big is a fresh big integer.
func (i Int) Big() *big.Int { return new(big.Int).Set(orZero(i.n)) }

// String is the decimal number.
func (n Nat) String() string { return orZero(n.n).String() }

// String is the decimal number.
func (i Int) String() string { return orZero(i.n).String() }

func orZero(n *big.Int) *big.Int {
	if n == nil {
		return new(big.Int)
	}
	return n
}

// parseNat and parseInt are the numbers of LEB128 digits, least significant
// group of 7 bits first. Their work grows with the number of digits only.
func parseNat(digits []byte) Nat { return Nat{parseGroups(digits)} }

func parseInt(digits []byte) Int {
	n := parseGroups(digits)
	if digits[len(digits)-1]&0x40 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(7*len(digits))))
	}
	return Int{n}
}

func parseGroups(digits []byte) *big.Int {
	if len(digits) <= 9 {
		var small uint64
		for i, b := range digits {
			small |= uint64(b&0x7f) << (7 * i)
		}
		return new(big.Int).SetUint64(small)
	}
	// The groups are packed into bytes, most significant first.
	packed := make([]byte, (7*len(digits)+7)/8)
	at, hold, held := len(packed), uint(0), 0
	for _, b := range digits {
		hold |= uint(b&0x7f) << held
		if held += 7; held >= 8 {
			at--
			packed[at] = byte(hold)
			hold, held = hold>>8, held-8
		}
	}
	if held > 0 {
		packed[at-1] = byte(hold)
	}
	return new(big.Int).SetBytes(packed)
}

// appendUvarint writes the shortest unsigned LEB128.
func appendUvarint(b []byte, n uint64) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// appendVarint writes the shortest signed LEB128.
func appendVarint(b []byte, n int64) []byte {
	for ; n < -0x40 || n > 0x3f; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n)&0x7f)
}

func appendNat(b []byte, v Nat) []byte {
	n := orZero(v.n)
	if n.IsUint64() {
		return appendUvarint(b, n.Uint64())
	}
	return appendGroups(b, n, (n.BitLen()+6)/7)
}

func appendInt(b []byte, v Int) []byte {
	n := orZero(v.n)
	if n.IsInt64() {
		return appendVarint(b, n.Int64())
	}
	// The sign takes a bit. A negative number is written as what it lacks to
	// the next power of 2^7: two's complement.
	if n.Sign() > 0 {
		return appendGroups(b, n, n.BitLen()/7+1)
	}
	groups := new(big.Int).Not(n).BitLen()/7 + 1
	return appendGroups(b, new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(7*groups))), groups)
}

// appendGroups writes the low groups of 7 bits of a number that is not
// negative.
func appendGroups(b []byte, n *big.Int, groups int) []byte {
	words := n.Bits()
	for i := range groups {
		word, shift := 7*i/bits.UintSize, 7*i%bits.UintSize
		var low uint
		if word < len(words) {
			low = uint(words[word]) >> shift
		}
		if shift > bits.UintSize-7 && word+1 < len(words) {
			low |= uint(words[word+1]) << (bits.UintSize - shift)
		}
		digit := byte(low & 0x7f)
		if i < groups-1 {
			digit |= 0x80
		}
		b = append(b, digit)
	}
	return b
}
