package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// binary is the program as people run it, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "ii")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "ii")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// run is a program that has ended.
type ended struct {
	code           int
	stdout, stderr string
}

func program(t testing.TB, args ...string) ended {
	t.Helper()
	command := exec.Command(binary, args...)
	command.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_DATA_HOME=")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ended{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// served is a service in a process of its own.
type served struct {
	command *exec.Cmd
	greeted map[string]string // what it says at the start, by name
	rest    *bufio.Reader     // of its standard output
	stderr  *bytes.Buffer
}

// serve starts the program and waits until it says that it runs.
func serveProcess(t *testing.T, dir string, flags ...string) *served {
	t.Helper()
	s := &served{greeted: map[string]string{}, stderr: &bytes.Buffer{}}
	s.command = exec.Command(binary, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, flags...)...)
	s.command.Stderr = s.stderr
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.command.Process.Kill()
		s.command.Wait()
	})
	s.rest = bufio.NewReader(stdout)
	for {
		line, err := s.rest.ReadString('\n')
		if err != nil {
			s.command.Wait()
			t.Fatalf("the program ended before it ran: %v\n%s", s.command.ProcessState, s.stderr)
		}
		name, value, ok := strings.Cut(strings.TrimSpace(line), "   ")
		if ok {
			s.greeted[name] = strings.TrimSpace(value)
		}
		if name == "Root key" {
			return s
		}
	}
}

// stop ends the service as a person does.
func (s *served) stop(t *testing.T) string {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	last, err := io.ReadAll(s.rest)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Wait(); err != nil {
		t.Errorf("the program ended with %v\n%s", err, s.stderr)
	}
	return string(last)
}
