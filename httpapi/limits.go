package httpapi

import "time"

const (
	// callTime is how long a call may wait for its outcome, and readTime a
	// query or read_state.
	callTime = 10 * time.Second
	readTime = 10 * time.Second
	// bodyTime is for a slow sender of a body, writeTime for a slow reader of
	// the answer.
	bodyTime  = 10 * time.Second
	writeTime = 30 * time.Second

	// maxHeld bounds the bytes that all requests hold, and maxHeldByClient
	// those of one client: twelve of the greatest bodies.
	maxHeld         = 256 << 20
	maxHeldByClient = 128 << 20
)
