package hashtree

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
)

func hashedPath(i int) Path {
	a, b := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))), sha256.Sum256([]byte{byte(i)})
	return Path{[]byte("sig"), a[:], b[:]}
}

func large(n int) Map {
	var m Map
	for i := range n {
		m = m.Put(hashedPath(i), nil)
	}
	m.Digest()
	return m
}

func BenchmarkUpdate100Of100k(b *testing.B) {
	m := large(100_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		changed := m
		for j := range 100 {
			changed = changed.Put(hashedPath(1_000_000+i*100+j), nil)
		}
		changed.Digest()
	}
}

func BenchmarkPut1Of100k(b *testing.B) {
	m := large(100_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Put(hashedPath(1_000_000+i), nil).Digest()
	}
}

func BenchmarkWitnessOf100k(b *testing.B) {
	m := large(100_000)
	b.ReportAllocs()
	for b.Loop() {
		m.Witness(hashedPath(77)).AppendCBOR(nil)
	}
}

// A certificate's tree has about the size of this witness.
func BenchmarkDecodeWitnessOf100k(b *testing.B) {
	encoded := large(100_000).Witness(hashedPath(77), hashedPath(-1)).AppendCBOR(nil)
	b.SetBytes(int64(len(encoded)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeWhole1k(b *testing.B) {
	encoded := large(1_000).Tree().AppendCBOR(nil)
	b.SetBytes(int64(len(encoded)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
