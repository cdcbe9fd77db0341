//go:build !solo

package node

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"internetidentity/cbor"
	"internetidentity/certificate"
)

// MemberStatus is how a machine of a cluster is.
type MemberStatus struct {
	Name, URL string
	// State is "healthy", "joining", "behind" or "away".
	State           string
	Height          int64
	Peers           int
	RootFingerprint string // empty before the key is made
}

// statusTime is how long a machine may take to say how it is.
const statusTime = 3 * time.Second

// ClusterStatus asks the machines whose homes are in a folder.
func ClusterStatus(ctx context.Context, dir string) ([]MemberStatus, error) {
	homes, err := filepath.Glob(filepath.Join(dir, "*", homeFile))
	if err != nil || len(homes) == 0 {
		return nil, fmt.Errorf("there is no home of a machine in %s", dir)
	}
	list := make([]MemberStatus, len(homes))
	for i, path := range homes {
		f, _, err := readHome(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		list[i] = askMember(ctx, f)
	}
	return list, nil
}

func askMember(ctx context.Context, f memberFile) MemberStatus {
	s := MemberStatus{Name: f.Name, URL: addressURL(f.Listen), State: "away"}
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	info := "http" + strings.TrimPrefix(f.InfoListen, "tcp")
	var block struct {
		Result struct {
			SyncInfo struct {
				Height     string `json:"latest_block_height"`
				CatchingUp bool   `json:"catching_up"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	if b, err := fetch(ctx, info+"/status"); err == nil && json.Unmarshal(b, &block) == nil {
		s.State = "joining"
		s.Height, _ = strconv.ParseInt(block.Result.SyncInfo.Height, 10, 64)
		if block.Result.SyncInfo.CatchingUp {
			s.State = "behind"
		}
	}
	var net struct {
		Result struct {
			Peers string `json:"n_peers"`
		} `json:"result"`
	}
	if b, err := fetch(ctx, info+"/net_info"); err == nil && json.Unmarshal(b, &net) == nil {
		s.Peers, _ = strconv.Atoi(net.Result.Peers)
	}
	var status struct {
		RootKey []byte `cbor:"root_key"`
		Health  string `cbor:"replica_health_status"`
	}
	if b, err := fetch(ctx, "http://"+f.Listen+"/api/v2/status"); err == nil && cbor.UnmarshalTagged(b, &status) == nil {
		if key, err := certificate.ParseBLSPublicKeyDER(status.RootKey); err == nil {
			s.RootFingerprint = fingerprint(key)
		}
		if status.Health == "healthy" {
			s.State = status.Health
		}
	}
	return s
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<20))
}
