// Package scale measures what operations cost as identities become many: the
// contract over a database on disk, filled with a thousand up to a million
// identities. It holds benchmarks only.
//
// It must not know blocks, signatures of callers or HTTP, whose cost does not
// depend on how many identities there are.
package scale
