package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"internetidentity/certificate"
	"internetidentity/httpapi"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/replica"
	"internetidentity/store"
)

// host runs the subnet: alone, or with other machines.
type host interface {
	httpapi.Host
	// Ask asks a canister as the anonymous caller.
	Ask(ctx context.Context, canister principal.Principal, method string, arg []byte) (ingress.Outcome, error)
	// Fatal yields one error when it can no longer work.
	Fatal() <-chan error
	Close() error
}

// Node is a running service on one machine.
type Node struct {
	config  Config
	keys    *keys
	store   *store.Store
	host    host
	root    func() (certificate.BLSPublicKey, bool) // false before it is made
	metrics *metrics
	// servers are the service, and then the demo app and the metrics if they
	// are wanted.
	servers      []*server
	demo, gauges *server
	admin        *server // nil where a socket cannot be had
}

// Start opens the data folder, starts every part and returns when the service
// answers. The context bounds the start only; Close ends the service.
func Start(ctx context.Context, config Config) (_ *Node, err error) {
	config, err = config.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Node{config: config, metrics: newMetrics(config.Version)}
	// Whatever was started before a failure is ended in the same order as in
	// a good stop.
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if err := n.openData(); err != nil {
		return nil, err
	}
	// The ports are taken before the first block is made, so that a port in
	// use changes nothing.
	service, err := n.openPorts()
	if err != nil {
		return nil, err
	}
	parts, err := n.replicaConfig()
	if err != nil {
		return nil, err
	}
	alone, err := replica.Start(ctx, parts)
	if err != nil {
		return nil, err
	}
	n.host = alone
	n.root = func() (certificate.BLSPublicKey, bool) { return alone.RootKey(), true }
	n.metrics.watch(alone.Stats)
	if err := n.listenAdmin(); err != nil {
		return nil, err
	}
	return n, n.serve(service, n.serviceHandler())
}

// serve begins to answer on all ports.
func (n *Node) serve(service *server, handler http.Handler) error {
	service.serve(n.metrics.count(handler), n.config.Logger)
	if n.demo != nil {
		if err := n.serveDemo(); err != nil {
			return err
		}
	}
	if n.gauges != nil {
		n.gauges.serve(n.metrics.handler(handler), n.config.Logger)
	}
	return nil
}

// serveDemo serves the demo app, which trusts the root key: in a new cluster it
// waits until there is one.
func (n *Node) serveDemo() error {
	if _, ok := n.root(); ok {
		app, err := n.demoHandler(n.demo.address())
		if err == nil {
			n.demo.serve(app, n.config.Logger)
		}
		return err
	}
	app := sync.OnceValues(func() (http.Handler, error) { return n.demoHandler(n.demo.address()) })
	n.demo.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := n.root(); !ok {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "This machine is joining its cluster. Try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		handler, err := app()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	}), n.config.Logger)
	return nil
}

// openPorts takes the ports that are wanted, and returns that of the service.
func (n *Node) openPorts() (*server, error) {
	service, err := n.listen(n.config.Listen, "--listen")
	if err != nil {
		return nil, err
	}
	if n.config.Demo {
		if n.demo, err = n.listen(n.config.DemoListen, "--demo-listen"); err != nil {
			return nil, err
		}
	}
	if n.config.MetricsListen != "" {
		if n.gauges, err = n.listen(n.config.MetricsListen, "--metrics-listen"); err != nil {
			return nil, err
		}
	}
	return service, nil
}

// listen takes a port, which Close gives back.
func (n *Node) listen(address, flag string) (*server, error) {
	s, err := listen(address, flag)
	if err == nil {
		n.servers = append(n.servers, s)
	}
	return s, err
}

// openData makes or opens the data folder: first the database, whose lock
// keeps a second process away, then the keys.
func (n *Node) openData() (err error) {
	dir := n.config.DataDir
	if err = os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if n.store, err = store.Open(filepath.Join(dir, "db"), store.Options{Logger: n.config.Logger}); err != nil {
		return err
	}
	fresh, err := n.store.Empty()
	if err != nil {
		return err
	}
	if err := n.config.markDummyAuth(fresh); err != nil {
		return err
	}
	n.keys, err = loadKeys(filepath.Join(dir, "keys"), fresh)
	return err
}

// Wait returns when the context ends, or earlier with the reason why the
// service can no longer run.
func (n *Node) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-n.host.Fatal():
		return fmt.Errorf("the service stopped itself: %w", err)
	}
}

// Close stops taking requests, answers those that it has taken, and closes the
// database. It may be called after a failed start and more than once.
func (n *Node) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var failures []error
	for _, s := range n.servers {
		failures = append(failures, s.stop(ctx))
	}
	n.servers = nil
	if n.host != nil {
		failures = append(failures, n.host.Close())
		n.host = nil
	}
	if n.store != nil {
		failures = append(failures, n.store.Close())
		n.store = nil
	}
	return errors.Join(failures...)
}

// URL is where a person finds the service: its origin, or its address on this
// machine. Passkeys need a host name, so it never shows an IP address of this
// machine.
func (n *Node) URL() string {
	if n.config.Origin != "" {
		return n.config.Origin
	}
	return n.LocalURL()
}

// LocalURL is where programs on this machine find the service.
func (n *Node) LocalURL() string { return humanURL(n.servers[0].address()) }

// DemoURL is where the demo app is, or empty without one.
func (n *Node) DemoURL() string {
	if n.demo == nil {
		return ""
	}
	return humanURL(n.demo.address())
}

// MetricsURL is where the metrics of the host are, or empty without any.
func (n *Node) MetricsURL() string {
	if n.gauges == nil {
		return ""
	}
	return humanURL(n.gauges.address()) + "/metrics"
}

// DataDir is the folder with everything worth keeping.
func (n *Node) DataDir() string { return n.config.DataDir }

// RootKey is the public key that everybody who believes this service trusts.
// It is zero while the machines of a new cluster are making it.
func (n *Node) RootKey() certificate.BLSPublicKey {
	key, _ := n.root()
	return key
}

// RootFingerprint is a short text of the root key for a person to compare.
func (n *Node) RootFingerprint() string { return fingerprint(n.RootKey()) }

func fingerprint(key certificate.BLSPublicKey) string {
	id := key.SubnetID().String()
	groups := strings.SplitN(id, "-", 5)
	return strings.Join(groups[:4], "-")
}

func humanURL(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return "http://" + address.String()
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
