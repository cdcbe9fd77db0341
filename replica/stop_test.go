package replica_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/replica"
)

var errDisk = errors.New("no space left on device")

// load calls from many sides until each of them is refused, and returns the
// calls that were acknowledged with their callers.
func (r *rig) load(callers int, enough func(acknowledged int)) map[ingress.RequestID]string {
	var mu sync.Mutex
	acknowledged := map[ingress.RequestID]string{}
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for {
				who := fmt.Sprint("person ", caller)
				e := r.call(who, "whoami")
				encoded, err := r.Call(r.t.Context(), e, certificate.Sharded)
				if err != nil {
					if got := refusal(err); !strings.HasPrefix(got, "503 The service ") {
						r.t.Errorf("the last call gives %q", got)
					}
					return
				}
				if got := r.outcome(encoded, e.ID); got != "replied "+whoIs(e.Content.Sender) {
					r.t.Errorf("a call ended with %q", got)
				}
				mu.Lock()
				acknowledged[e.ID] = who
				n := len(acknowledged)
				mu.Unlock()
				enough(n)
			}
		})
	}
	all.Wait()
	return acknowledged
}

// allThere opens what a crash leaves of the disk and looks for calls.
func (r *rig) allThere(fs vfs.FS, calls map[ingress.RequestID]string) {
	r.t.Helper()
	after := &rig{t: r.t, disk: r.disk, clock: r.clock}
	after.open(fs)
	defer after.close()
	for id, who := range calls {
		encoded, err := after.ReadState(r.t.Context(), ingress.Scope{ID: self}, after.readState(who, [][]byte{[]byte("request_status"), id[:]}), certificate.Sharded)
		if err != nil {
			r.t.Fatal(err)
		}
		if got := after.outcome(encoded, id); !strings.HasPrefix(got, "replied ") {
			r.t.Errorf("an acknowledged call ended with %q", got)
		}
	}
}

func TestFailingDiskStopsTheServiceAndLosesNothing(t *testing.T) {
	r := newRig(t)
	acknowledged := r.load(8, func(n int) {
		if n == 100 {
			r.disk.fail(errDisk, nil)
		}
	})
	crashed := r.disk.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(1, 2))})
	if err := <-r.Fatal(); !errors.Is(err, errDisk) {
		t.Errorf("the reason is %v", err)
	}
	if r.Healthy() {
		t.Error("it calls itself healthy")
	}
	const broken = "503 The service has stopped because of a fault. Its operator has been told."
	if _, err := r.Call(t.Context(), r.call("ada", "whoami"), certificate.Sharded); refusal(err) != broken {
		t.Errorf("a later call: %v", err)
	}
	if _, err := r.Query(t.Context(), r.query("ada", "whoami")); refusal(err) != broken {
		t.Errorf("a later query: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.store.Close(); !errors.Is(err, errDisk) {
		t.Errorf("closing the store: %v", err)
	}
	r.stopped = true
	if len(acknowledged) < 100 {
		t.Fatalf("only %d calls", len(acknowledged))
	}
	r.allThere(crashed, acknowledged)
}

func TestUnreadableDiskStopsTheService(t *testing.T) {
	r := newRig(t)
	for _, method := range []string{"identity_registration_start", "identity_registration_finish"} {
		e := r.call("ada", method)
		if method == "identity_registration_finish" {
			e = r.request("ada", ingress.Content{Kind: ingress.Call, Canister: self, Method: method, Arg: arguments(t, method, `(record { authn_method = record {
				authn_method = variant { PubKey = record { pubkey = blob "key" } };
				security_settings = record { protection = variant { Unprotected }; purpose = variant { Authentication } };
				metadata = vec {}; } })`)})
		}
		if encoded, err := r.Call(t.Context(), e, certificate.Sharded); err != nil || !strings.HasPrefix(r.outcome(encoded, e.ID), "replied") {
			t.Fatal(err, r.outcome(encoded, e.ID))
		}
	}
	r.close()
	// Opening again moves all data from the log into files, and nothing of
	// them stays in memory.
	r.cache = 1
	r.open(r.disk.fs)
	r.disk.fail(nil, errDisk)
	info := r.request("ada", ingress.Content{Kind: ingress.Query, Canister: self, Method: "identity_authn_info", Arg: arguments(t, "identity_authn_info", "(10000)")})
	const broken = "503 The service has stopped because of a fault. Its operator has been told."
	if response, err := r.Query(t.Context(), info); refusal(err) != broken {
		t.Errorf("a query that cannot be read: %v %+v", err, response)
	}
	if err := <-r.Fatal(); !errors.Is(err, errDisk) {
		t.Errorf("the reason is %v", err)
	}
	r.clock.Add(hour) // nobody makes a fresh state
	if _, err := r.Ask(t.Context(), self, "stats", noArg); refusal(err) != broken {
		t.Errorf("a later question: %v", err)
	}
	r.disk.fail(nil, nil)
}

