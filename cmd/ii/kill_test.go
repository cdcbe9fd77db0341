package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"internetidentity/candid"
	"internetidentity/certificate"
	"internetidentity/client"
	"internetidentity/principal"
)

var canister = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

const app = "https://app.example"

// person is somebody whose registration was acknowledged.
type person struct {
	passkey  *client.Passkey
	number   uint64
	userKey  []byte // at the app; nil before the first sign-in
	prepared []preparation
}

// preparation is a delegation whose preparation was acknowledged.
type preparation struct {
	session    []byte
	expiration uint64
}

// chronicle is what clients were told.
type chronicle struct {
	mu     sync.Mutex
	people []*person
	events int
	killAt int
	kill   func()
	killed bool
}

// told records an acknowledged event, and kills the service at the right one,
// in the middle of what the others do.
func (c *chronicle) told(record func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	record()
	c.events++
	if c.events == c.killAt {
		c.killed = true
		c.kill()
	}
}

// over reports whether an error is the end of the service.
func (c *chronicle) over(t *testing.T, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && !c.killed {
		t.Errorf("while the service ran: %v", err)
	}
	return err != nil
}

// visitor is one client with its connection.
type visitor struct {
	client.InternetIdentity
	root certificate.BLSPublicKey
}

func visit(t *testing.T, s *served) visitor {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := client.New(s.greeted["Sign-in page"], client.Options{HTTP: &http.Client{Transport: transport}})
	// The service on this machine is believed when it tells its key.
	if err := c.FetchRootKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return visitor{client.InternetIdentity{Client: c, Canister: canister}, status.RootKey}
}

type prepareArgs struct {
	Number     uint64
	Origin     string
	SessionKey []byte
	MaxTTL     *uint64
}

type prepared struct {
	UserKey    []byte
	Expiration uint64
}

type getArgs struct {
	Number     uint64
	Origin     string
	SessionKey []byte
	Expiration uint64
}

type got struct {
	R struct {
		_      candid.Variant
		Signed *struct {
			Delegation struct {
				PublicKey  []byte                 `candid:"pubkey"`
				Expiration uint64                 `candid:"expiration"`
				Targets    *[]principal.Principal `candid:"targets"`
			} `candid:"delegation"`
			Signature []byte `candid:"signature"`
		} `candid:"signed_delegation"`
		None *candid.Null `candid:"no_such_delegation"`
	}
}

func (v visitor) prepare(ctx context.Context, as client.Identity, number uint64, session []byte) (*prepared, error) {
	arg := candid.MustCodec[prepareArgs]().Encode(&prepareArgs{number, app, session, nil})
	reply, err := v.Client.Call(ctx, as, canister, "prepare_delegation", arg)
	if err != nil {
		return nil, err
	}
	p := &prepared{}
	return p, candid.MustCodec[prepared]().Decode(reply, p)
}

// get fetches a prepared delegation; nil when the service does not know it.
func (v visitor) get(ctx context.Context, as client.Identity, number uint64, userKey []byte, p preparation) (*certificate.Chain, error) {
	arg := candid.MustCodec[getArgs]().Encode(&getArgs{number, app, p.session, p.expiration})
	reply, err := v.Client.Query(ctx, as, canister, "get_delegation", arg)
	if err != nil {
		return nil, err
	}
	var g got
	if err := candid.MustCodec[got]().Decode(reply, &g); err != nil || g.R.Signed == nil {
		return nil, err
	}
	d := g.R.Signed
	return &certificate.Chain{PublicKey: userKey, Delegations: []certificate.SignedDelegation{{
		Delegation: certificate.Delegation{PublicKey: d.Delegation.PublicKey, Expiration: d.Delegation.Expiration},
		Signature:  d.Signature,
	}}}, nil
}

// live registers people and signs them in until the service is gone.
func (c *chronicle) live(t *testing.T, v visitor) {
	ctx := t.Context()
	for {
		passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
		if err != nil {
			t.Error(err)
			return
		}
		number, err := v.Register(ctx, passkey, "Ada")
		if c.over(t, err) {
			return
		}
		p := &person{passkey: passkey, number: number}
		c.told(func() { c.people = append(c.people, p) })
		as, err := v.Unlock(passkey)
		if err != nil {
			t.Error(err)
			return
		}
		for range 3 {
			session := client.GenerateEd25519().PublicKey()
			ready, err := v.prepare(ctx, as, number, session)
			if c.over(t, err) {
				return
			}
			c.told(func() {
				p.userKey = ready.UserKey
				p.prepared = append(p.prepared, preparation{session, ready.Expiration})
			})
			chain, err := v.get(ctx, as, number, ready.UserKey, preparation{session, ready.Expiration})
			if c.over(t, err) {
				return
			}
			if chain == nil {
				t.Error("a delegation that was just prepared is not known")
				return
			}
			if _, err := client.VerifySignIn(v.root, canister, *chain, uint64(time.Now().UnixNano())); err != nil {
				t.Error(err)
			}
			c.told(func() {})
		}
	}
}

