package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"internetidentity/store"
	"internetidentity/table"
)

func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // parts of
	}{
		{"nothing", nil, 0, "Usage:", ""},
		{"help", []string{"help"}, 0, "ii serve --demo", ""},
		{"-h", []string{"-h"}, 0, "Usage:", ""},
		{"--help", []string{"--help"}, 0, "Usage:", ""},
		{"version", []string{"version"}, 0, "ii ", ""},
		{"--version", []string{"--version"}, 0, "ii ", ""},
		{"an unknown command", []string{"server"}, 2, "", `there is no command "server"`},
		{"an unknown flag before a command", []string{"--demo"}, 2, "", `there is no command "--demo"`},
		{"help of serve", []string{"serve", "-h"}, 0, "", "-listen address"},
		{"an unknown flag", []string{"serve", "--port", "80"}, 2, "", "flag provided but not defined: -port"},
		{"an argument too many", []string{"serve", "now"}, 2, "", `takes no argument "now"`},
		{"an unknown log level", []string{"serve", "--log-level", "loud"}, 1, "", "want debug, info, warn or error"},
		{"an address without a port", []string{"serve", "--listen", "localhost"}, 1, "", "host:port"},
		{"an unknown dummy authentication", []string{"serve", "--dummy-auth=maybe"}, 1, "", "want on or prompt"},
		{"dummy authentication for everybody", []string{"serve", "--dummy-auth", "--listen", "0.0.0.0:0"}, 1, "", "everybody be anybody"},
		{"dummy authentication under a domain", []string{"serve", "--dummy-auth=prompt", "--origin", "https://id.example.org"}, 1, "", "everybody be anybody"},
		{"an unknown captcha", []string{"serve", "--captcha", "sometimes"}, 1, "", "auto, on or off"},
	} {
		got := program(t, test.args...)
		if got.code != test.code || !strings.Contains(got.stdout, test.stdout) || !strings.Contains(got.stderr, test.stderr) {
			t.Errorf("%s: exit code %d, output %q, error output %q", test.name, got.code, got.stdout, got.stderr)
		}
		if got.code == 0 && test.stderr == "" && got.stderr != "" || got.code != 0 && got.stdout != "" {
			t.Errorf("%s: says on the wrong side: %q and %q", test.name, got.stdout, got.stderr)
		}
		if got.code == 1 && (strings.Count(got.stderr, "\n") != 1 || !strings.HasPrefix(got.stderr, "ii: ")) {
			t.Errorf("%s: want one line, got %q", test.name, got.stderr)
		}
	}
}

func TestServeSaysWhereEverythingIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := serveProcess(t, dir)
	address, fingerprint := s.greeted["Sign-in page"], s.greeted["Root key"]
	if !strings.HasPrefix(address, "http://localhost:") || s.greeted["Data folder"] != dir || len(strings.Split(fingerprint, "-")) != 4 {
		t.Errorf("it says %q", s.greeted)
	}
	if _, demo := s.greeted["Demo app"]; demo {
		t.Error("it starts a demo app that nobody asked for")
	}
	response, err := http.Get(address + "/api/v2/status")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("the status is answered with %d", response.StatusCode)
	}
	if last := s.stop(t); !strings.Contains(last, "Stopped. Everything is kept.") || s.stderr.Len() != 0 {
		t.Errorf("at the end it says %q and %q", last, s.stderr)
	}
	again := serveProcess(t, dir)
	if got := again.greeted["Root key"]; got != fingerprint {
		t.Errorf("the root key changed from %s to %s", fingerprint, got)
	}
	again.stop(t)
}

func TestDummyAuthenticationIsSaidLoudly(t *testing.T) {
	dir := t.TempDir()
	for _, flag := range []string{"--dummy-auth", "--dummy-auth=prompt"} {
		s := serveProcess(t, dir, flag)
		s.stop(t)
		if !strings.Contains(s.stderr.String(), "DUMMY AUTHENTICATION") {
			t.Errorf("%s: it says %q", flag, s.stderr)
		}
	}
	got := program(t, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--origin", "https://id.example.org")
	if got.code != 1 || !strings.Contains(got.stderr, "is one of dummy authentication") {
		t.Errorf("under a domain: exit code %d, %q", got.code, got.stderr)
	}
	serveProcess(t, dir, "--dummy-auth=false").stop(t)
}

func TestDemoIsAnAppOfItsOwn(t *testing.T) {
	s := serveProcess(t, t.TempDir(), "--demo", "--demo-listen", "127.0.0.1:0")
	demo := s.greeted["Demo app"]
	if !strings.HasPrefix(demo, "http://localhost:") || demo == s.greeted["Sign-in page"] {
		t.Fatalf("it says %q", s.greeted)
	}
	response, err := http.Get(demo)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if kind := response.Header.Get("Content-Type"); response.StatusCode != 200 || !strings.HasPrefix(kind, "text/html") {
		t.Errorf("the demo answers with %d %s", response.StatusCode, kind)
	}
	s.stop(t)
}

func TestFolderThatCannotBeServed(t *testing.T) {
	inUse := t.TempDir()
	first := serveProcess(t, inUse)
	newer := t.TempDir()
	disk, err := store.Open(filepath.Join(newer, "db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	version := table.NewOverlay(table.NewMemory())
	version.Put([]byte{0x00, 'v'}, []byte("1000"))
	if err := disk.Commit(version); err != nil {
		t.Fatal(err)
	}
	if err := disk.Close(); err != nil {
		t.Fatal(err)
	}
	// Keys of another service, so that the database is what is complained of.
	if err := os.CopyFS(filepath.Join(newer, "keys"), os.DirFS(filepath.Join(inUse, "keys"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"root-key", "subnet-key", "node-key"} {
		if err := os.Chmod(filepath.Join(newer, "keys", name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, dir, want string }{
		{"a folder in use", inUse, "the data folder is in use by another process"},
		{"a folder of a newer version", newer, "the data folder was written by a newer version of this program"},
		{"a file", file, "data folder"},
	} {
		got := program(t, "serve", "--data", test.dir, "--listen", "127.0.0.1:0")
		if got.code != 1 || !strings.Contains(got.stderr, test.want) || !strings.HasPrefix(got.stderr, "ii: ") || got.stdout != "" {
			t.Errorf("%s: exit code %d, output %q, error output %q", test.name, got.code, got.stdout, got.stderr)
		}
		if strings.Contains(got.stderr, "goroutine") || strings.Count(got.stderr, "\n") > 2 {
			t.Errorf("%s: a person is told %q", test.name, got.stderr)
		}
	}
	first.stop(t)
}
