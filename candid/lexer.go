package candid

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind byte

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenText
	tokenNumber
	tokenSign // punctuation
)

type token struct {
	kind tokenKind
	text string // the content of a text, with escapes resolved
	at   int    // where it begins in the source, in bytes
}

// String is the token as an error shows it.
func (t token) String() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return fmt.Sprintf("%.40q", t.text)
}

// ErrSyntax is the error of a text that is not Candid.
var ErrSyntax = errors.New("candid syntax")

// syntaxError names the place in the source, counting lines and characters
// from 1.
func syntaxError(source string, at int, format string, args ...any) error {
	before := source[:at]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return fmt.Errorf("%w: line %d, column %d: %s", ErrSyntax, line, column, fmt.Sprintf(format, args...))
}

// lexer splits a .did or value text (Candid specification, Core Grammar and
// Values).
type lexer struct {
	source string
	at     int
	tokens []token
}

func lex(source string) ([]token, error) {
	l := lexer{source: source}
	for {
		if err := l.blank(); err != nil {
			return nil, err
		}
		start := l.at
		if start == len(source) {
			return append(l.tokens, token{at: start}), nil
		}
		t, err := l.token()
		if err != nil {
			return nil, err
		}
		t.at = start
		l.tokens = append(l.tokens, t)
	}
}

func (l *lexer) fail(at int, format string, args ...any) error {
	return syntaxError(l.source, at, format, args...)
}

func (l *lexer) rest() string { return l.source[l.at:] }

// run is the longest beginning of the rest in which every byte is good.
func (l *lexer) run(good func(byte) bool) string {
	start := l.at
	for l.at < len(l.source) && good(l.source[l.at]) {
		l.at++
	}
	return l.source[start:l.at]
}

// blank passes over spaces and comments. Block comments nest.
func (l *lexer) blank() error {
	for {
		l.run(func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' })
		switch {
		case strings.HasPrefix(l.rest(), "//"):
			l.run(func(c byte) bool { return c != '\n' })
		case strings.HasPrefix(l.rest(), "/*"):
			if err := l.blockComment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

func (l *lexer) blockComment() error {
	start := l.at
	for open := 0; l.at < len(l.source); {
		switch rest := l.rest(); {
		case strings.HasPrefix(rest, "/*"):
			open++
			l.at += 2
		case strings.HasPrefix(rest, "*/"):
			l.at += 2
			if open--; open == 0 {
				return nil
			}
		default:
			l.at++
		}
	}
	return l.fail(start, "the comment is not closed")
}

func (l *lexer) token() (token, error) {
	c := l.source[l.at]
	switch {
	case c == '"':
		text, err := l.text()
		return token{kind: tokenText, text: text}, err
	case strings.HasPrefix(l.rest(), "->"):
		l.at += 2
		return token{kind: tokenSign, text: "->"}, nil
	case isLetter(c):
		return token{kind: tokenName, text: l.run(func(c byte) bool { return isLetter(c) || isDigit(c) })}, nil
	case isDigit(c), (c == '-' || c == '+') && l.at+1 < len(l.source) && isDigit(l.source[l.at+1]):
		return l.number()
	case strings.IndexByte("(){};:,=.", c) >= 0:
		l.at++
		return token{kind: tokenSign, text: string(c)}, nil
	}
	r, _ := utf8.DecodeRuneInString(l.rest())
	return token{}, l.fail(l.at, "unexpected %q", r)
}

func isLetter(b byte) bool { return b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isHex(b byte) bool    { return isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }

// number reads an integer or float, without the underscores between its
// digits. Whether a float is right is seen when it is parsed.
func (l *lexer) number() (token, error) {
	start := l.at
	l.at++ // a sign or digit
	for l.at < len(l.source) {
		c, before := l.source[l.at], l.source[l.at-1]|0x20
		sign := (c == '-' || c == '+') && (before == 'p' || before == 'e' && !isHexNumber(l.source[start:l.at]))
		if !isLetter(c) && !isDigit(c) && c != '.' && !sign {
			break
		}
		l.at++
	}
	text := l.source[start:l.at]
	for i := range len(text) {
		if text[i] == '_' && (!isHex(text[i-1]) || i+1 == len(text) || !isHex(text[i+1])) {
			return token{}, l.fail(start, "an underscore in %.40q is not between digits", text)
		}
	}
	return token{kind: tokenNumber, text: strings.ReplaceAll(text, "_", "")}, nil
}

func isHexNumber(text string) bool { return strings.HasPrefix(strings.TrimLeft(text, "+-"), "0x") }

// text reads a quoted text.
func (l *lexer) text() (string, error) {
	start := l.at
	var text []byte
	for l.at++; l.at < len(l.source); {
		c := l.source[l.at]
		switch {
		case c == '"':
			l.at++
			return string(text), nil
		case c == '\\':
			var err error
			if text, err = l.escape(text); err != nil {
				return "", err
			}
		case c < ' ' || c == 0x7f:
			return "", l.fail(l.at, "a control character in a text is written as an escape")
		default:
			r, size := utf8.DecodeRuneInString(l.rest())
			if r == utf8.RuneError && size == 1 {
				return "", l.fail(l.at, "the text is not UTF-8")
			}
			text = append(text, l.rest()[:size]...)
			l.at += size
		}
	}
	return "", l.fail(start, "the text is not closed")
}

// plainEscapes are the escapes of one letter.
var plainEscapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '"': '"', '\'': '\''}

// escape reads what begins with a backslash.
func (l *lexer) escape(text []byte) ([]byte, error) {
	rest := l.rest()[1:]
	switch {
	case rest == "":
	case plainEscapes[rest[0]] != 0:
		l.at += 2
		return append(text, plainEscapes[rest[0]]), nil
	case strings.HasPrefix(rest, "u{"):
		digits, _, closed := strings.Cut(rest[2:], "}")
		code, ok := hexNumber(digits)
		if !closed || !ok || !utf8.ValidRune(rune(code)) {
			return nil, l.fail(l.at, "\\u{} holds the hexadecimal number of a character")
		}
		l.at += len(`\u{}`) + len(digits)
		return utf8.AppendRune(text, rune(code)), nil
	case len(rest) >= 2 && isHex(rest[0]) && isHex(rest[1]):
		code, _ := hexNumber(rest[:2])
		l.at += 3
		return append(text, byte(code)), nil
	}
	return nil, l.fail(l.at, "an unknown escape")
}

// hexNumber is the value of at most 8 hexadecimal digits, with underscores
// between them.
func hexNumber(digits string) (uint32, bool) {
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return 0, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if strings.ContainsFunc(digits, func(r rune) bool { return r > 'f' || !isHex(byte(r)) }) {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return uint32(n), err == nil
}
