package subnet_test

import (
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/identity"
	"internetidentity/subnet"
	"internetidentity/table"
)

func TestOpeningAgainChangesNothing(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	_, state, changes, err := subnet.Open(r.table.Snapshot(), r.config, r.state.Time+minute)
	if err != nil {
		t.Fatal(err)
	}
	if changes.Len() != 0 || state.Root() != r.state.Root() || state.Height != r.state.Height || state.Time != r.state.Time {
		t.Errorf("opening again: %d changes, height %d, time %d", changes.Len(), state.Height, state.Time)
	}
}

func TestOtherSettingsAreAnUpgrade(t *testing.T) {
	init, err := canister.Init{Captcha: &identity.CaptchaConfig{Trigger: identity.CaptchaEnabled, MaxUnsolved: 500}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(*subnet.Config)
		module bool // the module hash changes
	}{
		{"another front end", func(c *subnet.Config) { c.Bundle.Hash = sha256.Sum256([]byte("new")) }, true},
		{"another init argument", func(c *subnet.Config) { c.Init = init }, false},
	} {
		r := newRig(t)
		r.register("ada")
		installed, module := p("canister", self, "last_install_timestamp"), p("canister", self, "module_hash")
		value := func(path [][]byte) string {
			v, _ := r.state.Witness(path).Lookup(path...)
			return string(v)
		}
		was := value(module)
		session := r.signIn("ada", 10_000, "key")
		height := r.state.Height
		test.change(&r.config)
		now := r.state.Time + minute
		r.open(now)
		if r.state.Height != height || r.state.Time != now {
			t.Errorf("%s: height %d, time %d", test.name, r.state.Height, r.state.Time)
		}
		if got := value(installed); got != string(binary.AppendUvarint(nil, now)) {
			t.Errorf("%s: installed at %x", test.name, got)
		}
		if changed := value(module) != was; changed != test.module {
			t.Errorf("%s: the module hash changed: %v, want %v", test.name, changed, test.module)
		}
		// What is volatile is forgotten by an upgrade, such as the session
		// key of a registration.
		if receipts := r.block(0, session); r.outcome(receipts[0].ID)["status"] != "rejected" {
			t.Errorf("%s: a temporary key outlives it", test.name)
		}
		root := r.state.Root()
		r.open(now + minute)
		if r.state.Root() != root {
			t.Errorf("%s: it happens again at the next start", test.name)
		}
	}
}

// TestClockThatWentBack opens with a clock that is behind the last block.
func TestClockThatWentBack(t *testing.T) {
	r := newRig(t)
	r.block(minute)
	time := r.state.Time
	r.config.Bundle.Hash = sha256.Sum256([]byte("new"))
	r.open(begin)
	if r.state.Time != time {
		t.Errorf("an upgrade moved the time from %d to %d", time, r.state.Time)
	}
}

