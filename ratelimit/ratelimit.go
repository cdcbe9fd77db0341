// Package ratelimit owns the count of requests by client, in bounded memory,
// and the address that tells clients apart.
//
// It must not know what is asked. One Clients stands before all parts of a
// service, so that a client has one allowance.
package ratelimit

import (
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

const (
	// DefaultRate per second and DefaultBurst: a first visit loads some dozen
	// files, a sign-in makes some ten calls, and a household or small office
	// shares an address.
	DefaultRate  = 50
	DefaultBurst = 500
	// maxClients bounds the memory, about 100 bytes each.
	maxClients = 20_000
)

// Clients holds two generations of limiters, of which the older is forgotten
// when the younger is full. A flood of addresses can so make it forget, but not
// grow.
type Clients struct {
	rate  rate.Limit
	burst int

	mu           sync.Mutex
	young, older map[netip.Prefix]*rate.Limiter // under mu
}

// New lets every client make so many requests per second, and burst at once.
func New(perSecond float64, burst int) *Clients {
	return &Clients{rate: rate.Limit(perSecond), burst: burst, young: map[netip.Prefix]*rate.Limiter{}}
}

// Allow counts a request. This machine is not limited: it is the developer at
// work, or a proxy that speaks for everybody.
func (c *Clients) Allow(address netip.Addr) bool {
	if address.IsLoopback() {
		return true
	}
	return c.limiter(Network(address)).Allow()
}

func (c *Clients) limiter(who netip.Prefix) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if limiter, ok := c.young[who]; ok {
		return limiter
	}
	limiter, ok := c.older[who]
	if !ok {
		limiter = rate.NewLimiter(c.rate, c.burst)
	}
	if len(c.young) >= maxClients/2 {
		c.older, c.young = c.young, make(map[netip.Prefix]*rate.Limiter, maxClients/2)
	}
	c.young[who] = limiter
	return limiter
}

// Network is what one client has: an IPv4 address, or the 64 bits of IPv6 that
// a single host is given.
func Network(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := 64
	if address.Is4() {
		bits = 32
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all of these share one limit
	}
	return prefix
}

// RemoteIP is the address at the other end of the connection.
func RemoteIP(r *http.Request) netip.Addr {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap()
}
