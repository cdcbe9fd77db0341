package candid

import (
	"errors"
	"fmt"
	"strings"
)

// ErrMismatch is the error of a well-formed message that does not fit the
// expected types.
var ErrMismatch = errors.New("unexpected Candid")

// mismatch is the error of a value that does not fit the expected type. Under
// an opt it becomes null, which may happen often, so its text is made late.
type mismatch struct {
	reason string
	// wire and want are the kinds for wrongKind; choice is for wrongChoice.
	wire, want Kind
	choice     uint32
	// path leads to the value, innermost step first.
	path []string
}

// Reasons of a mismatch.
const (
	wrongKind      = "it is %v and should be %v"
	wrongChoice    = "the choice %d is not known"
	wrongReference = "the %v is not of the expected type"
	absentValue    = "it is required and missing"
)

func (m *mismatch) Error() string {
	reason := m.reason
	switch reason {
	case wrongKind:
		reason = fmt.Sprintf(reason, m.wire, m.want)
	case wrongChoice:
		reason = fmt.Sprintf(reason, m.choice)
	case wrongReference:
		reason = fmt.Sprintf(reason, m.want)
	}
	var where strings.Builder
	for i := len(m.path) - 1; i >= 0; i-- {
		where.WriteString(m.path[i])
		where.WriteString(": ")
	}
	return fmt.Sprintf("%v: %s%s", ErrMismatch, &where, reason)
}

func (m *mismatch) Unwrap() error { return ErrMismatch }

// within adds a step to the path of a mismatch.
func within(err error, step func() string) error {
	if m, ok := err.(*mismatch); ok {
		m.path = append(m.path, step())
	}
	return err
}
