package main

import (
	"path/filepath"
	"strings"
	"testing"

	"internetidentity/client"
)

// TestBackupCommands does what docs/operating.md says, with a service that runs.
func TestBackupCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := serveProcess(t, dir, "--captcha", "off")
	passkey, err := client.NewPasskey("http://localhost:4943", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := visit(t, s).Register(t.Context(), passkey, "Ada"); err != nil {
		t.Fatal(err)
	}
	backup, restored := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "restored")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"backup", "--data", dir}, 2, "needs --out"},
		{[]string{"backup", "--data", dir, "--out", backup}, 0, "The backup is in " + backup},
		{[]string{"backup", "--data", dir, "--out", backup}, 1, "is there already"},
		{[]string{"check", "--data", dir}, 1, "stop the service, or check a backup"},
		{[]string{"check", "--data", backup}, 0, "1 identities with 1 methods"},
		{[]string{"restore", "--data", restored}, 2, "needs --from"},
		{[]string{"restore", "--from", backup, "--data", restored}, 0, "Restored."},
		{[]string{"restore", "--from", backup, "--data", restored}, 1, "is not empty"},
		{[]string{"check", "--data", filepath.Join(backup, "nothing")}, 1, "there is no service in"},
		{[]string{"backup", "--data", dir, "--out", backup, "more"}, 2, "takes no argument"},
	} {
		done := program(t, c.args...)
		if done.code != c.code || !strings.Contains(done.stdout+done.stderr, c.says) {
			t.Errorf("ii %s: %d, %q and %q, want %d and %q", strings.Join(c.args, " "), done.code, done.stdout, done.stderr, c.code, c.says)
		}
	}
	// Both are whole services; one may run.
	s.stop(t)
	again := serveProcess(t, restored, "--captcha", "off")
	if again.greeted["Root key"] != s.greeted["Root key"] {
		t.Errorf("the restored service has another root key: %q, want %q", again.greeted["Root key"], s.greeted["Root key"])
	}
}
