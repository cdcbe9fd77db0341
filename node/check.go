package node

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"internetidentity/identity"
	"internetidentity/principal"
	"internetidentity/store"
	"internetidentity/subnet"
)

// Report is what a look through the data of a service has found.
type Report struct {
	Canister principal.Principal
	identity.Examination
}

// Check looks everything through that a stopped service, or a backup, keeps: the
// keys, that they belong to the state, and every record. It changes nothing.
// The error says that something is wrong; the report, if there is one, what.
func Check(dataDir string) (report *Report, err error) {
	dataDir, err = dataDirOr(dataDir)
	if err != nil {
		return nil, err
	}
	data, err := openExisting(dataDir, store.Options{ReadOnly: true})
	if errors.Is(err, store.ErrInUse) {
		return nil, fmt.Errorf("%w: stop the service, or check a backup (ii backup)", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	n := &Node{config: Config{DataDir: dataDir, Logger: slog.New(slog.DiscardHandler)}, store: data}
	if n.keys, err = loadKeys(filepath.Join(dataDir, "keys"), false); err != nil {
		return nil, err
	}
	snapshot := data.Snapshot()
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	err = store.Reading(func() (err error) {
		report, err = n.examine(snapshot)
		return err
	})
	return report, err
}

func (n *Node) examine(snapshot *store.Snapshot) (report *Report, err error) {
	report = &Report{}
	if report.Canister, err = subnet.CanisterOf(snapshot); err != nil {
		return nil, err
	}
	n.config.Canister = report.Canister
	if n.config, err = n.config.withDefaults(); err != nil {
		return nil, err
	}
	config, err := n.replicaConfig()
	if err != nil {
		return nil, err
	}
	// What opening changes is dropped: settings and pages of this start.
	if _, _, _, err := subnet.Open(snapshot, config.Subnet, uint64(time.Now().UnixNano())); err != nil {
		return nil, err
	}
	report.Examination = identity.Examine(subnet.CanisterReader(snapshot))
	if report.Found > 0 {
		return report, fmt.Errorf("%d records are not as they should be", report.Found)
	}
	return report, nil
}
