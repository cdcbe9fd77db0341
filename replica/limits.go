package replica

import "time"

const (
	// maxQueueCalls and maxQueueBytes that wait for a block; more are refused
	// with 503. At a thousand calls per block this is some seconds of work.
	maxQueueCalls = 10_000
	maxQueueBytes = 64 << 20

	// maxBlockCalls and maxBlockBytes of one block, so that its commit and the
	// pause of those behind it stay short.
	maxBlockCalls = 1000
	maxBlockBytes = 4 << 20
	// envelopeOverhead is what a call costs in memory besides its argument.
	envelopeOverhead = 1024

	// freshTime is the age up to which a state may be shown, in nanoseconds.
	// Clients accept five minutes; the time to sign in again is what counts.
	freshTime = 2_000_000_000
	// remoteTime is how long other machines may take to make a younger state.
	remoteTime = 3 * time.Second
	// voucherTime is how long a certificate of the subnet key is used, a day.
	// Clients refuse one older than 30 days.
	voucherTime = 24 * 3600 * 1_000_000_000
	// clockSlack is how far the clock may be behind the last block without a
	// warning, a second.
	clockSlack = 1_000_000_000

	// maxVerdicts on senders and maxDelegations of subnets that are
	// remembered, about 100 bytes and 1 KiB each. A verdict with more targets
	// than maxVerdictTargets is too big to remember.
	maxVerdicts       = 8192
	maxVerdictTargets = 8
	maxDelegations    = 64
)
