package subnet_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/subnet"
	"internetidentity/table"
)

func TestWhatBecomesOfACall(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	now := r.state.Time
	whoami := func(change func(*ingress.Content, *ingress.Authority)) subnet.Call {
		c := r.call("ada", "whoami", "()")
		change(&c.Envelope.Content, &c.Authority)
		c.Envelope.ID = c.Envelope.Content.ID()
		return c
	}
	big := r.signIn("ada", 10_000, "key")
	big.Envelope.Content.Arg = append(big.Envelope.Content.Arg, make([]byte, 1<<20)...)
	big.Envelope.ID = big.Envelope.Content.ID()
	for _, test := range []struct {
		name string
		call subnet.Call
		// want is the status in the tree, or the refusal: "400 text",
		// "rejected 5 IC0536 text".
		want string
	}{
		{"a call that changes something", r.signIn("ada", 10_000, "key"), "replied"},
		{"a query method as a call", whoami(func(*ingress.Content, *ingress.Authority) {}), "replied"},
		{"expires now", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Expiry = now + second }), "replied"},
		{"expired", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Expiry = now + second - 1 }), "400 Invalid request expiry: "},
		{"the longest expiry", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Expiry = now + second + ingress.MaxExpiry }), "replied"},
		{"expires too far ahead", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Expiry = now + second + ingress.MaxExpiry + 1 }), "400 Invalid request expiry: "},
		{"a delegation that expires now", whoami(func(_ *ingress.Content, a *ingress.Authority) { a.NotAfter = now + second }), "replied"},
		{"a delegation that has expired", whoami(func(_ *ingress.Content, a *ingress.Authority) { a.NotAfter = now + second - 1 }), "400 Specified sender delegation has expired: "},
		{"a delegation to this canister", whoami(func(_ *ingress.Content, a *ingress.Authority) { a.Targets = []principal.Principal{neighbour, self} }), "replied"},
		{"a delegation to others", whoami(func(_ *ingress.Content, a *ingress.Authority) { a.Targets = []principal.Principal{neighbour} }), "400 Canister rdmx6-jaaaa-aaaaa-aaadq-cai is not one of the delegation targets"},
		{"a delegation to nobody", whoami(func(_ *ingress.Content, a *ingress.Authority) { a.Targets = []principal.Principal{} }), "400 Canister rdmx6-jaaaa-aaaaa-aaadq-cai is not one of the delegation targets"},
		{"a delegation for queries", whoami(func(_ *ingress.Content, a *ingress.Authority) { a.QueriesOnly = true }), "400 Invalid delegation: "},
		{"an unknown method", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Method = "no_such_method" }), "rejected 5 IC0536 Canister has no update method 'no_such_method'."},
		{"another canister", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Canister = neighbour }), "rejected 3 IC0301 Canister ryjl3-tyaaa-aaaaa-aaaba-cai not found"},
		{"the management canister", whoami(func(c *ingress.Content, _ *ingress.Authority) {
			c.Canister, c.Method = principal.Principal{}, "create_canister"
		}), "rejected 5 IC0536 Management canister has no method 'create_canister'"},
		{"an argument that is no Candid", whoami(func(c *ingress.Content, _ *ingress.Authority) { c.Arg = []byte("DIDL\x01") }), "rejected"},
		{"an argument of a megabyte", big, "rejected 5 IC0503 Error from Canister rdmx6-jaaaa-aaaaa-aaadq-cai: Canister called `ic0.trap` with message: 'the argument of prepare_delegation has 1048664 bytes, limit 65536'"},
		{"a rule that says no", r.signIn("eve", 10_000, "key"), "rejected"},
	} {
		before := r.state
		applied, err := r.subnet.Apply(r.table.Snapshot(), r.next(second, test.call))
		if err != nil {
			t.Fatal(err)
		}
		// Every test sees the same state: what it did is dropped.
		r.state = applied.State
		receipt := applied.Receipts[0]
		got := r.outcome(receipt.ID)["status"]
		var refusal *ingress.Refusal
		var rejection *ingress.Rejection
		switch {
		case errors.As(receipt.Refused, &refusal):
			got = strings.Join([]string{"400", refusal.Text}, " ")
			if refusal.Status != 400 {
				t.Errorf("%s: status %d", test.name, refusal.Status)
			}
		case errors.As(receipt.Refused, &rejection):
			got = "rejected " + string(rune('0'+rejection.Code)) + " " + rejection.ErrorCode + " " + rejection.Message
		}
		if ok := got == test.want || strings.HasSuffix(test.want, ": ") && strings.HasPrefix(got, test.want); !ok {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if refused := receipt.Refused != nil; refused == r.state.Known(receipt.ID) {
			t.Errorf("%s: refused: %v, and kept: %v", test.name, refused, !refused)
		}
		if receipt.Refused != nil && applied.State.Root() == before.Root() {
			t.Errorf("%s: the time did not move on", test.name)
		}
		r.state = before
		r.open(begin)
	}
}

