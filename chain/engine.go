package chain

import (
	"path/filepath"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/types"
)

// Trust is a block that this machine believes, so that it can take a state
// over from others instead of making all blocks again.
type Trust struct {
	Height int64  `json:"height"`
	Hash   string `json:"hash"` // hex
}

// settings of the engine: blocks come as fast as calls do.
func (c *Config) settings(join bool) *config.Config {
	s := config.DefaultConfig()
	s.SetRoot(c.Dir)
	s.Moniker = c.Name
	s.BaseConfig.DBPath = "db"

	s.P2P.ListenAddress = c.PeerListen
	s.P2P.PersistentPeers = c.Peers
	s.P2P.AddrBook = filepath.Join(c.Dir, "addresses.json")
	s.P2P.PexReactor = false // the members know one another
	s.P2P.AddrBookStrict = false
	s.P2P.AllowDuplicateIP = true
	s.P2P.FlushThrottleTimeout = time.Millisecond
	s.P2P.PersistentPeersMaxDialPeriod = 5 * time.Second
	s.P2P.MaxPacketMsgPayloadSize = 64 << 10

	s.RPC.ListenAddress = c.InfoListen
	s.RPC.MaxOpenConnections = 100

	s.Mempool.Size = maxMempoolTxs
	s.Mempool.MaxTxsBytes = maxMempoolBytes
	s.Mempool.MaxTxBytes = maxTxBytes
	s.Mempool.CacheSize = 4 * maxMempoolTxs

	s.Consensus.WalPath = filepath.Join(c.Dir, "wal", "wal")
	s.Consensus.TimeoutPropose = 400 * time.Millisecond
	s.Consensus.TimeoutProposeDelta = 200 * time.Millisecond
	s.Consensus.TimeoutPrevote = 200 * time.Millisecond
	s.Consensus.TimeoutPrevoteDelta = 100 * time.Millisecond
	s.Consensus.TimeoutPrecommit = 200 * time.Millisecond
	s.Consensus.TimeoutPrecommitDelta = 100 * time.Millisecond
	s.Consensus.TimeoutCommit = 0
	s.Consensus.SkipTimeoutCommit = true
	s.Consensus.CreateEmptyBlocks = false
	// Below five milliseconds nothing is gained.
	s.Consensus.PeerGossipSleepDuration = 5 * time.Millisecond
	s.Consensus.PeerQueryMaj23SleepDuration = 500 * time.Millisecond

	s.Storage.DiscardABCIResponses = true
	s.TxIndex.Indexer = "null"

	// The engine wants two others, of which one checks what the other says.
	if join && c.Trust != nil && len(c.InfoPeers) > 1 {
		s.StateSync.Enable = true
		s.StateSync.RPCServers = c.InfoPeers
		s.StateSync.TrustHeight = c.Trust.Height
		s.StateSync.TrustHash = c.Trust.Hash
		s.StateSync.TrustPeriod = trustPeriod
		s.StateSync.DiscoveryTime = 5 * time.Second
		s.StateSync.ChunkRequestTimeout = 10 * time.Second
		s.StateSync.TempDir = c.Dir
	}
	return s
}

// engine makes the engine around the application.
func (c *Config) engine(a abci.Application, join bool, fault func(error)) (*node.Node, error) {
	votes, err := c.Keys.votes(c.Votes)
	if err != nil {
		return nil, err
	}
	doc, err := types.GenesisDocFromJSON(c.Genesis)
	if err != nil {
		return nil, err
	}
	s := c.settings(join)
	if err := s.ValidateBasic(); err != nil {
		return nil, err
	}
	return node.NewNode(s, votes, c.Keys.peer(),
		proxy.NewConnSyncLocalClientCreator(a),
		func() (*types.GenesisDoc, error) { return doc, nil },
		openDatabase,
		node.DefaultMetricsProvider(s.Instrumentation),
		&engineLog{slog: c.Logger, fault: fault})
}

// keptOpen is a database of the engine. When the engine stops, some of its
// goroutines go on reading for a moment, and would end the process with a panic
// if the database were closed. So it stays open until the process ends, which
// leaves it whole.
type keptOpen struct{ dbm.DB }

// Close does nothing.
func (keptOpen) Close() error { return nil }

func openDatabase(ctx *config.DBContext) (dbm.DB, error) {
	db, err := config.DefaultDBProvider(ctx)
	if err != nil {
		return nil, err
	}
	return keptOpen{db}, nil
}
