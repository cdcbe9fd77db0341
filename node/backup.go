package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"internetidentity/store"
)

// A backup is a data folder: keys, database, and the mark of dummy
// authentication if there is one. A running service makes it itself, since the
// database is its own; it is asked through a socket in its data folder, which
// only who can read the keys anyway can reach.

const socketName = "admin.sock"

// backupRequest asks for a backup in a folder that must not exist.
type backupRequest struct {
	To string `json:"to"`
}

// Backup writes a consistent copy of a service's data into a new folder, whether
// the service runs or not.
func Backup(ctx context.Context, dataDir, to string) error {
	dataDir, err := dataDirOr(dataDir)
	if err != nil {
		return err
	}
	if to, err = filepath.Abs(to); err != nil {
		return err
	}
	data, err := openExisting(dataDir, store.Options{})
	if errors.Is(err, store.ErrInUse) {
		return askBackup(ctx, dataDir, to)
	}
	if err != nil {
		return err
	}
	return errors.Join(backup(data, dataDir, to), data.Close())
}

func dataDirOr(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	return DefaultDataDir()
}

// openExisting opens a database that must be there.
func openExisting(dataDir string, options store.Options) (*store.Store, error) {
	dir := filepath.Join(dataDir, "db")
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("there is no service in %s: %w", dataDir, err)
	}
	return store.Open(dir, options)
}

// backup is whole or not there: it gets its name last.
func backup(data *store.Store, dataDir, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is there already: choose a new folder for the backup", to)
	}
	part, err := os.MkdirTemp(filepath.Dir(to), ".ii-backup-*")
	if err != nil {
		return fmt.Errorf("the folder of the backup: %w", err)
	}
	if err := fillBackup(data, dataDir, part, to); err != nil {
		return errors.Join(err, os.RemoveAll(part))
	}
	return syncDir(filepath.Dir(to))
}

func fillBackup(data *store.Store, dataDir, part, to string) error {
	if err := data.Checkpoint(filepath.Join(part, "db")); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := copySecrets(dataDir, part); err != nil {
		return err
	}
	if err := syncDir(part); err != nil {
		return err
	}
	return os.Rename(part, to)
}

// copySecrets copies everything of a data folder but the database.
func copySecrets(from, to string) error {
	if err := copyFolder(filepath.Join(from, "keys"), filepath.Join(to, "keys")); err != nil {
		return fmt.Errorf("copy the keys: %w", err)
	}
	err := copyNew(filepath.Join(from, dummyMark), filepath.Join(to, dummyMark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// copyFolder copies a folder of files into a new one.
func copyFolder(from, to string) error {
	list, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, entry := range list {
		if err := copyNew(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return syncDir(to)
}

// copyNew copies a file, for its owner's eyes only, durably.
func copyNew(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// Restore puts a backup into a new data folder, and looks it through there.
func Restore(from, dataDir string) (*Report, error) {
	dataDir, err := dataDirOr(dataDir)
	if err != nil {
		return nil, err
	}
	if dataDir, err = filepath.Abs(dataDir); err != nil {
		return nil, err
	}
	if list, err := os.ReadDir(dataDir); err == nil && len(list) > 0 {
		return nil, fmt.Errorf("%s is not empty: a backup is restored into a new folder", dataDir)
	}
	if err := os.MkdirAll(filepath.Dir(dataDir), 0o700); err != nil {
		return nil, err
	}
	part, err := os.MkdirTemp(filepath.Dir(dataDir), ".ii-restore-*")
	if err != nil {
		return nil, err
	}
	report, err := fillData(from, part, dataDir)
	if err != nil {
		return report, errors.Join(fmt.Errorf("the backup is not restored: %w", err), os.RemoveAll(part))
	}
	return report, syncDir(filepath.Dir(dataDir))
}

func fillData(from, part, dataDir string) (*Report, error) {
	if err := copyFolder(filepath.Join(from, "db"), filepath.Join(part, "db")); err != nil {
		return nil, fmt.Errorf("%s is no backup: %w", from, err)
	}
	if err := copySecrets(from, part); err != nil {
		return nil, err
	}
	report, err := Check(part)
	if err != nil {
		return report, err
	}
	// It is empty, or this fails.
	if err := os.Remove(dataDir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return report, err
	}
	return report, os.Rename(part, dataDir)
}

// listenAdmin opens the socket. Who has the database has the folder, so a socket
// that is there is of a process that has ended.
func (n *Node) listenAdmin() error {
	path := filepath.Join(n.config.DataDir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		// Paths of sockets are short on some systems. Everything else works.
		n.config.Logger.Warn("no backup can be made while the service runs", "error", err)
		return nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	n.admin = &server{listener: listener}
	n.servers = append(n.servers, n.admin)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /backup", n.backup)
	n.admin.serve(mux, n.config.Logger)
	return nil
}

func (n *Node) backup(w http.ResponseWriter, r *http.Request) {
	var request backupRequest
	if err := json.NewDecoder(io.LimitReader(r.Body, 16<<10)).Decode(&request); err != nil || !filepath.IsAbs(request.To) {
		http.Error(w, "a backup needs a folder", http.StatusBadRequest)
		return
	}
	if err := backup(n.store, n.config.DataDir, request.To); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// askBackup asks the service that has the database.
func askBackup(ctx context.Context, dataDir, to string) error {
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dataDir, socketName))
		},
	}}
	body, err := json.Marshal(backupRequest{to})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://admin/backup", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the service in %s runs and does not answer; stop it, or ask who runs it: %w", dataDir, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 16<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusNoContent {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}
