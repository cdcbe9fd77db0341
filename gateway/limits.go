package gateway

import "time"

const (
	// maxURL bytes: browsers and proxies agree on about this much.
	maxURL = 8 << 10
	// maxRequestHeaders and maxRequestHeaderBytes bound what a canister has to
	// read. Cookies are not passed on, so these are small.
	maxRequestHeaders     = 64
	maxRequestHeaderBytes = 16 << 10
	// maxRequestBody bytes: an ingress message is at most 2 MiB.
	maxRequestBody = 1 << 20

	// maxResponseHeaders and maxResponseHeaderBytes of an answer; two of them
	// carry certificate and witness.
	maxResponseHeaders     = 128
	maxResponseHeaderBytes = 256 << 10
	// maxResponseBody bytes: a query's reply is at most 3 MiB.
	maxResponseBody = 3 << 20

	// bodyTime is for a slow sender of a body, answerTime for the canister,
	// and writeTime for a slow reader of the answer.
	bodyTime   = 10 * time.Second
	answerTime = 20 * time.Second
	writeTime  = time.Minute
)
