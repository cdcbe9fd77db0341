package httpcert

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"internetidentity/hashtree"
)

// Version 1 certifies bodies alone: http_assets/<URL path> holds the SHA-256
// of the body, and /index.html stands for all paths that are absent.
const (
	assetPrefix   = "http_assets"
	assetFallback = "/index.html"
)

// AssetPath is where a body stands in the tree.
func AssetPath(urlPath string) hashtree.Path { return hashtree.P(assetPrefix, urlPath) }

// AssetWitnessPaths are what a witness must reveal for a URL: the asset, or
// that it is absent and the one that stands for it.
func AssetWitnessPaths(m hashtree.Map, url string) ([]hashtree.Path, error) {
	urlPath, _, err := splitURL(url)
	if err != nil {
		return nil, err
	}
	path := AssetPath(urlPath)
	if _, found := m.Get(path); found {
		return []hashtree.Path{path}, nil
	}
	return []hashtree.Path{path, AssetPath(assetFallback)}, nil
}

// verifyAsset is version 1.
func verifyAsset(tree hashtree.Tree, request *Request, response *Response) error {
	// Where a redirection leads is a header, and headers are not certified.
	if response.Status >= 300 && response.Status < 400 {
		return errors.New("a redirection needs version 2")
	}
	urlPath, _, err := splitURL(request.URL)
	if err != nil {
		return err
	}
	want, status := tree.Lookup(AssetPath(urlPath)...)
	if status == hashtree.Absent {
		want, status = tree.Lookup(AssetPath(assetFallback)...)
	}
	if status != hashtree.Found {
		return fmt.Errorf("the body is not in the tree (%v)", status)
	}
	encoding, _, err := one(response.Headers, "Content-Encoding")
	if err != nil {
		return err
	}
	if hash := sha256.Sum256(response.Body); bytes.Equal(hash[:], want) {
		return nil
	}
	// Some canisters certify the body before its content encoding.
	plain, err := decodeBody(response.Body, encoding)
	if err != nil {
		return err
	}
	if hash := sha256.Sum256(plain); !bytes.Equal(hash[:], want) {
		return errors.New("another body is certified")
	}
	return nil
}

// decodeBody undoes a content encoding, within bounds.
func decodeBody(body []byte, encoding string) ([]byte, error) {
	var plain io.Reader
	var err error
	switch encoding {
	case "gzip":
		plain, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		plain, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return body, nil
	}
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	decoded, err := io.ReadAll(io.LimitReader(plain, maxDecodedBody+1))
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if len(decoded) > maxDecodedBody {
		return nil, errors.New("body is too large when decoded")
	}
	return decoded, nil
}
