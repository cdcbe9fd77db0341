package demo

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

const (
	// challengeLife is how long a person may take between the challenge and
	// the answer. The page answers at once.
	challengeLife = 2 * time.Minute
	// maxChallenges bounds the memory that strangers can claim, to about 2 MB;
	// the oldest challenge gives way.
	maxChallenges = 10_000
)

// challenges are random values that a session key must sign, each usable once.
// Without them a stolen chain and signature could be replayed.
type challenges struct {
	now func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
	// ring holds what was issued last; next is where the oldest stands.
	ring [maxChallenges]string
	next int
}

func newChallenges(now func() time.Time) *challenges {
	return &challenges{now: now, until: make(map[string]time.Time)}
}

// issue makes a new challenge of 32 random bytes in hex.
func (c *challenges) issue() string {
	var random [32]byte
	rand.Read(random[:]) // never fails: the runtime ends the process instead
	challenge := hex.EncodeToString(random[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.until, c.ring[c.next])
	c.ring[c.next] = challenge
	c.next = (c.next + 1) % maxChallenges
	c.until[challenge] = c.now().Add(challengeLife)
	return challenge
}

// take uses a challenge up and reports whether it was there and fresh.
func (c *challenges) take(challenge string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until, ok := c.until[challenge]
	delete(c.until, challenge)
	return ok && c.now().Before(until)
}
