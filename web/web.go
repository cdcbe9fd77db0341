// Package web owns the front end as the service ships it: which addresses
// there are, and the bytes behind each. The sources are in ui; dist is what
// `npm run build` makes of them, committed, so that building the service needs
// no Node. `npm run verify` proves that the two belong together.
//
// It must not know how its files are served: no HTTP, no certification, no
// canister. Whoever serves them fills in the placeholders of the page.
package web

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// File is one address and what it answers. The byte slices are shared and must
// not be modified.
type File struct {
	// Path is the path of the URL, beginning with a slash.
	Path        string
	ContentType string
	// Immutable files have a hash of their content in their name and may be
	// kept by browsers forever.
	Immutable bool
	// Template files hold placeholders that whoever serves them replaces.
	Template bool
	Body     []byte
	// Gzip is the body compressed; nil if the file is only served plain.
	Gzip []byte
}

// The placeholders of a Template, to be replaced by text that is safe inside a
// double-quoted HTML attribute.
const (
	// CanisterID stands for the service's principal, as text.
	CanisterID = "{{canister_id}}"
	// CanisterConfig stands for the service's public configuration: Candid, in
	// base64.
	CanisterConfig = "{{canister_config}}"
)

const (
	page       = "index.html"
	compressed = ".gz"
	immutable  = "assets/"
)

// routes are the addresses of the page. It looks at its own address to see
// what it is to show.
func routes() []string {
	return []string{
		"/", "/authorize",
		"/manage", "/manage/access", "/manage/recovery", "/manage/accounts", "/manage/history", "/manage/pair",
		"/recovery", "/upgrade", "/pair", "/activate",
	}
}

// Bundle returns every file, in the order of the paths. It panics if the
// embedded folder has something that it does not expect, which only a change of
// the build can cause and every test would notice.
func Bundle() []File {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err)
	}
	var files []File
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == compressed {
			return err
		}
		file := File{
			ContentType: contentType(name),
			Immutable:   strings.HasPrefix(name, immutable),
			Body:        read(root, name),
		}
		if name == page {
			file.Template = true
			for _, route := range routes() {
				file.Path = route
				files = append(files, file)
			}
			return nil
		}
		file.Path = "/" + name
		if _, err := fs.Stat(root, name+compressed); err == nil {
			file.Gzip = read(root, name+compressed)
		}
		files = append(files, file)
		return nil
	})
	if err != nil {
		panic(err)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

func read(root fs.FS, name string) []byte {
	body, err := fs.ReadFile(root, name)
	if err != nil {
		panic(err)
	}
	return body
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	panic("web: no content type for " + name)
}
