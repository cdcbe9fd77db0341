package certificate

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"

	public "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// SharedKey is the public half of a key of which each of n holders has a share:
// the value of a secret polynomial at the holder's number plus one. As many
// holders as the polynomial has coefficients make a signature together.
type SharedKey struct {
	coefficients []public.G2Affine // the polynomial's, in the exponent
	holders      []public.G2Affine // the holders' public keys
	key          BLSPublicKey
}

// NewSharedKey takes the coefficients of the polynomial, the key itself first.
func NewSharedKey(coefficients []BLSPublicKey, holders int) (*SharedKey, error) {
	if len(coefficients) == 0 || len(coefficients) > holders {
		return nil, fmt.Errorf("a shared key with %d coefficients and %d holders", len(coefficients), holders)
	}
	k := &SharedKey{key: coefficients[0]}
	for i := range coefficients {
		point, err := coefficients[i].point()
		if err != nil {
			return nil, err
		}
		k.coefficients = append(k.coefficients, *point)
	}
	for i := range holders {
		point := k.at(i)
		if point.IsInfinity() {
			return nil, errors.New("the share of a holder is zero")
		}
		k.holders = append(k.holders, point)
	}
	return k, nil
}

// at is the public key of a holder (Horner's rule).
func (k *SharedKey) at(holder int) public.G2Affine {
	x := big.NewInt(int64(holder) + 1)
	var sum public.G2Jac
	for i := len(k.coefficients) - 1; i >= 0; i-- {
		sum.ScalarMultiplication(&sum, x)
		sum.AddMixed(&k.coefficients[i])
	}
	var point public.G2Affine
	point.FromJacobian(&sum)
	return point
}

// Key is what clients trust.
func (k *SharedKey) Key() BLSPublicKey { return k.key }

// Threshold is how many holders make a signature.
func (k *SharedKey) Threshold() int { return len(k.coefficients) }

// Holders is how many there are.
func (k *SharedKey) Holders() int { return len(k.holders) }

// Holder is the public key of a holder's share.
func (k *SharedKey) Holder(holder int) BLSPublicKey { return k.holders[holder].Bytes() }

// Coefficients are those that made the key.
func (k *SharedKey) Coefficients() []BLSPublicKey {
	list := make([]BLSPublicKey, len(k.coefficients))
	for i := range list {
		list[i] = k.coefficients[i].Bytes()
	}
	return list
}

// Verify is VerifyBLS under the key.
func (k *SharedKey) Verify(message, signature []byte) error {
	return verifyPoint(&k.coefficients[0], message, signature)
}

// VerifyShares checks one holder's shares of signatures over messages, all at
// once: a sum of them with coefficients that nobody can choose is a signature
// over the same sum of the messages.
func (k *SharedKey) VerifyShares(holder int, messages, shares [][]byte) error {
	if holder < 0 || holder >= len(k.holders) || len(messages) != len(shares) || len(messages) == 0 {
		return errors.New("shares of nobody, or of nothing")
	}
	weights := shareWeights(k.holders[holder].Bytes(), messages, shares)
	points, hashes := make([]public.G1Affine, len(shares)), make([]public.G1Affine, len(shares))
	for i, share := range shares {
		if len(share) != blsSignatureLen {
			return fmt.Errorf("a share has %d bytes, want %d", len(share), blsSignatureLen)
		}
		if _, err := points[i].SetBytes(share); err != nil || points[i].IsInfinity() {
			return errors.New("a share is not a valid point")
		}
		var err error
		if hashes[i], err = public.HashToG1(messages[i], []byte(hashDomain)); err != nil {
			return fmt.Errorf("hash to curve: %w", err)
		}
	}
	signature, hashed := weighted(points, weights), weighted(hashes, weights)
	_, _, _, generator := public.Generators()
	signature.Neg(&signature)
	ok, err := public.PairingCheck([]public.G1Affine{signature, hashed}, []public.G2Affine{generator, k.holders[holder]})
	if err != nil || !ok {
		return ErrSignature
	}
	return nil
}

// shareWeights are 128 bits each and follow from all that is checked.
func shareWeights(key BLSPublicKey, messages, shares [][]byte) []fr.Element {
	h := sha256.New()
	h.Write([]byte("\x11ii-share-weights-1"))
	h.Write(key[:])
	for i := range messages {
		for _, part := range [][]byte{messages[i], shares[i]} {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
			h.Write(part)
		}
	}
	all := h.Sum(nil)
	weights := make([]fr.Element, len(messages))
	for i := range weights {
		one := sha256.Sum256(binary.BigEndian.AppendUint64(all[:len(all):len(all)], uint64(i)))
		weights[i].SetBytes(one[:16])
	}
	return weights
}

// weighted is a sum.
func weighted(points []public.G1Affine, weights []fr.Element) public.G1Affine {
	var sum public.G1Jac
	for i := range points {
		var k big.Int
		weights[i].BigInt(&k)
		var p public.G1Jac
		p.FromAffine(&points[i])
		p.ScalarMultiplication(&p, &k)
		sum.AddAssign(&p)
	}
	var affine public.G1Affine
	affine.FromJacobian(&sum)
	return affine
}

// Combine makes the signature out of holders' shares, of which some may be
// wrong. Whoever combines any enough right ones gets the same 48 bytes; a
// signature that does not verify is never given out.
func (k *SharedKey) Combine(message []byte, shares map[int][]byte) ([]byte, error) {
	holders := make([]int, 0, len(shares))
	for holder := range shares {
		if holder >= 0 && holder < len(k.holders) {
			holders = append(holders, holder)
		}
	}
	slices.Sort(holders)
	// The first try believes all of them, which is nearly always right.
	if signature, err := k.interpolate(message, shares, holders); err == nil {
		return signature, nil
	}
	holders = slices.DeleteFunc(holders, func(holder int) bool {
		return k.VerifyShares(holder, [][]byte{message}, [][]byte{shares[holder]}) != nil
	})
	return k.interpolate(message, shares, holders)
}

func (k *SharedKey) interpolate(message []byte, shares map[int][]byte, holders []int) ([]byte, error) {
	if len(holders) < k.Threshold() {
		return nil, fmt.Errorf("%d shares, want %d", len(holders), k.Threshold())
	}
	holders = holders[:k.Threshold()]
	points := make([]public.G1Affine, len(holders))
	for i, holder := range holders {
		if _, err := points[i].SetBytes(shares[holder]); err != nil {
			return nil, errors.New("a share is not a valid point")
		}
	}
	sum := weighted(points, lagrange(holders))
	signature := sum.Bytes()
	return signature[:], k.Verify(message, signature[:])
}

// lagrange are the weights with which the values at the holders' places give
// the value at zero.
func lagrange(holders []int) []fr.Element {
	weights := make([]fr.Element, len(holders))
	for i, holder := range holders {
		var above, below, x fr.Element
		above.SetOne()
		below.SetOne()
		x.SetInt64(int64(holder) + 1)
		for j, other := range holders {
			if i == j {
				continue
			}
			var y, difference fr.Element
			y.SetInt64(int64(other) + 1)
			above.Mul(&above, &y)
			below.Mul(&below, difference.Sub(&y, &x))
		}
		weights[i].Div(&above, &below)
	}
	return weights
}
