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

// Bounds of every decoded message. Hash trees are deeper and are read with
// Reader.
const (
	maxDepth    = 16
	maxElements = 131_072 // of one array: a read_state request holds at most 127,000 labels in all
	maxPairs    = 1_024   // of one map
)

// ErrTag is the error of a message without the self-describe tag where it is
// demanded.
var ErrTag = errors.New("cbor: the self-describe tag is missing")

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
		DupMapKey:                library.DupMapKeyEnforcedAPF,
		IndefLength:              library.IndefLengthForbidden,
		MaxNestedLevels:          maxDepth,
		MaxArrayElements:         maxElements,
		MaxMapPairs:              maxPairs,
		FieldNameMatching:        library.FieldNameMatchingCaseSensitive,
		UTF8:                     library.UTF8RejectInvalid,
		ByteStringToString:       library.ByteStringToStringForbidden,
		IntDec:                   library.IntDecConvertNone,
		BignumTag:                library.BignumTagAllowed,
		TagsMd:                   library.TagsAllowed,
		ExtraReturnErrors:        library.ExtraDecErrorNone,
		UnrecognizedTagToAny:     library.UnrecognizedTagNumAndContentToAny,
		TimeTagToAny:             library.TimeTagToTime,
		DefaultByteStringType:    nil,
		NaN:                      library.NaNDecodeAllowed,
		Inf:                      library.InfDecodeAllowed,
		ByteStringExpectedFormat: library.ByteStringExpectedFormatNone,
	}.DecMode())
)

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
// front is allowed.
func Unmarshal(data []byte, v any) error {
	data = bytes.TrimPrefix(data, []byte(selfDescribe))
	// The library would skip any number of further tags.
	if HasTag(data) {
		return errors.New("cbor: two self-describe tags")
	}
	return decoder.Unmarshal(data, v)
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
