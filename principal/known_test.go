package principal_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"internetidentity/internal/answers"
	"internetidentity/principal"
)

// TestKnownAnswers compares principals with what other libraries say of them.
func TestKnownAnswers(t *testing.T) {
	answers.Run(t, answers.Checks{
		"text": answers.Each(func(t *testing.T, c struct {
			Bytes     answers.Bytes
			Text      string
			Anonymous bool
		}) {
			p, err := principal.FromBytes(c.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != c.Text {
				t.Errorf("text %s, want %s", p, c.Text)
			}
			if p.IsAnonymous() != c.Anonymous {
				t.Errorf("anonymous %v, want %v", p.IsAnonymous(), c.Anonymous)
			}
			for _, text := range []string{c.Text, strings.ToUpper(c.Text)} {
				if q, err := principal.Parse(text); err != nil || q != p || !bytes.Equal(q.Bytes(), c.Bytes) {
					t.Errorf("%s is read as %x: %v", text, q.Bytes(), err)
				}
			}
		}),
		"selfAuthenticating": answers.Each(func(t *testing.T, c struct {
			Key  answers.Bytes
			Text string
		}) {
			if p := principal.SelfAuthenticating(c.Key); p.String() != c.Text || !p.IsSelfAuthenticating() {
				t.Errorf("principal %s, want %s", p, c.Text)
			}
		}),
		"refusedText": answers.Each(func(t *testing.T, c struct{ Text string }) {
			if p, err := principal.Parse(c.Text); err == nil {
				t.Errorf("%q is read as %x, must be refused", c.Text, p.Bytes())
			}
		}),
		"order": answers.Each(func(t *testing.T, c struct{ Texts []string }) {
			var sorted []principal.Principal
			for _, text := range c.Texts {
				sorted = append(sorted, principal.MustParse(text))
			}
			if !slices.IsSortedFunc(sorted, principal.Principal.Compare) {
				t.Error("the order is another")
			}
			for i := 1; i < len(sorted); i++ {
				if sorted[i].Compare(sorted[i-1]) <= 0 {
					t.Errorf("%s is not behind %s", sorted[i], sorted[i-1])
				}
			}
		}),
	})
}
