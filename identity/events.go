package identity

import (
	"net/netip"
	"strings"

	"internetidentity/table"
)

// How often apps are signed in to, over the last day and the last thirty days.
// Nothing is counted by person. Sums are kept up to date by the events
// themselves: each new one lets a bounded number of old ones go.

// Domain is the domain of the service under which a device was made.
type Domain uint8

// The domains. The numbers are stored.
const (
	DomainOther Domain = iota
	DomainIC0
	DomainInternetComputer
	DomainIDAI
	domains
)

// String is the name in statistics.
func (d Domain) String() string {
	return [...]string{"other", "ic0.app", "internetcomputer.org", "id.ai"}[d]
}

// domain of a device is that of the page on which it was made.
func (d *Device) domain() Domain {
	switch text(d.Origin) {
	case "https://identity.ic0.app":
		return DomainIC0
	case "https://identity.internetcomputer.org":
		return DomainInternetComputer
	case "https://id.ai":
		return DomainIDAI
	}
	return DomainOther
}

// Window is a span of time that ends now.
type Window uint8

// The windows. The numbers are stored.
const (
	WindowDay Window = iota
	WindowMonth
	windows
)

// String is the name in statistics.
func (w Window) String() string { return [...]string{"24h", "30d"}[w] }

func (w Window) length() Time { return [...]Time{day, 30 * day}[w] }

// Sum is what is summed up.
type Sum uint8

// The sums. The numbers are stored.
const (
	SumDelegations Sum = iota
	SumSeconds
	sums
)

// String is the name in statistics.
func (s Sum) String() string {
	return [...]string{"prepare_delegation_count", "prepare_delegation_session_seconds"}[s]
}

// event is one sign-in.
type event struct {
	origin  Origin
	domain  Domain
	seconds uint64
}

// countSignIn counts a delegation, and keeps it as an event unless its origin
// is one that nobody else can reach.
func (m *Message) countSignIn(d *Device, origin Origin, life Time) {
	adjust(m.Table, spaceVolatile, nameDelegations, 1)
	if isLocal(origin) {
		return
	}
	m.pruneEvents()
	e := event{origin, d.domain(), uint64(life / second)}
	w := newRecord()
	w.text(string(e.origin))
	w.uint(uint64(e.domain))
	w.uint(e.seconds)
	m.Table.Put(key(spaceEvent, u64(uint64(m.Now)), u64(nextSequence(m.Table))), w.b)
	adjust(m.Table, spaceMeta, nameEvents, 1)
	for window := range windows {
		m.sum(window, &e, 1)
	}
}

func decodeEvent(b []byte) *event {
	r := openRecord(b)
	e := &event{origin: Origin(r.text()), domain: Domain(r.uint()), seconds: r.uint()}
	if err := r.done(); err != nil || e.domain >= domains {
		panic(&table.Fault{Err: errRecord})
	}
	return e
}

// isLocal reports whether an origin is a developer's own.
func isLocal(origin Origin) bool {
	o := string(origin)
	if strings.HasPrefix(o, "http://") || strings.Contains(o, "localhost") {
		return true
	}
	host, ok := strings.CutPrefix(o, "https://")
	if !ok {
		return false
	}
	host, _, _ = strings.Cut(host, "/")
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(host)
		if err != nil {
			return false
		}
		address = withPort.Addr()
	}
	return address.IsLoopback() || address.Is4() && address.IsPrivate()
}

// pruneEvents lets events leave the windows whose time they have outlived.
func (m *Message) pruneEvents() {
	m.leaveDay()
	for _, k := range m.expired(eventQueue, m.ago(WindowMonth.length()), maxEventsPruned) {
		value, _ := m.Table.Get(k)
		m.sum(WindowMonth, decodeEvent(value), -1)
		m.Table.Delete(k)
		adjust(m.Table, spaceMeta, nameEvents, -1)
	}
}

// leaveDay takes events out of the sums of the day. They stay for those of the
// month.
func (m *Message) leaveDay() {
	for _, k := range m.expired(eventOfDayQueue, m.ago(WindowDay.length()), maxEventsPruned) {
		value, _ := m.Table.Get(k)
		m.sum(WindowDay, decodeEvent(value), -1)
	}
}

// sum adds an event to the sums of a window, or takes it out.
func (m *Message) sum(window Window, e *event, sign int) {
	for sum := range sums {
		weight := uint64(1)
		if sum == SumSeconds {
			weight = e.seconds
		}
		if weight == 0 {
			continue
		}
		of := rankingOf(m.Table, window, e.domain, sum)
		of.table = m.Table
		if sign > 0 {
			of.add(e.origin, weight)
		} else {
			of.take(e.origin, weight)
		}
	}
}

// Sums are all combinations that can be asked of TopOrigins, in a fixed order.
func Sums() []struct {
	Sum    Sum
	Window Window
	Domain Domain
} {
	var all []struct {
		Sum    Sum
		Window Window
		Domain Domain
	}
	for sum := range sums {
		for window := range windows {
			for domain := range domains {
				all = append(all, struct {
					Sum    Sum
					Window Window
					Domain Domain
				}{sum, window, domain})
			}
		}
	}
	return all
}
