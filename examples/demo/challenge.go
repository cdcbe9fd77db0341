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
	// maxChallenges bounds the memory that strangers can claim; the oldest
	// challenge gives way.
	maxChallenges = 10_000
)

// challenges are random values that a session key must sign, each usable once.
// Without them a stolen chain and signature could be replayed.
type challenges struct {
	now func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
	order []string // oldest first
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
	if len(c.order) == maxChallenges {
		delete(c.until, c.order[0])
		c.order = c.order[1:]
	}
	c.until[challenge] = c.now().Add(challengeLife)
	c.order = append(c.order, challenge)
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
