package replica

import (
	"slices"

	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/subnet"
)

// queue holds the calls for the next blocks, in the order in which they came,
// and finds those that are on their way.
type queue struct {
	waiting []*Waiting
	bytes   int
	// onWay are the waiting calls and those of the block that is being made.
	onWay map[ingress.RequestID]*Waiting
	// wanted: somebody needs a block, even an empty one.
	wanted bool
}

func newQueue() queue { return queue{onWay: map[ingress.RequestID]*Waiting{}} }

// add queues a call, or finds the same one that is on its way.
func (q *queue) add(call subnet.Call) (*Waiting, error) {
	if p, ok := q.onWay[call.Envelope.ID]; ok {
		return p, nil
	}
	size := weight(call.Envelope)
	if len(q.waiting) >= maxQueueCalls || q.bytes+size > maxQueueBytes {
		return nil, &ingress.Refusal{Status: 503, Text: "The service is busy. Try again in a moment."}
	}
	p := NewWaiting(call)
	p.bytes = size
	q.waiting = append(q.waiting, p)
	q.bytes += size
	q.onWay[call.Envelope.ID] = p
	return p, nil
}

// weight is about the memory of a call, in bytes.
func weight(e *ingress.Envelope) int {
	c := &e.Content
	n := envelopeOverhead + len(c.Arg) + len(c.Method) + len(e.PublicKey) + len(e.Signature)
	if c.SenderInfo != nil {
		n += len(c.SenderInfo.Info) + len(c.SenderInfo.Signature)
	}
	for i := range e.Delegations {
		d := &e.Delegations[i]
		n += envelopeOverhead + len(d.Delegation.PublicKey) + len(d.Signature) + len(d.Delegation.Targets)*(principal.MaxLength+1)
	}
	return n
}

// take removes the calls of a block. The answer is false when nobody wants one.
func (q *queue) take() ([]*Waiting, bool) {
	n, size := 0, 0
	for n < len(q.waiting) && n < maxBlockCalls {
		size += q.waiting[n].bytes
		if n > 0 && size > maxBlockBytes {
			size -= q.waiting[n].bytes
			break
		}
		n++
	}
	if n == 0 && !q.wanted {
		return nil, false
	}
	batch := slices.Clone(q.waiting[:n])
	clear(q.waiting[:n]) // or the queue would hold calls that are done
	q.waiting = q.waiting[n:]
	if len(q.waiting) == 0 {
		q.waiting = nil
	}
	q.bytes -= size
	q.wanted = false
	return batch, true
}

// arrived forgets calls whose block is published.
func (q *queue) arrived(batch []*Waiting) {
	for _, p := range batch {
		delete(q.onWay, p.call.Envelope.ID)
	}
}

// drop empties the queue.
func (q *queue) drop() []*Waiting {
	dropped := q.waiting
	*q = newQueue()
	return dropped
}
