package subnet

import (
	"crypto/sha256"
	"fmt"
	"runtime/debug"
	"strings"

	"internetidentity/canister"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/table"
)

// Apply runs a block over the state that the block before it left. It writes
// nothing to base. An error means that the block does not belong here, and the
// subnet must not be used any more: the host stops.
func (s *Subnet) Apply(base table.Reader, b Block) (*Applied, error) {
	if b.Height != s.height+1 {
		return nil, fmt.Errorf("block %d after block %d", b.Height, s.height)
	}
	if b.Time < s.time {
		return nil, fmt.Errorf("the time of block %d goes back from %d to %d", b.Height, s.time, b.Time)
	}
	s.height, s.time = b.Height, b.Time
	changes := table.NewOverlay(base)
	s.forget(changes)
	receipts := make([]Receipt, len(b.Calls))
	for i, call := range b.Calls {
		receipts[i] = s.apply(changes, b, call)
	}
	if err := s.saveChain(changes); err != nil {
		return nil, err
	}
	s.grow()
	state := s.state()
	return &Applied{Receipts: receipts, Root: state.Root(), Changes: changes, State: state}, nil
}

// apply runs one call. The same call runs once, however often it is sent.
func (s *Subnet) apply(t table.Table, b Block, call Call) Receipt {
	e := call.Envelope
	receipt := Receipt{ID: e.ID}
	if known(s.tree, e.ID) {
		receipt.Duplicate = true
		return receipt
	}
	if receipt.Refused = call.Authority.Check(e, b.Time); receipt.Refused != nil {
		return receipt
	}
	if receipt.Refused = induct(&s.config, s.canister.View(), s.full(), e); receipt.Refused != nil {
		return receipt
	}
	reply, trap := s.run(t, b, e)
	receipt.Trap = trap
	s.remember(t, e, bounded(s.config.Canister, outcome(reply), maxReplyBytes))
	return receipt
}

// run lets the canister do what a call says. An error in the program ends the
// call and nothing else, as it does where the canister is WebAssembly: the
// canister puts what it did into the table when it has done all of it.
func (s *Subnet) run(t table.Table, b Block, e *ingress.Envelope) (reply canister.Reply, trap string) {
	defer func() {
		cause := recover()
		if fault, ok := cause.(*table.Fault); ok {
			panic(fault)
		}
		if cause != nil {
			trap = fmt.Sprintf("%v\n%s", cause, debug.Stack())
			reply = canister.Reply{
				RejectCode: ingress.CanisterError, ErrorCode: "IC0502",
				RejectMessage: fmt.Sprintf("Error from Canister %s: Canister trapped: an error in the program", s.config.Canister),
			}
		}
	}()
	reply = s.canister.Update(canister.Env{
		Table:  table.Prefix(t, canisterSpace),
		Caller: e.Content.Sender,
		Now:    b.Time,
		Seed:   messageSeed(b.Seed, e.ID),
	}, e.Content.Method, e.Content.Arg)
	return reply, ""
}

// messageSeed gives every message of a block randomness of its own.
func messageSeed(block [32]byte, id ingress.RequestID) [32]byte {
	h := sha256.New()
	h.Write([]byte("\x0dii-msg-seed-1"))
	h.Write(block[:])
	h.Write(id[:])
	return [32]byte(h.Sum(nil))
}

func outcome(r canister.Reply) ingress.Outcome { return ingress.Outcome(r) }

// bounded refuses replies that are too long, and cuts reject messages, as the
// replica does.
func bounded(self principal.Principal, o ingress.Outcome, limit int) ingress.Outcome {
	if len(o.RejectMessage) > maxRejectBytes {
		const mark = "..."
		// A character that is cut in two is left out.
		o.RejectMessage = strings.ToValidUTF8(o.RejectMessage[:maxRejectBytes-len(mark)], "") + mark
	}
	if len(o.Arg) <= limit {
		return o
	}
	return ingress.Outcome{
		RejectCode: ingress.CanisterError, ErrorCode: "IC0504",
		RejectMessage: fmt.Sprintf("Error from Canister %s: Canister violated contract: the reply has %d bytes, limit %d", self, len(o.Arg), limit),
	}
}

// induct refuses a call for a canister or method that is not there, before it
// takes room in a block, and every call while there is no room to remember one.
func induct(c *Config, view *canister.View, full bool, e *ingress.Envelope) error {
	if o := misdirected(c, "", e.Content.Canister, e.Content.Method); o != nil {
		return &ingress.Rejection{Code: o.RejectCode, Message: o.RejectMessage, ErrorCode: o.ErrorCode}
	}
	if r := view.Inspect(e.Content.Method, len(e.Content.Arg)); r != nil {
		return &ingress.Rejection{Code: r.RejectCode, Message: r.RejectMessage, ErrorCode: r.ErrorCode}
	}
	if full {
		return &ingress.Refusal{Status: 503, Text: "The service has too many calls to remember. Try again in a minute."}
	}
	return nil
}

// NoCanister is the error code of a canister that is not here.
const NoCanister = "IC0301"

// misdirected is how a message ends that is not for the canister; nil if it is.
func misdirected(c *Config, kind string, to principal.Principal, method string) *ingress.Outcome {
	switch {
	case to.IsManagement():
		return &ingress.Outcome{
			RejectCode: ingress.CanisterError, ErrorCode: "IC0536",
			RejectMessage: fmt.Sprintf("Management canister has no %smethod '%.100s'", kind, method),
		}
	case to != c.Canister:
		return &ingress.Outcome{
			RejectCode: ingress.DestinationInvalid, ErrorCode: NoCanister,
			RejectMessage: fmt.Sprintf("Canister %s not found", to),
		}
	}
	return nil
}
