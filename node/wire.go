package node

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/examples/demo"
	"internetidentity/gateway"
	"internetidentity/httpapi"
	"internetidentity/identity"
	"internetidentity/principal"
	"internetidentity/ratelimit"
	"internetidentity/replica"
	"internetidentity/subnet"
	"internetidentity/web"
)

// The subnet answers for one wide range of canister ids: some clients read the
// time through a canister that exists on the Internet Computer only.
var (
	firstCanister = []byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	lastCanister  = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1}
)

func canisterRanges() ([]certificate.Range, error) {
	first, err := principal.FromBytes(firstCanister)
	if err != nil {
		return nil, err
	}
	last, err := principal.FromBytes(lastCanister)
	return []certificate.Range{{First: first, Last: last}}, err
}

func (n *Node) replicaConfig() (replica.Config, error) {
	ranges, err := canisterRanges()
	if err != nil {
		return replica.Config{}, err
	}
	init, err := n.config.init()
	if err != nil {
		return replica.Config{}, err
	}
	nodeKey := replica.NodePublicKey(n.keys.node)
	return replica.Config{
		Store: n.store,
		Subnet: subnet.Config{
			Canister: n.config.Canister,
			Key:      n.keys.subnet.Public(),
			Ranges:   ranges,
			Nodes:    []subnet.Node{{ID: principal.SelfAuthenticating(nodeKey), PublicKey: nodeKey}},
			Bundle:   frontEnd(),
			Init:     init,
		},
		RootKey:   n.keys.root,
		SubnetKey: n.keys.subnet,
		NodeKey:   n.keys.node,
		Now:       func() uint64 { return uint64(time.Now().UnixNano()) },
		Random:    rand.Reader,
		Logger:    n.config.Logger,
	}, nil
}

// init is what the operator decides about the canister.
func (c Config) init() ([]byte, error) {
	var init canister.Init
	if c.Init != "" {
		base, err := canister.ParseInit(c.Init)
		if err != nil {
			return nil, fmt.Errorf("init: %w", err)
		}
		init.Base = base
	}
	captcha := identity.DefaultConfig().Captcha
	switch {
	case c.Captcha == CaptchaOn:
		captcha.Trigger = identity.CaptchaEnabled
	case c.Captcha == CaptchaOff || c.Captcha == CaptchaAuto && isLoopback(c.Listen) && c.Origin == "":
		captcha.Trigger = identity.CaptchaDisabled
	default:
		// Asked for when registrations of an hour come a fifth faster than
		// those of two days.
		captcha.Trigger = identity.CaptchaDynamic
		captcha.ThresholdPercent, captcha.CurrentInterval, captcha.ReferenceInterval = 20, 3600, 2*24*3600
	}
	if c.Captcha != CaptchaInit {
		init.Captcha = &captcha
	}
	if l := c.Registrations; l.MaxTokens > 0 {
		init.RateLimit = &canister.RateLimit{TimePerToken: uint64(l.TimePerToken), MaxTokens: l.MaxTokens}
	}
	if c.Numbers != ([2]uint64{}) {
		init.Range = &[2]identity.Number{identity.Number(c.Numbers[0]), identity.Number(c.Numbers[1])}
	}
	if c.RelatedOrigins != nil {
		init.RelatedOrigins = &c.RelatedOrigins
	}
	if c.Origin != "" {
		init.BackendOrigin = &c.Origin
	}
	init.DummyAuth = canister.NoDummyAuth
	switch c.DummyAuth {
	case DummyAuthOn:
		init.DummyAuth = canister.DummyAuth
	case DummyAuthPrompt:
		init.DummyAuth = canister.PromptedDummyAuth
	}
	return init.Encode()
}

// frontEnd is the bundle in the form in which the canister takes it.
func frontEnd() canister.Bundle {
	var bundle canister.Bundle
	hash := sha256.New()
	add := func(part []byte) {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write(part)
	}
	for _, file := range web.Bundle() {
		bundle.Assets = append(bundle.Assets, canister.Asset{
			Path: file.Path, ContentType: file.ContentType, Immutable: file.Immutable,
			Page: file.Template, Body: file.Body, Gzip: file.Gzip,
		})
		add([]byte(file.Path))
		add([]byte(file.ContentType))
		add(file.Body)
		add(file.Gzip)
	}
	hash.Sum(bundle.Hash[:0])
	return bundle
}

// serviceHandler puts the interface and the pages on one port.
func (n *Node) serviceHandler() http.Handler {
	clients := ratelimit.New(ratelimit.DefaultRate, ratelimit.DefaultBurst)
	api := httpapi.New(n.host, httpapi.Options{
		Version: n.config.Version, Clients: clients, Logger: n.config.Logger,
	})
	pages := gateway.New(pages{n.host}, gateway.Options{
		Default: n.config.Canister, Hosts: n.config.hosts(), Healthy: n.host.Healthy, Clients: clients, Logger: n.config.Logger,
	})
	return n.survive(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}))
}

// hosts are the names under which the service is known to people.
func (c Config) hosts() map[string]principal.Principal {
	names := map[string]principal.Principal{}
	for _, origin := range append([]string{c.Origin}, c.RelatedOrigins...) {
		if u, err := url.Parse(origin); err == nil && u.Hostname() != "" {
			names[u.Hostname()] = c.Canister
		}
	}
	return names
}

// pages lets the gateway ask the canister.
type pages struct{ host host }

func (p pages) HTTPRequest(ctx context.Context, canister principal.Principal, arg []byte) ([]byte, error) {
	outcome, err := p.host.Ask(ctx, canister, "http_request", arg)
	switch {
	case err != nil:
		return nil, err
	case outcome.ErrorCode == subnet.NoCanister:
		return nil, gateway.ErrNoCanister
	case !outcome.Replied:
		return nil, fmt.Errorf("http_request: %s (%s)", outcome.RejectMessage, outcome.ErrorCode)
	}
	return outcome.Arg, nil
}

// survive keeps the service up when the work on one request meets an error in
// the program.
func (n *Node) survive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				n.config.Logger.Error("a request failed by an error in the program",
					"path", r.URL.Path, "error", cause, "stack", string(debug.Stack()))
				http.Error(w, "The service failed to answer. Its operator finds the cause in the log.", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// demoHandler is the demo app under its two addresses. Both of them are this
// one machine, but other origins for a browser, and so other apps for the
// service.
func (n *Node) demoHandler(address net.Addr) (http.Handler, error) {
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return nil, err
	}
	second := "http://127.0.0.1:" + port
	return demo.New(demo.Config{
		IdentityProvider:   n.URL(),
		RootKey:            n.RootKey(),
		Canister:           n.config.Canister,
		SecondOrigin:       second,
		AlternativeOrigins: []string{second},
	})
}
