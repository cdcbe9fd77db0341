package identity

import (
	"encoding/base64"
	"strings"
)

// A captcha is five characters in a picture that a person reads at once, and
// that the cheapest programs do not: they touch, tilt and wave, and lines of
// their own colour cross them. It stops floods; it does not prove that somebody
// is a person.

const captchaLength = 5

// captchaAlphabet are the characters in a fixed order. Those that people mix up
// are left out: o and 0, l, i and 1, g, q and 9, c, u and v, 2, 5, 6 and 8.
const captchaAlphabet = "abdefhkmnprtwxyz347"

// newCaptcha makes a solution and its picture, a PNG in base64.
func newCaptcha(e *Entropy) (solution, encoded string) {
	chars := make([]byte, captchaLength)
	for i := range chars {
		chars[i] = captchaAlphabet[e.Below(len(captchaAlphabet))]
	}
	return string(chars), base64.StdEncoding.EncodeToString(drawCaptcha(e, chars))
}

// captchaMatches compares what a person typed, who may type capitals and mix
// up what looks alike.
func captchaMatches(solution, typed string) bool {
	return len(typed) <= captchaLength && normal(solution) == normal(typed)
}

var lookalikes = strings.NewReplacer("1", "i", "l", "i", "j", "i")

func normal(s string) string { return lookalikes.Replace(strings.ToLower(s)) }
