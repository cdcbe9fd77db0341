package chain

import (
	"time"

	"internetidentity/ingress"
)

const (
	// maxBlockBytes of a block: two of the greatest calls with their frame.
	maxBlockBytes = 5 << 20
	// maxTxBytes of a transaction: the greatest request in our own encoding.
	maxTxBytes = ingress.MaxCallBytes + 64<<10
	// maxMempoolTxs and maxMempoolBytes that wait for a block.
	maxMempoolTxs   = 10_000
	maxMempoolBytes = 64 << 20

	// maxAhead is how far the time of a block may be ahead of the clock of a
	// machine that votes for it. A clock that is more wrong than this keeps a
	// machine from voting.
	maxAhead = uint64(time.Second)

	// voucherTime is how long a certificate of the subnet key is used, a day.
	// Clients refuse one older than 30 days.
	voucherTime = uint64(24 * time.Hour)

	// heartbeat is the age of the newest certificate at which a tick is sent
	// though nobody asks. Clients refuse certificates older than five minutes.
	heartbeat = uint64(20 * time.Second)
	// pulseTime is how often a machine looks whether something is due.
	pulseTime = time.Second

	// snapshotBlocks between two snapshots for machines that join; keptSnapshots
	// of them stay.
	snapshotBlocks = 200
	keptSnapshots  = 2
	// chunkBytes of a part of a snapshot, about.
	chunkBytes = 1 << 20
	// maxMembers of a cluster: each verifies the shares of all others.
	maxMembers = 100
	// trustPeriod is how long a block of the past is believed: the members of a
	// cluster answer for what they signed for as long as it exists.
	trustPeriod = 10 * 365 * 24 * time.Hour
	// keptBlocks stay for machines that are behind; older ones are pruned.
	keptBlocks = 100_000
)