// TestFaultWakesThoseWhoWaitForABlock cannot make one.
func TestFaultWakesThoseWhoWaitForABlock(t *testing.T) {
	r := newRig(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r.config.Random = failingRandom{}
	r.start()
	r.clock.Add(hour)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := r.Ask(t.Context(), self, "stats", noArg); !strings.HasPrefix(refusal(err), "503 The service has stopped ") {
				t.Errorf("who waits for a block is told %v", err)
			}
		})
		all.Go(func() {
			if _, err := r.Call(t.Context(), r.call("ada", "whoami"), certificate.Sharded); !strings.HasPrefix(refusal(err), "503 The service has stopped ") {
				t.Errorf("who waits for a call is told %v", err)
			}
		})
	}
	all.Wait()
	if err := <-r.Fatal(); err == nil || !strings.Contains(err.Error(), "randomness") {
		t.Errorf("the reason is %v", err)
	}
}

type failingRandom struct{}

func (failingRandom) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

func TestCloseUnderLoadAnswersEverybodyAndKeepsEverything(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := newRig(t)
	started := make(chan struct{})
	closed := make(chan error, 1)
	go func() {
		<-started
		closed <- r.Close()
	}()
	var once sync.Once
	acknowledged := r.load(8, func(n int) {
		if n >= 100 {
			once.Do(func() { close(started) })
		}
	})
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	r.close()
	r.allThere(r.disk.fs, acknowledged)
}

// TestCloseWaitsForCallsThatNobodyWaitsFor: one that was taken is executed.
func TestCloseWaitsForCallsThatNobodyWaitsFor(t *testing.T) {
	r := newRig(t)
	held, release := r.disk.hold()
	defer release()
	calls := map[ingress.RequestID]string{}
	for range 20 {
		e := r.call("person 1", "whoami")
		calls[e.ID] = "person 1"
		if err := r.Submit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	<-held
	closed := make(chan error)
	go func() { closed <- r.Close() }()
	release()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	r.close()
	r.allThere(r.disk.fs, calls)
}

// TestReadersAndWritersTogether reads all that there is while blocks are made:
// the race detector looks on, and the store complains about views that are
// left.
func TestReadersAndWritersTogether(t *testing.T) {
	r := newRig(t)
	var readers, writers sync.WaitGroup
	done := make(chan struct{})
	for i := range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				who := fmt.Sprint("person ", i)
				if _, err := r.Query(t.Context(), r.query(who, "whoami")); err != nil {
					t.Error(err)
					return
				}
				encoded, err := r.ReadState(t.Context(), ingress.Scope{ID: self}, r.readState(who, [][]byte{[]byte("subnet")}, [][]byte{[]byte("request_status"), make([]byte, 32)}), certificate.Flat)
				if err != nil {
					t.Error(err)
					return
				}
				r.certified(encoded)
				r.clock.Add(second)
			}
		})
		writers.Go(func() {
			for range 30 {
				e := r.call(fmt.Sprint("writer ", i), "identity_registration_start")
				encoded, err := r.Call(t.Context(), e, certificate.Sharded)
				if err != nil {
					t.Error(err)
					return
				}
				if got := r.outcome(encoded, e.ID); !strings.HasPrefix(got, "replied ") {
					t.Errorf("a call ended with %q", got)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

func TestStartRefusesKeysThatDoNotFit(t *testing.T) {
	r := newRig(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*replica.Config){
		"the subnet key is not":   func(c *replica.Config) { c.SubnetKey = certificate.DeriveSigningKey([32]byte{9}) },
		"the node key is none of": func(c *replica.Config) { c.NodeKey = ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32))) },
		"put the right keys back": func(c *replica.Config) {
			c.SubnetKey = certificate.DeriveSigningKey([32]byte{9})
			c.Subnet.Key = c.SubnetKey.Public()
		},
		"outside of the subnet's ranges":  func(c *replica.Config) { c.Subnet.Ranges = nil },
		context.Canceled.Error() + "\x00": nil,
	} {
		config, ctx := r.config, t.Context()
		if change != nil {
			change(&config)
		} else {
			canceled, cancel := context.WithCancel(ctx)
			cancel()
			ctx = canceled
		}
		if _, err := replica.Start(ctx, config); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(name, "\x00")) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
}
