package node_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"internetidentity/certificate"
	"internetidentity/client"
	"internetidentity/node"
	"internetidentity/principal"
	"internetidentity/store"
)

var canister = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

const app = "https://app.example"

// start runs a service on free ports until the test ends.
func start(t *testing.T, config node.Config) *node.Node {
	t.Helper()
	config.Listen, config.DemoListen = "127.0.0.1:0", "127.0.0.1:0"
	if config.DataDir == "" {
		config.DataDir = t.TempDir()
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	n, err := node.Start(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// service is what a person with a passkey uses of a running node.
func service(t *testing.T, n *node.Node) client.InternetIdentity {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return client.InternetIdentity{
		Client:   client.New(n.LocalURL(), client.Options{Root: n.RootKey(), HTTP: &http.Client{Transport: transport}}),
		Canister: canister,
	}
}

type person struct {
	passkey *client.Passkey
	number  uint64
}

func register(t *testing.T, s client.InternetIdentity) person {
	t.Helper()
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	number, err := s.Register(t.Context(), passkey, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	return person{passkey, number}
}

// signIn signs in to an app and verifies the outcome as the app's server does.
func signIn(t *testing.T, n *node.Node, s client.InternetIdentity, p person, origin string) *client.SignIn {
	t.Helper()
	identity, err := s.Unlock(p.passkey)
	if err != nil {
		t.Fatal(err)
	}
	session := client.GenerateEd25519()
	chain, err := s.SignIn(t.Context(), identity, client.SignInRequest{Number: p.number, Origin: origin, SessionKey: session.PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	who, err := client.VerifySignIn(n.RootKey(), canister, chain, uint64(time.Now().UnixNano()))
	if err != nil {
		t.Fatal(err)
	}
	// The app's key now acts for that principal.
	reply, err := s.Client.Query(t.Context(), client.Identity{Signer: session, Chain: chain}, canister, "whoami", []byte("DIDL\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if want := append([]byte("DIDL\x00\x01\x68\x01\x1d"), who.Principal.Bytes()...); string(reply) != string(want) {
		t.Errorf("whoami says %x, want %x", reply, want)
	}
	return who
}

// TestLimitedDelegationsAreNoSignIn: a person may let others act for some
// canisters, or ask questions, who must not sign in as the person with that.
func TestLimitedDelegationsAreNoSignIn(t *testing.T) {
	n := start(t, node.Config{})
	s := service(t, n)
	ada := register(t, s)
	identity, err := s.Unlock(ada.passkey)
	if err != nil {
		t.Fatal(err)
	}
	session, helper := client.GenerateEd25519(), client.GenerateEd25519()
	chain, err := s.SignIn(t.Context(), identity, client.SignInRequest{Number: ada.number, Origin: app, SessionKey: session.PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	now := uint64(time.Now().UnixNano())
	for name, test := range map[string]struct {
		delegation certificate.Delegation
		believed   bool
	}{
		"everything":     {certificate.Delegation{}, true},
		"some canisters": {certificate.Delegation{Targets: []principal.Principal{canister}}, false},
		"no canister":    {certificate.Delegation{Targets: []principal.Principal{}}, false},
		"queries":        {certificate.Delegation{Permissions: "queries"}, false},
	} {
		d := test.delegation
		d.PublicKey, d.Expiration = helper.PublicKey(), now+uint64(time.Minute)
		signature, err := session.Sign(d.SignedBytes())
		if err != nil {
			t.Fatal(err)
		}
		longer := certificate.Chain{PublicKey: chain.PublicKey, Delegations: append(slices.Clone(chain.Delegations), certificate.SignedDelegation{Delegation: d, Signature: signature})}
		if _, err := client.VerifySignIn(n.RootKey(), canister, longer, now); (err == nil) != test.believed {
			t.Errorf("a delegation of %s: error %v", name, err)
		}
	}
}

func TestPersonComesBack(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir := t.TempDir()
	n := start(t, node.Config{DataDir: dir})
	s := service(t, n)
	ada, bob := register(t, s), register(t, s)
	if ada.number == bob.number {
		t.Fatal("two people have one number")
	}
	here := signIn(t, n, s, ada, app).Principal
	if again := signIn(t, n, s, ada, app).Principal; again != here {
		t.Errorf("the principal changed from %s to %s", here, again)
	}
	if elsewhere := signIn(t, n, s, ada, "https://other.example").Principal; elsewhere == here {
		t.Error("two apps see the same principal")
	}
	if other := signIn(t, n, s, bob, app).Principal; other == here {
		t.Error("two people have the same principal")
	}
	root := n.RootKey()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	n = start(t, node.Config{DataDir: dir})
	if n.RootKey() != root {
		t.Error("the root key changed with a restart")
	}
	s = service(t, n)
	if after := signIn(t, n, s, ada, app).Principal; after != here {
		t.Errorf("after a restart the principal is %s, was %s", after, here)
	}
	if carol := register(t, s); carol.number == ada.number || carol.number == bob.number {
		t.Error("a number was given twice")
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStrangerCannotSignInForSomebody(t *testing.T) {
	n := start(t, node.Config{})
	s := service(t, n)
	ada, eve := register(t, s), register(t, s)
	identity, err := s.Unlock(eve.passkey)
	if err != nil {
		t.Fatal(err)
	}
	key := client.GenerateEd25519().PublicKey()
	_, err = s.SignIn(t.Context(), identity, client.SignInRequest{Number: ada.number, Origin: app, SessionKey: key})
	var reject *client.RejectError
	if !errors.As(err, &reject) || !reject.Certified || !strings.Contains(reject.Message, "could not be authenticated") {
		t.Errorf("got %v, want a certified reject that names the caller", err)
	}
}

func TestKeysArePrivateAndNeverReplaced(t *testing.T) {
	dir := t.TempDir()
	n := start(t, node.Config{DataDir: dir})
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(dir, "keys")
	var names []string
	err := filepath.WalkDir(keys, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", entry.Name(), info.Mode().Perm())
		}
		names = append(names, entry.Name())
		return err
	})
	if err != nil || len(names) != 3 {
		t.Fatalf("keys %v, error %v", names, err)
	}
	fails := func(why, want string) {
		t.Helper()
		_, err := node.Start(context.Background(), node.Config{DataDir: dir, Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one with %q", why, err, want)
		}
	}
	rootKey := filepath.Join(keys, "root-key")
	secret, err := os.ReadFile(rootKey)
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.Chmod(rootKey, 0o644))
	fails("a key that others can read", "chmod 600")
	check(os.Chmod(rootKey, 0o600))
	check(os.WriteFile(rootKey, secret[:len(secret)-5], 0o600))
	fails("a key cut short", "damaged")
	check(os.Remove(rootKey))
	fails("one key missing", "root-key")
	check(os.WriteFile(rootKey, secret, 0o600))
	check(os.Rename(keys, keys+".away"))
	fails("all keys missing", "put them back")
	// Another service's keys would be another service.
	other := t.TempDir()
	check(start(t, node.Config{DataDir: other}).Close())
	check(os.Rename(filepath.Join(other, "keys"), keys))
	fails("the keys of another service", "subnet key")
	check(os.RemoveAll(keys))
	check(os.Rename(keys+".away", keys))
	check(start(t, node.Config{DataDir: dir}).Close())
}

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	start(t, node.Config{DataDir: dir})
	_, err := node.Start(context.Background(), node.Config{DataDir: dir, Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second process got %v, want %v", err, store.ErrInUse)
	}
}

// TestFirstStartsAtOnce: of two that begin in one new folder, one waits its
// turn before it makes a key.
func TestFirstStartsAtOnce(t *testing.T) {
	dir := t.TempDir()
	type outcome struct {
		node *node.Node
		err  error
	}
	outcomes := make(chan outcome)
	for range 4 {
		go func() {
			n, err := node.Start(context.Background(), node.Config{DataDir: dir, Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
			outcomes <- outcome{n, err}
		}()
	}
	var started []*node.Node
	for range 4 {
		o := <-outcomes
		switch {
		case o.err == nil:
			started = append(started, o.node)
		case !errors.Is(o.err, store.ErrInUse):
			t.Errorf("a start failed with %v, want %v", o.err, store.ErrInUse)
		}
	}
	if len(started) != 1 {
		t.Fatalf("%d services run in one folder", len(started))
	}
	root := started[0].RootKey()
	if err := started[0].Close(); err != nil {
		t.Fatal(err)
	}
	if start(t, node.Config{DataDir: dir}).RootKey() != root {
		t.Error("the folder has the keys of another start")
	}
}

// TestFolderWithoutBlocks: a first start that ended between the database and
// the keys is begun again.
func TestFolderWithoutBlocks(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(filepath.Join(dir, "db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, node.Config{DataDir: dir})
}

func TestPortInUse(t *testing.T) {
	n := start(t, node.Config{})
	_, port, _ := strings.Cut(strings.TrimPrefix(n.URL(), "http://"), ":")
	dir := t.TempDir()
	_, err := node.Start(context.Background(), node.Config{DataDir: dir, Listen: "127.0.0.1:" + port, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("got %v, want an error that names the flag", err)
	}
}

func TestConfigThatCannotWork(t *testing.T) {
	for _, test := range []struct {
		name   string
		config node.Config
		want   string
	}{
		{"address without port", node.Config{Listen: "localhost"}, "host:port"},
		{"unknown captcha", node.Config{Captcha: "sometimes"}, "auto, on or off"},
		{"demo for everybody", node.Config{Listen: "0.0.0.0:0", Demo: true}, "127.0.0.1"},
		{"canister that is none", node.Config{Listen: "127.0.0.1:0", Canister: principal.MustParse("2vxsx-fae")}, "not the id of a canister"},
	} {
		test.config.DataDir = t.TempDir()
		test.config.Logger = slog.New(slog.DiscardHandler)
		n, err := node.Start(context.Background(), test.config)
		if err == nil {
			n.Close()
			t.Errorf("%s: started", test.name)
			continue
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func TestCaptchaIsAskedForWhereOthersReachTheService(t *testing.T) {
	n := start(t, node.Config{Captcha: node.CaptchaOn})
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service(t, n).Register(t.Context(), passkey, "Robot"); !errors.Is(err, client.ErrCaptcha) {
		t.Errorf("a program registered with %v, want %v", err, client.ErrCaptcha)
	}
}
