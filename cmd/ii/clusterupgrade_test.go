//go:build !solo

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nextVersion builds the program with a higher version.
func nextVersion(t *testing.T) string {
	return another(t, change{"version.go", "const appVersion = 1", "const appVersion = 2"})
}

// change is one of the source of package chain.
type change struct{ file, old, new string }

// another builds the program from a changed source.
func another(t *testing.T, changes ...change) string {
	t.Helper()
	dir := t.TempDir()
	texts := map[string]string{}
	for _, c := range changes {
		source, err := filepath.Abs("../../chain/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		text, known := texts[source]
		if !known {
			b, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if strings.Count(text, c.old) != 1 {
			t.Fatalf("%s does not have %q once", c.file, c.old)
		}
		texts[source] = strings.Replace(text, c.old, c.new, 1)
	}
	replaced := map[string]string{}
	for source, text := range texts {
		path := filepath.Join(dir, filepath.Base(source))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replaced[source] = path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ii")
	if out, err := exec.Command("go", "build", "-overlay", list, "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// ends waits for a machine that stops by itself, and returns why.
func (c *machines) ends(i int) string {
	c.t.Helper()
	if err := c.list[i].command.Wait(); err == nil {
		c.t.Errorf("machine %d ended well", i)
	}
	return c.list[i].stderr.String()
}

// TestClusterUpgrade goes over to another version of the program at one block.
func TestClusterUpgrade(t *testing.T) {
	next := nextVersion(t)
	c := newApart(t, 4)
	ada := c.signIn(0, 1)

	// A machine with a version that was not agreed on does not begin.
	c.stop(3)
	c.list[3].program = next
	c.start(3)
	if got := c.ends(3); !strings.Contains(got, "not the version of the program that is in force") {
		t.Errorf("the wrong version says:\n%s", tail(got))
	}
	c.list[3].program = ""
	c.start(3)
	c.healthy(3)

	at := c.height(0) + 10
	for i := range 3 {
		vote := exec.Command(next, "cluster", "upgrade", "--home", c.list[i].home, "--at", fmt.Sprint(at))
		if out, err := vote.CombinedOutput(); err != nil {
			t.Fatalf("the ballot of machine %d: %v\n%s", i, err, out)
		}
	}
	// Blocks go on until the one that was agreed on, where the old version ends.
	ended := make(chan string, 4)
	for i := range 4 {
		go func() { ended <- c.ends(i) }()
	}
	c.until("the machines stop", func() error {
		c.knows(0, ada) // who asks wants a block
		if len(ended) < 4 {
			return fmt.Errorf("%d have stopped", len(ended))
		}
		return nil
	})
	for range 4 {
		if got := <-ended; !strings.Contains(got, "goes over to version 2") {
			t.Errorf("the old version says:\n%s", tail(got))
		}
	}
	for i := range 4 {
		c.list[i].program = next
		c.start(i)
	}
	for i := range 4 {
		c.healthy(i)
		if err := c.knows(i, ada); err != nil {
			t.Error(err)
		}
	}
	if key := c.again(ada, 2); !bytes.Equal(key, ada.userKey) {
		t.Error("after the upgrade somebody is somebody else")
	}
	c.signIn(1, 3)
}
