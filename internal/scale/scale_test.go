package scale

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"internetidentity/candid"
	"internetidentity/canister"
	"internetidentity/principal"
	"internetidentity/store"
	"internetidentity/table"
)

// The full form takes some minutes and about a gigabyte of disk:
//
//	go test -run '^$' -bench . -benchtime 2000x ./internal/scale -identities 1000,10000,100000,1000000
var sizes = flag.String("identities", "1000,10000", "numbers of identities to measure at, in rising order")

// warmUp is how many questions bring much of the database into the cache.
const warmUp = 100_000

// batch is how many messages share a commit, as under load.
const batch = 100

var self = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

// service is a contract over a database.
type service struct {
	b        *testing.B
	store    *store.Store
	canister *canister.Canister
	snapshot *store.Snapshot
	block    *table.Overlay
	inBlock  int
	now      uint64
	count    uint64
	did      *candid.Program
	numbers  int // identities there are
}

func open(b *testing.B) *service {
	b.Helper()
	db, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	did, err := candid.ParseProgram(canister.DID())
	if err != nil {
		b.Fatal(err)
	}
	s := &service{b: b, store: db, did: did, now: 1_700_000_000_000_000_000}
	s.begin()
	arg, err := canister.ParseInit(`(opt record {
		register_rate_limit = opt record { time_per_token_ns = 1; max_tokens = 1_000_000_000 };
		captcha_config = opt record { max_unsolved_captchas = 1; captcha_trigger = variant { Static = variant { CaptchaDisabled } } } })`)
	if err != nil {
		b.Fatal(err)
	}
	if s.canister, err = canister.Install(s.block, self, arg, canister.Bundle{}, s.now); err != nil {
		b.Fatal(err)
	}
	s.commit()
	return s
}

func (s *service) begin() {
	s.snapshot = s.store.Snapshot()
	s.block, s.inBlock = table.NewOverlay(s.snapshot), 0
}

func (s *service) commit() {
	if err := s.store.Commit(s.block); err != nil {
		s.b.Fatal(err)
	}
	if err := s.snapshot.Close(); err != nil {
		s.b.Fatal(err)
	}
	s.begin()
}

func (s *service) close() {
	if err := s.snapshot.Close(); err != nil {
		s.b.Fatal(err)
	}
	if err := s.store.Close(); err != nil {
		s.b.Fatal(err)
	}
}

// key is the key of the n-th identity; it needs no secret here.
func key(n int) []byte {
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return append([]byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), hash[:]...)
}

func (s *service) argument(method, text string) []byte {
	for _, m := range s.did.Service.Methods {
		if m.Name != method {
			continue
		}
		types := m.Type.Func.Args
		values, err := candid.ParseValues(text, types)
		if err != nil {
			s.b.Fatal(err)
		}
		encoded, err := candid.Encode(types, values)
		if err != nil {
			s.b.Fatal(err)
		}
		return encoded
	}
	s.b.Fatalf("no method %s", method)
	return nil
}

// update runs a message in the block, which is committed when it is full.
func (s *service) update(caller []byte, method string, arg []byte) {
	s.count++
	s.now += 1_000_000 // a thousand messages a second
	reply := s.canister.Update(canister.Env{
		Table: s.block, Caller: principal.SelfAuthenticating(caller), Now: s.now,
		Seed: sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.count)),
	}, method, arg)
	if !reply.Replied {
		s.b.Fatalf("%s: %s", method, reply.RejectMessage)
	}
	if s.inBlock++; s.inBlock == batch {
		s.commit()
	}
}

// registration is the argument of a finish; key and credential are replaced in
// place, which is faster than to encode it anew.
func (s *service) registration() (arg []byte, at []int) {
	placeholder := key(1 << 60)
	text := make([]byte, 0, 3*len(placeholder))
	for _, c := range placeholder {
		text = fmt.Appendf(text, `\%02x`, c)
	}
	arg = s.argument("identity_registration_finish", fmt.Sprintf(`(record { name = opt "A person"; authn_method = record {
		authn_method = variant { WebAuthn = record { pubkey = blob "%[1]s"; credential_id = blob "%[1]s" } };
		security_settings = record { protection = variant { Unprotected }; purpose = variant { Authentication } };
		metadata = vec { record { "alias"; variant { String = "Phone" } } } } })`, text))
	for i := 0; i+len(placeholder) <= len(arg); i++ {
		if string(arg[i:i+len(placeholder)]) == string(placeholder) {
			at = append(at, i)
		}
	}
	if len(at) != 2 {
		s.b.Fatal("the placeholder is not there twice")
	}
	return arg, at
}

