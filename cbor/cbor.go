// Package cbor owns the one CBOR configuration of the project: strict, bounded
// and deterministic (RFC 8949, core deterministic encoding), with the
// self-describe tag that the Internet Computer puts in front of its messages.
//
// It must not know what a message means. It is the only package that imports
// the CBOR library.
package cbor

import (
	"bytes"
	"errors"
	"fmt"

	library "github.com/fxamacker/cbor/v2"
)

// RawMessage is an encoded value that is decoded later, or never.
type RawMessage = library.RawMessage

// selfDescribe is tag 55799 as it stands in front of a message.
const selfDescribe = "\xd9\xd9\xf7"

// Bounds of every message that Unmarshal reads. They also bound memory: an
// element of one byte may become a Go value of some dozen. Hash trees are
// deeper and wider, and are read with Reader.
const (
	maxDepth    = 16
	maxElements = 1_024 // of one array: a request has at most 1,000 paths, and a delegation as many targets
	maxPairs    = 1_024 // of one map
)

// ErrTag is the error of a message without the self-describe tag where it is
// demanded.
var ErrTag = errors.New("cbor: the self-describe tag is missing")

// ErrDuplicate is the error of a map that has a key twice. It does not name
// the key, which a stranger chose and which may be long.
var ErrDuplicate = errors.New("cbor: a map has a key twice")

// Both modes are immutable values, made from options that are known to be
// valid.
var (
	encoder = must(library.EncOptions{
		Sort:          library.SortBytewiseLexical,
		ShortestFloat: library.ShortestFloat16,
		NaNConvert:    library.NaNConvert7e00,
		InfConvert:    library.InfConvertFloat16,
		IndefLength:   library.IndefLengthForbidden,
	}.EncMode())
	decoder = must(library.DecOptions{
		DupMapKey:          library.DupMapKeyEnforcedAPF,
		IndefLength:        library.IndefLengthForbidden,
		MaxNestedLevels:    maxDepth,
		MaxArrayElements:   maxElements,
		MaxMapPairs:        maxPairs,
		TagsMd:             library.TagsForbidden, // see plainNumbers
		SimpleValues:       must(library.NewSimpleValueRegistryFromDefaults(rejectUnassigned)),
		FieldNameMatching:  library.FieldNameMatchingCaseSensitive,
		UTF8:               library.UTF8RejectInvalid,
		ByteStringToString: library.ByteStringToStringForbidden,
	}.DecMode())
)

// rejectUnassigned leaves false, true, null and undefined, which are 20 to 23.
// The library would read the other simple values as numbers. Those from 24 to
// 31 are never well-formed.
func rejectUnassigned(registry *library.SimpleValueRegistry) error {
	for n := range 256 {
		if n >= 20 && n < 32 {
			continue
		}
		if err := library.WithRejectedSimpleValue(library.SimpleValue(n))(registry); err != nil {
			return err
		}
	}
	return nil
}

func must[T any](mode T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("cbor: the options contradict each other: %v", err))
	}
	return mode
}

// Marshal encodes v deterministically, without a tag.
func Marshal(v any) ([]byte, error) { return encoder.Marshal(v) }

// MarshalTagged encodes v with the self-describe tag in front.
func MarshalTagged(v any) ([]byte, error) {
	encoded, err := encoder.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte(selfDescribe), encoded...), nil
}

// Unmarshal decodes one value with nothing behind it. One self-describe tag in
// front is allowed, and bignums where they are numbers of 64 bits; no other
// tag. What is decoded does not share memory with data.
//
// Null leaves nil, or a number, text or struct as it is. Into a []byte goes a
// byte string or an array of small numbers, as the Internet Computer's
// replicas take them; into Bytes only the former. An empty one is not nil.
func Unmarshal(data []byte, v any) error {
	data = bytes.TrimPrefix(data, []byte(selfDescribe))
	err := decoder.Unmarshal(plainNumbers(data), v)
	if duplicate := (*library.DupMapKeyError)(nil); errors.As(err, &duplicate) {
		return ErrDuplicate
	}
	return err
}

// UnmarshalTagged is Unmarshal for messages that must carry the tag.
func UnmarshalTagged(data []byte, v any) error {
	if !HasTag(data) {
		return ErrTag
	}
	return Unmarshal(data, v)
}

// HasTag reports whether data begins with the self-describe tag.
func HasTag(data []byte) bool { return bytes.HasPrefix(data, []byte(selfDescribe)) }
