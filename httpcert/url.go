package httpcert

import (
	"errors"
	"strings"
)

// splitURL takes path and query out of a URL and decodes the path.
func splitURL(url string) (path, query string, err error) {
	if scheme := strings.Index(url, "://"); scheme > 0 && !strings.ContainsAny(url[:scheme], "/?#") {
		url = url[scheme+len("://"):]
		if end := strings.IndexAny(url, "/?#"); end >= 0 {
			url = url[end:]
		} else {
			url = ""
		}
	}
	url, _, _ = strings.Cut(url, "#")
	path, query, _ = strings.Cut(url, "?")
	if path == "" {
		path = "/"
	}
	if path, err = unescape(path); err != nil {
		return "", "", err
	}
	if strings.Count(path, "/") > maxSegments {
		return "", "", errors.New("URL has too many segments")
	}
	return path, query, nil
}

// unescape decodes %XX. A plus stays a plus, as paths have it.
func unescape(text string) (string, error) {
	if !strings.Contains(text, "%") {
		return text, nil
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", errors.New("URL with a broken escape")
		}
		high, low := hexDigit(text[i+1]), hexDigit(text[i+2])
		if high < 0 || low < 0 {
			return "", errors.New("URL with a broken escape")
		}
		b.WriteByte(byte(high<<4 | low))
		i += 2
	}
	return b.String(), nil
}

// hexDigit is the value of a digit in either case, or negative.
func hexDigit(c byte) int {
	if 'A' <= c && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}
