package certificate_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"internetidentity/certificate"
)

// dealt is a shared key with all secret shares, as no program ever has them.
func dealt(t testing.TB, threshold, holders int) (*certificate.SharedKey, []*certificate.SigningKey) {
	t.Helper()
	secret := func(e fr.Element) *certificate.SigningKey {
		b := e.Bytes()
		k, err := certificate.ParseSigningKey(b[:])
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	polynomial := make([]fr.Element, threshold)
	var coefficients []certificate.BLSPublicKey
	for i := range polynomial {
		hash := sha256.Sum256([]byte{byte(i), 99})
		polynomial[i].SetBytes(hash[:])
		coefficients = append(coefficients, secret(polynomial[i]).Public())
	}
	var shares []*certificate.SigningKey
	for holder := range holders {
		var x, sum fr.Element
		x.SetInt64(int64(holder) + 1)
		for i := threshold - 1; i >= 0; i-- {
			sum.Mul(&sum, &x).Add(&sum, &polynomial[i])
		}
		shares = append(shares, secret(sum))
	}
	key, err := certificate.NewSharedKey(coefficients, holders)
	if err != nil {
		t.Fatal(err)
	}
	return key, shares
}

func TestSharedKeySigns(t *testing.T) {
	key, secrets := dealt(t, 3, 5)
	message := []byte("a state")
	all := map[int][]byte{}
	for i, s := range secrets {
		if key.Holder(i) != s.Public() {
			t.Errorf("the public key of holder %d is wrong", i)
		}
		all[i] = s.Sign(message)
	}
	whole, err := key.Combine(message, all)
	if err != nil {
		t.Fatal(err)
	}
	if err := certificate.VerifyBLS(key.Key(), message, whole); err != nil {
		t.Error(err)
	}
	for a := range 5 {
		for b := range a {
			some := map[int][]byte{}
			for i, share := range all {
				if i != a && i != b {
					some[i] = share
				}
			}
			got, err := key.Combine(message, some)
			if err != nil || !bytes.Equal(got, whole) {
				t.Errorf("without %d and %d: another signature (%v)", a, b, err)
			}
			delete(some, (a+1)%5)
			delete(some, (b+1)%5)
			if len(some) < 3 {
				if _, err := key.Combine(message, some); err == nil {
					t.Error("too few shares make a signature")
				}
			}
		}
	}
}

func TestSharedKeyLeavesWrongSharesOut(t *testing.T) {
	key, secrets := dealt(t, 3, 5)
	message := []byte("a state")
	all := map[int][]byte{}
	for i, s := range secrets {
		all[i] = s.Sign(message)
	}
	all[0] = secrets[0].Sign([]byte("another state"))
	all[1] = make([]byte, 48)
	all[7] = all[2]
	signature, err := key.Combine(message, all)
	if err != nil {
		t.Fatal(err)
	}
	if err := key.Verify(message, signature); err != nil {
		t.Error(err)
	}
	all[2] = nil
	if _, err := key.Combine(message, all); err == nil {
		t.Error("two right shares of three make a signature")
	}
}

// TestSharesAreCheckedTogether: no share that is wrong is made good by another.
func TestSharesAreCheckedTogether(t *testing.T) {
	key, secrets := dealt(t, 2, 3)
	messages := [][]byte{[]byte("one"), []byte("two")}
	one, two := secrets[1].Sign(messages[0]), secrets[1].Sign(messages[1])
	if err := key.VerifyShares(1, messages, [][]byte{one, two}); err != nil {
		t.Fatal(err)
	}
	for name, shares := range map[string][][]byte{
		"swapped": {two, one}, "twice": {one, one}, "too few": {one}, "nothing": {one, nil},
		"another's": {secrets[0].Sign(messages[0]), two}, "cut off": {one, two[:47]},
	} {
		if err := key.VerifyShares(1, messages, shares); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, holder := range []int{-1, 0, 3} {
		if err := key.VerifyShares(holder, messages, [][]byte{one, two}); err == nil {
			t.Errorf("accepted as shares of holder %d", holder)
		}
	}
}

func TestBadSharedKeys(t *testing.T) {
	key, _ := dealt(t, 2, 3)
	good := key.Coefficients()
	if _, err := certificate.NewSharedKey(nil, 3); err == nil {
		t.Error("a key without coefficients")
	}
	if _, err := certificate.NewSharedKey(good, 1); err == nil {
		t.Error("a key that its holders can never use")
	}
	if _, err := certificate.NewSharedKey([]certificate.BLSPublicKey{good[0], {}}, 3); err == nil {
		t.Error("a coefficient that is no point")
	}
	// The value at the first place is zero when the second coefficient is the
	// negative of the first.
	var one, minus fr.Element
	one.SetOne()
	minus.Neg(&one)
	secret := func(e fr.Element) certificate.BLSPublicKey {
		b := e.Bytes()
		k, err := certificate.ParseSigningKey(b[:])
		if err != nil {
			t.Fatal(err)
		}
		return k.Public()
	}
	if _, err := certificate.NewSharedKey([]certificate.BLSPublicKey{secret(one), secret(minus)}, 3); err == nil {
		t.Error("a share that is zero")
	}
}
