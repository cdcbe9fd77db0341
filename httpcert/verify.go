package httpcert

import (
	"errors"
	"fmt"

	"internetidentity/hashtree"
)

// Verifier checks responses as a gateway does.
type Verifier struct {
	// Check verifies a certificate for the canister that answers, and tells
	// the canister's certified data and the time of signing in nanoseconds
	// since 1970.
	Check func(certificate []byte) (certifiedData hashtree.Digest, timeNS uint64, err error)
	// Now and MaxOffset bound that time on both sides, in nanoseconds.
	Now, MaxOffset uint64
	// MinVersion is the lowest version that the canister is known to give, so
	// that nobody can fall back to a weaker one.
	MinVersion int
}

// Verified says what of a response is certified.
type Verified struct {
	Version int
	// Skipped: the canister certifies that it certifies nothing.
	Skipped bool
	// Headers are certified; nobody may believe the others. Version 1 has
	// none.
	Headers []Header
}

// Verify checks that the canister certified this response to this request.
func (v Verifier) Verify(request *Request, response *Response) (Verified, error) {
	verified, err := v.verify(request, response)
	if err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return verified, nil
}

func (v Verifier) verify(request *Request, response *Response) (Verified, error) {
	text, found, err := one(response.Headers, CertificateName)
	if err != nil {
		return Verified{}, err
	}
	if !found {
		return Verified{}, errors.New("no header " + CertificateName)
	}
	proof, err := ParseProof(text)
	if err != nil {
		return Verified{}, err
	}
	if proof.Version < v.MinVersion {
		return Verified{}, fmt.Errorf("version %d, want %d at least", proof.Version, v.MinVersion)
	}
	data, time, err := v.Check(proof.Certificate)
	if err != nil {
		return Verified{}, err
	}
	if data != proof.Tree.Digest() {
		return Verified{}, errors.New("the tree is not what the canister certified")
	}
	if max(time, v.Now)-min(time, v.Now) > v.MaxOffset {
		return Verified{}, errors.New("the certificate is too old or from the future")
	}
	if proof.Version == 1 {
		return Verified{Version: 1}, verifyAsset(proof.Tree, request, response)
	}
	return verifyExpression(proof, request, response)
}

// verifyExpression is version 2.
func verifyExpression(proof Proof, request *Request, response *Response) (Verified, error) {
	text, found, err := one(response.Headers, ExpressionName)
	if err != nil {
		return Verified{}, err
	}
	if !found {
		return Verified{}, errors.New("no header " + ExpressionName)
	}
	expression, err := ParseExpression(text)
	if err != nil {
		return Verified{}, err
	}
	urlPath, _, err := splitURL(request.URL)
	if err != nil {
		return Verified{}, err
	}
	before, err := proof.Path.moreSpecific(urlPath)
	if err != nil {
		return Verified{}, err
	}
	for _, path := range before {
		if _, status := proof.Tree.Subtree(path.tree()...); status != hashtree.Absent {
			return Verified{}, fmt.Errorf("%q may answer before %q (%v)", path, proof.Path, status)
		}
	}
	var requestHash Hash
	if expression.Request != nil {
		if requestHash, err = expression.RequestHash(request); err != nil {
			return Verified{}, err
		}
	}
	path := treePath(proof.Path, text, expression, requestHash, expression.ResponseHash(response))
	if expression.Skip {
		// Its place may hold an empty value or nothing.
		if _, status := proof.Tree.Subtree(path...); status != hashtree.Found {
			return Verified{}, fmt.Errorf("the expression is not certified (%v)", status)
		}
		return Verified{Version: 2, Skipped: true}, nil
	}
	if value, status := proof.Tree.Lookup(path...); status != hashtree.Found || len(value) != 0 {
		return Verified{}, fmt.Errorf("the response is not in the tree (%v)", status)
	}
	return Verified{Version: 2, Headers: expression.certified(response.Headers)}, nil
}
