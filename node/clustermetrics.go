//go:build !solo

package node

import (
	"github.com/prometheus/client_golang/prometheus"

	"internetidentity/chain"
)

// watchCluster adds what a machine of a cluster tells.
func (m *metrics) watchCluster(stats func() chain.Stats) {
	for _, g := range []struct {
		name, help string
		value      func(chain.Stats) float64
	}{
		{"ii_block_height", "Number of the last block.", func(s chain.Stats) float64 { return float64(s.Height) }},
		{"ii_block_time_seconds", "Time of the newest certified state.", func(s chain.Stats) float64 { return float64(s.Time) / 1e9 }},
		{"ii_steps", "Blocks that have changed the state.", func(s chain.Stats) float64 { return float64(s.Steps) }},
		{"ii_certified_height", "Height of the newest state with a certificate.", func(s chain.Stats) float64 { return float64(s.Certified) }},
		{"ii_peers", "Other machines of the cluster that are connected.", func(s chain.Stats) float64 { return float64(s.Peers) }},
		{"ii_behind", "1 while this machine catches up with the others.", func(s chain.Stats) float64 { return truth(s.Behind) }},
		{"ii_queue_calls", "Calls of this machine's clients that wait.", func(s chain.Stats) float64 { return float64(s.Waiting) }},
		{"ii_invalid_transactions", "Transactions of others that could not be right.", func(s chain.Stats) float64 { return float64(s.InvalidTransactions) }},
		{"ii_refused_blocks", "Blocks of others that this machine did not vote for.", func(s chain.Stats) float64 { return float64(s.RefusedBlocks) }},
		{"ii_equivocations", "Votes of one machine for two blocks at one height.", func(s chain.Stats) float64 { return float64(s.Equivocations) }},
		{"ii_wrong_shares", "Votes of others with wrong shares.", func(s chain.Stats) float64 { return float64(s.WrongShares) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help},
			func() float64 { return g.value(stats()) }))
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
