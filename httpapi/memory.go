package httpapi

import (
	"net/netip"
	"sync"

	"internetidentity/ingress"
	"internetidentity/ratelimit"
)

// memory counts the bytes that requests hold: their bodies, and answers that
// are on their way out. Strangers decide how long a request lasts, so there is
// a bound for all of them and one for each client.
type memory struct {
	mu    sync.Mutex
	total int64                  // under mu
	of    map[netip.Prefix]int64 // under mu; no entry is zero
}

// share is what one request holds.
type share struct {
	memory *memory
	client netip.Prefix
	// limited but on this machine, where one address speaks for many.
	limited bool
	held    int64
}

var errBusy = &ingress.Refusal{Status: 503, Text: "The service is busy. Try again in a moment."}

func (m *memory) share(client netip.Addr) *share {
	return &share{memory: m, client: ratelimit.Network(client), limited: !client.IsLoopback()}
}

// take holds more bytes, or refuses to.
func (s *share) take(n int64) error { return s.hold(s.held + n) }

// hold changes what is held, or refuses to let it grow.
func (s *share) hold(n int64) error {
	m, more := s.memory, n-s.held
	m.mu.Lock()
	defer m.mu.Unlock()
	if more > 0 && (m.total+more > maxHeld || s.limited && m.of[s.client]+more > maxHeldByClient) {
		return errBusy
	}
	m.total += more
	s.held = n
	if s.limited && more != 0 {
		if m.of[s.client] += more; m.of[s.client] == 0 {
			delete(m.of, s.client)
		}
	}
	return nil
}

// release gives everything back.
func (s *share) release() { _ = s.hold(0) }
