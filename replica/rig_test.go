package replica_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"internetidentity/candid"
	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/identity"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/replica"
	"internetidentity/store"
	"internetidentity/subnet"
)

// begin is the clock's first time in every test.
const begin = 1_700_000_000_000_000_000

const (
	second = 1_000_000_000
	minute = 60 * second
	hour   = 60 * minute
)

var self = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

// disk is a file system in memory, which can be made slow or broken.
type disk struct {
	mem *vfs.MemFS
	fs  vfs.FS

	mu    sync.Mutex
	gate  chan struct{} // under mu; blocks wait here for being durable
	held  chan struct{} // under mu; told when one waits
	write error         // under mu
	read  error         // under mu
	slow  func()        // under mu; while a block becomes durable
}

func newDisk() *disk {
	d := &disk{mem: vfs.NewCrashableMem()}
	d.fs = errorfs.Wrap(d.mem, errorfs.InjectorFunc(d.operation))
	return d
}

func (d *disk) operation(op errorfs.Op) error {
	d.mu.Lock()
	gate, held, write, read, slow := d.gate, d.held, d.write, d.read, d.slow
	d.mu.Unlock()
	switch op.Kind {
	case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
		if gate != nil {
			select {
			case held <- struct{}{}:
			default:
			}
			<-gate
		}
		if slow != nil {
			slow()
		}
		return write
	case errorfs.OpFileWrite, errorfs.OpCreate:
		return write
	case errorfs.OpFileReadAt, errorfs.OpOpen:
		return read
	}
	return nil
}

// hold makes every block wait until release. The channel tells when one does.
func (d *disk) hold() (held <-chan struct{}, release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	gate := make(chan struct{})
	d.gate, d.held = gate, make(chan struct{}, 1)
	return d.held, sync.OnceFunc(func() {
		d.mu.Lock()
		d.gate = nil
		d.mu.Unlock()
		close(gate)
	})
}

func (d *disk) fail(write, read error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.write, d.read = write, read
}

// rig is a replica with everything that it needs.
type rig struct {
	*replica.Replica
	t       testing.TB
	disk    *disk
	store   *store.Store
	clock   *atomic.Uint64
	now     func() uint64 // in place of the clock, if it is not nil
	config  replica.Config
	nonces  atomic.Uint64
	cache   int64 // bytes; zero for the usual
	stopped bool
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, disk: newDisk(), clock: &atomic.Uint64{}}
	r.clock.Store(begin)
	r.open(r.disk.fs)
	t.Cleanup(r.close)
	return r
}

// open starts on a file system, and again after close.
func (r *rig) open(fs vfs.FS) {
	r.t.Helper()
	var err error
	if r.store, err = store.Open("data", store.Options{FS: fs, CacheBytes: r.cache}); err != nil {
		r.t.Fatal(err)
	}
	r.config = configuration(r.t, r.store)
	r.config.Now = r.clock.Load
	if r.now != nil {
		r.config.Now = r.now
	}
	r.start()
}

func (r *rig) start() {
	r.t.Helper()
	var err error
	if r.Replica, err = replica.Start(context.Background(), r.config); err != nil {
		r.t.Fatal(err)
	}
	r.stopped = false
}

// close stops everything; the store complains about views that are not
// released.
func (r *rig) close() {
	r.t.Helper()
	if r.stopped {
		return
	}
	r.stopped = true
	if err := errors.Join(r.Close(), r.store.Close()); err != nil {
		r.t.Errorf("stop: %v", err)
	}
}

func configuration(t testing.TB, s *store.Store) replica.Config {
	root, key := certificate.DeriveSigningKey([32]byte{1}), certificate.DeriveSigningKey([32]byte{2})
	nodeKey := ed25519.NewKeyFromSeed(make([]byte, 32))
	node := replica.NodePublicKey(nodeKey)
	init, err := canister.Init{
		Captcha:   &identity.CaptchaConfig{Trigger: identity.CaptchaDisabled, MaxUnsolved: 500},
		RateLimit: &canister.RateLimit{TimePerToken: 1, MaxTokens: 1 << 30},
	}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	bytes := func(b ...byte) principal.Principal {
		p, err := principal.FromBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return replica.Config{
		Store: s,
		Subnet: subnet.Config{
			Canister: self, Key: key.Public(), Init: init,
			Ranges: []certificate.Range{{
				First: bytes(0, 0, 0, 0, 0, 0, 0, 0, 1, 1),
				Last:  bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1),
			}},
			Nodes: []subnet.Node{{ID: principal.SelfAuthenticating(node), PublicKey: node}},
		},
		RootKey: root, SubnetKey: key, NodeKey: nodeKey,
		Random: rand.NewChaCha8([32]byte{3}),
		Logger: slog.New(slog.DiscardHandler),
	}
}

