package cbor

import (
	"bytes"
	"encoding/binary"
)

// tagBignum marks a byte string as a natural number (RFC 8949, 3.4.3). Some
// clients in JavaScript write every number in this way.
const tagBignum = 2

// plainNumbers rewrites the bignums of 64 bits in a message as ordinary
// numbers. All other tags stay, and the library then refuses the message.
//
// The library could read bignums itself, but too many of them: of any length,
// and then it tells the number in decimal digits in its error, which took 18
// seconds for one of 5 MB; and as byte strings.
func plainNumbers(message []byte) []byte {
	var plain []byte
	done := 0 // what plain already has of the message
	for at := 0; at < len(message); {
		major, n, size := splitHead(message[at:])
		if size == 0 {
			break // the library says what is wrong with it
		}
		next := at + size
		switch {
		case major == majorBytes, major == majorText:
			if n > uint64(len(message)-next) {
				return message
			}
			next += int(n)
		case major == majorTag && n == tagBignum:
			number, size := splitBignum(message[next:])
			if size == 0 {
				return message
			}
			plain = AppendUint(append(plain, message[done:at]...), number)
			next += size
			done = next
		}
		at = next
	}
	if done == 0 {
		return message
	}
	return append(plain, message[done:]...)
}

// splitBignum tells the number that b begins with, without its tag, and its
// size in bytes: 0 if it is none of 64 bits.
func splitBignum(b []byte) (number uint64, size int) {
	r := Reader{rest: b}
	content, err := r.Bytes()
	if err != nil {
		return 0, 0
	}
	digits := bytes.TrimLeft(content, "\x00")
	var buffer [8]byte
	if len(digits) > len(buffer) {
		return 0, 0
	}
	copy(buffer[len(buffer)-len(digits):], digits)
	return binary.BigEndian.Uint64(buffer[:]), len(b) - len(r.rest)
}
