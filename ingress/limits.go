package ingress

// Limits of a request (IC interface spec, HTTPS interface; the replica's for
// sizes).
const (
	// MaxBodyBytes of any request.
	MaxBodyBytes = 5 << 20
	// MaxCallBytes of a call: an ingress message of 2 MiB.
	MaxCallBytes = 2 << 20

	maxDelegations = 20
	maxTargets     = 1_000
	maxPaths       = 1_000
	maxLabels      = 127
	maxNonceBytes  = 32
	maxMethodBytes = 20_000 // the longest name that a canister may export
	maxKeyBytes    = 64 << 10
	maxSigBytes    = 64 << 10 // of canister signatures; see there

	// MaxExpiry is how far in the future a request may expire, with the drift
	// that the network allows: five minutes and a half.
	MaxExpiry = (5*60 + 30) * 1_000_000_000
)
