// Package rih owns the representation-independent hash of structured data, by
// which the Internet Computer names and signs messages without fixing their
// encoding (IC interface spec, Representation-independent hashing of
// structured data; leb128).
//
// It must not know what is hashed.
package rih

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Value is the hash of a value; nothing else of the value is needed.
type Value [sha256.Size]byte

// Blob hashes bytes.
func Blob(b []byte) Value { return sha256.Sum256(b) }

// Text hashes a text.
func Text(s string) Value { return sha256.Sum256([]byte(s)) }

// Nat hashes a natural number as its shortest unsigned LEB128.
func Nat(n uint64) Value {
	var buffer [binary.MaxVarintLen64]byte
	return sha256.Sum256(buffer[:binary.PutUvarint(buffer[:], n)])
}

// Array hashes a list.
func Array(values ...Value) Value {
	rows := make([]byte, 0, len(values)*sha256.Size)
	for i := range values {
		rows = append(rows, values[i][:]...)
	}
	return sha256.Sum256(rows)
}

// Field is a named value.
type Field struct {
	Name  string
	Value Value
}

// Map hashes fields in any order. A name that stands twice counts twice, as
// HTTP headers may.
func Map(fields ...Field) Value {
	type row [2 * sha256.Size]byte
	rows := make([]row, len(fields))
	for i := range fields {
		name := sha256.Sum256([]byte(fields[i].Name))
		copy(rows[i][:], name[:])
		copy(rows[i][sha256.Size:], fields[i].Value[:])
	}
	slices.SortFunc(rows, func(a, b row) int { return bytes.Compare(a[:], b[:]) })
	hash := sha256.New()
	for i := range rows {
		hash.Write(rows[i][:])
	}
	return Value(hash.Sum(nil))
}
