//go:build !solo

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"internetidentity/client"
)

// TestClusterGoesOnWithIdentities takes the identities of one machine along into
// a cluster: the root key is another, and everybody is who they were.
func TestClusterGoesOnWithIdentities(t *testing.T) {
	data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "identities")
	s := serveProcess(t, data)
	alone := visit(t, s)
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	ada := &person{passkey: passkey}
	if ada.number, err = alone.Register(t.Context(), passkey, "Ada"); err != nil {
		t.Fatal(err)
	}
	as, err := alone.Unlock(passkey)
	if err != nil {
		t.Fatal(err)
	}
	before, err := alone.prepare(t.Context(), as, ada.number, client.GenerateEd25519().PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	s.stop(t)

	if done := program(t, "export", "--data", data, "--out", file); done.code != 0 {
		t.Fatal(done.stderr)
	}
	if done := program(t, "export", "--data", data, "--out", file); done.code == 0 {
		t.Error("an export overwrites another")
	}
	c := newCluster(t, 4, "--import", file)
	if c.root == alone.root {
		t.Error("the cluster has the root key of one machine")
	}
	for i := range 4 {
		if err := c.knows(i, ada); err != nil {
			t.Error(err)
		}
	}
	if key := c.again(ada, 2); !bytes.Equal(key, before.UserKey) {
		t.Error("in the cluster somebody is somebody else")
	}
	if bob := c.signIn(3, 0); bob.number == ada.number {
		t.Error("a number is given twice")
	}

	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"cut off": whole[:len(whole)-1], "longer": append(bytes.Clone(whole), 0), "changed": flipped(whole), "empty": nil,
	} {
		path := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		done := program(t, "cluster", "init", "--dir", filepath.Join(t.TempDir(), "c"), "--import", path)
		if done.code == 0 || !strings.Contains(done.stderr, "export") {
			t.Errorf("an export that is %s: %s", name, done.stderr)
		}
	}
}

func flipped(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)/2] ^= 1
	return b
}
