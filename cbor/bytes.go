package cbor

import "bytes"

// Bytes is a byte string that is decoded from nothing else: the library reads
// an array of small numbers into a []byte too.
type Bytes []byte

// UnmarshalCBOR takes a byte string, or null or undefined for none.
func (b *Bytes) UnmarshalCBOR(data []byte) error {
	const null, undefined = 0xf6, 0xf7
	if len(data) == 1 && (data[0] == null || data[0] == undefined) {
		*b = nil
		return nil
	}
	r := Reader{rest: data}
	content, err := r.Bytes()
	if err == nil {
		err = r.Done()
	}
	if err == nil {
		*b = bytes.Clone(content)
	}
	return err
}
