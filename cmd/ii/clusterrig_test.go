//go:build !solo

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"internetidentity/candid"
	"internetidentity/certificate"
	"internetidentity/client"
)

// clusterTime is how long a test waits for what must come; nothing is decided
// by it.
const clusterTime = 90 * time.Second

// machine is one of a cluster, in a process of its own.
type machine struct {
	home, url string
	metrics   string // address, if it shows any
	program   string // empty for the usual one
	command   *exec.Cmd
	stderr    *bytes.Buffer
}

// machines are a cluster on this machine.
type machines struct {
	t     testing.TB
	dir   string
	list  []*machine
	links *links // nil when they talk without relays
	root  certificate.BLSPublicKey
}

// freePorts finds a number of ports in a row that nobody uses.
func freePorts(t testing.TB, n int) int {
	t.Helper()
	for try := range 100 {
		first := 20_000 + (os.Getpid()*37+try*211)%20_000
		free := true
		for port := first; port < first+n && free; port++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if free = err == nil; free {
				l.Close()
			}
		}
		if free {
			return first
		}
	}
	t.Fatal("there are no free ports")
	return 0
}

// newCluster lays a cluster out and starts it.
func newCluster(t testing.TB, n int, flags ...string) *machines {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cluster")
	return startCluster(t, dir, n, append([]string{"--validators", fmt.Sprint(n), "--port", fmt.Sprint(freePorts(t, 4*n))}, flags...)...)
}

// newApart founds a cluster of machines that made their keys themselves.
func newApart(t testing.TB, n int) *machines {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cluster")
	port := freePorts(t, 4*n)
	var members []string
	for i := range n {
		home := filepath.Join(dir, fmt.Sprintf("machine-%d", i))
		if done := program(t, "cluster", "keys", "--dir", home, "--port", fmt.Sprint(port+4*i)); done.code != 0 {
			t.Fatal(done.stderr)
		}
		members = append(members, filepath.Join(home, "member.json"))
	}
	return startCluster(t, dir, n, "--members", strings.Join(members, ","), "--captcha", "off")
}

func startCluster(t testing.TB, dir string, n int, flags ...string) *machines {
	t.Helper()
	c := layOut(t, dir, n, flags...)
	c.startAll()
	return c
}

// newLinked is a cluster whose machines talk through relays.
func newLinked(t testing.TB, n int) *machines {
	t.Helper()
	c := layOut(t, filepath.Join(t.TempDir(), "cluster"), n, "--validators", fmt.Sprint(n), "--port", fmt.Sprint(freePorts(t, 4*n)))
	c.link()
	c.startAll()
	return c
}

func layOut(t testing.TB, dir string, n int, flags ...string) *machines {
	t.Helper()
	c := &machines{t: t, dir: dir}
	done := program(t, append([]string{"cluster", "init", "--dir", dir}, flags...)...)
	if done.code != 0 {
		t.Fatal(done.stderr)
	}
	for line := range strings.Lines(done.stdout) {
		if home, url, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.Contains(url, "http://") {
			c.list = append(c.list, &machine{home: home, url: strings.TrimSpace(url)})
		}
	}
	if len(c.list) != n {
		t.Fatalf("init laid out %d machines, want %d:\n%s", len(c.list), n, done.stdout)
	}
	return c
}

func (c *machines) startAll() {
	c.t.Helper()
	for i := range c.list {
		c.start(i)
	}
	for i := range c.list {
		c.healthy(i)
	}
}

func (c *machines) start(i int) {
	c.t.Helper()
	m := c.list[i]
	m.stderr = &bytes.Buffer{}
	if m.program == "" {
		m.program = binary
	}
	m.command = exec.Command(m.program, "node", "--home", m.home, "--log-level", "info")
	m.command.Stderr = m.stderr
	if err := m.command.Start(); err != nil {
		c.t.Fatal(err)
	}
	command := m.command
	c.t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if c.t.Failed() && m.command == command {
			c.t.Logf("%s:\n%s", m.home, tail(m.stderr.String()))
		}
	})
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// kill ends a machine at once.
func (c *machines) kill(i int) {
	c.t.Helper()
	if err := c.list[i].command.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	c.list[i].command.Wait()
}

// stop ends a machine as a person does.
func (c *machines) stop(i int) {
	c.t.Helper()
	m := c.list[i]
	if err := m.command.Process.Signal(syscall.SIGINT); err != nil {
		c.t.Fatal(err)
	}
	if err := m.command.Wait(); err != nil {
		c.t.Errorf("%s ended with %v", m.home, err)
	}
}