// signer is a person's key.
type signer struct{ key ed25519.PrivateKey }

func person(name string) signer {
	seed := sha256.Sum256([]byte(name))
	return signer{ed25519.NewKeyFromSeed(seed[:])}
}

func (s signer) PublicKey() []byte { return replica.NodePublicKey(s.key) }

func (s signer) Sign(payload []byte) ([]byte, error) { return ed25519.Sign(s.key, payload), nil }

// request signs a request of a person; the empty name is nobody.
func (r *rig) request(who string, c ingress.Content) *ingress.Envelope {
	r.t.Helper()
	c.Sender = principal.Anonymous()
	if c.Expiry == 0 {
		c.Expiry = r.clock.Load() + 4*minute
	}
	if c.Nonce == nil && c.Kind == ingress.Call {
		c.Nonce = binary.BigEndian.AppendUint64(nil, r.nonces.Add(1))
	}
	if who == "" {
		return &ingress.Envelope{Content: c, ID: c.ID()}
	}
	e, err := ingress.Sign(c, person(who), nil, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// call is a call without an argument.
func (r *rig) call(who, method string) *ingress.Envelope {
	return r.request(who, ingress.Content{Kind: ingress.Call, Canister: self, Method: method, Arg: noArg})
}

func (r *rig) query(who, method string) *ingress.Envelope {
	return r.request(who, ingress.Content{Kind: ingress.Query, Canister: self, Method: method, Arg: noArg})
}

func (r *rig) readState(who string, paths ...[][]byte) *ingress.Envelope {
	if paths == nil {
		paths = [][][]byte{{[]byte("time")}}
	}
	return r.request(who, ingress.Content{Kind: ingress.ReadState, Paths: paths})
}

// noArg is () in Candid, and whoIs the answer of whoami.
var noArg = []byte("DIDL\x00\x00")

func whoIs(p principal.Principal) string {
	return "DIDL\x00\x01\x68\x01" + string(rune(len(p.Bytes()))) + string(p.Bytes())
}

// certified verifies a certificate.
func (r *rig) certified(encoded []byte) *certificate.Certificate {
	r.t.Helper()
	c, err := certificate.Parse(encoded)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.VerifyForCanister(r.RootKey(), self); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// outcome reads how a call ended.
func (r *rig) outcome(encoded []byte, id ingress.RequestID) string {
	r.t.Helper()
	c := r.certified(encoded)
	look := func(name string) string {
		value, _ := c.Tree.Lookup([]byte("request_status"), id[:], []byte(name))
		return string(value)
	}
	switch look("status") {
	case "replied":
		return "replied " + look("reply")
	case "rejected":
		return fmt.Sprintf("rejected %x %s %s", look("reject_code"), look("error_code"), look("reject_message"))
	}
	return look("status")
}

// time is that of the state which a read_state shows.
func (r *rig) time() uint64 {
	r.t.Helper()
	encoded, err := r.ReadState(r.t.Context(), ingress.Scope{ID: self}, r.readState(""), certificate.Sharded)
	if err != nil {
		r.t.Fatal(err)
	}
	now, err := r.certified(encoded).Time()
	if err != nil {
		r.t.Fatal(err)
	}
	return now
}

func refusal(err error) string {
	var refused *ingress.Refusal
	var rejected *ingress.Rejection
	switch {
	case errors.As(err, &refused):
		return fmt.Sprintf("%d %s", refused.Status, refused.Text)
	case errors.As(err, &rejected):
		return fmt.Sprintf("rejected %d %s %s", rejected.Code, rejected.ErrorCode, rejected.Message)
	}
	return fmt.Sprint(err)
}

// arguments of a method, in the text of Candid.
func arguments(t testing.TB, method, text string) []byte {
	t.Helper()
	program, err := candid.ParseProgram(canister.DID())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(program.Service.Methods, func(m candid.Method) bool { return m.Name == method })
	types := program.Service.Methods[i].Type.Func.Args
	values, err := candid.ParseValues(text, types)
	if err != nil {
		t.Fatal(err)
	}
	arg, err := candid.Encode(types, values)
	if err != nil {
		t.Fatal(err)
	}
	return arg
}
