// Command agentgo writes the known answers of agent-go, for the script in the
// folder above: JSON of packages, kinds and cases, on standard output.
//
// It must not know our packages.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aviate-labs/agent-go/principal"
)

// from is the library that answers, as it stands in every case.
const from = "agent-go v0.9.2"

// known is one case: fields beside its name and the library.
type known map[string]any

func main() {
	packages := map[string]map[string][]known{
		"candid":      candidAnswers(),
		"certificate": certificateAnswers(),
		"hashtree":    hashtreeAnswers(),
		"principal":   principalAnswers(),
		"rih":         rihAnswers(),
	}
	for _, kinds := range packages {
		for _, cases := range kinds {
			for _, c := range cases {
				c["from"] = from
			}
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	must(true, encoder.Encode(packages))
}

// must ends the program: an answer that the library does not give is a mistake
// of the question.
func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "agentgo:", err)
		os.Exit(1)
	}
	return v
}

// seed gives 32 bytes for a name.
func seed(name string) []byte {
	hash := sha256.Sum256([]byte("known answers of agent-go: " + name))
	return hash[:]
}

func principalAnswers() map[string][]known {
	var text, keys []known
	for _, b := range [][]byte{{}, {4}, {0, 0, 0, 0, 0, 7, 1, 1}, seed("principal")[:10], seed("principal")[:29], make([]byte, 29)} {
		p := principal.Principal{Raw: b}
		text = append(text, known{
			"name": fmt.Sprintf("%d bytes", len(b)), "bytes": hex.EncodeToString(b), "text": p.Encode(), "anonymous": p.IsAnonymous(),
		})
	}
	for _, length := range []int{0, 12, 32} {
		key := seed("key")[:length]
		keys = append(keys, known{
			"name": fmt.Sprintf("a key of %d bytes", length), "key": hex.EncodeToString(key), "text": principal.NewSelfAuthenticating(key).Encode(),
		})
	}
	return map[string][]known{"text": text, "selfAuthenticating": keys}
}
