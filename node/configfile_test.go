package node_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"internetidentity/candid"
	contract "internetidentity/canister"
	"internetidentity/client"
	"internetidentity/node"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ii.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The settings that the manual shows are read, every one of them.
func TestSettingsOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(manual), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks in TOML, want 2", len(blocks))
	}
	var c node.Config
	if err := node.LoadConfig(write(t, blocks[0][1]), &c); err != nil {
		t.Fatal(err)
	}
	want := node.Config{
		DataDir: "/var/lib/internet-identity", Listen: "127.0.0.1:4943", Origin: "https://id.example.org",
		RelatedOrigins: []string{"https://login.example.org"}, MetricsListen: "127.0.0.1:4945", Captcha: node.CaptchaAuto,
		Canister: service(t, start(t, node.Config{})).Canister, Numbers: [2]uint64{10000, 67116816},
		Registrations: node.RegistrationLimit{TimePerToken: 10 * time.Second, MaxTokens: 20000},
	}
	if got, want := fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	c = node.Config{}
	if err := node.LoadConfig(write(t, blocks[1][1]), &c); err != nil {
		t.Fatal(err)
	}
	if text := configOf(t, start(t, c)); !strings.Contains(strings.ReplaceAll(text, "_", ""), "86400") {
		t.Errorf("the init argument of the manual is not in force: %s", text)
	}
}

// configOf is what the service says is in force, as text.
func configOf(t *testing.T, n *node.Node) string {
	t.Helper()
	s := service(t, n)
	reply, err := s.Client.Query(t.Context(), client.Identity{}, s.Canister, "config", []byte("DIDL\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	did, err := candid.ParseProgram(contract.DID())
	if err != nil {
		t.Fatal(err)
	}
	types := []*candid.Type{did.Types["InternetIdentityInit"]}
	values, err := candid.Decode(reply, types)
	if err != nil {
		t.Fatal(err)
	}
	text, err := candid.FormatValues(types, values)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSettingsThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":          {`liten = "127.0.0.1:0"`, `there is no key "liten"`},
		"an unknown inner key":    {"[registrations]\nmax = 3", `there is no key "registrations.max"`},
		"no TOML":                 {`listen = `, "line 1"},
		"a wrong type":            {`listen = 4943`, "listen"},
		"a time without unit":     {"[registrations]\ntime_per_token = \"10\"", "unit"},
		"a canister that is none": {`canister = "rdmx6"`, "canister"},
	} {
		var c node.Config
		if err := node.LoadConfig(write(t, test.text), &c); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, test.want)
		}
	}
	if err := node.LoadConfig(filepath.Join(t.TempDir(), "none.toml"), &node.Config{}); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestSettingsThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct {
		config node.Config
		want   string
	}{
		"an origin with a path":               {node.Config{Origin: "https://id.example.org/"}, "nothing behind"},
		"an origin without scheme":            {node.Config{Origin: "id.example.org"}, "scheme"},
		"a related origin":                    {node.Config{RelatedOrigins: []string{"ftp://x"}}, "origin"},
		"a limit without tokens":              {node.Config{Registrations: node.RegistrationLimit{TimePerToken: time.Second}}, "tokens"},
		"an init that is not Candid":          {node.Config{Init: "(opt record { captcha = 3"}, "init"},
		"dummy authentication for everybody":  {node.Config{Listen: "0.0.0.0:0", DummyAuth: node.DummyAuthOn}, "everybody be anybody"},
		"dummy authentication with an origin": {node.Config{Origin: "https://id.example.org", DummyAuth: node.DummyAuthPrompt}, "everybody be anybody"},
		"dummy auth. with a related origin":   {node.Config{RelatedOrigins: []string{"https://id.example.org"}, DummyAuth: node.DummyAuthOn}, "everybody be anybody"},
		"dummy auth. with a look-alike":       {node.Config{Origin: "http://localhost.example.org", DummyAuth: node.DummyAuthOn}, "everybody be anybody"},
		"an unknown dummy authentication":     {node.Config{DummyAuth: "yes"}, "want on or prompt"},
		"an impossible range":                 {node.Config{Numbers: [2]uint64{5, 4}}, "improper Identity Anchor range"},
	} {
		test.config.DataDir = t.TempDir()
		if test.config.Listen == "" {
			test.config.Listen = "127.0.0.1:0"
		}
		test.config.Logger = slog.New(slog.DiscardHandler)
		n, err := node.Start(context.Background(), test.config)
		if err == nil {
			n.Close()
			t.Errorf("%s: started", name)
			continue
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, test.want)
		}
	}
}

