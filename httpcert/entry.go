package httpcert

import (
	"crypto/sha256"

	"internetidentity/hashtree"
)

// Entry is one certification as it stands in the tree: for these URLs, under
// this expression, for this request, this response.
type Entry struct {
	Path       Path
	Expression Expression
	Request    Hash // used when the expression certifies requests
	Response   Hash // not used when the expression skips certification
}

// TreePath is where the entry stands, as an empty value:
// http_expr/<path>/<hash of the expression>/<request or nothing>/<response>.
func (e Entry) TreePath() hashtree.Path {
	return treePath(e.Path, e.Expression.String(), e.Expression, e.Request, e.Response)
}

// treePath takes the text of the expression, whose hash counts.
func treePath(path Path, text string, e Expression, request, response Hash) hashtree.Path {
	hash := sha256.Sum256([]byte(text))
	tree := append(path.tree(), hash[:])
	switch {
	case e.Skip:
		return tree
	case e.Request != nil:
		return append(tree, request[:], response[:])
	default:
		return append(tree, nil, response[:])
	}
}

// Put certifies the entry in the tree of a canister.
func (e Entry) Put(m hashtree.Map) hashtree.Map { return m.Put(e.TreePath(), nil) }

// WitnessPaths are what a witness must reveal so that the entry answers a URL:
// the entry, and what is absent because it would have answered before. It is
// an error if the entry is for other URLs.
func (e Entry) WitnessPaths(url string) ([]hashtree.Path, error) {
	urlPath, _, err := splitURL(url)
	if err != nil {
		return nil, err
	}
	before, err := e.Path.moreSpecific(urlPath)
	if err != nil {
		return nil, err
	}
	paths := []hashtree.Path{e.TreePath()}
	for _, path := range before {
		paths = append(paths, path.tree())
	}
	return paths, nil
}
