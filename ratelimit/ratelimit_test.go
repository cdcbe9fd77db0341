package ratelimit

import (
	"net/netip"
	"testing"
)

func TestFloodOfAddressesNeitherGrowsNorForgetsTheGreedy(t *testing.T) {
	c := New(0.001, 1)
	greedy := netip.MustParseAddr("192.0.2.1")
	c.Allow(greedy)
	for i := range 3 * maxClients {
		c.Allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		if i%1000 == 0 && c.Allow(greedy) {
			t.Fatalf("a client that keeps asking was forgotten after %d others", i)
		}
	}
	if n := len(c.young) + len(c.older); n > maxClients {
		t.Errorf("%d clients are remembered, limit %d", n, maxClients)
	}
}

func TestWhoIsOneClient(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		same       bool
	}{
		{"one IPv4 address", "192.0.2.1", "192.0.2.1", true},
		{"neighbours in IPv4", "192.0.2.1", "192.0.2.2", false},
		{"IPv4 written as IPv6", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"two addresses of a host in IPv6", "2001:db8::1", "2001:db8::ffff:2", true},
		{"two networks in IPv6", "2001:db8::1", "2001:db8:0:1::1", false},
		{"zones do not count", "fe80::1%a", "fe80::1%b", true},
	} {
		c := New(0.000001, 1)
		if !c.Allow(netip.MustParseAddr(test.a)) {
			t.Fatalf("%s: the first request is refused", test.name)
		}
		if refused := !c.Allow(netip.MustParseAddr(test.b)); refused != test.same {
			t.Errorf("%s: counted as one client: %v, want %v", test.name, refused, test.same)
		}
	}
}

func TestLoopbackIsNotLimited(t *testing.T) {
	c := New(0.000001, 1)
	for range 10 {
		if !c.Allow(netip.MustParseAddr("::1")) || !c.Allow(netip.MustParseAddr("127.0.0.1")) {
			t.Fatal("loopback is limited")
		}
	}
}
