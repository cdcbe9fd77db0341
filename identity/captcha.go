package identity

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
)

// A captcha is five characters that bend, tilt and hide behind lines. It is
// drawn from entropy with whole numbers only, so every machine draws the same.

const (
	captchaLength = 5
	captchaWidth  = 220
	captchaHeight = 120
)

// glyphs are drawn by hand, five by seven dots each. There is no o, O, 0, 1,
// l and I, which nobody can tell apart.
var glyphs = map[byte][7]string{
	'a': {".....", ".....", ".###.", "....#", ".####", "#...#", ".####"},
	'b': {"#....", "#....", "####.", "#...#", "#...#", "#...#", "####."},
	'd': {"....#", "....#", ".####", "#...#", "#...#", "#...#", ".####"},
	'e': {".....", ".....", ".###.", "#...#", "#####", "#....", ".####"},
	'f': {"..##.", ".#..#", ".#...", "####.", ".#...", ".#...", ".#..."},
	'h': {"#....", "#....", "#.##.", "##..#", "#...#", "#...#", "#...#"},
	'k': {"#....", "#..#.", "#.#..", "##...", "#.#..", "#..#.", "#...#"},
	'm': {".....", ".....", "##.#.", "#.#.#", "#.#.#", "#.#.#", "#.#.#"},
	'n': {".....", ".....", "#.##.", "##..#", "#...#", "#...#", "#...#"},
	'p': {".....", "####.", "#...#", "#...#", "####.", "#....", "#...."},
	'r': {".....", ".....", "#.##.", "##..#", "#....", "#....", "#...."},
	't': {".#...", ".#...", "####.", ".#...", ".#...", ".#..#", "..##."},
	'w': {".....", ".....", "#...#", "#...#", "#.#.#", "#.#.#", ".#.#."},
	'x': {".....", ".....", "#...#", ".#.#.", "..#..", ".#.#.", "#...#"},
	'y': {".....", "#...#", "#...#", ".####", "....#", "#...#", ".###."},
	'z': {".....", ".....", "#####", "...#.", "..#..", ".#...", "#####"},
	'3': {"####.", "....#", "....#", ".###.", "....#", "....#", "####."},
	'4': {"...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."},
	'7': {"#####", "....#", "...#.", "..#..", "..#..", ".#...", ".#..."},
}

// captchaAlphabet are the characters in a fixed order.
const captchaAlphabet = "abdefhkmnprtwxyz347"

// wave is a sine of 16 steps, from -4 to 4.
var wave = [16]int{0, 2, 3, 4, 4, 4, 3, 2, 0, -2, -3, -4, -4, -4, -3, -2}

// newCaptcha makes a solution and its picture, a PNG in base64.
func newCaptcha(e *Entropy) (solution, encoded string) {
	chars := make([]byte, captchaLength)
	for i := range chars {
		chars[i] = captchaAlphabet[e.Below(len(captchaAlphabet))]
	}
	return string(chars), base64.StdEncoding.EncodeToString(drawCaptcha(e, chars))
}

func drawCaptcha(e *Entropy, chars []byte) []byte {
	palette := color.Palette{
		color.Gray{0xfa}, // ground
		color.Gray{0x22}, // characters
		color.Gray{0x77}, // lines and dots
	}
	picture := image.NewPaletted(image.Rect(0, 0, captchaWidth, captchaHeight), palette)
	for range 60 {
		picture.SetColorIndex(e.Below(captchaWidth), e.Below(captchaHeight), 2)
	}
	for i, c := range chars {
		drawGlyph(picture, e, glyphs[c], 14+i*40, 28)
	}
	for range 4 {
		drawLine(picture, e)
	}
	var out bytes.Buffer
	// Encoding into memory cannot fail.
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture); err != nil {
		panic("identity: encode a captcha: " + err.Error())
	}
	return out.Bytes()
}

// drawGlyph draws one character as a grid of round dots, sheared, shifted and
// bent.
func drawGlyph(picture *image.Paletted, e *Entropy, glyph [7]string, left, top int) {
	shear := e.Below(9) - 4  // hundredths of a row, per row
	phase := e.Below(16)     // of the bend
	drop := e.Below(17) - 8  // down
	size := 6 + e.Below(2)   // dots between grid points
	radius := 4 + e.Below(2) // of a dot
	for row, dots := range glyph {
		for column, dot := range dots {
			if dot != '#' {
				continue
			}
			x := left + column*size + shear*(3-row)/2 + wave[(phase+row*2)%16]/2
			y := top + drop + row*(size+2) + wave[(phase+column*3)%16]/2
			disc(picture, x, y, radius, 1)
		}
	}
}

func disc(picture *image.Paletted, x, y, radius int, index uint8) {
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if dx*dx+dy*dy <= radius*radius && image.Pt(x+dx, y+dy).In(picture.Rect) {
				picture.SetColorIndex(x+dx, y+dy, index)
			}
		}
	}
}

// drawLine draws a wavy line across.
func drawLine(picture *image.Paletted, e *Entropy) {
	from, to, phase := e.Below(captchaHeight), e.Below(captchaHeight), e.Below(16)
	for x := range captchaWidth {
		y := from + (to-from)*x/captchaWidth + wave[(phase+x/6)%16]
		disc(picture, x, y, 1, 2)
	}
}

// captchaMatches compares what a person typed, who may mix up what looks
// alike.
func captchaMatches(solution, typed string) bool {
	return len(typed) <= captchaLength && normal(solution) == normal(typed)
}

var lookalikes = strings.NewReplacer(
	"C", "c", "1", "i", "l", "i", "I", "i", "j", "i", "S", "s", "X", "x", "Y", "y", "Z", "z", "P", "p", "W", "w")

func normal(s string) string { return lookalikes.Replace(s) }
