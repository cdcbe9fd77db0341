package certificate

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"internetidentity/cbor"
	"internetidentity/hashtree"
)

// A canister signature is a certificate of the canister's certified data and a
// tree with that digest, which holds the seed and the payload (IC interface
// spec, Canister signatures).

// maxSignatureBytes bounds what is decoded before anything is known of the
// signer: ours have about 1.5 KB, those of a subnet with 100,000 canisters and
// hundreds of ranges about 10 KB.
const maxSignatureBytes = 64 << 10

var errCanisterSignature = errors.New("malformed canister signature")

// EncodeCanisterSignature puts a certificate and a witness together.
func EncodeCanisterSignature(certificate []byte, tree hashtree.Tree) []byte {
	b := cbor.AppendMap(cbor.AppendTag(make([]byte, 0, len(certificate)+1024)), 2)
	b = tree.AppendCBOR(cbor.AppendText(b, "tree"))
	return cbor.AppendBytes(cbor.AppendText(b, "certificate"), certificate)
}

// ParseCanisterSignature takes a signature apart. Nothing is verified. The
// parts share memory with it.
func ParseCanisterSignature(signature []byte) (certificate []byte, tree hashtree.Tree, err error) {
	if len(signature) > maxSignatureBytes || !cbor.HasTag(signature) {
		return nil, hashtree.Tree{}, errCanisterSignature
	}
	r := cbor.NewReader(signature)
	if pairs, err := r.Map(); err != nil || pairs != 2 {
		return nil, hashtree.Tree{}, errCanisterSignature
	}
	var hasCertificate, hasTree bool
	for range 2 {
		name, err := r.Text()
		switch {
		case err != nil:
		case name == "certificate":
			hasCertificate = true
			certificate, err = r.Bytes()
		case name == "tree":
			hasTree = true
			tree, err = hashtree.DecodeFrom(r)
		default:
			err = fmt.Errorf("unknown field %.20q", name)
		}
		if err != nil {
			return nil, hashtree.Tree{}, fmt.Errorf("%w: %w", errCanisterSignature, err)
		}
	}
	if !hasCertificate || !hasTree || r.Done() != nil {
		return nil, hashtree.Tree{}, errCanisterSignature
	}
	return certificate, tree, nil
}

// VerifyCanisterSignature checks a signature over a payload under a canister's
// key, given in DER. The time in the certificate is not looked at: a signature
// stays valid for as long as what it signs.
func VerifyCanisterSignature(root BLSPublicKey, keyDER, payload, signature []byte) error {
	return Verifier{Root: root}.CanisterSignature(keyDER, payload, signature)
}

// CanisterSignature is VerifyCanisterSignature with this verifier.
func (v Verifier) CanisterSignature(keyDER, payload, signature []byte) error {
	key, err := ParseCanisterKey(keyDER)
	if err != nil {
		return err
	}
	encoded, tree, err := ParseCanisterSignature(signature)
	if err != nil {
		return err
	}
	// The cheap checks come first: a forged signature costs no pairing.
	seed, message := sha256.Sum256(key.Seed), sha256.Sum256(payload)
	if leaf, status := tree.Lookup([]byte("sig"), seed[:], message[:]); status != hashtree.Found || len(leaf) != 0 {
		return fmt.Errorf("canister signature: the canister has not signed this (%v)", status)
	}
	if !cbor.HasTag(encoded) {
		return fmt.Errorf("canister signature: certificate: %w", cbor.ErrTag)
	}
	c, err := Parse(encoded)
	if err != nil {
		return fmt.Errorf("canister signature: %w", err)
	}
	certified, status := c.Tree.Lookup([]byte("canister"), key.Canister.Bytes(), []byte("certified_data"))
	if status != hashtree.Found {
		return fmt.Errorf("canister signature: no certified data of canister %s (%v)", key.Canister, status)
	}
	if digest := tree.Digest(); string(certified) != string(digest[:]) {
		return errors.New("canister signature: the tree is not what the canister has certified")
	}
	d, err := v.canisterDelegation(c, key.Canister)
	if err == nil && d != nil {
		err = d.mayCanisterSign()
	}
	if err == nil {
		err = v.signature(c, d)
	}
	if err != nil {
		return fmt.Errorf("canister signature: %w", err)
	}
	return nil
}
