package gateway

import (
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// clients counts requests by client, in bounded memory: two generations of
// limiters, of which the older is forgotten when the younger is full. A flood
// of addresses can so make the table forget, but not grow.
type clients struct {
	rate  rate.Limit
	burst int

	mu           sync.Mutex
	young, older map[netip.Prefix]*rate.Limiter // under mu
}

func newClients(perSecond float64, burst int) *clients {
	return &clients{rate: rate.Limit(perSecond), burst: burst, young: map[netip.Prefix]*rate.Limiter{}}
}

// allow counts a request. This machine is not limited: it is the developer at
// work, or a proxy that speaks for everybody.
func (c *clients) allow(address netip.Addr) bool {
	if address.IsLoopback() {
		return true
	}
	return c.limiter(network(address)).Allow()
}

func (c *clients) limiter(who netip.Prefix) *rate.Limiter {
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

// network is what one client has: an IPv4 address, or the 64 bits of IPv6 that
// a single host is given.
func network(address netip.Addr) netip.Prefix {
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

// remoteIP is the address at the other end of the connection.
func remoteIP(r *http.Request) netip.Addr {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap()
}
