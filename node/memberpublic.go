//go:build !solo

package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"internetidentity/chain"
)

// public is what a machine shows to the others before it is among them.
type public struct {
	Member chain.Member `json:"member"`
	File   memberFile   `json:"addresses"`
}

// makeKeys makes the keys of a machine in its home, and the file to show.
func (c Cluster) makeKeys(dir, name string, i int) (string, error) {
	path := filepath.Join(dir, memberPublic)
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("there is a machine in %s already: choose another folder", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	keys, err := loadMemberKeys(filepath.Join(dir, "keys"), true)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(public{chain.NewMember(name, keys), c.file(i, name, keys)}, "", "  ")
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, append(text, '\n'), 0o644)
}

// MakeKeys makes the keys of one machine, on that machine, and the file that it
// shows to the others: so nobody ever has the keys of two.
func MakeKeys(dir, name, host string, port int) (string, error) {
	if name == "" {
		name = filepath.Base(dir)
	}
	return Cluster{Hosts: []string{host}, Port: port}.makeKeys(dir, name, 0)
}

func readPublic(path string) (p public, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	// The name becomes that of a folder.
	if name := p.Member.Name; name != p.File.Name || name != filepath.Base(name) || !filepath.IsLocal(name) || name == "." {
		return p, fmt.Errorf("%s: %q is not a name for a machine", path, name)
	}
	return p, nil
}

// readPublics makes members of machines.
func readPublics(paths []string, terms *chain.Terms) ([]memberFile, error) {
	files := make([]memberFile, len(paths))
	for i, path := range paths {
		p, err := readPublic(path)
		if err != nil {
			return nil, err
		}
		files[i] = p.File
		terms.Members = append(terms.Members, p.Member)
	}
	return files, nil
}
