//go:build !solo

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestCluster lives through what happens to a cluster of four.
func TestCluster(t *testing.T) {
	const n = 4
	c := newCluster(t, n)
	var people []*person
	everybody := func(t *testing.T, at int) {
		t.Helper()
		for _, p := range people {
			if err := c.knows(at, p); err != nil {
				t.Error(err)
			}
		}
	}
	meet := func(at, then int) { people = append(people, c.signIn(at, then)) }

	for i := range n {
		meet(i, (i+1)%n)
	}
	for i := range n {
		everybody(t, i)
	}
	for i := range n {
		c.kill(i)
		meet((i+1)%n, (i+2)%n)
		meet((i+2)%n, (i+3)%n)
		c.start(i)
		c.healthy(i)
		everybody(t, i)
		if key := c.again(people[0], i); !bytes.Equal(key, people[0].userKey) {
			t.Errorf("after a restart of machine %d somebody is somebody else", i)
		}
	}

	// One that lost its data takes the state over from the others.
	c.stop(3)
	if err := os.RemoveAll(filepath.Join(c.list[3].home, "data")); err != nil {
		t.Fatal(err)
	}
	c.start(3)
	c.healthy(3)
	everybody(t, 3)
	if first := c.firstBlock(3); first == 1 {
		t.Error("the machine made all blocks again, and did not take the state over")
	}
	meet(3, 0)

	// One that is alone does not answer with what may be old.
	for i := 1; i < n; i++ {
		c.signal(i, syscall.SIGSTOP)
	}
	c.until("machine 0 says that it is alone", func() error {
		err := c.knows(0, people[0])
		if err == nil || !strings.Contains(err.Error(), "503") {
			return fmt.Errorf("it answers: %v", err)
		}
		return nil
	})
	for i := 1; i < n; i++ {
		c.signal(i, syscall.SIGCONT)
	}
	c.until("machine 0 answers again", func() error { return c.knows(0, people[0]) })
	meet(0, 1)

	for i := range n {
		c.stop(i)
	}
	for i := range n {
		c.start(i)
	}
	for i := range n {
		c.healthy(i)
		everybody(t, i)
	}
}
