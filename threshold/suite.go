package threshold

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"

	"go.dedis.ch/kyber/v4"
	"go.dedis.ch/kyber/v4/pairing/bls12381/circl"
)

// suite is the group of public keys, in constant time, for the library. Its
// randomness makes the coefficients of a member's polynomial, and follows from
// the member's secret and the run: the same member would deal the same again.
type suite struct {
	circl.SuiteBLS12381
	seed [32]byte
}

// RandomStream gives the same every time.
func (s *suite) RandomStream() cipher.Stream { return stream(s.seed) }

// stream is as long as anybody reads it.
func stream(seed [32]byte) cipher.Stream {
	block, err := aes.NewCipher(seed[:])
	if err != nil {
		panic(err) // a key of 32 bytes is right
	}
	return cipher.NewCTR(block, make([]byte, aes.BlockSize))
}

// seed of one use of a member's secret in a run.
func (r *Run) seed(s Secret, use string) [32]byte {
	h := sha256.New()
	h.Write([]byte("\x0eii-dkg-stream1"))
	h.Write(s.key.Bytes())
	h.Write(r.Nonce[:])
	h.Write([]byte(use))
	return [32]byte(h.Sum(nil))
}

// reader reads a stream.
type reader struct{ cipher.Stream }

func (r reader) Read(p []byte) (int, error) {
	clear(p)
	r.XORKeyStream(p, p)
	return len(p), nil
}

// unsigned is the library's scheme for messages that are signed elsewhere.
type unsigned struct{}

func (unsigned) NewKeyPair(cipher.Stream) (kyber.Scalar, kyber.Point) { return nil, nil }

func (unsigned) Sign(kyber.Scalar, []byte) ([]byte, error) { return nil, nil }

func (unsigned) Verify(kyber.Point, []byte, []byte) error { return errors.New("not signed here") }
