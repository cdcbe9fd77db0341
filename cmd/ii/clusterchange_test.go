//go:build !solo

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// ballots sends the same command as several machines.
func (c *machines) ballots(from []int, args ...string) {
	c.t.Helper()
	for _, i := range from {
		done := program(c.t, append([]string{"cluster", args[0], "--home", c.list[i].home}, args[1:]...)...)
		if done.code != 0 {
			c.t.Fatalf("the ballot of machine %d: %s", i, done.stderr)
		}
	}
}

// TestClusterChangesItsMembers lets a fifth machine join and the first leave:
// neither the root key nor anybody's principal changes.
func TestClusterChangesItsMembers(t *testing.T) {
	c := newCluster(t, 4)
	ada := c.signIn(0, 1)

	home := filepath.Join(c.dir, "node4")
	port := freePorts(t, 4)
	done := program(t, "cluster", "join", "--from", c.list[0].home, "--dir", home, "--port", fmt.Sprint(port))
	if done.code != 0 {
		t.Fatal(done.stderr)
	}
	c.list = append(c.list, &machine{home: home, url: fmt.Sprintf("http://localhost:%d", port)})
	c.start(4)
	member := filepath.Join(home, "member.json")
	c.ballots([]int{0, 1}, "reshare", "--add", member)
	if err := c.knows(4, ada); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a machine that is no member answers: %v", err)
	}
	c.ballots([]int{2}, "reshare", "--add", member)
	c.healthy(4)
	c.until("the new machine knows what was before it", func() error { return c.knows(4, ada) })
	if key := c.again(ada, 4); !bytes.Equal(key, ada.userKey) {
		t.Error("at the new machine somebody is somebody else")
	}

	c.ballots([]int{1, 2, 3, 4}, "reshare", "--remove", "node0")
	c.until("the machine that left answers no more", func() error {
		if err := c.knows(0, ada); err == nil || !strings.Contains(err.Error(), "no member") {
			return fmt.Errorf("it answers: %v", err)
		}
		return nil
	})
	c.stop(0)
	for i := 1; i < 5; i++ {
		bob := c.signIn(i, i%4+1)
		c.again(bob, (i+1)%4+1)
	}
	// The new machine counts: without it and one more there are too few.
	c.kill(1)
	c.signIn(4, 2)
	c.start(1)
	c.healthy(1)
	if key := c.again(ada, 1); !bytes.Equal(key, ada.userKey) {
		t.Error("after the change somebody is somebody else")
	}
}
