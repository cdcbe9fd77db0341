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