func TestOutcomesStandInTheTree(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	receipts := r.block(second, r.start("bob"), r.signIn("eve", 10_000, "key"), r.call("anonymous", "whoami", "()"))
	replied, rejected := r.outcome(receipts[0].ID), r.outcome(receipts[1].ID)
	if len(replied) != 2 || replied["status"] != "replied" || !strings.HasPrefix(replied["reply"], "DIDL") {
		t.Errorf("a reply stands as %q", replied)
	}
	if len(rejected) != 4 || rejected["status"] != "rejected" || rejected["reject_code"] != "\x05" ||
		rejected["error_code"] != "IC0503" || !strings.Contains(rejected["reject_message"], "could not be authenticated") {
		t.Errorf("a reject stands as %q", rejected)
	}
	if got, want := r.outcome(receipts[2].ID)["reply"], "DIDL\x00\x01\x68\x01\x01\x04"; got != want {
		t.Errorf("the anonymous caller is %x, want %x", got, want)
	}
}

func TestTheSameCallRunsOnce(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	call := r.signIn("ada", 10_000, "key")
	receipts := r.block(second, call, call)
	if receipts[0].Duplicate || receipts[0].Refused != nil || !receipts[1].Duplicate {
		t.Fatalf("twice in a block: %+v", receipts)
	}
	first := r.outcome(call.Envelope.ID)
	if receipts := r.block(second, call); !receipts[0].Duplicate {
		t.Errorf("in the next block: %+v", receipts)
	}
	r.open(begin)
	if receipts := r.block(second, call); !receipts[0].Duplicate {
		t.Errorf("after a restart: %+v", receipts)
	}
	// The outcome stays for five minutes and until the call has expired.
	r.block(5*minute - 2*second)
	if now := r.outcome(call.Envelope.ID); now["reply"] != first["reply"] {
		t.Errorf("after five minutes the outcome is %q", now)
	}
	r.block(1)
	if r.state.Known(call.Envelope.ID) {
		t.Error("the outcome stays for ever")
	}
	receipts = r.block(0, call)
	var refusal *ingress.Refusal
	if !errors.As(receipts[0].Refused, &refusal) || !strings.Contains(refusal.Text, "Invalid request expiry: ") {
		t.Errorf("a call whose outcome is forgotten: %+v", receipts[0])
	}
}

func TestOutcomeStaysUntilTheCallHasExpired(t *testing.T) {
	r := newRig(t)
	call := r.call("anonymous", "whoami", "()")
	call.Envelope.Content.Expiry = r.state.Time + ingress.MaxExpiry
	call.Envelope.ID = call.Envelope.Content.ID()
	r.block(0, call)
	if receipts := r.block(ingress.MaxExpiry, call); !receipts[0].Duplicate {
		t.Errorf("in its last nanosecond the call is %+v", receipts[0])
	}
	if receipts := r.block(1, call); receipts[0].Refused == nil {
		t.Errorf("one later it is %+v", receipts[0])
	}
}

func TestBlockThatDoesNotBelongHereChangesNothing(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	good := r.next(second, r.signIn("ada", 10_000, "key"))
	for name, change := range map[string]func(*subnet.Block){
		"the same height": func(b *subnet.Block) { b.Height-- },
		"a gap":           func(b *subnet.Block) { b.Height++ },
		"an earlier time": func(b *subnet.Block) { b.Time = r.state.Time - 1 },
	} {
		bad := good
		change(&bad)
		if _, err := r.subnet.Apply(r.table.Snapshot(), bad); err == nil {
			t.Errorf("a block with %s is applied", name)
		}
	}
	root := r.state.Root()
	r.open(begin)
	if r.state.Root() != root {
		t.Error("a refused block changed the state")
	}
	if receipts := r.block(0, good.Calls...); receipts[0].Refused != nil {
		t.Errorf("the right block afterwards: %+v", receipts[0])
	}
}

// broken is a table of which one read meets an error.
type broken struct {
	table.Reader
	cause any
}

