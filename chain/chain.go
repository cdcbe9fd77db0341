package chain

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/cometbft/cometbft/node"

	"internetidentity/canister"
	"internetidentity/store"
)

// Config is what a machine of a cluster needs. Every field without another word
// is required.
type Config struct {
	Name string
	// Dir is the folder of the engine's data; Votes is a file that must outlive
	// it.
	Dir, Votes string
	// Genesis is the same on all machines.
	Genesis []byte
	Keys    MemberKeys
	Store   *store.Store
	Bundle  canister.Bundle
	// Export is the file that the cluster is founded on, if it is founded on
	// one.
	Export string

	// PeerListen is where other machines reach this one, and Peers are those,
	// as name@host:port with commas between.
	PeerListen, Peers string
	// InfoListen is where machines that join ask for blocks, and InfoPeers are
	// others' addresses of this kind. Optional.
	InfoListen string
	InfoPeers  []string
	// Trust is the block with which a machine without a state begins to join.
	// Without it, it makes all blocks again.
	Trust *Trust
	// Trusted is told of blocks that may be believed later.
	Trusted func(Trust)

	// Now is the wall clock, in nanoseconds since 1970.
	Now    func() uint64
	Logger *slog.Logger
}

// Chain is a running machine of a cluster. All methods may be called
// concurrently.
type Chain struct {
	app     *app
	engine  *node.Node
	end     context.CancelFunc
	fatal   chan error
	failing sync.Once
	closing sync.Once
}

// Start opens the state and joins the others. It returns when the engine runs,
// which may be long before there is an answer to give.
func Start(config Config) (_ *Chain, err error) {
	c := &Chain{fatal: make(chan error, 1)}
	if err := os.MkdirAll(filepath.Join(config.Dir, "wal"), 0o700); err != nil {
		return nil, err
	}
	c.app, err = openApp(appConfig{
		store: config.Store, bundle: config.Bundle, keys: config.Keys,
		now: config.Now, logger: config.Logger, metrics: &Metrics{}, trusted: config.Trusted, export: config.Export,
	})
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	c.end = end
	go c.app.orders.run(ctx)
	if err = c.startEngine(&config); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Chain) startEngine(config *Config) (err error) {
	join := c.app.head.Height == 0
	if c.engine, err = config.engine(&guarded{c.app, c.fail}, join, c.fail); err != nil {
		return err
	}
	if err := c.engine.Start(); err != nil {
		return err
	}
	c.app.orders.open(c.engine.Mempool(), c.engine.ConsensusReactor().WaitSync)
	return nil
}

// fail is the end of this machine's part in the cluster.
func (c *Chain) fail(err error) {
	c.failing.Do(func() {
		c.fatal <- err
		if front := c.app.look().front; front != nil {
			front.Fail(err)
		}
		c.app.orders.Broken()
	})
}

// Fatal yields one error when this machine cannot go on.
func (c *Chain) Fatal() <-chan error { return c.fatal }

// Close leaves the cluster. Calls that have not been executed are told so. The
// store stays open.
func (c *Chain) Close() error {
	var err error
	c.closing.Do(func() {
		c.app.orders.Broken()
		if front := c.app.look().front; front != nil {
			front.Stop()
		}
		c.end()
		<-c.app.orders.ended
		if c.engine != nil && c.engine.IsRunning() {
			err = c.engine.Stop()
			c.engine.Wait()
		}
		err = errors.Join(err, c.app.close())
	})
	return err
}
