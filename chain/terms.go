package chain

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/types"

	"internetidentity/principal"
)

// Terms are what a cluster is founded on: the application's part of the
// engine's genesis, the same on every machine.
type Terms struct {
	Canister []byte      `cbor:"1,keyasint" json:"canister"`
	Ranges   [][2][]byte `cbor:"2,keyasint" json:"ranges"` // first and last canister id
	Init     []byte      `cbor:"3,keyasint" json:"init"`   // install argument in Candid
	Members  []Member    `cbor:"4,keyasint" json:"members"`
	// Import is the hash of an export that the cluster goes on with; empty for
	// one that begins without identities.
	Import []byte `cbor:"5,keyasint" json:"import,omitempty"`
}

// Member is a machine that votes.
type Member struct {
	Name string `cbor:"1,keyasint" json:"name"`
	// Validator is the Ed25519 key of its votes, Node the one of its answers to
	// queries, 32 bytes each.
	Validator []byte `cbor:"2,keyasint" json:"validator"`
	Node      []byte `cbor:"3,keyasint" json:"node"`
	// Dealing is the key to which shares are encrypted.
	Dealing []byte `cbor:"4,keyasint" json:"dealing"`
}

// ParseTerms reads and checks them.
func ParseTerms(b []byte) (t Terms, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return t, fmt.Errorf("the cluster's terms: %w", err)
	}
	if _, err := principal.FromBytes(t.Canister); err != nil {
		return t, fmt.Errorf("the cluster's terms: canister: %w", err)
	}
	if len(t.Ranges) == 0 || len(t.Members) == 0 {
		return t, errors.New("the cluster's terms: without ranges or members")
	}
	if err := checkMembers(t.Members); err != nil {
		return t, fmt.Errorf("the cluster's terms: %w", err)
	}
	return t, nil
}

// Genesis is the file from which every machine of a new cluster begins.
func Genesis(name string, terms Terms, now time.Time) ([]byte, error) {
	state, err := json.Marshal(terms)
	if err != nil {
		return nil, err
	}
	params := types.DefaultConsensusParams()
	params.Block.MaxBytes = maxBlockBytes
	params.ABCI.VoteExtensionsEnableHeight = 1
	params.Version.App = engineVersion
	doc := types.GenesisDoc{
		GenesisTime: now.UTC(), ChainID: name, InitialHeight: 1,
		ConsensusParams: params, AppState: state,
	}
	for i := range terms.Members {
		m := &terms.Members[i]
		key := cmted25519.PubKey(m.Validator)
		doc.Validators = append(doc.Validators, types.GenesisValidator{
			Address: key.Address(), PubKey: key, Power: 1, Name: m.Name,
		})
	}
	if err := doc.ValidateAndComplete(); err != nil {
		return nil, err
	}
	text, err := cmtjson.MarshalIndent(doc, "", "  ")
	return append(text, '\n'), err
}

// GenesisTerms reads the terms in a genesis file.
func GenesisTerms(genesis []byte) (Terms, error) {
	state, err := AppState(genesis)
	if err != nil {
		return Terms{}, err
	}
	return ParseTerms(state)
}

// ID of the canister; ParseTerms has checked it.
func (t Terms) ID() principal.Principal {
	id, _ := principal.FromBytes(t.Canister)
	return id
}

// NewMember is the public half of a machine's keys.
func NewMember(name string, keys MemberKeys) Member {
	dealing := keys.Dealing.Public()
	return Member{
		Name: name, Dealing: dealing[:],
		Validator: keys.Validator.Public().(ed25519.PublicKey), Node: keys.Node.Public().(ed25519.PublicKey),
	}
}

// AppState is the application's part of a genesis file.
func AppState(genesis []byte) ([]byte, error) {
	doc, err := types.GenesisDocFromJSON(genesis)
	if err != nil {
		return nil, err
	}
	return doc.AppState, nil
}
