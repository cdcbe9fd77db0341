package chain

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"

	"internetidentity/threshold"
)

// MemberKeys are the secrets of a machine. Its shares of the cluster's keys
// follow from Dealing and from what stands on the chain.
type MemberKeys struct {
	Validator ed25519.PrivateKey // signs votes
	Peer      ed25519.PrivateKey // names the machine to the others
	Node      ed25519.PrivateKey // signs answers to queries
	Dealing   threshold.Secret   // opens shares
}

// address is the engine's name for the machine as a member.
func (k MemberKeys) address() []byte {
	m := Member{Validator: k.Validator.Public().(ed25519.PublicKey)}
	return m.address()
}

// PeerID is the name by which others reach a machine with a peer key.
func PeerID(key ed25519.PrivateKey) string {
	return string(p2p.PubKeyToID(cmted25519.PrivKey(key).PubKey()))
}

func (k MemberKeys) peer() *p2p.NodeKey { return &p2p.NodeKey{PrivKey: cmted25519.PrivKey(k.Peer)} }

// votes signs with the validator's key, and never two different votes for one
// round: what was signed last stands in a file, which must outlive the data.
func (k MemberKeys) votes(path string) (*privval.FilePV, error) {
	pv := privval.NewFilePV(cmted25519.PrivKey(k.Validator), "", path)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		pv.LastSignState.Save()
		return pv, nil
	}
	if err == nil {
		err = cmtjson.Unmarshal(b, &pv.LastSignState)
	}
	if err != nil {
		return nil, fmt.Errorf("what was voted last (%s): %w", path, err)
	}
	return pv, nil
}
