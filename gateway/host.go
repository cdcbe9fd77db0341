package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"internetidentity/principal"
)

// hosts knows which canister a request is for.
type hosts struct {
	byName   map[string]principal.Principal
	domains  []string
	fallback principal.Principal
}

func newHosts(o Options) hosts {
	h := hosts{byName: map[string]principal.Principal{}, domains: []string{"localhost"}, fallback: o.Default}
	for name, canister := range o.Hosts {
		h.byName[strings.ToLower(name)] = canister
	}
	for _, domain := range o.Domains {
		h.domains = append(h.domains, strings.ToLower(strings.Trim(domain, ".")))
	}
	return h
}

// canister finds the canister of a request: by host name, by ?canisterId=, by
// the default for hosts that name none, and last by the page that asks.
func (h hosts) canister(r *http.Request) (principal.Principal, bool) {
	name, ok := hostName(r.Host)
	if !ok {
		return principal.Principal{}, false
	}
	found, rest := h.byHost(name)
	switch rest {
	case hostNamesCanister:
		return found, true
	case hostRefused:
		return principal.Principal{}, false
	}
	if id, ok := fromQuery(r.URL.RawQuery); ok {
		return id, true
	}
	if rest == hostIsBare && !h.fallback.IsManagement() {
		return h.fallback, true
	}
	return h.fromReferer(r.Header.Get("Referer"), name)
}

// verdict is what a host name says.
type verdict uint8

const (
	hostNamesCanister verdict = iota
	hostIsBare                // one of ours, without a canister in it
	hostIsUnknown
	hostRefused
)

func (h hosts) byHost(name string) (principal.Principal, verdict) {
	if id, ok := h.byName[name]; ok {
		return id, hostNamesCanister
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return principal.Principal{}, hostIsBare
	}
	for _, domain := range h.domains {
		if name == domain {
			return principal.Principal{}, hostIsBare
		}
		below, ok := strings.CutSuffix(name, "."+domain)
		if !ok {
			continue
		}
		// Hosts under raw are for answers that nobody has certified. There
		// are none here, and serving them would take the proof away.
		if strings.HasSuffix(below, ".raw") {
			return principal.Principal{}, hostRefused
		}
		// In <name>--<id> the name is for people.
		if at := strings.LastIndex(below, "--"); at >= 0 {
			below = below[at+len("--"):]
		}
		if id, err := principal.Parse(below); err == nil && !id.IsManagement() {
			return id, hostNamesCanister
		}
	}
	return principal.Principal{}, hostIsUnknown
}

// hostName is the name in a Host header, in lower case and without its port.
func hostName(host string) (string, bool) {
	name := host
	if bare, _, err := net.SplitHostPort(host); err == nil {
		name = bare
	} else {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	// Longer than any name in the DNS, or with signs that no name has.
	if name == "" || len(name) > 253 || strings.ContainsFunc(name, notInHostName) {
		return "", false
	}
	return name, true
}

// notInHostName finds signs that are neither in names nor in IPv6 addresses.
func notInHostName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:", r)
}

func fromQuery(query string) (principal.Principal, bool) {
	for parameter := range strings.SplitSeq(query, "&") {
		if id, ok := strings.CutPrefix(parameter, "canisterId="); ok {
			canister, err := principal.Parse(id)
			return canister, err == nil && !canister.IsManagement()
		}
	}
	return principal.Principal{}, false
}

// fromReferer serves the files of a page that was itself found by its query.
// A page of another host has no say.
func (h hosts) fromReferer(referer, name string) (principal.Principal, bool) {
	if referer == "" || len(referer) > maxURL {
		return principal.Principal{}, false
	}
	page, err := url.Parse(referer)
	if err != nil {
		return principal.Principal{}, false
	}
	host, ok := hostName(page.Host)
	if !ok || host != name {
		return principal.Principal{}, false
	}
	return fromQuery(page.RawQuery)
}
