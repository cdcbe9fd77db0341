//go:build !solo

package node

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"internetidentity/chain"
	"internetidentity/principal"
	"internetidentity/store"
)

// Export writes the identities of a stopped service on one machine into a new
// file: everything but its keys. It holds the salt, so it is as secret as the
// data folder. The answer is the canister's id, and the number of records.
func Export(dataDir, path string) (_ principal.Principal, records int, err error) {
	var canister principal.Principal
	if dataDir == "" {
		if dataDir, err = DefaultDataDir(); err != nil {
			return canister, 0, err
		}
	}
	dir := filepath.Join(dataDir, "db")
	if _, err := os.Stat(dir); err != nil {
		return canister, 0, fmt.Errorf("there is no service in %s: %w", dataDir, err)
	}
	data, err := store.Open(dir, store.Options{})
	if err != nil {
		return canister, 0, err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return canister, 0, err
	}
	snapshot := data.Snapshot()
	canister, records, err = chain.Export(file, snapshot)
	return canister, records, errors.Join(err, snapshot.Close(), file.Sync(), file.Close())
}

// readExport looks a whole export through, and gives its canister and its hash.
func readExport(path string) (principal.Principal, []byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return principal.Principal{}, nil, err
	}
	defer file.Close()
	hash := sha256.New()
	canister, err := chain.ReadExport(io.TeeReader(file, hash), func([]byte, []byte) {})
	if err != nil {
		return canister, nil, fmt.Errorf("%s: %w", path, err)
	}
	return canister, hash.Sum(nil), nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