func (c *machines) signal(i int, s syscall.Signal) {
	c.t.Helper()
	if err := c.list[i].command.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// firstBlock is the lowest block that a machine has, and height the highest.
func (c *machines) firstBlock(i int) int { return c.blocks(i, "earliest_block_height") }

func (c *machines) height(i int) int { return c.blocks(i, "latest_block_height") }

func (c *machines) blocks(i int, name string) int {
	c.t.Helper()
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/status", c.infoPort(i)))
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	var status struct {
		Result struct {
			Sync map[string]any `json:"sync_info"`
		} `json:"result"`
	}
	if err := json.NewDecoder(response.Body).Decode(&status); err != nil {
		c.t.Fatal(err)
	}
	height, err := strconv.Atoi(fmt.Sprint(status.Result.Sync[name]))
	if err != nil {
		c.t.Fatal(err)
	}
	return height
}

// infoPort is the last of a machine's four.
func (c *machines) infoPort(i int) int {
	c.t.Helper()
	address, err := url.Parse(c.list[i].url)
	if err != nil {
		c.t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		c.t.Fatal(err)
	}
	return port + 3
}

func (c *machines) client(i int) *client.Client {
	transport := &http.Transport{}
	c.t.Cleanup(transport.CloseIdleConnections)
	return client.New(c.list[i].url, client.Options{HTTP: &http.Client{Transport: transport}, Root: c.root})
}

// healthy waits until a machine takes calls, and compares its root key with
// that of the others.
func (c *machines) healthy(i int) {
	c.t.Helper()
	c.until(fmt.Sprintf("machine %d is healthy", i), func() error {
		status, err := c.client(i).Status(c.t.Context())
		switch {
		case err != nil:
			return err
		case !status.Healthy:
			return errors.New("unhealthy")
		case c.root == certificate.BLSPublicKey{}:
			c.root = status.RootKey
		case status.RootKey != c.root:
			c.t.Fatalf("machine %d has another root key", i)
		}
		return nil
	})
}

// until tries something until it works.
func (c *machines) until(what string, try func() error) {
	c.t.Helper()
	// Processes of others tell nobody when they are ready: they are asked.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(clusterTime)
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			for i, m := range c.list {
				c.t.Logf("machine %d:\n%s", i, tail(m.stderr.String()))
			}
			c.t.Fatalf("waited for %q: %v", what, err)
		}
	}
}

func (c *machines) visitor(i int) visitor {
	return visitor{client.InternetIdentity{Client: c.client(i), Canister: canister}, c.root}
}

// signIn registers somebody at one machine, and signs them in at another.
func (c *machines) signIn(at, then int) *person {
	c.t.Helper()
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		c.t.Fatal(err)
	}
	p := &person{passkey: passkey}
	if p.number, err = c.visitor(at).Register(c.t.Context(), passkey, "Ada"); err != nil {
		c.t.Fatalf("register at machine %d: %v", at, err)
	}
	p.userKey = c.again(p, then)
	return p
}

// again signs somebody in, verifies the delegation, and returns who they are at
// the app.
func (c *machines) again(p *person, at int) []byte {
	c.t.Helper()
	v := c.visitor(at)
	as, err := v.Unlock(p.passkey)
	if err != nil {
		c.t.Fatal(err)
	}
	chain, err := v.SignIn(c.t.Context(), as, client.SignInRequest{Number: p.number, Origin: app, SessionKey: client.GenerateEd25519().PublicKey()})
	if err != nil {
		c.t.Fatalf("sign in at machine %d: %v", at, err)
	}
	if _, err := client.VerifySignIn(c.root, canister, chain, uint64(time.Now().UnixNano())); err != nil {
		c.t.Fatalf("a delegation of machine %d: %v", at, err)
	}
	return chain.PublicKey
}

// knows asks a machine whether it has somebody's registration.
func (c *machines) knows(i int, p *person) error {
	arg := candid.MustCodec[struct{ N uint64 }]().Encode(&struct{ N uint64 }{p.number})
	info, err := c.client(i).Query(c.t.Context(), client.Identity{}, canister, "identity_authn_info", arg)
	if err == nil && !bytes.Contains(info, p.passkey.PublicKey()) {
		err = fmt.Errorf("machine %d has lost identity %d", i, p.number)
	}
	return err
}
