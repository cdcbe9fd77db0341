package httpcert

import (
	"slices"
	"strings"
	"testing"

	"internetidentity/hashtree"
)

func sampleProof() Proof {
	return Proof{Version: 2, Certificate: []byte("certificate"), Tree: hashtree.Labeled([]byte("a"), hashtree.Leaf(nil)), Path: Exact("/a/")}
}

func TestProofSurvivesText(t *testing.T) {
	for _, version := range []int{1, 2} {
		want := sampleProof()
		want.Version = version
		got, err := ParseProof(want.String())
		if err != nil {
			t.Fatal(err)
		}
		if got.Version != version || string(got.Certificate) != "certificate" || got.Tree.Digest() != want.Tree.Digest() {
			t.Errorf("version %d: %+v", version, got)
		}
		if version == 2 && !slices.Equal(got.Path, want.Path) {
			t.Errorf("path %q", got.Path)
		}
	}
}

func TestProofRefusals(t *testing.T) {
	good := sampleProof().String()
	for name, text := range map[string]string{
		"nothing":           "",
		"no certificate":    strings.Replace(good, "certificate=", "other=", 1),
		"no tree":           strings.Replace(good, "tree=", "other=", 1),
		"no path":           strings.Replace(good, "expr_path=", "other=", 1),
		"a member twice":    good + ", version=2",
		"version 3":         strings.Replace(good, "version=2", "version=3", 1),
		"version 02":        strings.Replace(good, "version=2", "version=02", 1),
		"no colons":         strings.ReplaceAll(good, ":", ""),
		"one colon":         "certificate=:, tree=:",
		"not base64":        strings.Replace(good, "=:", "=:?", 1),
		"not a tree":        "certificate=:AAAA:, tree=:AAAA:",
		"an empty member":   good + ",",
		"too long":          good + strings.Repeat(" ", maxHeaderBytes),
		"a flood":           good + strings.Repeat(", x=1", 100),
		"path of numbers":   "certificate=:AAAA:, tree=:gQA=:, version=2, expr_path=:gQE=:",
		"path with a lie":   "certificate=:AAAA:, tree=:gQA=:, version=2, expr_path=:m///////////:",
		"bytes behind path": "certificate=:AAAA:, tree=:gQA=:, version=2, expr_path=:gAA=:",
	} {
		if p, err := ParseProof(text); err == nil {
			t.Errorf("%s: read as %+v", name, p)
		}
	}
	if _, err := ParseProof("certificate=:AAAA:,tree=:gQA=:\t,new=?1"); err != nil {
		t.Errorf("an unknown member: %v", err)
	}
}

func FuzzParseProof(f *testing.F) {
	f.Add(sampleProof().String())
	f.Add("certificate=:AAAA:, tree=:gQA=:")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProof(text)
		if err != nil {
			return
		}
		again, err := ParseProof(p.String())
		if err != nil || again.Tree.Digest() != p.Tree.Digest() || !slices.Equal(again.Path, p.Path) && p.Version == 2 {
			t.Fatalf("%q does not survive: %v", text, err)
		}
	})
}
