package replica

import "internetidentity/ingress"

// Height of the newest view.
func (r *Replica) Height() uint64 {
	v := r.acquire()
	defer v.release()
	return v.state.Height
}

// Weight is what a waiting call counts.
func Weight(e *ingress.Envelope) int { return weight(e) }

// MaxQueueBytes of all waiting calls.
const MaxQueueBytes = maxQueueBytes

// NewRecent remembers numbers.
func NewRecent(n int) *recent[int, int] { return newRecent[int, int](n) }

// Len counts what is remembered, in both generations.
func (r *recent[K, V]) Len() int { return len(r.young) + len(r.older) }

// Remembers reports whether the verdict on an envelope is remembered.
func (r *Replica) Remembers(e *ingress.Envelope) bool {
	_, ok := r.senders.verdicts.Get(fingerprint(e))
	return ok
}
