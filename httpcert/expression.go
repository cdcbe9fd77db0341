package httpcert

import (
	"errors"
	"fmt"
	"strings"
)

// Expression says which parts of a request and a response are certified. The
// zero value certifies status and body of the response, and none of its
// headers.
type Expression struct {
	// Skip: nothing is certified, and that is certified.
	Skip bool
	// Request says which parts of the request the response belongs to. Nil
	// means that it answers every request for its path.
	Request *RequestParts
	// Headers are the response headers that are certified, or, with Except,
	// those that are not.
	Headers []string
	Except  bool
}

// RequestParts are certified beside method and body.
type RequestParts struct {
	Headers []string
	Query   []string
}

// String is the expression in the Common Expression Language, as it stands in
// the header.
func (e Expression) String() string {
	if e.Skip {
		return "default_certification(ValidationArgs{no_certification:Empty{}})"
	}
	var b strings.Builder
	b.WriteString("default_certification(ValidationArgs{certification:Certification{")
	if e.Request == nil {
		b.WriteString("no_request_certification:Empty{}")
	} else {
		b.WriteString("request_certification:RequestCertification{certified_request_headers:")
		writeList(&b, e.Request.Headers)
		b.WriteString(",certified_query_parameters:")
		writeList(&b, e.Request.Query)
		b.WriteString("}")
	}
	b.WriteString(",response_certification:ResponseCertification{")
	if e.Except {
		b.WriteString("response_header_exclusions")
	} else {
		b.WriteString("certified_response_headers")
	}
	b.WriteString(":ResponseHeaderList{headers:")
	writeList(&b, e.Headers)
	b.WriteString("}}}})")
	return b.String()
}

func writeList(b *strings.Builder, names []string) {
	b.WriteByte('[')
	for i, name := range names {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `"`)
	}
	b.WriteByte(']')
}

// errExpression is the error of everything that is not one of the known
// forms.
var errExpression = errors.New("unknown certification expression")

// ParseExpression reads an expression. Only the forms that String writes are
// known, with any white space and order of fields.
func ParseExpression(text string) (Expression, error) {
	if len(text) > maxExpressionBytes {
		return Expression{}, fmt.Errorf("%w: %d bytes, limit %d", errExpression, len(text), maxExpressionBytes)
	}
	p := &expressionParser{rest: text}
	var e Expression
	p.token("default_certification")
	p.token("(")
	p.object("ValidationArgs", func(field string) {
		switch field {
		case "no_certification":
			e.Skip = true
			p.object("Empty", p.unknown)
		case "certification":
			p.certification(&e)
		default:
			p.unknown(field)
		}
	})
	p.token(")")
	p.space()
	if p.failed || p.rest != "" {
		return Expression{}, errExpression
	}
	return e, nil
}

// expressionParser consumes text from the front; the first surprise makes it
// fail for good.
type expressionParser struct {
	rest   string
	failed bool
}

func (p *expressionParser) certification(e *Expression) {
	request, response := false, false
	p.object("Certification", func(field string) {
		switch {
		case field == "no_request_certification" && !request:
			request = true
			p.object("Empty", p.unknown)
		case field == "request_certification" && !request:
			request = true
			e.Request = &RequestParts{}
			p.object("RequestCertification", func(field string) {
				switch field {
				case "certified_request_headers":
					e.Request.Headers = p.list()
				case "certified_query_parameters":
					e.Request.Query = p.list()
				default:
					p.unknown(field)
				}
			})
		case field == "response_certification" && !response:
			response = true
			p.responseParts(e)
		default:
			p.unknown(field)
		}
	})
	p.failed = p.failed || !request || !response
}

func (p *expressionParser) responseParts(e *Expression) {
	seen := false
	p.object("ResponseCertification", func(field string) {
		if seen || field != "certified_response_headers" && field != "response_header_exclusions" {
			p.unknown(field)
			return
		}
		seen = true
		e.Except = field == "response_header_exclusions"
		p.object("ResponseHeaderList", func(field string) {
			if field != "headers" {
				p.unknown(field)
				return
			}
			e.Headers = p.list()
		})
	})
	p.failed = p.failed || !seen
}

func (p *expressionParser) unknown(string) { p.failed = true }

func (p *expressionParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// token consumes a text that must come next.
func (p *expressionParser) token(text string) {
	if !p.try(text) {
		p.failed = true
	}
}

func (p *expressionParser) try(text string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok && !p.failed {
		p.rest = rest
	}
	return ok && !p.failed
}

// object consumes a named object; field consumes the value of each field. No
// field may come twice.
func (p *expressionParser) object(name string, field func(name string)) {
	p.token(name)
	p.token("{")
	if p.try("}") {
		return
	}
	var seen []string
	for !p.failed {
		p.space()
		end := strings.IndexFunc(p.rest, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
		if end <= 0 {
			p.failed = true
			return
		}
		key := p.rest[:end]
		p.rest = p.rest[end:]
		if contains(seen, key) {
			p.failed = true
			return
		}
		seen = append(seen, key)
		p.token(":")
		field(key)
		if !p.try(",") {
			break
		}
	}
	p.token("}")
}

// list consumes a list of names in quotes.
func (p *expressionParser) list() []string {
	p.token("[")
	if p.try("]") {
		return nil
	}
	var names []string
	for !p.failed {
		p.token(`"`)
		end := strings.IndexByte(p.rest, '"')
		if end < 0 || strings.ContainsFunc(p.rest[:end], func(r rune) bool { return r < ' ' || r == '\\' }) {
			p.failed = true
			return nil
		}
		names = append(names, p.rest[:end])
		p.rest = p.rest[end+1:]
		if !p.try(",") {
			break
		}
	}
	p.token("]")
	return names
}
