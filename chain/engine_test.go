package chain

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cometbft/cometbft/abci/example/kvstore"
	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/rpc/client/local"
	"github.com/cometbft/cometbft/types"
)

// BenchmarkEngineAlone is what the engine does with its own example, a store of
// keys and values, under the settings of a cluster: what all calls together
// cannot be faster than. A transaction is done when it stands in a block, which
// a call is not yet: the votes for the next block certify it.
func BenchmarkEngineAlone(b *testing.B) {
	for _, n := range []int{1, 4, 7} {
		b.Run(fmt.Sprintf("machines=%d", n), func(b *testing.B) {
			engines := examples(b, n)
			for _, clients := range []int{1, 32} {
				b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) { load(b, engines, clients) })
			}
		})
	}
}

// examples are engines that agree on a store of keys and values.
func examples(b *testing.B, n int) (engines []*example) {
	b.Helper()
	doc := types.GenesisDoc{GenesisTime: time.Now(), ChainID: "example", InitialHeight: 1, ConsensusParams: types.DefaultConsensusParams()}
	peers := make([]string, n)
	for i := range n {
		keys := simKeys(i)
		public := cmted25519.PubKey(keys.Validator.Public().(ed25519.PublicKey))
		doc.Validators = append(doc.Validators, types.GenesisValidator{Address: public.Address(), PubKey: public, Power: 1})
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		peers[i] = PeerID(keys.Peer) + "@" + free.Addr().String()
		free.Close()
	}
	genesis, err := cmtjson.Marshal(doc)
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		dir := b.TempDir()
		_, at, _ := strings.Cut(peers[i], "@")
		c := Config{
			Name: fmt.Sprint("m", i), Dir: dir, Votes: filepath.Join(dir, "votes.json"), Genesis: genesis, Keys: simKeys(i),
			PeerListen: "tcp://" + at, Peers: strings.Join(slices.Delete(slices.Clone(peers), i, i+1), ","),
			Logger: slog.New(slog.DiscardHandler),
		}
		engine, err := c.engine(kvstore.NewInMemoryApplication(), false, func(error) {})
		if err == nil {
			err = engine.Start()
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := engine.Stop(); err != nil {
				b.Error(err)
			}
			engine.Wait()
		})
		engines = append(engines, watch(b, engine))
	}
	return engines
}

// example is an engine and those who wait for their transactions.
type example struct {
	*node.Node
	waits sync.Map // transaction => chan struct{}
}

// watch tells those who wait which transactions stand in blocks.
func watch(b *testing.B, engine *node.Node) *example {
	b.Helper()
	e := &example{Node: engine}
	blocks, err := engine.EventBus().Subscribe(b.Context(), "watch", types.EventQueryTx, 10_000)
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		for {
			select {
			case m := <-blocks.Out():
				if done, ok := e.waits.LoadAndDelete(string(m.Data().(types.EventDataTx).Tx)); ok {
					close(done.(chan struct{}))
				}
			case <-blocks.Canceled():
				return
			}
		}
	}()
	return e
}

// put is done when the transaction stands in a block.
func (e *example) put(tx string) error {
	done := make(chan struct{})
	e.waits.Store(tx, done)
	if _, err := local.New(e.Node).BroadcastTxAsync(context.Background(), []byte(tx)); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-time.After(time.Minute):
		return errors.New("a transaction does not come into a block")
	}
}

func load(b *testing.B, engines []*example, clients int) {
	var all sync.WaitGroup
	took := make([][]time.Duration, clients)
	begin := time.Now()
	for i := range clients {
		at := engines[i%len(engines)]
		all.Go(func() {
			for j := range (b.N + clients - 1) / clients {
				start := time.Now()
				if err := at.put(fmt.Sprintf("%d-%d-%d=x", start.UnixNano(), i, j)); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	all.Wait()
	list := slices.Sorted(slices.Values(slices.Concat(took...)))
	if len(list) == 0 {
		return
	}
	b.ReportMetric(float64(len(list))/time.Since(begin).Seconds(), "calls/s")
	b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(list[len(list)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}
