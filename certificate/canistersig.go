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

// maxSignatureBytes bounds what is decoded; ours have about 1.5 KB.
const maxSignatureBytes = 1 << 20

// EncodeCanisterSignature puts a certificate and a witness together.
func EncodeCanisterSignature(certificate []byte, tree hashtree.Tree) []byte {
	b := cbor.AppendMap(cbor.AppendTag(make([]byte, 0, len(certificate)+1024)), 2)
	b = tree.AppendCBOR(cbor.AppendText(b, "tree"))
	return cbor.AppendBytes(cbor.AppendText(b, "certificate"), certificate)
}

// ParseCanisterSignature takes a signature apart. Nothing is verified.
func ParseCanisterSignature(signature []byte) (certificate []byte, tree hashtree.Tree, err error) {
	malformed := errors.New("malformed canister signature")
	if len(signature) > maxSignatureBytes || !cbor.HasTag(signature) {
		return nil, tree, malformed
	}
	r := cbor.NewReader(signature)
	if pairs, err := r.Map(); err != nil || pairs != 2 {
		return nil, tree, malformed
	}
	seen := map[string]bool{}
	for range 2 {
		name, err := r.Text()
		if err != nil {
			return nil, tree, malformed
		}
		seen[name] = true
		switch name {
		case "certificate":
			certificate, err = r.Bytes()
		case "tree":
			tree, err = hashtree.DecodeFrom(r)
		default:
			err = malformed
		}
		if err != nil {
			return nil, tree, fmt.Errorf("%w: %w", malformed, err)
		}
	}
	if !seen["certificate"] || !seen["tree"] || r.Done() != nil {
		return nil, tree, malformed
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
	if err := v.Canister(c, key.Canister); err != nil {
		return fmt.Errorf("canister signature: %w", err)
	}
	if c.Delegation != nil {
		d, err := v.delegation(c.Delegation)
		if err != nil {
			return fmt.Errorf("canister signature: %w", err)
		}
		if err := d.mayCanisterSign(c.Delegation.SubnetID); err != nil {
			return fmt.Errorf("canister signature: %w", err)
		}
	}
	return nil
}
