package httpcert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"internetidentity/cbor"
	"internetidentity/hashtree"
)

// Path says for which URLs a certification holds: "http_expr", the segments of
// the URL path, and how it ends.
type Path []string

const (
	pathPrefix   = "http_expr"
	pathExact    = "<$>" // this URL alone
	pathWildcard = "<*>" // every URL below
)

// Exact is the path of one URL path. A slash at the end makes another URL: it
// adds an empty segment.
func Exact(urlPath string) Path { return append(segments(urlPath), pathExact) }

// Wildcard is the path of all URL paths that begin with urlPath.
func Wildcard(urlPath string) Path { return append(segments(urlPath), pathWildcard) }

// ForURL is the exact path of a URL, as verifiers see it: decoded, and without
// query, fragment and empty segments. Two URLs with one path have one answer.
func ForURL(url string) (Path, error) {
	urlPath, err := URLPath(url)
	if err != nil {
		return nil, err
	}
	return Exact(urlPath), nil
}

// URLPath is the decoded path of a URL, by which version 1 finds assets.
func URLPath(url string) (string, error) {
	urlPath, _, err := splitURL(url)
	return urlPath, err
}

// String joins the segments with slashes, for messages and maps.
func (p Path) String() string { return strings.Join(p, "/") }

func segments(urlPath string) Path {
	path := Path{pathPrefix}
	for segment := range strings.SplitSeq(urlPath, "/") {
		if segment != "" {
			path = append(path, segment)
		}
	}
	if strings.HasSuffix(urlPath, "/") {
		path = append(path, "")
	}
	return path
}

// tree is the path in a hash tree.
func (p Path) tree() hashtree.Path { return hashtree.P(p...) }

// encode is the CBOR form, as it stands in a header.
func (p Path) encode() []byte {
	b := cbor.AppendArray(cbor.AppendTag(nil), len(p))
	for _, segment := range p {
		b = cbor.AppendText(b, segment)
	}
	return b
}

func decodePath(data []byte) (Path, error) {
	r := cbor.NewReader(data)
	n, err := r.Array()
	if err != nil {
		return nil, err
	}
	if n > maxSegments {
		return nil, fmt.Errorf("path has %d segments, limit %d", n, maxSegments)
	}
	path := make(Path, n)
	for i := range path {
		if path[i], err = r.Text(); err != nil {
			return nil, err
		}
	}
	return path, r.Done()
}

// moreSpecific lists the paths that would serve a URL before p does, which a
// proof for p must show to be absent. It is an error if p does not serve the
// URL at all.
//
// From the most specific on: the URL itself, then for each level the wildcard
// below its name and the one below its slash.
func (p Path) moreSpecific(urlPath string) ([]Path, error) {
	if len(p) < 2 || p[0] != pathPrefix {
		return nil, errors.New("not an expression path")
	}
	exact := Exact(urlPath)
	if slices.Equal(p, exact) {
		return nil, nil
	}
	before := []Path{exact}
	at := segments(urlPath)
	// A wildcard below a directory serves the directory's name without the
	// slash too.
	if slices.Equal(p, append(slices.Clone(at), "", pathWildcard)) {
		return append(before, append(at, pathWildcard)), nil
	}
	for {
		wildcard := append(slices.Clone(at), pathWildcard)
		if slices.Equal(p, wildcard) {
			return before, nil
		}
		before = append(before, wildcard)
		last := len(at) - 1
		switch {
		case last == 0:
			return nil, fmt.Errorf("expression path %q is not for %q", p, urlPath)
		case at[last] == "":
			at = at[:last]
		default:
			at[last] = ""
		}
	}
}
