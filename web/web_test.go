package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"internetidentity/web"
)

func TestBundleIsSortedAndComplete(t *testing.T) {
	files := web.Bundle()
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
		if len(f.Body) == 0 || f.ContentType == "" {
			t.Errorf("%s is empty or of no type", f.Path)
		}
		if f.Immutable != strings.HasPrefix(f.Path, "/assets/") {
			t.Errorf("%s: immutable is %v", f.Path, f.Immutable)
		}
	}
	if !slices.IsSorted(paths) || len(slices.Compact(slices.Clone(paths))) != len(paths) {
		t.Errorf("paths are not sorted and unique: %q", paths)
	}
	for _, want := range []string{"/", "/authorize"} {
		if !slices.Contains(paths, want) {
			t.Errorf("no file for %s", want)
		}
	}
}

func TestCompressedFilesHoldTheSame(t *testing.T) {
	for _, f := range web.Bundle() {
		if f.Gzip == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(f.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(plain, f.Body) {
			t.Errorf("%s: the compressed form holds something else", f.Path)
		}
	}
}

// A page without inline code can be served under the strictest policy.
func TestPageHasNoInlineCode(t *testing.T) {
	page := string(find(t, "/authorize").Body)
	for _, forbidden := range []string{"<style", " style=", " onload=", "javascript:", "http://", "https://"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page contains %q", forbidden)
		}
	}
	for _, script := range regexp.MustCompile(`<script[^>]*>[^<]*`).FindAllString(page, -1) {
		if !strings.HasSuffix(script, ">") || !strings.Contains(script, ` src="/`) {
			t.Errorf("inline script: %s", script)
		}
	}
}

func TestPageNamesWhatExists(t *testing.T) {
	page := find(t, "/")
	if !page.Template {
		t.Fatal("the page is not marked as a template")
	}
	for _, want := range []string{"<title>Internet Identity</title>", web.CanisterID, web.CanisterConfig} {
		if strings.Count(string(page.Body), want) != 1 {
			t.Errorf("the page does not contain %q once", want)
		}
	}
	references := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllSubmatch(page.Body, -1)
	if len(references) < 3 {
		t.Fatalf("only %d references in the page", len(references))
	}
	for _, reference := range references {
		find(t, string(reference[1]))
	}
}

// What a sign-in loads should stay small: it is loaded by people who wait. That
// is what the page names and what this imports in turn; other screens are
// loaded when they are asked for.
func TestScriptsOfASignInAreSmall(t *testing.T) {
	const limit = 120 << 10
	named := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+\.js)"`)
	imported := regexp.MustCompile(`(?:from|import)\s*"\./([^"]+\.js)"`)
	loaded := map[string]bool{}
	total := 0
	var load func(path string)
	load = func(path string) {
		if loaded[path] {
			return
		}
		loaded[path] = true
		file := find(t, path)
		total += len(file.Gzip)
		for _, m := range imported.FindAllSubmatch(file.Body, -1) {
			load("/assets/" + string(m[1]))
		}
	}
	for _, m := range named.FindAllSubmatch(find(t, "/authorize").Body, -1) {
		load(string(m[1]))
	}
	if len(loaded) < 2 || total > limit {
		t.Errorf("%d files, %d bytes of compressed scripts, the limit is %d", len(loaded), total, limit)
	}
}

func find(t *testing.T, path string) web.File {
	t.Helper()
	for _, f := range web.Bundle() {
		if f.Path == path {
			return f
		}
	}
	t.Fatalf("no file for %s", path)
	return web.File{}
}
