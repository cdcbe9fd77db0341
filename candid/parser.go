package candid

// parser reads the text form of types and values.
type parser struct {
	source string
	tokens []token
	at     int
	depth  int
	// named are the types by name.
	named map[string]*Type
	// definitions is nil where no new names may appear.
	definitions *definitions
}

func newParser(source string, named map[string]*Type) (*parser, error) {
	tokens, err := lex(source)
	return &parser{source: source, tokens: tokens, named: named}, err
}

func (p *parser) fail(t token, format string, args ...any) error {
	return syntaxError(p.source, t.at, format, args...)
}

func (p *parser) peek() token { return p.tokens[p.at] }

// next is the next token. The end stays where it is.
func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (t token) is(k tokenKind, text string) bool { return t.kind == k && t.text == text }

func (p *parser) sees(sign string) bool { return p.peek().is(tokenSign, sign) }

// seesNext looks behind the next token.
func (p *parser) seesNext(sign string) bool {
	return p.tokens[min(p.at+1, len(p.tokens)-1)].is(tokenSign, sign)
}

func (p *parser) accept(sign string) bool {
	if p.sees(sign) {
		p.at++
		return true
	}
	return false
}

func (p *parser) acceptName(name string) bool {
	if p.peek().is(tokenName, name) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(sign string) error {
	if !p.accept(sign) {
		return p.fail(p.peek(), "want %q, found %v", sign, p.peek())
	}
	return nil
}

func (p *parser) expectEnd() error {
	if t := p.peek(); t.kind != tokenEnd {
		return p.fail(t, "%v behind the end", t)
	}
	return nil
}

// list reads items between two signs, with a separator that may also follow
// the last.
func (p *parser) list(open, separator, end string, item func() error) error {
	if err := p.expect(open); err != nil {
		return err
	}
	for !p.accept(end) {
		if err := item(); err != nil {
			return err
		}
		if !p.accept(separator) {
			if !p.sees(end) {
				return p.fail(p.peek(), "want %q or %q, found %v", separator, end, p.peek())
			}
		}
	}
	return nil
}

// deeper bounds recursion. Its result is to be deferred.
func (p *parser) deeper() (func(), error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.peek(), "nested deeper than %d", maxDepth)
	}
	return func() { p.depth-- }, nil
}