var noArgs = []byte("DIDL\x00\x00")

func (s *service) register(arg []byte, at []int) {
	k := key(s.numbers)
	for _, i := range at {
		copy(arg[i:], k)
	}
	s.update(k, "identity_registration_start", noArgs)
	s.update(k, "identity_registration_finish", arg)
	s.numbers++
}

func BenchmarkIdentities(b *testing.B) {
	s := open(b)
	defer s.close()
	arg, at := s.registration()
	var base uint64
	for text := range strings.SplitSeq(*sizes, ",") {
		size, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		for s.numbers < size {
			s.register(arg, at)
		}
		s.commit()
		// A service that grows this fast is measured after it has come to rest.
		if err := s.store.Compact(b.Context()); err != nil {
			b.Fatal(err)
		}
		// Nor does the disk then still write what it was given before, which every
		// commit would have to wait for.
		syscall.Sync()
		// The compaction has left nothing in the cache; a service that has
		// answered for a while is measured.
		random := rand.New(rand.NewPCG(1, uint64(size)))
		for range warmUp {
			s.lookUp(random.IntN(size))
			s.authnInfo(random.IntN(size))
		}
		memory := resident(b)
		if base == 0 {
			base = memory
		}
		b.Run(fmt.Sprintf("register/%d", size), func(b *testing.B) {
			for b.Loop() {
				s.register(arg, at)
			}
			b.ReportMetric(float64(memory-min(base, memory))/float64(size), "resident-B/identity")
		})
		b.Run(fmt.Sprintf("sign-in/%d", size), func(b *testing.B) {
			for app := 0; b.Loop(); app++ {
				n := random.IntN(size)
				s.update(key(n), "prepare_delegation", s.signIn(n, app))
			}
		})
		b.Run(fmt.Sprintf("look-up/%d", size), func(b *testing.B) {
			for b.Loop() {
				s.lookUp(random.IntN(size))
			}
		})
	}
}

// lookUp asks for the n-th identity by its credential.
func (s *service) lookUp(n int) {
	k := key(n)
	arg := append([]byte("DIDL\x01\x6d\x7b\x01\x00"), byte(len(k)))
	reply := s.canister.View().Query(canister.QueryEnv{Table: s.block, Caller: principal.Anonymous(), Now: s.now}, "lookup_device_key", append(arg, k...))
	if !reply.Replied || len(reply.Arg) < 40 {
		s.b.Fatalf("not found: %x", reply.Arg)
	}
}

// authnInfo asks how the n-th identity signs in, as the sign-in page does.
func (s *service) authnInfo(n int) {
	arg := binary.LittleEndian.AppendUint64([]byte("DIDL\x00\x01\x78"), 10_000+uint64(n))
	reply := s.canister.View().Query(canister.QueryEnv{Table: s.block, Caller: principal.Anonymous(), Now: s.now}, "identity_authn_info", arg)
	if !reply.Replied {
		s.b.Fatalf("not found: %s", reply.RejectMessage)
	}
}

// signIn is the argument of prepare_delegation for the n-th identity. Apps take
// turns, so that also few people rarely come back to one: the work is the same
// at every size.
func (s *service) signIn(n, app int) []byte {
	type args struct {
		Number     uint64
		Origin     string
		SessionKey []byte
		MaxTTL     *uint64
	}
	return candid.MustCodec[args]().Encode(&args{10_000 + uint64(n), fmt.Sprintf("https://app-%d.example", app%100), key(n), nil})
}

// resident is the memory of the process that is in use, in bytes.
func resident(b *testing.B) uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseUint(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib << 10
		}
	}
	return 0
}
