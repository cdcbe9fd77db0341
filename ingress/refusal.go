package ingress

import "fmt"

// Refusal is an answer at the level of HTTP: the request was not taken. The
// text is for the sender and tells nothing that the sender does not know.
type Refusal struct {
	// Status is an HTTP status code: 400, 403, 404, 413, 429 or 503.
	Status int
	Text   string
}

func (r *Refusal) Error() string { return r.Text }

func refuse(format string, args ...any) *Refusal {
	return &Refusal{Status: 400, Text: fmt.Sprintf(format, args...)}
}

// Rejection is the refusal of a call before it reaches its canister; it is not
// certified (non_replicated_rejection).
type Rejection struct {
	Code      uint64
	Message   string
	ErrorCode string
}

func (r *Rejection) Error() string { return r.Message }

// Reject codes (IC interface spec, Reject codes).
const (
	SysFatal           = 1
	SysTransient       = 2
	DestinationInvalid = 3
	CanisterReject     = 4
	CanisterError      = 5
)
