package identity

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/bits"
)

// The picture is drawn with whole numbers only, so every machine draws the
// same one from the same entropy. Lengths are in sixteenths of a pixel.

const (
	captchaWidth  = 220
	captchaHeight = 120

	pixel = 16
)

// stroke is a line through points, in units of a character: x from 0 to 8, y
// from 0 (top of tall letters) over 4 (top of small ones) and 12 (the line) to
// 16 (bottom of those that go below).
type stroke []int

// bowl is the round part of a, b, d and p.
var bowl = stroke{4, 4, 7, 5, 8, 8, 7, 11, 4, 12, 1, 11, 0, 8, 1, 5, 4, 4}

// arch is the right part of h and n.
var arch = stroke{0, 7, 2, 5, 5, 4, 7, 5, 8, 7, 8, 12}

// glyphs are drawn by hand.
var glyphs = map[byte][]stroke{
	'a': {bowl, {8, 4, 8, 12}},
	'b': {{0, 0, 0, 12}, bowl},
	'd': {bowl, {8, 0, 8, 12}},
	'e': {{0, 8, 8, 8, 7, 5, 4, 4, 1, 5, 0, 8, 1, 11, 4, 12, 7, 11}},
	'f': {{7, 1, 5, 0, 3, 2, 3, 12}, {0, 5, 6, 5}},
	'h': {{0, 0, 0, 12}, arch},
	'k': {{0, 0, 0, 12}, {7, 4, 0, 9}, {3, 7, 8, 12}},
	'm': {{0, 4, 0, 12}, {0, 6, 2, 4, 4, 5, 5, 7, 5, 12}, {5, 6, 7, 4, 9, 5, 10, 7, 10, 12}},
	'n': {{0, 4, 0, 12}, arch},
	'p': {{0, 4, 0, 16}, bowl},
	'r': {{0, 4, 0, 12}, {0, 8, 2, 5, 4, 4, 6, 5}},
	't': {{3, 1, 3, 10, 5, 12, 7, 11}, {0, 4, 7, 4}},
	'w': {{0, 4, 2, 12, 5, 6, 8, 12, 10, 4}},
	'x': {{0, 4, 8, 12}, {8, 4, 0, 12}},
	'y': {{0, 4, 4, 11}, {8, 4, 2, 16}},
	'z': {{0, 4, 8, 4, 0, 12, 8, 12}},
	'3': {{0, 1, 4, 0, 7, 1, 8, 3, 6, 5, 3, 6, 7, 7, 8, 9, 7, 11, 4, 12, 0, 11}},
	'4': {{6, 12, 6, 0, 0, 8, 9, 8}},
	'7': {{0, 0, 8, 0, 3, 12}},
}

// sine is a wave of 32 steps, times 256.
var sine = [32]int{
	0, 50, 98, 142, 181, 213, 237, 251, 256, 251, 237, 213, 181, 142, 98, 50,
	0, -50, -98, -142, -181, -213, -237, -251, -256, -251, -237, -213, -181, -142, -98, -50,
}

// canvas holds how much of each pixel is covered, up to pixel.
type canvas [captchaWidth * captchaHeight]uint8

// warp bends the whole picture, so that no line is straight.
type warp struct{ phaseX, phaseY int }

func (w warp) bend(x, y int) (int, int) {
	return x + 3*pixel*sine[(y/(4*pixel)+w.phaseX)&31]/256, y + 4*pixel*sine[(x/(5*pixel)+w.phaseY)&31]/256
}

func drawCaptcha(e *Entropy, chars []byte) []byte {
	c := &canvas{}
	w := warp{e.Below(32), e.Below(32)}
	for i, char := range chars {
		c.glyph(e, w, glyphs[char], (15+i*40+e.Below(6))*pixel, (32+e.Below(14))*pixel)
	}
	for i := range 2 {
		c.crossing(e, w, 35+i*30)
	}
	return c.encode()
}

// glyph draws a character whose box begins at x and y: larger or smaller,
// slanted and turned.
func (c *canvas) glyph(e *Entropy, w warp, strokes []stroke, x, y int) {
	scale := 58 + e.Below(12)            // of a unit, in sixteenths of a pixel
	slant := e.Below(60) - 30            // of 256: to the right per way down
	turn := e.Below(70) - 35             // of 256: down per way to the right
	radius := (5*pixel + e.Below(8)) / 2 // of the pen
	for _, points := range strokes {
		var lastX, lastY int
		for i := 0; i < len(points); i += 2 {
			px, py := points[i]*scale, points[i+1]*scale
			px, py = w.bend(x+px+(6*scale-py)*slant/256, y+py+(px-4*scale)*turn/256)
			if i > 0 {
				c.line(lastX, lastY, px, py, radius)
			}
			lastX, lastY = px, py
		}
	}
}

// crossing draws a thin line through all characters.
func (c *canvas) crossing(e *Entropy, w warp, y int) {
	from, to, phase := y+e.Below(30), y+e.Below(30), e.Below(32)
	var lastX, lastY int
	for x := 0; x <= captchaWidth; x += 10 {
		px, py := w.bend(x*pixel, (from+(to-from)*x/captchaWidth)*pixel+6*pixel*sine[(x/7+phase)&31]/256)
		if x > 0 {
			c.line(lastX, lastY, px, py, pixel)
		}
		lastX, lastY = px, py
	}
}

// line draws with a round pen; the edges are smooth.
func (c *canvas) line(x0, y0, x1, y1, radius int) {
	reach := radius + pixel
	left, right := max(0, (min(x0, x1)-reach)/pixel), min(captchaWidth-1, (max(x0, x1)+reach)/pixel)
	top, bottom := max(0, (min(y0, y1)-reach)/pixel), min(captchaHeight-1, (max(y0, y1)+reach)/pixel)
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			at := y*captchaWidth + x
			c[at] = max(c[at], covered(distance2(x*pixel+pixel/2, y*pixel+pixel/2, x0, y0, x1, y1), radius))
		}
	}
}

// covered is how much of a pixel a pen covers, by the square of its distance.
// The root is only needed at the edge.
func covered(d2, radius int) uint8 {
	inner, outer := radius-pixel/2, radius+pixel/2
	switch {
	case d2 >= outer*outer:
		return 0
	case d2 <= inner*inner:
		return pixel
	}
	return uint8(outer - root(d2))
}

// distance2 is the square of the distance of a point from a line between two
// others.
func distance2(px, py, x0, y0, x1, y1 int) int {
	dx, dy := x1-x0, y1-y0
	if length := dx*dx + dy*dy; length > 0 {
		along := min(max((px-x0)*dx+(py-y0)*dy, 0), length)
		x0, y0 = x0+dx*along/length, y0+dy*along/length
	}
	return (px-x0)*(px-x0) + (py-y0)*(py-y0)
}

// root is the whole part of a square root (Newton).
func root(n int) int {
	if n < 2 {
		return n
	}
	x := 1 << ((bits.Len(uint(n)) + 1) / 2)
	for y := (x + n/x) / 2; y < x; y = (x + n/x) / 2 {
		x = y
	}
	return x
}

func (c *canvas) encode() []byte {
	palette := make(color.Palette, pixel+1)
	for i := range palette {
		palette[i] = color.Gray{uint8(250 - i*13)}
	}
	picture := image.NewPaletted(image.Rect(0, 0, captchaWidth, captchaHeight), palette)
	copy(picture.Pix, c[:])
	var out bytes.Buffer
	// Encoding into memory cannot fail.
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture); err != nil {
		panic("identity: encode a captcha: " + err.Error())
	}
	return out.Bytes()
}
