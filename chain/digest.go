package chain

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"errors"
	"iter"

	"internetidentity/table"
)

// digestBytes of a digest: 1024 numbers of 16 bits.
const digestBytes = 2048

// digest is a hash of a set of records that follows changes, whatever the
// order in which they come (LtHash, Bellare and Micciancio's AdHash over a
// lattice; Lewi et al. 2019): the sum of a long hash of every record. Two
// tables with the same digest have the same records.
type digest [digestBytes / 2]uint16

func (d *digest) add(key, value []byte) { d.sum(key, value, 1) }

func (d *digest) remove(key, value []byte) { d.sum(key, value, ^uint16(0)) }

func (d *digest) sum(key, value []byte, sign uint16) {
	h := sha3.NewSHAKE256()
	head := binary.BigEndian.AppendUint64([]byte("ii-record-1"), uint64(len(key)))
	for _, part := range [][]byte{head, key, value} {
		_, _ = h.Write(part) // a hash does not fail
	}
	var long [digestBytes]byte
	_, _ = h.Read(long[:])
	for i := range d {
		d[i] += sign * binary.LittleEndian.Uint16(long[2*i:])
	}
}

// change follows the changes of a block over what was before.
func (d *digest) change(base table.Reader, changes iter.Seq2[[]byte, []byte]) {
	for key, value := range changes {
		if key[0] == spaceLocal {
			continue
		}
		if old, ok := base.Get(key); ok {
			d.remove(key, old)
		}
		if value != nil {
			d.add(key, value)
		}
	}
}

func (d *digest) bytes() []byte {
	b := make([]byte, 0, digestBytes)
	for _, n := range d {
		b = binary.LittleEndian.AppendUint16(b, n)
	}
	return b
}

func parseDigest(b []byte) (d digest, err error) {
	if len(b) != digestBytes {
		return d, errors.New("a stored digest has the wrong length")
	}
	for i := range d {
		d[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return d, nil
}

// appHash is what the machines agree on after a block: the whole table, and
// the root that the code makes of it.
func (d *digest) appHash(root [32]byte) []byte {
	h := sha256.New()
	h.Write([]byte("ii-app-hash-1"))
	h.Write(d.bytes())
	h.Write(root[:])
	return h.Sum(nil)
}
