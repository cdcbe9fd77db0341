// Package principal owns principals, the names of everybody and everything on
// the Internet Computer: their bytes, their text form with its checksum, and
// the classes that matter here.
//
// It must not know keys beyond their DER bytes, nor who may do what.
package principal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

// MaxLength is the longest principal in bytes (IC interface spec, Principals).
const MaxLength = 29

// The last byte of a principal is its class.
const (
	classSelfAuthenticating = 0x02
	classAnonymous          = 0x04
)

// Principal is a name of at most 29 bytes. It is a comparable value; the zero
// value is the management canister, whose name is empty.
type Principal struct {
	length uint8
	bytes  [MaxLength]byte
}

// ErrTooLong is returned for more than MaxLength bytes.
var ErrTooLong = fmt.Errorf("principal has more than %d bytes", MaxLength)

// FromBytes takes the bytes of a principal, at most MaxLength.
func FromBytes(b []byte) (Principal, error) {
	var p Principal
	if len(b) > MaxLength {
		return p, ErrTooLong
	}
	p.length = uint8(copy(p.bytes[:], b))
	return p, nil
}

// Anonymous is the principal of a caller who shows no key.
func Anonymous() Principal {
	p := Principal{length: 1}
	p.bytes[0] = classAnonymous
	return p
}

// Management is the principal of the management canister.
func Management() Principal { return Principal{} }

// SelfAuthenticating is the principal of the holder of a public key:
// SHA-224 of its DER form, and the class.
func SelfAuthenticating(der []byte) Principal {
	p := Principal{length: MaxLength}
	hash := sha256.Sum224(der)
	copy(p.bytes[:], hash[:])
	p.bytes[MaxLength-1] = classSelfAuthenticating
	return p
}

// Bytes is a fresh copy of the bytes. The empty name is not nil, which an
// encoder could take for no name at all.
func (p Principal) Bytes() []byte { return p.AppendTo(make([]byte, 0, p.length)) }

// AppendTo appends the bytes to b.
func (p Principal) AppendTo(b []byte) []byte { return append(b, p.bytes[:p.length]...) }

// IsAnonymous reports whether p is the anonymous principal.
func (p Principal) IsAnonymous() bool { return p == Anonymous() }

// IsManagement reports whether p is the management canister.
func (p Principal) IsManagement() bool { return p.length == 0 }

// IsSelfAuthenticating reports whether p is the principal of a key.
func (p Principal) IsSelfAuthenticating() bool {
	return p.length == MaxLength && p.bytes[MaxLength-1] == classSelfAuthenticating
}

// Compare orders principals by their bytes.
func (p Principal) Compare(q Principal) int {
	return bytes.Compare(p.bytes[:p.length], q.bytes[:q.length])
}

// The text form is base32 in lower case of a CRC-32 and the bytes, in groups
// of five characters (IC interface spec, Textual representation of principals).
const (
	group      = 5
	maxTextLen = 63
)

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// String is the text form, such as 2vxsx-fae.
func (p Principal) String() string {
	var plain [4 + MaxLength]byte
	binary.BigEndian.PutUint32(plain[:], crc32.ChecksumIEEE(p.bytes[:p.length]))
	copy(plain[4:], p.bytes[:p.length])
	digits := encoding.EncodeToString(plain[:4+p.length])
	var text strings.Builder
	text.Grow(maxTextLen)
	for len(digits) > group {
		text.WriteString(digits[:group])
		text.WriteByte('-')
		digits = digits[group:]
	}
	text.WriteString(digits)
	return text.String()
}

// ErrText is the reason why a text is not a principal.
var ErrText = errors.New("text is not a principal")

// Parse reads the text form. Upper case is accepted; grouping and checksum
// must be right.
func Parse(text string) (Principal, error) {
	if len(text) > maxTextLen {
		return Principal{}, fmt.Errorf("%w: too long", ErrText)
	}
	lower := strings.Map(lowerASCII, text)
	plain, err := encoding.DecodeString(strings.ReplaceAll(lower, "-", ""))
	if err != nil {
		return Principal{}, fmt.Errorf("%w: not base32", ErrText)
	}
	if len(plain) < 4 {
		return Principal{}, fmt.Errorf("%w: too short", ErrText)
	}
	p, err := FromBytes(plain[4:])
	if err != nil {
		return Principal{}, fmt.Errorf("%w: %w", ErrText, err)
	}
	// One comparison finds a wrong checksum, wrong dashes, and loose bits at
	// the end.
	if p.String() != lower {
		return Principal{}, fmt.Errorf("%w: wrong checksum or grouping", ErrText)
	}
	return p, nil
}

// lowerASCII is the lower case of base32 letters. Unicode has more letters that
// become one of them, such as the Kelvin sign.
func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}

// MustParse is Parse for texts written in the program; it panics on others.
func MustParse(text string) Principal {
	p, err := Parse(text)
	if err != nil {
		panic(fmt.Sprintf("principal %q: %v", text, err))
	}
	return p
}

// MarshalText is the text form.
func (p Principal) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is Parse.
func (p *Principal) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*p = parsed
	}
	return err
}
