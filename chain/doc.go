// Package chain owns the running of a subnet on many machines: the application
// that CometBFT drives, the shares in votes that become certificates and
// seeds, the ceremony that makes the shared keys, snapshots for machines that
// join, and the start of the consensus engine.
//
// It must not know HTTP, nor what a canister does. Package replica answers
// requests from the views that are published here; package threshold knows the
// mathematics of shared keys.
//
// A call goes through one block and half of the next:
//
//	CheckTx          every machine checks the sender before it passes a call on
//	PrepareProposal  one machine puts calls into a block, with a frame in front
//	ProcessProposal  the others check it all again before they vote
//	FinalizeBlock    the subnet applies the calls
//	Commit           the block is durable; its state waits for a certificate
//	ExtendVote       the votes for the next block carry shares of it
//	VerifyVote...    enough shares are a certificate: those who wait are answered
//
// A block without transactions does not change the state, so an idle cluster
// stands still. Whoever needs a younger state puts a tick into a block.
package chain
