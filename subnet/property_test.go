package subnet_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/subnet"
)

// history is what a test knows of the calls that it has sent.
type history struct {
	sent []subnet.Call
	// replies of those that were executed.
	replies map[ingress.RequestID]string
	// until when each is remembered at least.
	until map[ingress.RequestID]uint64
}

// drawCall makes a call of any kind: good ones, repeated ones, and those that
// each check is for.
func drawCall(t *rapid.T, r *rig, h *history) subnet.Call {
	if len(h.sent) > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		return rapid.SampledFrom(h.sent).Draw(t, "which")
	}
	who := rapid.SampledFrom([]string{"ada", "bob", "eve", "anonymous"}).Draw(t, "who")
	var call subnet.Call
	switch rapid.IntRange(0, 6).Draw(t, "method") {
	case 0:
		call = r.start(who)
	case 1:
		call = r.finish(who)
	case 2, 3:
		call = r.signIn(who, rapid.Uint64Range(9_999, 10_003).Draw(t, "number"), "key")
	case 4:
		call = r.call(who, "whoami", "()")
	case 5:
		call = r.call(who, "stats", "()")
		call.Envelope.Content.Method = "no_such_method"
	default:
		call = r.call(who, "identity_info", "(10000)")
	}
	c := &call.Envelope.Content
	switch rapid.IntRange(0, 15).Draw(t, "fault") {
	case 0:
		c.Canister = neighbour
	case 1:
		c.Canister = principal.Principal{}
	case 2:
		c.Expiry = r.state.Time - rapid.Uint64Range(0, second).Draw(t, "ago")
	case 3:
		c.Expiry = r.state.Time + rapid.Uint64Range(0, 2*ingress.MaxExpiry).Draw(t, "ahead")
	case 4:
		c.Arg = rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")
	case 5:
		c.Arg = append(bytes.Clone(c.Arg), make([]byte, rapid.IntRange(0, 100_000).Draw(t, "more"))...)
	case 6:
		call.Authority.Targets = rapid.SampledFrom([][]principal.Principal{{self}, {neighbour}, {}}).Draw(t, "targets")
	case 7:
		call.Authority.QueriesOnly = true
	case 8:
		call.Authority.NotAfter = r.state.Time + rapid.Uint64Range(0, second).Draw(t, "not after")
	}
	call.Envelope.ID = c.ID()
	h.sent = append(h.sent, call)
	return call
}

// TestSubnetIsAFunctionOfItsBlocks gives the same random blocks to two
// subnets, restarts one of them now and then, and compares them with each
// other, with the tree that is built from the table alone, and with a model of
// which calls have run.
func TestSubnetIsAFunctionOfItsBlocks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kept, restarted := newRig(t), newRig(t)
		h := &history{replies: map[ingress.RequestID]string{}, until: map[ingress.RequestID]uint64{}}
		if kept.state.Root() != restarted.state.Root() {
			rt.Fatal("two subnets begin with different roots")
		}
		for range rapid.IntRange(1, 12).Draw(rt, "blocks") {
			after := rapid.SampledFrom([]uint64{0, 1, second, minute, 5 * minute, 6 * minute}).Draw(rt, "after")
			calls := make([]subnet.Call, rapid.IntRange(0, 6).Draw(rt, "calls"))
			for i := range calls {
				calls[i] = drawCall(rt, kept, h)
			}
			receipts := kept.block(after, calls...)
			for i, other := range restarted.block(after, calls...) {
				if told(other) != told(receipts[i]) {
					rt.Fatalf("call %d: %q and %q", i, told(receipts[i]), told(other))
				}
			}
			h.check(rt, kept, calls, receipts)
			if kept.state.Root() != restarted.state.Root() {
				rt.Fatalf("block %d: the roots differ", kept.state.Height)
			}
			rebuilt, state, changes, err := subnet.Open(kept.table.Snapshot(), kept.config, begin)
			if err != nil {
				rt.Fatal(err)
			}
			if state.Root() != kept.state.Root() || state.Height != kept.state.Height || state.Time != kept.state.Time {
				rt.Fatalf("block %d: the table does not give the same state", kept.state.Height)
			}
			if changes.Len() != 0 {
				rt.Fatalf("opening again changed %d keys", changes.Len())
			}
			if rapid.Bool().Draw(rt, "restart") {
				restarted.subnet, restarted.state = rebuilt, state
			}
		}
	})
}

func told(r subnet.Receipt) string { return fmt.Sprintf("%x %v %v", r.ID[:4], r.Duplicate, r.Refused) }

// check follows each call: it runs once, is remembered long enough, and its
// outcome never changes.
func (h *history) check(t *rapid.T, r *rig, calls []subnet.Call, receipts []subnet.Receipt) {
	for i, receipt := range receipts {
		id := receipt.ID
		_, ran := h.replies[id]
		remembered := ran && r.state.Time <= h.until[id]
		var refusal *ingress.Refusal
		switch {
		case id != calls[i].Envelope.ID:
			t.Fatal("the receipts are in another order than the calls")
		case receipt.Trap != "":
			t.Fatalf("an error in the program: %s", receipt.Trap)
		case receipt.Duplicate:
			if !ran {
				t.Fatal("a call that never ran is called a duplicate")
			}
		case remembered:
			t.Fatalf("a call that ran is not a duplicate: %+v", receipt)
		case receipt.Refused == nil:
			if ran {
				t.Fatal("a call ran twice")
			}
			h.replies[id] = fmt.Sprint(r.outcome(id))
			h.until[id] = max(calls[i].Envelope.Content.Expiry, r.state.Time+5*minute)
		case ran && !errors.As(receipt.Refused, &refusal):
			t.Fatalf("a call that has run and is forgotten: %v", receipt.Refused)
		}
	}
	for id, reply := range h.replies {
		known := r.state.Known(id)
		if remembered := r.state.Time <= h.until[id]; remembered != known {
			t.Fatalf("an outcome is known: %v, want %v", known, remembered)
		}
		if now := fmt.Sprint(r.outcome(id)); known && now != reply {
			t.Fatalf("an outcome changed from %s to %s", reply, now)
		}
	}
}
