package httpcert

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPathsOfURLs(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"", "http_expr <$>"},
		{"/", "http_expr  <$>"},
		{"/a", "http_expr a <$>"},
		{"a", "http_expr a <$>"},
		{"/a/", "http_expr a  <$>"},
		{"//a///b", "http_expr a b <$>"},
		{"/a/b/", "http_expr a b  <$>"},
	} {
		if got := strings.Join(Exact(c.url), " "); got != c.want {
			t.Errorf("exact %q: %q, want %q", c.url, got, c.want)
		}
		want := strings.Replace(c.want, "<$>", "<*>", 1)
		if got := strings.Join(Wildcard(c.url), " "); got != want {
			t.Errorf("wildcard %q: %q, want %q", c.url, got, want)
		}
	}
}

func TestMoreSpecificPaths(t *testing.T) {
	for _, c := range []struct {
		path Path
		url  string
		want string // without http_expr, or "no"
	}{
		{Exact("/a/b"), "/a/b", ""},
		{Exact("/a/b/"), "/a/b", "no"},
		{Exact("/a"), "/a/b", "no"},
		{Wildcard("/a/b"), "/a/b", "a b <$>"},
		{Wildcard("/a/b/"), "/a/b", "a b <$>, a b <*>"},
		{Wildcard("/a/"), "/a/b", "a b <$>, a b <*>"},
		{Wildcard("/a"), "/a/b", "a b <$>, a b <*>, a  <*>"},
		{Wildcard("/"), "/a/b", "a b <$>, a b <*>, a  <*>, a <*>"},
		{Wildcard(""), "/a/b", "a b <$>, a b <*>, a  <*>, a <*>,  <*>"},
		{Wildcard(""), "/a/", "a  <$>, a  <*>, a <*>,  <*>"},
		{Wildcard(""), "/", " <$>,  <*>"},
		{Wildcard("/c"), "/a/b", "no"},
		{Wildcard("/a/b/c"), "/a/b", "no"},
		{Path{"http_expr"}, "/a", "no"},
		{Path{"other", "<*>"}, "/a", "no"},
		{Path{}, "/a", "no"},
		{Path{"http_expr", "<*>", "<*>"}, "/a", "no"},
	} {
		before, err := c.path.moreSpecific(c.url)
		var texts []string
		for _, path := range before {
			texts = append(texts, strings.Join(path[1:], " "))
		}
		got := strings.Join(texts, ", ")
		if err != nil {
			got = "no"
		}
		if got != c.want {
			t.Errorf("%q for %s: %q, want %q", c.path, c.url, got, c.want)
		}
	}
}

// Of two paths that both serve a URL, exactly one comes before the other.
func TestMoreSpecificIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawURL := func(name string) string {
			return "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", ""}), 0, 4).Draw(t, name), "/")
		}
		url := drawURL("url")
		draw := func(name string) Path {
			if rapid.Bool().Draw(t, name+" is exact") {
				return Exact(drawURL(name))
			}
			return Wildcard(drawURL(name))
		}
		p, q := draw("p"), draw("q")
		beforeP, errP := p.moreSpecific(url)
		beforeQ, errQ := q.moreSpecific(url)
		if errP != nil || errQ != nil || slices.Equal(p, q) {
			return
		}
		has := func(list []Path, path Path) bool {
			return slices.ContainsFunc(list, func(x Path) bool { return slices.Equal(x, path) })
		}
		// The wildcard below a slash that the URL lacks is the one that others
		// need not exclude.
		extra := append(segments(url), "", pathWildcard)
		if slices.Equal(p, extra) || slices.Equal(q, extra) {
			return
		}
		if has(beforeP, q) == has(beforeQ, p) {
			t.Fatalf("%q and %q for %s: neither or both come first", p, q, url)
		}
	})
}

func TestSplitURL(t *testing.T) {
	for _, c := range []struct{ url, path, query string }{
		{"https://host.example", "/", ""},
		{"https://host.example?q=1", "/", "q=1"},
		{"https://host.example/a/b?q=1#f?x", "/a/b", "q=1"},
		{"/a%20b?x=%20", "/a b", "x=%20"},
		{"/a%2Fb", "/a/b", ""},
		{"/a+b", "/a+b", ""},
		{"", "/", ""},
		{"?a", "/", "a"},
		{"/redirect?to=https://other.example/x", "/redirect", "to=https://other.example/x"},
	} {
		path, query, err := splitURL(c.url)
		if err != nil || path != c.path || query != c.query {
			t.Errorf("%q: %q %q %v", c.url, path, query, err)
		}
	}
	for _, url := range []string{"/%", "/%1", "/%zz", "/%1\x11", strings.Repeat("/a", 300), strings.Repeat("%2f", 300)} {
		if _, _, err := splitURL(url); err == nil {
			t.Errorf("%.20q was accepted", url)
		}
	}
}