// A restart with other settings is an upgrade: what is named changes, the rest
// stays, and so do the identities.
func TestChangedSettingsAreInForceAfterARestart(t *testing.T) {
	dir := t.TempDir()
	n := start(t, node.Config{DataDir: dir, Init: `(opt record { new_flow_origins = opt vec { "https://kept.example" } })`})
	s := service(t, n)
	ada := register(t, s)
	here := signIn(t, n, s, ada, app).Principal
	before := configOf(t, n)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = start(t, node.Config{
		DataDir: dir, RelatedOrigins: []string{"https://related.example"},
		Registrations: node.RegistrationLimit{TimePerToken: time.Second, MaxTokens: 77},
	})
	after := configOf(t, n)
	if !strings.Contains(before, "kept.example") || !strings.Contains(after, "kept.example") || !strings.Contains(after, "related.example") {
		t.Errorf("before %s\nafter %s", before, after)
	}
	s = service(t, n)
	if again := signIn(t, n, s, ada, app).Principal; again != here {
		t.Errorf("the principal changed from %s to %s", here, again)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	// A range without ada is refused, and the service is as it was.
	_, err := node.Start(context.Background(), node.Config{DataDir: dir, Listen: "127.0.0.1:0", Numbers: [2]uint64{20000, 30000}, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "would make existing anchors invalid") {
		t.Errorf("a range without an identity: %v", err)
	}
	n = start(t, node.Config{DataDir: dir})
	if again := signIn(t, n, service(t, n), ada, app).Principal; again != here {
		t.Errorf("after a refused start the principal is %s, was %s", again, here)
	}
}

func TestDummyAuthenticationIsSaidToThePageAndForgotten(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		mode node.DummyAuth
		want string
	}{
		{node.DummyAuthOn, "dummy_auth = opt opt record { prompt_for_index = false }"},
		{node.DummyAuthPrompt, "dummy_auth = opt opt record { prompt_for_index = true }"},
		{node.DummyAuthOff, "dummy_auth = opt null"},
	} {
		n := start(t, node.Config{DataDir: dir, DummyAuth: test.mode})
		if text := configOf(t, n); !strings.Contains(text, test.want) {
			t.Errorf("%q: the page is told %s", test.mode, text)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever made an identity with a dummy key made it for everybody, and that
// stays so after dummy authentication is off.
func TestFolderOfDummyAuthenticationIsForNothingElse(t *testing.T) {
	dummy, people := t.TempDir(), t.TempDir()
	const public = "https://id.example.org"
	for _, test := range []struct {
		name   string
		config node.Config
		want   string // part of the error
	}{
		{"made", node.Config{DataDir: dummy, Origin: "http://id.localhost", DummyAuth: node.DummyAuthOn}, ""},
		{"everywhere", node.Config{DataDir: dummy, Listen: "0.0.0.0:0"}, "is one of dummy authentication"},
		{"under a domain", node.Config{DataDir: dummy, Origin: public}, "is one of dummy authentication"},
		{"with a related domain", node.Config{DataDir: dummy, RelatedOrigins: []string{public}}, "is one of dummy authentication"},
		{"on this machine", node.Config{DataDir: dummy}, ""},
		{"under an address of this machine", node.Config{DataDir: dummy, Origin: "http://localhost:4943"}, ""},
		{"under a domain, once more", node.Config{DataDir: dummy, Origin: public}, "is one of dummy authentication"},
		{"with a prompt", node.Config{DataDir: dummy, DummyAuth: node.DummyAuthPrompt}, ""},
		{"a folder of people", node.Config{DataDir: people, Origin: public}, ""},
		{"dummy authentication there", node.Config{DataDir: people, DummyAuth: node.DummyAuthOn}, "has been used with passkeys"},
		{"people again", node.Config{DataDir: people, Origin: public}, ""},
	} {
		test.config.Logger = slog.New(slog.DiscardHandler)
		if test.config.Listen == "" {
			test.config.Listen = "127.0.0.1:0"
		}
		n, err := node.Start(t.Context(), test.config)
		if n != nil {
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func TestServiceIsKnownByItsOrigin(t *testing.T) {
	n := start(t, node.Config{Origin: "https://id.example.org", RelatedOrigins: []string{"https://login.example.org"}})
	if n.URL() != "https://id.example.org" {
		t.Errorf("the service says it is at %s", n.URL())
	}
	for host, want := range map[string]int{"id.example.org": 200, "login.example.org": 200, "localhost": 200, "other.example.org": 404} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.LocalURL()+"/authorize", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, response.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestMetricsOfHostAndService(t *testing.T) {
	n := start(t, node.Config{MetricsListen: "127.0.0.1:0"})
	register(t, service(t, n))
	get := func(url string) string {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != 200 {
			t.Fatalf("%s: %d %v", url, response.StatusCode, err)
		}
		return string(body)
	}
	defer http.DefaultClient.CloseIdleConnections()
	service := get(n.LocalURL() + "/metrics")
	if !strings.Contains(service, "internet_identity_user_count 1 ") || strings.Contains(service, "go_goroutines") {
		t.Errorf("everybody sees\n%s", service)
	}
	all := get(n.MetricsURL())
	for _, want := range []string{"internet_identity_user_count 1 ", "go_goroutines ", `ii_http_requests_total{code="200",endpoint="call"} `, "ii_build_info{", "ii_block_height ", "ii_queue_calls 0"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}
