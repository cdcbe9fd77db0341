package identity

import (
	"crypto/sha256"
	"encoding/binary"
)

// Entropy is a stream of bytes that follows from a seed: random to those who
// do not know the seed before the block, and the same on every machine.
type Entropy struct {
	seed    [32]byte
	counter uint64
	rest    []byte
}

// NewEntropy begins a stream.
func NewEntropy(seed [32]byte) *Entropy { return &Entropy{seed: seed} }

// Read fills p.
func (e *Entropy) Read(p []byte) {
	for len(p) > 0 {
		if len(e.rest) == 0 {
			block := sha256.Sum256(binary.BigEndian.AppendUint64(e.seed[:len(e.seed):len(e.seed)], e.counter))
			e.counter++
			e.rest = block[:]
		}
		n := copy(p, e.rest)
		p, e.rest = p[n:], e.rest[n:]
	}
}

// Below is a number below n, which is small: the bias is below n in 2^64.
func (e *Entropy) Below(n int) int {
	var b [8]byte
	e.Read(b[:])
	return int(binary.BigEndian.Uint64(b[:]) % uint64(n))
}
