package identity

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCaptchaIsAPicture(t *testing.T) {
	seen := map[string]bool{}
	for i := range 50 {
		solution, encoded := newCaptcha(NewEntropy([32]byte{byte(i)}))
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != captchaWidth || size.Y != captchaHeight {
			t.Errorf("the picture has %v", size)
		}
		// Something is drawn, and most of it is left free.
		dark := 0
		for y := range captchaHeight {
			for x := range captchaWidth {
				if r, _, _, _ := picture.At(x, y).RGBA(); r < 0x8000 {
					dark++
				}
			}
		}
		if total := captchaWidth * captchaHeight; dark < total/40 || dark > total/4 {
			t.Errorf("%d of %d pixels are dark", dark, total)
		}
		if len(solution) != captchaLength || strings.Trim(solution, captchaAlphabet) != "" {
			t.Errorf("solution %q", solution)
		}
		seen[solution] = true
	}
	if len(seen) < 45 {
		t.Errorf("only %d solutions in 50", len(seen))
	}
}

// Every machine must draw the same picture: it is part of the state.
func TestCaptchaFollowsFromItsEntropy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
		solution, picture := newCaptcha(NewEntropy(seed))
		if again, same := newCaptcha(NewEntropy(seed)); again != solution || same != picture {
			t.Fatal("another captcha from the same entropy")
		}
	})
}

func TestEveryCharacterCanBeDrawn(t *testing.T) {
	for _, c := range []byte(captchaAlphabet) {
		if len(glyphs[c]) == 0 {
			t.Errorf("%q has no strokes", c)
		}
	}
	if len(glyphs) != len(captchaAlphabet) {
		t.Errorf("%d characters can be drawn, %d are used", len(glyphs), len(captchaAlphabet))
	}
}

func TestTypedSolutions(t *testing.T) {
	for _, c := range []struct {
		solution, typed string
		want            bool
	}{
		{"abdef", "abdef", true},
		{"abdef", "ABDEF", true},
		{"xyzpw", "XyZPw", true},
		{"i1lIj", "IIIII", true},
		{"abdef", "abde", false},
		{"abdef", "abdeff", false},
		{"abdef", "", false},
		{"abdef", "abdeé", false},
		{"abdef", " abdef", false},
	} {
		if got := captchaMatches(c.solution, c.typed); got != c.want {
			t.Errorf("%q for %q: %v", c.typed, c.solution, got)
		}
	}
}

func TestRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<40).Draw(t, "n")
		if r := root(n); r*r > n || (r+1)*(r+1) <= n {
			t.Fatalf("root of %d is %d", n, r)
		}
	})
}

func BenchmarkCaptcha(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newCaptcha(NewEntropy([32]byte{1}))
	}
}
