package replica

import "internetidentity/subnet"

// Waiting is a call on its way through a block.
type Waiting struct {
	call  subnet.Call
	bytes int
	// done is closed when err is set: nil once the call's outcome can be seen.
	done chan struct{}
	err  error
}

// NewWaiting is a call that has not ended.
func NewWaiting(call subnet.Call) *Waiting {
	return &Waiting{call: call, done: make(chan struct{})}
}

// End wakes those who wait: without an error when the outcome can be seen in
// the newest view. It is called once.
func (w *Waiting) End(err error) {
	w.err = err
	close(w.done)
}
