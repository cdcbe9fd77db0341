//go:build !solo

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// liar is a program that does everything wrong that one machine can: every
// second vote has a wrong share, every third block of its own a frame that
// nobody can read, and whatever is sent to it goes on to the others.
func liar(t *testing.T) string {
	return another(t,
		change{"vote.go", "	a.gather(index, extension)\n	return &abci.ResponseExtendVote{VoteExtension: extension}, nil",
			"	a.gather(index, bytes.Clone(extension))\n	if r.Height%2 == 0 {\n		extension[5] ^= 1\n	}\n	return &abci.ResponseExtendVote{VoteExtension: extension}, nil"},
		change{"propose.go", "	txs[0] = first\n", "	if r.Height%3 == 0 {\n		first[0] ^= 0x55\n	}\n	txs[0] = first\n"},
		change{"check.go", "	s := a.look()\n	t, err := read(ctx, s.senders, r.Tx)\n", "	s := a.look()\n	t, err := read(ctx, s.senders, r.Tx)\n	if err != nil {\n		return &abci.ResponseCheckTx{}, nil\n	}\n"},
	)
}

// watch gives a machine an address for its metrics; before it starts.
func (c *machines) watch(i int) {
	c.t.Helper()
	m := c.list[i]
	path := filepath.Join(m.home, "node.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	m.metrics = free.Addr().String()
	free.Close()
	text = append(fmt.Appendf(nil, "metrics_listen = %q\n", m.metrics), text...)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// metric reads one that a machine shows.
func (c *machines) metric(i int, name string) (float64, error) {
	response, err := http.Get("http://" + c.list[i].metrics + "/metrics")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}

// shows waits until a machine counts something.
func (c *machines) shows(i int, name string, meanwhile func()) {
	c.t.Helper()
	c.until(name+" is counted", func() error {
		meanwhile()
		if n, err := c.metric(i, name); err != nil || n == 0 {
			return fmt.Errorf("%v: %w", n, err)
		}
		return nil
	})
}

// TestClusterWithALiar: one of four lies in every way, and nobody who signs in
// notices; those who run the others do.
func TestClusterWithALiar(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	c := layOut(t, dir, 4, "--validators", "4", "--port", fmt.Sprint(freePorts(t, 16)))
	c.watch(0)
	// The keys are made while all are honest.
	c.startAll()
	ada := c.signIn(0, 1)
	c.stop(3)
	c.list[3].program = liar(t)
	c.start(3)

	people := []*person{ada}
	signIn := func() { people = append(people, c.signIn(len(people)%3, (len(people)+1)%3)) }
	c.shows(0, "ii_wrong_shares", signIn)
	c.shows(0, "ii_refused_blocks", signIn)
	forged := fmt.Sprintf("http://127.0.0.1:%d/broadcast_tx_async?tx=0x77", c.infoPort(3))
	c.shows(0, "ii_invalid_transactions", func() {
		if response, err := http.Get(forged); err == nil {
			response.Body.Close()
		}
	})

	// It is replaced by two honest ones with one key, which is how a machine that
	// was restored from a backup while it ran votes twice.
	c.stop(3)
	c.list[3].program = ""
	double := c.twin(3)
	c.start(3)
	c.start(double)
	c.shows(0, "ii_equivocations", signIn)
	for i := range 3 {
		for _, p := range people {
			c.until("a machine knows everybody", func() error { return c.knows(i, p) })
		}
	}
	if key := c.again(ada, 2); !bytes.Equal(key, ada.userKey) {
		t.Error("among liars somebody is somebody else")
	}
}

// twin lays out another machine with the vote of one, at other addresses.
func (c *machines) twin(of int) int {
	c.t.Helper()
	home := filepath.Join(c.dir, "twin")
	port := freePorts(c.t, 4)
	done := program(c.t, "cluster", "join", "--from", c.list[of].home, "--dir", home, "--port", fmt.Sprint(port))
	if done.code != 0 {
		c.t.Fatal(done.stderr)
	}
	for _, key := range []string{"validator-key", "dealing-key", "node-key"} {
		b, err := os.ReadFile(filepath.Join(c.list[of].home, "keys", key))
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, "keys", key), b, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	c.list = append(c.list, &machine{home: home, url: fmt.Sprintf("http://localhost:%d", port)})
	return len(c.list) - 1
}