func (b broken) Get(key []byte) ([]byte, bool) {
	// Only the canister's own keys.
	if bytes.HasPrefix(key, []byte{0x10, 0x21}) {
		panic(b.cause)
	}
	return b.Reader.Get(key)
}

func TestErrorInTheProgramEndsOneCall(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	call, other := r.signIn("ada", 10_000, "key"), r.call("ada", "whoami", "()")
	applied, err := r.subnet.Apply(broken{r.table.Snapshot(), "an index out of range"}, r.next(second, call, other))
	if err != nil {
		t.Fatal(err)
	}
	applied.Changes.ApplyTo(r.table)
	r.state = applied.State
	if trap := applied.Receipts[0].Trap; !strings.Contains(trap, "index out of range") || !strings.Contains(trap, ".go:") {
		t.Errorf("the log is told %q", trap)
	}
	o := r.outcome(call.Envelope.ID)
	if o["status"] != "rejected" || o["reject_code"] != "\x05" || o["error_code"] != "IC0502" || strings.Contains(o["reject_message"], "index") {
		t.Errorf("the caller is told %q", o)
	}
	if o := r.outcome(other.Envelope.ID); o["status"] != "replied" || applied.Receipts[1].Trap != "" {
		t.Errorf("the call behind it: %q", o)
	}
	// Nothing of the failed call is left.
	root := r.state.Root()
	r.open(begin)
	if r.state.Root() != root {
		t.Error("a failed call left something in the tree and not in the table")
	}
	if receipts := r.block(second, r.signIn("ada", 10_000, "key")); r.outcome(receipts[0].ID)["status"] != "replied" {
		t.Errorf("a later call: %q", r.outcome(receipts[0].ID))
	}
}

func TestFailingStoreStopsTheBlock(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	block := r.next(second, r.signIn("ada", 10_000, "key"))
	defer func() {
		if fault, ok := recover().(*table.Fault); !ok || fault.Err.Error() != "unreadable" {
			t.Errorf("recovered %v, want the fault of the store", fault)
		}
	}()
	_, err := r.subnet.Apply(broken{r.table.Snapshot(), &table.Fault{Err: errors.New("unreadable")}}, block)
	t.Errorf("a block over a failing store gives %v", err)
}

func TestCallsAreRefusedWhileThereIsNoRoomToRemember(t *testing.T) {
	r := newRig(t)
	r.subnet.KeepAtMost(20_000)
	var refused error
	calls := 0
	for ; refused == nil && calls < 100; calls++ {
		call := r.call("anonymous", "whoami", "()")
		refused = r.block(0, call)[0].Refused
		if induct := r.state.Induct(call.Envelope); refused != nil && induct == nil {
			t.Error("a block refuses what admission lets in")
		}
	}
	var refusal *ingress.Refusal
	if !errors.As(refused, &refusal) || refusal.Status != 503 || calls < 5 {
		t.Fatalf("after %d calls: %v", calls, refused)
	}
	r.open(begin)
	r.subnet.KeepAtMost(20_000)
	if receipts := r.block(0, r.call("anonymous", "whoami", "()")); receipts[0].Refused == nil {
		t.Error("a restart forgets how much is kept")
	}
	r.block(6 * minute)
	if receipts := r.block(0, r.call("anonymous", "whoami", "()")); receipts[0].Refused != nil {
		t.Errorf("when the old outcomes are forgotten: %v", receipts[0].Refused)
	}
}

// A reject message is kept for minutes, and what strangers send stands in it.
func TestRejectMessagesAreCut(t *testing.T) {
	for _, test := range []struct {
		message string
		want    int
	}{
		{strings.Repeat("x", 8192), 8192},
		{strings.Repeat("x", 8193), 8192},
		{strings.Repeat("x", 2<<20), 8192},
		// Characters of two bytes: the last one would be cut in two.
		{strings.Repeat("é", 2<<20), 8191},
	} {
		o := subnet.Bounded(self, ingress.Outcome{RejectCode: 5, RejectMessage: test.message, ErrorCode: "IC0503"}, 1)
		if len(o.RejectMessage) != test.want || !utf8.ValidString(o.RejectMessage) || o.RejectCode != 5 || o.ErrorCode != "IC0503" {
			t.Errorf("of %d bytes %d are kept, want %d", len(test.message), len(o.RejectMessage), test.want)
		}
		if whole := o.RejectMessage == test.message; whole == strings.HasSuffix(o.RejectMessage, "...") {
			t.Errorf("of %d bytes: the end is %q", len(test.message), o.RejectMessage[test.want-10:])
		}
	}
}
