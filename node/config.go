package node

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"internetidentity/principal"
)

// Config is everything an operator can decide. The zero value of every field
// is good: a service on this machine with its data in the usual place.
type Config struct {
	// DataDir is the folder with the keys and the database, made when it is
	// missing. Default: "internet-identity" in the user's data folder.
	DataDir string

	// Listen is the address of the service, host:port. Port 0 takes a free
	// one. Default "127.0.0.1:4943".
	Listen string

	// Canister is the id under which the service is known to its clients. It
	// is part of every principal that the service gives, so it can never
	// change once there are identities. Default
	// rdmx6-jaaaa-aaaaa-aaadq-cai, the id of the official service.
	Canister principal.Principal

	// Demo also starts the demo app. Default off.
	Demo bool

	// DemoListen is the address of the demo app. Default "127.0.0.1:4944".
	DemoListen string

	// Origin is the one address under which people reach the service, such as
	// https://id.example.org; passkeys belong to its host. Default: the
	// address of this machine, localhost.
	Origin string

	// RelatedOrigins may use the passkeys of Origin. Nil keeps what is in
	// force, an empty list is none.
	RelatedOrigins []string

	// MetricsListen is the address of the metrics of the host, and of those of
	// the service. Default: none; those of the service are at /metrics for
	// everybody.
	MetricsListen string

	// Captcha says when a registration must solve a captcha. Default
	// CaptchaAuto.
	Captcha Captcha

	// Registrations limits them, beside captchas. The zero value keeps what is
	// in force: at first 20,000 at once and one more every ten seconds.
	Registrations RegistrationLimit

	// Numbers are the first identity number, and the one behind the last. The
	// zero value keeps what is in force: at first 10,000 to 67,116,815.
	Numbers [2]uint64

	// DummyAuth replaces passkeys by keys that everybody can compute, for the
	// end-to-end tests of apps. Whoever reaches such a service can be anybody,
	// so it is refused where others than this machine could, and needs a data
	// folder of its own, by default the usual one with "-dummy". Default off.
	DummyAuth DummyAuth

	// Init is an install argument of the interface, in Candid's text form, for
	// what has no field here. It applies before the fields. Optional.
	Init string

	// Logger receives what an operator may want to know, and no secrets.
	// Default: warnings and errors to standard error.
	Logger *slog.Logger

	// Version of the program, shown by GET /api/v2/status.
	Version string
}

// DummyAuth says which dummy key is used.
type DummyAuth string

const (
	// DummyAuthOff uses passkeys.
	DummyAuthOff DummyAuth = ""
	// DummyAuthOn uses the key with the index 0.
	DummyAuthOn DummyAuth = "on"
	// DummyAuthPrompt asks for an index each time.
	DummyAuthPrompt DummyAuth = "prompt"
)

// RegistrationLimit is a bucket of tokens, of which a registration takes one.
type RegistrationLimit struct {
	// TimePerToken is the time in which the bucket gains one.
	TimePerToken time.Duration
	// MaxTokens is what it holds.
	MaxTokens uint64
}

// Captcha says when a registration must solve a captcha.
type Captcha string

const (
	// CaptchaAuto asks for none while only this machine can reach the
	// service, and else when registrations come faster than usual.
	CaptchaAuto Captcha = "auto"
	// CaptchaOn always asks.
	CaptchaOn Captcha = "on"
	// CaptchaOff never asks.
	CaptchaOff Captcha = "off"
	// CaptchaInit leaves it to Init, or to what is in force.
	CaptchaInit Captcha = "init"
)

const (
	defaultListen     = "127.0.0.1:4943"
	defaultDemoListen = "127.0.0.1:4944"
	defaultCanister   = "rdmx6-jaaaa-aaaaa-aaadq-cai"
)

// DefaultDataDir is where the data lives when nobody says otherwise.
func DefaultDataDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "internet-identity"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data folder: %w; name one with --data", err)
	}
	return filepath.Join(home, ".local", "share", "internet-identity"), nil
}

// withDefaults fills the zero fields and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.DataDir == "" {
		dir, err := DefaultDataDir()
		if err != nil {
			return c, err
		}
		if c.DummyAuth != DummyAuthOff {
			dir += "-dummy"
		}
		c.DataDir = dir
	}
	if c.Listen == "" {
		c.Listen = defaultListen
	}
	if c.DemoListen == "" {
		c.DemoListen = defaultDemoListen
	}
	if c.Canister.IsManagement() {
		c.Canister = principal.MustParse(defaultCanister)
	}
	if c.Canister.IsAnonymous() || c.Canister.IsSelfAuthenticating() {
		return c, fmt.Errorf("%s is not the id of a canister; leave it out to be %s", c.Canister, defaultCanister)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	for _, address := range []string{c.Listen, c.DemoListen, c.MetricsListen} {
		if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
			return c, fmt.Errorf("address %q: want host:port, for example %s", address, defaultListen)
		}
	}
	for _, origin := range append([]string{c.Origin}, c.RelatedOrigins...) {
		if origin != "" && !isOrigin(origin) {
			return c, fmt.Errorf("origin %q: want scheme and host and nothing behind, for example https://id.example.org", origin)
		}
	}
	if l := c.Registrations; l != (RegistrationLimit{}) && (l.TimePerToken <= 0 || l.MaxTokens == 0) {
		return c, errors.New("the limit of registrations needs a time per token and a number of tokens, both above zero")
	}
	switch c.Captcha {
	case "":
		c.Captcha = CaptchaAuto
	case CaptchaAuto, CaptchaOn, CaptchaOff, CaptchaInit:
	default:
		return c, fmt.Errorf("captcha %q: want auto, on or off, or init", c.Captcha)
	}
	if err := c.checkDummyAuth(); err != nil {
		return c, err
	}
	if c.Demo && !isLoopback(c.Listen) {
		return c, errors.New("the demo app is for this machine only: leave it out, or listen on 127.0.0.1")
	}
	return c, nil
}

// isOrigin reports whether a text is an origin of the web in its one form.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return false
	}
	return text == u.Scheme+"://"+strings.ToLower(u.Host)
}

// isLoopback reports whether only this machine can reach address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
