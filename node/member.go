//go:build !solo

package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"internetidentity/certificate"
	"internetidentity/chain"
	"internetidentity/store"
)

// MemberConfig is what an operator decides about a machine of a cluster beside
// what stands in its home.
type MemberConfig struct {
	Home    string
	Version string
	Logger  *slog.Logger
}

// StartMember starts a machine of a cluster. It returns when its ports are open;
// it answers as soon as it has what the others have.
func StartMember(config MemberConfig) (_ *Node, err error) {
	file, genesis, err := readHome(config.Home)
	if err != nil {
		return nil, err
	}
	terms, err := chain.GenesisTerms(genesis)
	if err != nil {
		return nil, err
	}
	n := &Node{config: Config{
		DataDir: filepath.Join(config.Home, "data"), Listen: file.Listen, MetricsListen: file.MetricsListen,
		Origin: file.Origin, Demo: file.Demo.On, DemoListen: file.Demo.Listen, Canister: terms.ID(),
		Version: config.Version, Logger: config.Logger,
	}, metrics: newMetrics(config.Version)}
	if n.config, err = n.config.withDefaults(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if n.store, err = store.Open(filepath.Join(n.config.DataDir, "db"), store.Options{Logger: n.config.Logger}); err != nil {
		return nil, err
	}
	service, err := n.openPorts()
	if err != nil {
		return nil, err
	}
	parts, err := n.chainConfig(config.Home, file, genesis)
	if err != nil {
		return nil, err
	}
	member, err := chain.Start(parts)
	if err != nil {
		return nil, err
	}
	n.host, n.root = clusterHost{member}, member.RootKey
	n.metrics.watchCluster(member.Stats)
	return n, n.serve(service, n.whenReady(n.serviceHandler()))
}

func (n *Node) chainConfig(home string, file memberFile, genesis []byte) (c chain.Config, err error) {
	keys, err := loadMemberKeys(filepath.Join(home, "keys"), false)
	if err != nil {
		return c, err
	}
	trust, err := readTrust(filepath.Join(home, trustFile))
	if err != nil {
		return c, err
	}
	return chain.Config{
		Name: file.Name, Dir: filepath.Join(n.config.DataDir, "engine"), Votes: filepath.Join(home, votesFile),
		Genesis: genesis, Export: filepath.Join(home, exportFile), Keys: keys, Store: n.store, Bundle: frontEnd(),
		PeerListen: file.PeerListen, Peers: joined(file.Peers), InfoListen: file.InfoListen, InfoPeers: file.InfoPeers,
		Trust: trust, Trusted: func(t chain.Trust) { n.writeTrust(filepath.Join(home, trustFile), t) },
		Now: func() uint64 { return uint64(time.Now().UnixNano()) }, Logger: n.config.Logger,
	}, nil
}

func readTrust(path string) (*chain.Trust, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var t chain.Trust
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &t, nil
}

// writeTrust keeps a block to believe. Without it a machine that has lost its
// data makes all blocks again, so a failure is no reason to stop.
func (n *Node) writeTrust(path string, t chain.Trust) {
	b, err := json.Marshal(t)
	if err == nil {
		err = os.WriteFile(path+".new", append(b, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		n.config.Logger.Warn("the block to believe after a loss of data is not kept", "error", err)
	}
}

// clusterHost shows a machine of a cluster as a host.
type clusterHost struct{ *chain.Chain }

// RootKey is zero before it is made; whenReady lets nobody ask before.
func (h clusterHost) RootKey() certificate.BLSPublicKey {
	key, _ := h.Chain.RootKey()
	return key
}

// whenReady says what a new machine is waiting for.
func (n *Node) whenReady(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := n.root(); !ok {
			w.Header().Set("Retry-After", "1")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			http.Error(w, "This machine is joining its cluster. Try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}
