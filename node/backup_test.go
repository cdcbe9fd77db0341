package node_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"internetidentity/node"
	"internetidentity/store"
)

// TestBackupOfARunningService: what was acknowledged before the backup began is
// in it, whatever happens meanwhile, and the restored service is the same one.
func TestBackupOfARunningService(t *testing.T) {
	n := start(t, node.Config{Captcha: node.CaptchaOff})
	ii := service(t, n)
	ada := register(t, ii)
	who := signIn(t, n, ii, ada, app).Principal

	var meanwhile sync.WaitGroup
	meanwhile.Go(func() {
		for range 10 {
			register(t, ii)
		}
	})
	folder := filepath.Join(t.TempDir(), "monday")
	if err := node.Backup(t.Context(), n.DataDir(), folder); err != nil {
		t.Fatal(err)
	}
	meanwhile.Wait()
	if err := node.Backup(t.Context(), n.DataDir(), folder); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a second backup into one folder: %v", err)
	}
	if _, err := node.Check(n.DataDir()); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a check of a running service: %v", err)
	}
	root := n.RootKey()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	restored := filepath.Join(t.TempDir(), "restored")
	report, err := node.Restore(folder, restored)
	if err != nil {
		t.Fatal(err)
	}
	if report.Identities < 1 || report.Identities > 11 || report.Methods != report.Identities || report.Unlisted != 0 {
		t.Errorf("the report of the restored folder: %+v", report)
	}
	again := start(t, node.Config{Captcha: node.CaptchaOff, DataDir: restored})
	if again.RootKey() != root {
		t.Error("the restored service has another root key")
	}
	if got := signIn(t, again, service(t, again), ada, app).Principal; got != who {
		t.Error("in the restored service somebody is somebody else")
	}
}

// TestBackupOfAStoppedService needs nobody to ask.
func TestBackupOfAStoppedService(t *testing.T) {
	n := start(t, node.Config{Captcha: node.CaptchaOff})
	register(t, service(t, n))
	socket := filepath.Join(n.DataDir(), "admin.sock")
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket of a stopped service: %v", err)
	}
	folder := filepath.Join(t.TempDir(), "backup")
	if err := node.Backup(t.Context(), n.DataDir(), folder); err != nil {
		t.Fatal(err)
	}
	before := contents(t, folder)
	if report, err := node.Check(folder); err != nil || report.Identities != 1 || report.Canister != canister {
		t.Errorf("%+v, %v", report, err)
	}
	if after := contents(t, folder); !maps.Equal(before, after) {
		t.Errorf("a check has changed the backup: %v, %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
	if info, err := os.Stat(filepath.Join(folder, "keys", "root-key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a copied key: %v, %v", info, err)
	}
}

// contents are the files of a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		// The lock is an empty file, which keeps a service away meanwhile.
		if err != nil || entry.IsDir() || entry.Name() == "LOCK" {
			return err
		}
		b, err := os.ReadFile(path)
		files[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestBackupThatFails leaves nothing behind, touches nothing of others, and the
// service goes on.
func TestBackupThatFails(t *testing.T) {
	n := start(t, node.Config{Captcha: node.CaptchaOff})
	dir := t.TempDir()
	mine := filepath.Join(dir, "monday.part")
	if err := os.Mkdir(mine, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(n.DataDir(), "keys")); err != nil {
		t.Fatal(err)
	}
	if err := node.Backup(t.Context(), n.DataDir(), filepath.Join(dir, "monday")); err == nil || !strings.Contains(err.Error(), "copy the keys") {
		t.Errorf("a backup without keys: %v", err)
	}
	if err := node.Backup(t.Context(), n.DataDir(), filepath.Join(dir, "nowhere", "monday")); err == nil {
		t.Error("a backup into a folder that does not exist")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 || list[0].Name() != "monday.part" {
		t.Errorf("it leaves %v, %v", list, err)
	}
	register(t, service(t, n))
}

// TestRestoreRefuses what would lose something, and leaves nothing behind.
func TestRestoreRefuses(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good")
	strange := filepath.Join(t.TempDir(), "strange")
	for _, folder := range []string{good, strange} {
		n := start(t, node.Config{Captcha: node.CaptchaOff})
		register(t, service(t, n))
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		if err := node.Backup(t.Context(), n.DataDir(), folder); err != nil {
			t.Fatal(err)
		}
	}
	occupied := t.TempDir()
	if err := os.WriteFile(filepath.Join(occupied, "something"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := func() string { return filepath.Join(t.TempDir(), "fresh") }
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T) // of the good backup
		to    string
		want  string
	}{
		{"a folder in use", func(*testing.T) {}, occupied, "is not empty"},
		{"the keys of another service", func(t *testing.T) { swap(t, good, strange, "subnet-key") }, fresh(), "put the right keys back"},
		{"a key that is missing", func(t *testing.T) {
			if err := os.Remove(filepath.Join(good, "keys", "node-key")); err != nil {
				t.Fatal(err)
			}
		}, fresh(), "node-key"},
		{"no database", func(t *testing.T) {
			if err := os.RemoveAll(filepath.Join(good, "db")); err != nil {
				t.Fatal(err)
			}
		}, fresh(), "is no backup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spoil(t)
			if _, err := node.Restore(good, c.to); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.to == occupied {
				return
			}
			if _, err := os.Stat(c.to); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the data folder: %v", err)
			}
		})
	}
}

// swap puts a key of another service into a backup.
func swap(t *testing.T, into, from, key string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, "keys", key))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(into, "keys", key), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
