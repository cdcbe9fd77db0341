package canister

import (
	"internetidentity/identity"
	"internetidentity/principal"
)

// Statistics for everybody.

type archiveInfo struct {
	Canister *principal.Principal `candid:"archive_canister"`
	Config   *archiveConfig       `candid:"archive_config"`
}

type aggregationEntry struct {
	Key    string `candid:"0"`
	Weight uint64 `candid:"1"`
}

type aggregation struct {
	Name    string             `candid:"0"`
	Entries []aggregationEntry `candid:"1"`
}

type stats struct {
	Users        uint64        `candid:"users_registered"`
	Layout       uint8         `candid:"storage_layout_version"`
	Range        numberRange   `candid:"assigned_user_number_range"`
	Archive      archiveInfo   `candid:"archive_info"`
	CyclesCost   uint64        `candid:"canister_creation_cycles_cost"`
	Aggregations []aggregation `candid:"event_aggregations"`
}

// maxAggregated are the origins that an aggregation shows.
const maxAggregated = 100

func (c *call) stats() stats {
	s := stats{
		Users:        identity.Count(c.Table),
		Layout:       formatVersion,
		Range:        numberRange{uint64(c.Config.Lowest), uint64(c.Config.End)},
		Archive:      archiveInfo{Config: c.view.settings.record.Archive},
		CyclesCost:   *c.view.settings.record.CyclesCost,
		Aggregations: []aggregation{},
	}
	for _, of := range identity.Sums() {
		top := identity.TopOrigins(c.Table, of.Window, of.Domain, of.Sum, maxAggregated)
		if len(top) == 0 {
			continue
		}
		a := aggregation{Name: of.Sum.String() + " " + of.Window.String() + " " + of.Domain.String()}
		for _, t := range top {
			a.Entries = append(a.Entries, aggregationEntry{string(t.Origin), t.Weight})
		}
		s.Aggregations = append(s.Aggregations, a)
	}
	return s
}
