package cbor

import "encoding/binary"

// Major types (RFC 8949, 3.1).
const (
	majorUint  = 0 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
)

// The Append functions write the deterministic encoding by hand, for messages
// that are made on every request.

// AppendTag appends the self-describe tag.
func AppendTag(b []byte) []byte { return append(b, selfDescribe...) }

// AppendUint appends a number.
func AppendUint(b []byte, n uint64) []byte { return appendHead(b, majorUint, n) }

// AppendBytes appends a byte string.
func AppendBytes(b, v []byte) []byte { return append(appendHead(b, majorBytes, uint64(len(v))), v...) }

// AppendText appends a text, which must be UTF-8.
func AppendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// AppendArray appends the head of an array; its n elements follow.
func AppendArray(b []byte, n int) []byte { return appendHead(b, majorArray, uint64(n)) }

// AppendMap appends the head of a map; its n pairs follow, in the order of
// their encoded keys.
func AppendMap(b []byte, n int) []byte { return appendHead(b, majorMap, uint64(n)) }

// appendHead writes the shortest head of a value.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(b, major|27), n)
	}
}
