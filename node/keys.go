package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"internetidentity/certificate"
)

// keys are the three secrets of a service on one machine. The root key vouches
// for the subnet key, the subnet key certifies every state, the node key signs
// answers to queries.
type keys struct {
	root   *certificate.SigningKey
	subnet *certificate.SigningKey
	node   ed25519.PrivateKey
}

// Each key file is one line: a name with a version, a space, 32 bytes in hex.
const (
	rootKeyName   = "ii-root-key-1"
	subnetKeyName = "ii-subnet-key-1"
	nodeKeyName   = "ii-node-key-1"
)

// loadKeys reads the keys in dir, and makes them when the folder is fresh. Some
// without the others is never mended silently: new keys would look like another
// service to everybody who trusts the old ones.
func loadKeys(dir string, fresh bool) (*keys, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if !fresh {
			return nil, fmt.Errorf("the keys in %s are missing, and the folder has been in use: put them back from a backup, or start with a new folder", dir)
		}
		if err := makeKeys(dir); err != nil {
			return nil, fmt.Errorf("make the keys: %w", err)
		}
	}
	secrets := map[string][]byte{}
	for _, name := range []string{rootKeyName, subnetKeyName, nodeKeyName} {
		secret, err := readKey(keyPath(dir, name), name)
		if err != nil {
			return nil, err
		}
		secrets[name] = secret
	}
	root, err := certificate.ParseSigningKey(secrets[rootKeyName])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyPath(dir, rootKeyName), err)
	}
	subnet, err := certificate.ParseSigningKey(secrets[subnetKeyName])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyPath(dir, subnetKeyName), err)
	}
	return &keys{root: root, subnet: subnet, node: ed25519.NewKeyFromSeed(secrets[nodeKeyName])}, nil
}

func keyPath(dir, name string) string {
	// The version is in the file, so that it can be read before it is trusted.
	return filepath.Join(dir, strings.TrimSuffix(strings.TrimPrefix(name, "ii-"), "-1"))
}

// makeKeys writes new keys into a folder beside dir and then renames it, so
// that a crash leaves all of them or none.
func makeKeys(dir string) error {
	beside := dir + ".new"
	if err := os.RemoveAll(beside); err != nil {
		return err
	}
	if err := os.Mkdir(beside, 0o700); err != nil {
		return err
	}
	for _, name := range []string{rootKeyName, subnetKeyName, nodeKeyName} {
		var seed [32]byte
		rand.Read(seed[:]) // never fails: the runtime ends the process instead
		secret := seed[:]
		if name != nodeKeyName {
			secret = certificate.DeriveSigningKey(seed).Bytes()
		}
		if err := writeKey(keyPath(beside, name), name, secret); err != nil {
			return err
		}
	}
	if err := syncDir(beside); err != nil {
		return err
	}
	if err := os.Rename(beside, dir); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func readKey(path, name string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s can be read by others (mode %04o): run chmod 600 on it, and think about who may have seen it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	found, value, _ := strings.Cut(strings.TrimSuffix(string(text), "\n"), " ")
	if found != name {
		return nil, fmt.Errorf("key file %s does not begin with %s: it is damaged or from another version", path, name)
	}
	// The error of a bad hex text would quote a part of the secret.
	secret, err := hex.DecodeString(value)
	if err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("key file %s is damaged: want 64 hex digits after %s", path, name)
	}
	return secret, nil
}

func writeKey(path, name string, secret []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s %x\n", name, secret)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
