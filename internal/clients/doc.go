// Package clients owns the tests that unmodified client libraries talk to a
// running service: agent-go here, @icp-sdk/core and the verifier of HTTP
// gateways in the folder tests, with Node.
//
// It must not help the libraries: what they need, the service must give.
package clients
