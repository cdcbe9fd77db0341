//go:build !solo

package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// links are the connections between the machines of a cluster, each through a
// relay of the test's own that can be cut. Every machine believes that the
// others are where its relays are.
type links struct{ list [][]*link } // from, to

// link is the way from one machine to another, which both use to talk.
type link struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	conns map[net.Conn]bool
	gone  bool          // connections end, and new ones too
	held  chan struct{} // closed when bytes may pass
}

var peerListen = regexp.MustCompile(`peer_listen = ['"]tcp://([^'"]+)['"]`)

// link puts relays between the machines, before they start.
func (c *machines) link() {
	c.t.Helper()
	texts, addresses := make([]string, len(c.list)), make([]string, len(c.list))
	for i, m := range c.list {
		b, err := os.ReadFile(filepath.Join(m.home, "node.toml"))
		if err != nil {
			c.t.Fatal(err)
		}
		found := peerListen.FindSubmatch(b)
		if found == nil {
			c.t.Fatalf("%s has no peer_listen:\n%s", m.home, b)
		}
		texts[i], addresses[i] = string(b), string(found[1])
	}
	c.links = &links{list: make([][]*link, len(c.list))}
	for i, m := range c.list {
		for j := range c.list {
			l := (*link)(nil)
			if i != j {
				l = newLink(c.t, addresses[j])
				texts[i] = strings.ReplaceAll(texts[i], "@"+addresses[j], "@"+l.listener.Addr().String())
			}
			c.links.list[i] = append(c.links.list[i], l)
		}
		if err := os.WriteFile(filepath.Join(m.home, "node.toml"), []byte(texts[i]), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
}

func newLink(t testing.TB, to string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, to: to, conns: map[net.Conn]bool{}, held: make(chan struct{})}
	close(l.held)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { l.carry(from) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		l.heal()
		l.cut()
		all.Wait()
	})
	return l
}

// carry takes one connection to where it is to go.
func (l *link) carry(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer to.Close()
	l.mu.Lock()
	gone := l.gone
	l.conns[from], l.conns[to] = true, true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.conns, from)
		delete(l.conns, to)
		l.mu.Unlock()
	}()
	if gone {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { l.pass(to, from) })
	both.Go(func() { l.pass(from, to) })
	both.Wait()
}

func (l *link) pass(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		l.mu.Lock()
		held := l.held
		l.mu.Unlock()
		<-held
		if _, failed := to.Write(b[:n]); failed != nil || err != nil {
			_, _ = io.Copy(io.Discard, from)
			return
		}
	}
}

// cut ends all connections and refuses new ones.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
	for c := range l.conns {
		c.Close()
	}
}

// hold keeps what is sent, as a network does that loses packets.
func (l *link) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = make(chan struct{})
}

func (l *link) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = false
	select {
	case <-l.held:
	default:
		close(l.held)
	}
}

// part takes some machines apart from the others.
func (l *links) part(apart map[int]bool, how func(*link)) {
	for i, row := range l.list {
		for j, one := range row {
			if one != nil && apart[i] != apart[j] {
				how(one)
			}
		}
	}
}

func (l *links) heal() {
	for _, row := range l.list {
		for _, one := range row {
			if one != nil {
				one.heal()
			}
		}
	}
}