// remember looks for all that was ever acknowledged.
func (c *chronicle) remember(t *testing.T, v visitor) {
	ctx := t.Context()
	numbers := map[uint64]bool{}
	for _, p := range c.people {
		if numbers[p.number] {
			t.Errorf("number %d was given twice", p.number)
		}
		numbers[p.number] = true
		info, err := v.Client.Query(ctx, client.Identity{}, canister, "identity_authn_info", candid.MustCodec[struct{ N uint64 }]().Encode(&struct{ N uint64 }{p.number}))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(info, p.passkey.PublicKey()) {
			t.Errorf("identity %d is lost", p.number)
			continue
		}
		as, err := v.Unlock(p.passkey)
		if err != nil {
			t.Fatal(err)
		}
		for i, preparation := range p.prepared {
			chain, err := v.get(ctx, as, p.number, p.userKey, preparation)
			if err != nil {
				t.Fatal(err)
			}
			if chain == nil {
				// A signature may be fetched for a minute only. Then it is
				// asked for again.
				again, err := v.prepare(ctx, as, p.number, preparation.session)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(again.UserKey, p.userKey) {
					t.Errorf("identity %d is somebody else at the app", p.number)
				}
				continue
			}
			if _, err := client.VerifySignIn(v.root, canister, *chain, uint64(time.Now().UnixNano())); err != nil {
				t.Errorf("delegation %d of identity %d: %v", i, p.number, err)
			}
		}
	}
}

// TestKilledServiceKeepsWhatItAcknowledged kills the process at random moments
// of its work and starts it again on the same folder.
func TestKilledServiceKeepsWhatItAcknowledged(t *testing.T) {
	const rounds, clients = 5, 6
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 7))
	dir := filepath.Join(t.TempDir(), "data")
	c := &chronicle{}
	var root string
	for round := range rounds {
		s := serveProcess(t, dir)
		if round > 0 && s.greeted["Root key"] != root {
			t.Fatalf("the root key changed from %s to %s", root, s.greeted["Root key"])
		}
		root = s.greeted["Root key"]
		c.remember(t, visit(t, s))
		c.killed, c.killAt = false, c.events+1+random.IntN(60)
		c.kill = func() {
			if err := s.command.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
		visitors := make([]visitor, clients)
		for i := range visitors {
			visitors[i] = visit(t, s)
		}
		var all sync.WaitGroup
		for _, v := range visitors {
			all.Go(func() { c.live(t, v) })
		}
		all.Wait()
		if err := s.command.Wait(); err == nil {
			t.Fatal("the service was not killed")
		}
	}
	s := serveProcess(t, dir)
	c.remember(t, visit(t, s))
	s.stop(t)
	t.Logf("%d people, %d acknowledged events, %d kills", len(c.people), c.events, rounds)
}

// TestKilledFirstStart kills the very first start as soon as each part of the
// data folder appears.
func TestKilledFirstStart(t *testing.T) {
	for _, part := range []string{".", "keys.new", "keys", "db"} {
		dir := filepath.Join(t.TempDir(), "data")
		command := exec.Command(binary, "serve", "--data", dir, "--listen", "127.0.0.1:0")
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		gone := make(chan error, 1)
		go func() { gone <- command.Wait() }()
		for {
			_, err := os.Stat(filepath.Join(dir, part))
			if part == "keys.new" && err != nil {
				// It may have been renamed before anybody looked.
				_, err = os.Stat(filepath.Join(dir, "keys"))
			}
			if err == nil {
				break
			}
			select {
			case err := <-gone:
				t.Fatalf("the program ended: %v", err)
			default:
			}
		}
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-gone
		s := serveProcess(t, dir)
		v := visit(t, s)
		passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Register(t.Context(), passkey, "Ada"); err != nil {
			t.Errorf("killed when %s was there: %v", part, err)
		}
		s.stop(t)
	}
}
