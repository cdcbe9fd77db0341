package node

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// dummyMark is a file in every data folder that was made for dummy
// authentication. Its identities belong to everybody, so it stays on this
// machine for good, and a folder with identities of people never becomes one.
const dummyMark = "dummy-auth"

const dummyMarkText = `This folder was made for dummy authentication: everybody can compute the keys of
its identities. Internet Identity serves it on this machine only.
`

// checkDummyAuth refuses dummy authentication wherever others than this machine
// could meet it.
func (c Config) checkDummyAuth() error {
	switch c.DummyAuth {
	case DummyAuthOff:
	case DummyAuthOn, DummyAuthPrompt:
		if !c.private() {
			return errors.New("dummy authentication lets everybody be anybody: it works on this machine only, so listen on 127.0.0.1 and leave out every origin that is not localhost")
		}
	default:
		return fmt.Errorf("dummy authentication %q: want on or prompt", c.DummyAuth)
	}
	return nil
}

// private reports whether only this machine can reach the service.
func (c Config) private() bool {
	if !isLoopback(c.Listen) {
		return false
	}
	for _, origin := range append([]string{c.Origin}, c.RelatedOrigins...) {
		if origin != "" && !isLocalOrigin(origin) {
			return false
		}
	}
	return true
}

// isLocalOrigin reports whether an origin means this machine, whoever reads it.
func isLocalOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// markDummyAuth marks a fresh data folder before the first dummy identity can be
// made. A marked one is for this machine only, any other for passkeys only.
func (c Config) markDummyAuth(fresh bool) error {
	mark := filepath.Join(c.DataDir, dummyMark)
	_, err := os.Stat(mark)
	marked := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data folder: %w", err)
	}
	switch dummy := c.DummyAuth != DummyAuthOff; {
	case dummy && !marked && !fresh:
		return fmt.Errorf("the data folder %s has been used with passkeys: dummy authentication needs a folder of its own", c.DataDir)
	case dummy && !marked:
		return os.WriteFile(mark, []byte(dummyMarkText), 0o600)
	case marked && !c.private():
		return fmt.Errorf("the data folder %s is one of dummy authentication, so everybody can be its identities: serve it on this machine only, or use another folder", c.DataDir)
	}
	return nil
}
