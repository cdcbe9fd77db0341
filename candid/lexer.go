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
}

// ErrSyntax is the error of a text that is not Candid.
var ErrSyntax = errors.New("candid syntax")

// lex splits a .did or value text.
func lex(source string) ([]token, error) {
	var tokens []token
	for rest := source; ; {
		rest = strings.TrimLeft(rest, " \t\r\n")
		switch {
		case rest == "":
			return append(tokens, token{}), nil
		case strings.HasPrefix(rest, "//"):
			_, rest, _ = strings.Cut(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			_, after, ok := strings.Cut(rest[2:], "*/")
			if !ok {
				return nil, fmt.Errorf("%w: a comment is not closed", ErrSyntax)
			}
			rest = after
		case rest[0] == '"':
			text, n, err := lexText(rest)
			if err != nil {
				return nil, err
			}
			tokens, rest = append(tokens, token{tokenText, text}), rest[n:]
		case strings.HasPrefix(rest, "->"):
			tokens, rest = append(tokens, token{tokenSign, "->"}), rest[2:]
		case isLetter(rest[0]):
			n := 1
			for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
				n++
			}
			tokens, rest = append(tokens, token{tokenName, rest[:n]}), rest[n:]
		case isDigit(rest[0]), (rest[0] == '-' || rest[0] == '+') && len(rest) > 1 && isDigit(rest[1]):
			n := 1
			for n < len(rest) && (isDigit(rest[n]) || isLetter(rest[n]) || rest[n] == '.' || (rest[n] == '-' || rest[n] == '+') && (rest[n-1] == 'e' || rest[n-1] == 'E')) {
				n++
			}
			tokens, rest = append(tokens, token{tokenNumber, strings.ReplaceAll(rest[:n], "_", "")}), rest[n:]
		default:
			if !strings.ContainsRune("(){};:,=.", rune(rest[0])) {
				return nil, fmt.Errorf("%w: unexpected %.10q", ErrSyntax, rest)
			}
			tokens, rest = append(tokens, token{tokenSign, rest[:1]}), rest[1:]
		}
	}
}

func isLetter(b byte) bool { return b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }

// lexText reads a quoted text and tells how long it is in the source.
func lexText(source string) (string, int, error) {
	unclosed := fmt.Errorf("%w: a text is not closed or has a bad escape", ErrSyntax)
	var text []byte
	for i := 1; i < len(source); {
		switch c := source[i]; c {
		case '"':
			return string(text), i + 1, nil
		case '\\':
			if i+2 >= len(source) {
				return "", 0, unclosed
			}
			i++
			switch source[i] {
			case 'n':
				text = append(text, '\n')
			case 'r':
				text = append(text, '\r')
			case 't':
				text = append(text, '\t')
			case '\\', '"', '\'':
				text = append(text, source[i])
			case 'u':
				digits, _, ok := strings.Cut(source[i+1:], "}")
				code, err := strconv.ParseUint(strings.ReplaceAll(strings.TrimPrefix(digits, "{"), "_", ""), 16, 32)
				if !ok || !strings.HasPrefix(digits, "{") || err != nil || !utf8.ValidRune(rune(code)) {
					return "", 0, unclosed
				}
				text = utf8.AppendRune(text, rune(code))
				i += len(digits) + 1
			default:
				code, err := strconv.ParseUint(source[i:i+2], 16, 8)
				if err != nil {
					return "", 0, unclosed
				}
				text = append(text, byte(code))
				i++
			}
			i++
		default:
			text = append(text, c)
			i++
		}
	}
	return "", 0, unclosed
}
