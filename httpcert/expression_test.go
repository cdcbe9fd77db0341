package httpcert

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestExpressionTexts(t *testing.T) {
	for _, c := range []struct {
		expression Expression
		want       string
	}{
		{Expression{Skip: true}, `default_certification(ValidationArgs{no_certification:Empty{}})`},
		{Expression{Headers: []string{"a", "B-c"}}, `default_certification(ValidationArgs{certification:Certification{no_request_certification:Empty{},response_certification:ResponseCertification{certified_response_headers:ResponseHeaderList{headers:["a","B-c"]}}}})`},
		{Expression{Except: true}, `default_certification(ValidationArgs{certification:Certification{no_request_certification:Empty{},response_certification:ResponseCertification{response_header_exclusions:ResponseHeaderList{headers:[]}}}})`},
		{Expression{Request: &RequestParts{Headers: []string{"host"}, Query: []string{"q", "r"}}, Except: true, Headers: []string{"x"}}, `default_certification(ValidationArgs{certification:Certification{request_certification:RequestCertification{certified_request_headers:["host"],certified_query_parameters:["q","r"]},response_certification:ResponseCertification{response_header_exclusions:ResponseHeaderList{headers:["x"]}}}})`},
	} {
		if got := c.expression.String(); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
		spaced := c.want
		for _, sign := range []string{"{", "}", "(", ")", "[", "]", ",", ":"} {
			spaced = strings.ReplaceAll(spaced, sign, " \n"+sign+"\t ")
		}
		for _, text := range []string{c.want, spaced} {
			got, err := ParseExpression(text)
			if err != nil || !reflect.DeepEqual(got, c.expression) {
				t.Errorf("%s: %+v, %v", text, got, err)
			}
		}
	}
}

func TestExpressionSurvivesText(t *testing.T) {
	names := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z0-9-]{1,12}`), 0, 5)
	rapid.Check(t, func(t *rapid.T) {
		var e Expression
		if e.Skip = rapid.Bool().Draw(t, "skip"); !e.Skip {
			e.Except = rapid.Bool().Draw(t, "except")
			e.Headers = names.Draw(t, "headers")
			if rapid.Bool().Draw(t, "with request") {
				e.Request = &RequestParts{Headers: names.Draw(t, "request headers"), Query: names.Draw(t, "query")}
			}
		}
		got, err := ParseExpression(e.String())
		if err != nil || got.String() != e.String() {
			t.Fatalf("%v: %v, %v", e, got, err)
		}
	})
}

func TestExpressionRefusals(t *testing.T) {
	good := Expression{Headers: []string{"a"}}.String()
	for name, text := range map[string]string{
		"nothing":            "",
		"another function":   strings.Replace(good, "default", "other", 1),
		"text behind":        good + "x",
		"cut off":            good[:len(good)-3],
		"unknown field":      strings.Replace(good, "no_request_certification", "certain_request", 1),
		"unknown object":     strings.Replace(good, "ResponseHeaderList", "List", 1),
		"no response":        `default_certification(ValidationArgs{certification:Certification{no_request_certification:Empty{}}})`,
		"no request":         strings.Replace(good, "no_request_certification:Empty{},", "", 1),
		"a field twice":      strings.Replace(good, "no_request_certification:Empty{}", "no_request_certification:Empty{},no_request_certification:Empty{}", 1),
		"both requests":      strings.Replace(good, "no_request_certification:Empty{}", "no_request_certification:Empty{},request_certification:RequestCertification{certified_request_headers:[],certified_query_parameters:[]}", 1),
		"both responses":     strings.Replace(good, "]}", `]},response_header_exclusions:ResponseHeaderList{headers:[]}`, 1),
		"comma at the end":   strings.Replace(good, `"a"`, `"a",`, 1),
		"no quotes":          strings.Replace(good, `"a"`, `a`, 1),
		"an escape":          strings.Replace(good, `"a"`, `"a\n"`, 1),
		"too long":           strings.Replace(good, `"a"`, `"`+strings.Repeat("a", maxExpressionBytes)+`"`, 1),
		"content in Empty":   `default_certification(ValidationArgs{no_certification:Empty{a:Empty{}}})`,
		"skip and certify":   strings.Replace(good, "{certification", "{no_certification:Empty{},certification", 1) + "}",
		"an object too much": strings.Replace(good, ")", "})", 1),
	} {
		if e, err := ParseExpression(text); err == nil {
			t.Errorf("%s: read as %v", name, e)
		}
	}
}

func FuzzParseExpression(f *testing.F) {
	f.Add(Expression{Skip: true}.String())
	f.Add(Expression{Except: true, Headers: []string{"a", "b"}, Request: &RequestParts{Query: []string{"q"}}}.String())
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExpression(text)
		if err != nil {
			return
		}
		again, err := ParseExpression(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q: read as %v, then %v, %v", text, e, again, err)
		}
	})
}
