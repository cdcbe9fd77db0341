//go:build !solo

package node

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"internetidentity/chain"
)

// The home of a machine of a cluster:
//
//	node.toml     its addresses and those of the others
//	genesis.json  what the cluster was founded on, the same on every machine
//	keys/         its secrets; a backup of this folder is a backup of its shares
//	votes.json    what it voted last; must outlive data/
//	identities.export  what the cluster goes on with, if anything; needed once
//	trust.json    a block that it believes, to join again without data/
//	data/         the state and the engine's blocks; may be deleted
const (
	homeFile    = "node.toml"
	genesisFile = "genesis.json"
	votesFile   = "votes.json"
	trustFile   = "trust.json"
	exportFile  = "identities.export"
)

// memberFile is node.toml.
type memberFile struct {
	Name string `toml:"name"`
	// Origin is under which address people reach the service; empty for this
	// machine's own.
	Origin        string `toml:"origin,omitempty"`
	Listen        string `toml:"listen"`
	MetricsListen string `toml:"metrics_listen,omitempty"`
	PeerListen    string `toml:"peer_listen"`
	InfoListen    string `toml:"info_listen"`
	// Peer is how the others reach this machine, and Peers are they.
	Peer      string   `toml:"peer"`
	Peers     []string `toml:"peers"`
	InfoPeers []string `toml:"info_peers"`
	Demo      struct {
		On     bool   `toml:"on"`
		Listen string `toml:"listen,omitempty"`
	} `toml:"demo"`
}

// Ports of a machine, counted from its first.
const (
	portService = iota
	portDemo
	portPeer
	portInfo
	portsEach
)

// Cluster is what a new cluster is made of.
type Cluster struct {
	// Dir gets a home for every machine.
	Dir string
	// Hosts of the machines, by name or address. On one machine all are
	// 127.0.0.1.
	Hosts []string
	// Members are the files that machines show whose keys were made there. Their
	// homes get the rest.
	Members []string
	// Port is the first port of the first machine. Machines on one host follow
	// one another.
	Port int
	// Export is a file of identities that the cluster goes on with. Optional.
	Export string
	// Name of the cluster, for people and for the engine.
	Name string
	// Config has the settings of the service itself; those of the machine it is
	// on are not looked at.
	Config Config
}

// Home is a machine of a new cluster.
type Home struct {
	Dir, URL string
}

// Make writes the homes of a new cluster. The keys of the cluster itself are not
// among what it writes: the machines make them together when they first meet.
func (c Cluster) Make() ([]Home, error) {
	if len(c.Hosts)+len(c.Members) == 0 {
		return nil, errors.New("a cluster needs machines")
	}
	config, err := c.Config.withDefaults()
	if err != nil {
		return nil, err
	}
	terms := chain.Terms{}
	if c.Export != "" {
		if config.Canister, terms.Import, err = readExport(c.Export); err != nil {
			return nil, err
		}
	}
	init, err := config.init()
	if err != nil {
		return nil, err
	}
	ranges, err := canisterRanges()
	if err != nil {
		return nil, err
	}
	terms.Canister, terms.Init = config.Canister.Bytes(), init
	for _, r := range ranges {
		terms.Ranges = append(terms.Ranges, [2][]byte{r.First.Bytes(), r.Last.Bytes()})
	}
	publics := c.Members
	for i := range c.Hosts {
		name := fmt.Sprintf("node%d", i)
		path, err := c.makeKeys(filepath.Join(c.Dir, name), name, i)
		if err != nil {
			return nil, err
		}
		publics = append(publics, path)
	}
	files, err := readPublics(publics, &terms)
	if err != nil {
		return nil, err
	}
	genesis, err := chain.Genesis(c.Name, terms, time.Now())
	if err != nil {
		return nil, err
	}
	homes := make([]Home, len(files))
	for i := range files {
		files[i].Origin = config.Origin
		for j := range files {
			if j != i {
				files[i].Peers = append(files[i].Peers, files[j].Peer)
				files[i].InfoPeers = append(files[i].InfoPeers, "http"+strings.TrimPrefix(files[j].InfoListen, "tcp"))
			}
		}
		homes[i] = Home{filepath.Join(c.Dir, files[i].Name), addressURL(files[i].Listen)}
		if c.Export != "" {
			if err := copyFile(c.Export, filepath.Join(homes[i].Dir, exportFile)); err != nil {
				return nil, err
			}
		}
		if err := writeHome(homes[i].Dir, files[i], genesis); err != nil {
			return nil, err
		}
	}
	return homes, nil
}

// address of a port of a machine.
func (c Cluster) address(i, port int) string {
	before := 0 // machines on the same host
	for _, host := range c.Hosts[:i] {
		if host == c.Hosts[i] {
			before++
		}
	}
	return net.JoinHostPort(c.Hosts[i], strconv.Itoa(c.Port+before*portsEach+port))
}

// file is node.toml of a machine, without the others.
func (c Cluster) file(i int, name string, keys chain.MemberKeys) memberFile {
	f := memberFile{
		Name: name, Listen: c.address(i, portService),
		PeerListen: "tcp://" + c.address(i, portPeer), InfoListen: "tcp://" + c.address(i, portInfo),
		Peer: chain.PeerID(keys.Peer) + "@" + c.address(i, portPeer),
	}
	if i == 0 && isLoopback(f.Listen) {
		f.Demo.On, f.Demo.Listen = true, c.address(i, portDemo)
	}
	return f
}

func addressURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && net.ParseIP(host).IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func writeHome(dir string, f memberFile, genesis []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, homeFile)); err == nil {
		return fmt.Errorf("there is a machine in %s already: choose another folder", dir)
	}
	text, err := toml.Marshal(f)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, genesisFile), genesis, 0o644); err != nil {
		return err
	}
	// Last, since it says that the home is whole.
	return os.WriteFile(filepath.Join(dir, homeFile), text, 0o644)
}

func readHome(dir string) (f memberFile, genesis []byte, err error) {
	meta, err := toml.DecodeFile(filepath.Join(dir, homeFile), &f)
	if err != nil {
		return f, nil, fmt.Errorf("%s is not the home of a machine of a cluster: %w", dir, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return f, nil, fmt.Errorf("%s: unknown key %q", filepath.Join(dir, homeFile), unknown[0])
	}
	genesis, err = os.ReadFile(filepath.Join(dir, genesisFile))
	return f, genesis, err
}

func joined(list []string) string { return strings.Join(list, ",") }
