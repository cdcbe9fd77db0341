//go:build !solo

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"internetidentity/client"
)

// chaosSignIns of the test; II_CHAOS asks for more, which many people then do at
// a time.
const (
	chaosSignIns = 12
	fewPeople    = 4
	manyPeople   = 32
)

// TestClusterUnderAttack signs people in at all machines while one after
// another is killed, paused or cut off, and then looks on every machine for
// everybody whose registration was acknowledged. Some calls are sent to two
// machines at once, which must run them once and answer the same.
func TestClusterUnderAttack(t *testing.T) {
	enough, crowd := int64(chaosSignIns), fewPeople
	if text := os.Getenv("II_CHAOS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		enough, crowd = int64(n), manyPeople
	}
	c := newLinked(t, 4)
	var (
		people []*person
		mu     sync.Mutex
		signed atomic.Int64
		failed atomic.Int64
		all    sync.WaitGroup
	)
	for worker := range crowd {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 5))
			for signed.Load() < enough && !t.Failed() {
				p, err := c.tryRegister(random.IntN(4))
				if err != nil {
					failed.Add(1)
					continue
				}
				mu.Lock()
				people = append(people, p)
				mu.Unlock()
				if err := c.trySignIn(p, random.IntN(4)); err != nil {
					failed.Add(1)
					continue
				}
				signed.Add(1)
			}
		})
	}
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 6))
	attacks := map[string]int{}
	// Every kind once in a while, in any order.
	var kinds []int
	for signed.Load() < enough && !t.Failed() {
		if len(kinds) == 0 {
			kinds = random.Perm(attackKinds)
		}
		a := c.attacks(random.IntN(4))[kinds[0]]
		kinds = kinds[1:]
		before := signed.Load()
		a.begin()
		a.during(func() error {
			if n := signed.Load(); n < min(before+max(3, enough/40), enough) {
				return errFew
			}
			return nil
		})
		a.end()
		for i := range c.list {
			c.healthy(i)
		}
		attacks[a.name]++
	}
	all.Wait()
	numbers := map[uint64]bool{}
	for _, p := range people {
		if numbers[p.number] {
			t.Errorf("number %d was given twice", p.number)
		}
		numbers[p.number] = true
	}
	for i := range 4 {
		c.healthy(i)
		for _, p := range people {
			c.until("a machine tells what it knows", func() error { return c.knows(i, p) })
		}
	}
	for i, p := range people[:min(8, len(people))] {
		if key := c.again(p, i%4); p.userKey != nil && !bytes.Equal(key, p.userKey) {
			t.Errorf("identity %d is somebody else", p.number)
		}
	}
	t.Logf("%d registrations, %d sign-ins, %d attempts failed, attacks: %v", len(people), signed.Load(), failed.Load(), attacks)
}

// attack is something that happens to machines for a while.
type attack struct {
	name       string
	begin, end func()
	// during waits for what must be seen before it ends; progress says whether
	// people sign in.
	during func(progress func() error)
}

const attackKinds = 5

func (c *machines) attacks(victim int) [attackKinds]attack {
	one, two := map[int]bool{victim: true}, map[int]bool{victim: true, (victim + 1) % 4: true}
	// Three go on without the one.
	others := func(progress func() error) { c.until("people sign in while a machine is away", progress) }
	return [...]attack{
		{"killed", func() { c.kill(victim) }, func() { c.start(victim) }, others},
		{"paused", func() { c.signal(victim, syscall.SIGSTOP) }, func() { c.signal(victim, syscall.SIGCONT) }, others},
		{"cut off", func() { c.links.part(one, (*link).cut) }, c.links.heal, others},
		{"not heard", func() { c.links.part(one, (*link).hold) }, c.links.heal, others},
		{"in two halves", func() { c.links.part(two, (*link).cut) }, c.links.heal, func(func() error) {
			// Neither half may go on, nor answer with what it had.
			for i := range c.list {
				c.until("a machine of half a cluster says so", func() error { return c.refuses(i) })
			}
		}},
	}
}

// refuses asks a machine something that anybody may, and wants no answer.
func (c *machines) refuses(i int) error {
	_, err := c.client(i).Query(c.t.Context(), client.Identity{}, canister, "stats", []byte("DIDL\x00\x00"))
	if err == nil || !strings.Contains(err.Error(), "503") {
		return fmt.Errorf("it answers: %v", err)
	}
	return nil
}

var errFew = errors.New("too few have signed in")

// attemptTime is after what a client tries another machine.
const attemptTime = 15 * time.Second

func (c *machines) tryRegister(at int) (*person, error) {
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), attemptTime)
	defer cancel()
	if err := c.tryTwice(ctx, at); err != nil {
		return nil, err
	}
	p := &person{passkey: passkey}
	p.number, err = c.visitor(at).Register(ctx, passkey, "Ada")
	return p, err
}

// tryTwice sends one call to two machines at the same time. Run twice, the
// second would answer that a registration is under way.
func (c *machines) tryTwice(ctx context.Context, at int) error {
	who := client.Identity{Signer: client.GenerateEd25519()}
	one, other := c.client(at), c.client((at+1)%len(c.list))
	call, err := one.NewCall(who, canister, "identity_registration_start", []byte("DIDL\x00\x00"))
	if err != nil {
		return err
	}
	var replies [2][]byte
	var failed [2]error
	var both sync.WaitGroup
	for i, at := range []*client.Client{one, other} {
		both.Go(func() { replies[i], failed[i] = at.Send(ctx, who, call) })
	}
	both.Wait()
	if err := errors.Join(failed[:]...); err != nil {
		return err
	}
	if !bytes.Equal(replies[0], replies[1]) {
		c.t.Errorf("one call has two replies: %x and %x", replies[0], replies[1])
	}
	return nil
}

func (c *machines) trySignIn(p *person, at int) error {
	ctx, cancel := context.WithTimeout(c.t.Context(), attemptTime)
	defer cancel()
	v := c.visitor(at)
	as, err := v.Unlock(p.passkey)
	if err != nil {
		return err
	}
	chain, err := v.SignIn(ctx, as, client.SignInRequest{Number: p.number, Origin: app, SessionKey: client.GenerateEd25519().PublicKey()})
	if err != nil {
		return err
	}
	if _, err := client.VerifySignIn(c.root, canister, chain, uint64(time.Now().UnixNano())); err != nil {
		c.t.Errorf("a delegation of machine %d: %v", at, err)
	}
	p.userKey = chain.PublicKey
	return nil
}
