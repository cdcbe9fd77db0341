package replica

import (
	"errors"
	"fmt"
	"io"

	"internetidentity/ingress"
	"internetidentity/subnet"
	"internetidentity/table"
)

// make is the maker: the one goroutine that changes the state.
func (r *Replica) make() {
	defer close(r.done)
	for range r.work {
		for {
			batch, wanted, end := r.next()
			if end {
				return
			}
			if !wanted {
				break
			}
			if err := r.block(batch); err != nil {
				for _, call := range batch {
					call.End(&ingress.Refusal{Status: 503, Text: "The service has stopped because of a fault. It is not known whether the call was executed: ask again for its status."})
				}
				r.Fail(err)
				return
			}
		}
	}
}

// next takes the calls of the next block. It is the end when nothing waits and
// nobody is left who could want a block.
func (r *Replica) next() (batch []*Waiting, wanted, end bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	batch, wanted = r.queue.take()
	return batch, wanted, !wanted && r.ended
}

// block makes one block durable and shows it.
func (r *Replica) block(batch []*Waiting) (err error) {
	defer catchFault(&err)
	base := r.acquire()
	defer base.release()
	block := subnet.Block{
		Height: base.state.Height + 1,
		Time:   r.now(base),
		Calls:  make([]subnet.Call, len(batch)),
	}
	if _, err := io.ReadFull(r.config.Random, block.Seed[:]); err != nil {
		return fmt.Errorf("randomness for a block: %w", err)
	}
	for i, p := range batch {
		block.Calls[i] = p.call
	}
	applied, err := r.subnet.Apply(base.snapshot, block)
	if err != nil {
		return err
	}
	// The signature does no harm before the commit: nobody sees it.
	signed := make(chan []byte, 1)
	go func() { signed <- r.sign(applied.State) }()
	err = r.config.Store.Commit(applied.Changes)
	signature := <-signed
	if err != nil {
		return err
	}
	r.publish(applied.State, signature)
	r.lock.Lock()
	r.queue.arrived(batch)
	r.lock.Unlock()
	for i, p := range batch {
		receipt := &applied.Receipts[i]
		if receipt.Trap != "" {
			r.config.Logger.Error("a call failed by an error in the program",
				"method", p.call.Envelope.Content.Method, "error", receipt.Trap)
		}
		p.End(receipt.Refused)
	}
	return nil
}

// catchFault turns the panic of a store that fails into an error. Other panics
// are errors in the program and go on.
func catchFault(err *error) {
	switch fault := recover().(type) {
	case nil:
	case *table.Fault:
		*err = errors.Join(*err, fault)
	default:
		panic(fault)
	}
}