func TestDataOfAnotherServiceIsRefused(t *testing.T) {
	damaged := func(key string, value []byte) func(*table.Memory, *subnet.Config) {
		return func(m *table.Memory, _ *subnet.Config) { m.Put([]byte(key), value) }
	}
	for _, test := range []struct {
		name   string
		change func(*table.Memory, *subnet.Config)
		want   string
	}{
		{"another canister", func(_ *table.Memory, c *subnet.Config) { c.Canister = neighbour }, "the data belongs to canister rdmx6-jaaaa-aaaaa-aaadq-cai, not to ryjl3-tyaaa-aaaaa-aaaba-cai"},
		{"another subnet key", func(_ *table.Memory, c *subnet.Config) { c.Key = certificate.DeriveSigningKey([32]byte{3}).Public() }, "put the right keys back"},
		{"a canister outside of the ranges", func(_ *table.Memory, c *subnet.Config) { c.Canister = elsewhere }, "outside of the subnet's ranges"},
		{"no ranges", func(_ *table.Memory, c *subnet.Config) { c.Ranges = nil }, "outside of the subnet's ranges"},
		{"a damaged genesis", damaged("\x01genesis", []byte{0xff}), "genesis is damaged"},
		{"a damaged height", damaged("\x01chain", []byte{1, 2, 3}), "height and time are damaged"},
		{"a newer canister", damaged("\x10\x01format", []byte{99}), "newer version"},
	} {
		r := newRig(t)
		test.change(r.table, &r.config)
		if _, _, _, err := subnet.Open(r.table.Snapshot(), r.config, begin); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func TestQueryAnswersWhatItsStateHolds(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	old, before := r.state, r.table.Snapshot()
	r.block(second, r.start("bob"), r.finish("bob"))
	users := func(st *subnet.State, base table.Reader) string {
		o := st.Query(base, subnet.Query{Caller: principalOf("anonymous"), Canister: self, Method: "stats", Arg: encode(t, "stats", "()")})
		return string(o.Arg)
	}
	if users(old, before) == users(r.state, r.table) {
		t.Error("an old state answers as the new one")
	}
	for _, test := range []struct{ name, method, want string }{
		{"a method that changes something", "prepare_delegation", "IC0536"},
		{"an unknown method", "no_such_method", "IC0536"},
	} {
		o := r.state.Query(r.table, subnet.Query{Canister: self, Method: test.method, Arg: []byte("DIDL\x00\x00")})
		if o.Replied || o.ErrorCode != test.want || o.RejectCode != 5 {
			t.Errorf("%s: %+v", test.name, o)
		}
	}
	if o := r.state.Query(r.table, subnet.Query{Canister: neighbour, Method: "whoami"}); o.RejectCode != 3 || o.ErrorCode != subnet.NoCanister {
		t.Errorf("a canister that is not here: %+v", o)
	}
	var management subnet.Query
	management.Method = "fetch_canister_logs"
	if o := r.state.Query(r.table, management); o.RejectCode != 5 || o.RejectMessage != "Management canister has no query method 'fetch_canister_logs'" {
		t.Errorf("the management canister: %+v", o)
	}
}

// TestTimeOfQueries: a query after the last block sees the clock, and one on a
// machine whose clock is behind sees the block's time.
func TestTimeOfQueries(t *testing.T) {
	r := newRig(t)
	r.register("ada")
	r.block(minute, r.signIn("ada", 10_000, "key"))
	young, before := r.state, r.table.Snapshot()
	r.block(20 * minute)
	for _, test := range []struct {
		name    string
		state   *subnet.State
		base    table.Reader
		now     uint64
		replied bool
	}{
		{"the clock is at the block", young, before, young.Time, true},
		{"the clock is ten minutes on", young, before, young.Time + 10*minute, false},
		{"the clock is behind", young, before, begin, true},
		{"the clock is behind and the block is late", r.state, r.table, begin, false},
	} {
		// A temporary key acts for ten minutes.
		o := test.state.Query(test.base, subnet.Query{
			Caller: principalOf("ada"), Canister: self, Method: "get_principal",
			Arg: encode(t, "get_principal", `(10000, "https://app.example")`), Now: test.now,
		})
		if o.Replied != test.replied {
			t.Errorf("%s: %+v", test.name, o)
		}
	}
}

// TestMemoryOfOutcomesIsWhatIsCounted keeps many outcomes and compares the
// memory that they take with the bound's own count.
func TestMemoryOfOutcomesIsWhatIsCounted(t *testing.T) {
	r := newRig(t)
	const blocks, calls = 20, 250
	// Rejects take more than replies.
	block := func() []subnet.Call {
		all := make([]subnet.Call, calls)
		for i := range all {
			all[i] = r.signIn("eve", 10_000, "key")
		}
		return all
	}
	r.block(0, block()...)
	before, counted := heap(), r.subnet.Kept()
	for range blocks {
		applied, err := r.subnet.Apply(table.NewMemory(), r.next(0, block()...))
		if err != nil {
			t.Fatal(err)
		}
		r.state = applied.State
	}
	if took, count := heap()-before, r.subnet.Kept()-counted; took > count {
		t.Errorf("%d outcomes take %d bytes each, and are counted with %d", blocks*calls, took/(blocks*calls), count/(blocks*calls))
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
