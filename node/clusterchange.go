//go:build !solo

package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"internetidentity/chain"
)

// memberPublic is what a machine that wants to join shows to the others.
const memberPublic = "member.json"

// Join makes the home of a machine that is to join a cluster. From is a folder
// with the public files of a machine of the cluster, node.toml and genesis.json,
// and trust.json if there is one. The answer is the file to show to the others.
func Join(from, dir, name, host string, port int) (string, error) {
	other, genesis, err := readHome(from)
	if err != nil {
		return "", err
	}
	path, err := MakeKeys(dir, name, host, port)
	if err != nil {
		return "", err
	}
	p, err := readPublic(path)
	if err != nil {
		return "", err
	}
	f := p.File
	f.Demo.On, f.Demo.Listen, f.Origin = false, "", other.Origin
	f.Peers = append(slices.Clone(other.Peers), other.Peer)
	f.InfoPeers = append(slices.Clone(other.InfoPeers), "http"+strings.TrimPrefix(other.InfoListen, "tcp"))
	if trust, err := os.ReadFile(filepath.Join(from, trustFile)); err == nil {
		if err := os.WriteFile(filepath.Join(dir, trustFile), trust, 0o600); err != nil {
			return "", err
		}
	}
	return path, writeHome(dir, f, genesis)
}

// Change is a change of the members of a cluster: files of those who join, and
// names of those who leave.
type Change struct {
	Add, Remove []string
}

// apply gives the members after a change.
func (c Change) apply(members []chain.Member) ([]chain.Member, error) {
	members = slices.Clone(members)
	for _, name := range c.Remove {
		n := len(members)
		members = slices.DeleteFunc(members, func(m chain.Member) bool { return m.Name == name })
		if len(members) == n {
			return nil, fmt.Errorf("there is no member %q", name)
		}
	}
	for _, path := range c.Add {
		p, err := readPublic(path)
		if err != nil {
			return nil, err
		}
		members = append(members, p.Member)
	}
	if len(members) == 0 {
		return nil, errors.New("nobody would be left")
	}
	return members, nil
}

// vote sends a machine's ballot for what a proposal makes of the cluster as it
// is, and tells how many ballots it takes.
func vote(ctx context.Context, home string, propose func(chain.View) (chain.Proposal, error)) (needed int, err error) {
	f, genesis, err := readHome(home)
	if err != nil {
		return 0, err
	}
	terms, err := chain.GenesisTerms(genesis)
	if err != nil {
		return 0, err
	}
	keys, err := loadMemberKeys(filepath.Join(home, "keys"), false)
	if err != nil {
		return 0, err
	}
	view, err := clusterView(ctx, f)
	if err != nil {
		return 0, err
	}
	proposal, err := propose(view)
	if err != nil {
		return 0, err
	}
	tx, err := chain.BallotTx(terms, proposal, keys.Validator)
	if err != nil {
		return 0, err
	}
	var sent struct {
		Code int    `json:"code"`
		Log  string `json:"log"`
	}
	err = askEngine(ctx, f, "broadcast_tx_sync", map[string]any{"tx": tx}, &sent)
	if err == nil && sent.Code != 0 {
		err = fmt.Errorf("the ballot is not taken: %s", sent.Log)
	}
	return chain.Needed(len(view.Members)), err
}

// Reshare votes, as the machine of a home, for a change of the members.
func Reshare(ctx context.Context, home string, change Change) (needed int, err error) {
	return vote(ctx, home, func(v chain.View) (chain.Proposal, error) {
		members, err := change.apply(v.Members)
		return chain.Proposal{Epoch: v.Epoch, Members: members}, err
	})
}

// Upgrade votes, as the machine of a home, for this program taking over with a
// block.
func Upgrade(ctx context.Context, home string, height int64) (needed int, err error) {
	return vote(ctx, home, func(v chain.View) (chain.Proposal, error) {
		if height <= v.Height {
			return chain.Proposal{}, fmt.Errorf("the cluster is at block %d already: choose a later one", v.Height)
		}
		return chain.UpgradeTo(v.Epoch, height, frontEnd()), nil
	})
}

// clusterView asks a machine how the cluster is.
func clusterView(ctx context.Context, f memberFile) (v chain.View, err error) {
	var answer struct {
		Response struct {
			Value []byte `json:"value"`
			Log   string `json:"log"`
		} `json:"response"`
	}
	if err := askEngine(ctx, f, "abci_query", map[string]any{"path": chain.ViewPath}, &answer); err != nil {
		return v, err
	}
	return chain.ParseView(answer.Response.Value)
}

// askEngine asks the engine of a running machine.
func askEngine(ctx context.Context, f memberFile, method string, params, result any) error {
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http"+strings.TrimPrefix(f.InfoListen, "tcp"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("%s does not run: %w", f.Name, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Message string `json:"message"`
			Data    string `json:"data"`
		} `json:"error"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return fmt.Errorf("%s: %s %s", f.Name, answer.Error.Message, answer.Error.Data)
	}
	return json.Unmarshal(answer.Result, result)
}
