//go:build !solo

package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"internetidentity/client"
)

// chaosSignIns of the test; II_CHAOS asks for more.
const chaosSignIns = 25

// TestClusterUnderAttack signs people in at all machines while one after
// another is killed or paused, and then looks on every machine for everybody
// whose registration was acknowledged.
func TestClusterUnderAttack(t *testing.T) {
	enough := int64(chaosSignIns)
	if text := os.Getenv("II_CHAOS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		enough = int64(n)
	}
	c := newCluster(t, 4)
	var (
		people []*person
		mu     sync.Mutex
		signed atomic.Int64
		failed atomic.Int64
		all    sync.WaitGroup
	)
	for worker := range 4 {
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
	attacks := 0
	for signed.Load() < enough && !t.Failed() {
		victim, before := random.IntN(4), signed.Load()
		paused := random.IntN(2) == 0
		if paused {
			c.signal(victim, syscall.SIGSTOP)
		} else {
			c.kill(victim)
		}
		// The others go on without it.
		c.until("people sign in while a machine is away", func() error {
			if n := signed.Load(); n < min(before+3, enough) {
				return errFew
			}
			return nil
		})
		if paused {
			c.signal(victim, syscall.SIGCONT)
		} else {
			c.start(victim)
		}
		c.healthy(victim)
		attacks++
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
	t.Logf("%d registrations, %d sign-ins, %d attempts failed, %d attacks", len(people), signed.Load(), failed.Load(), attacks)
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
	p := &person{passkey: passkey}
	p.number, err = c.visitor(at).Register(ctx, passkey, "Ada")
	return p, err
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
