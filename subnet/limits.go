package subnet

const (
	// maxReplyBytes of a call, and maxQueryBytes of a query (the replica's).
	maxReplyBytes = 2 << 20
	maxQueryBytes = 3 << 20
	// maxRejectBytes of a reject message (the replica's). It is kept as long
	// as the outcome, and what strangers send can stand in it.
	maxRejectBytes = 8 << 10

	// keepTime is how long the outcome of a call stays readable at least, in
	// nanoseconds: five minutes (IC interface spec, Request status). It stays
	// until the call's expiry in any case, so that no call runs twice.
	keepTime = 5 * 60 * 1_000_000_000

	// maxKeptBytes bounds the outcomes that are kept; beyond it calls are
	// refused until old ones end. An outcome counts with statusOverhead bytes
	// for its place in the tree.
	maxKeptBytes   = 256 << 20
	statusOverhead = 2048

	// maxForgotten bounds the outcomes that one block forgets, so that a block
	// after a busy time is not slower than others. It is more than a block
	// can add.
	maxForgotten = 10_000
)
