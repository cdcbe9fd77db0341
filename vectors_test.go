package internetidentity_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"sort"
	"testing"
)

// vectorsDir holds the outside test vectors. They live beside the repository
// and not in it, so a clone elsewhere does not have them.
const vectorsDir = "../shared/vectors"

// vectorRunners names, for every vector file, the function that runs each of
// its cases. A file without a runner fails the test: no case is left out
// silently.
var vectorRunners = map[string]func(*vectorRun, []byte){
	"bls.json":                       vectorsBLS,
	"candid-suite.json":              vectorsCandid,
	"canister-signatures.json":       vectorsCanisterSignatures,
	"certificates.json":              vectorsCertificates,
	"generated-exchanges.json":       vectorsExchanges,
	"hash-trees.json":                vectorsHashTrees,
	"http-certification-e2e.json":    vectorsHTTPExchanges,
	"http-certification-hashes.json": vectorsHTTPHashes,
	"keys-and-signatures.json":       vectorsKeys,
	"principals.json":                vectorsPrincipals,
	"request-ids.json":               vectorsRequestIDs,
	"root-keys.json":                 vectorsRootKeys,
	"webauthn.json":                  vectorsWebAuthn,
}

// vectorRun counts the cases of one vector file.
type vectorRun struct {
	t             *testing.T
	passed, total int
}

// check runs one case; a nil error is a pass.
func (r *vectorRun) check(name string, run func() error) {
	r.t.Helper()
	r.total++
	if err := run(); err != nil {
		r.t.Errorf("%s: %v", name, err)
		return
	}
	r.passed++
}

// TestVectors runs every case of every outside vector file and prints the
// count. It is the one test that needs files from outside the repository.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectorsDir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no outside vectors at %s: they are not part of a clone, and run in CI, which has them there; the project's own testdata covers every format", vectorsDir)
	}
	sort.Strings(files)
	passed, total := 0, 0
	for _, file := range files {
		name := filepath.Base(file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			runner, ok := vectorRunners[name]
			if !ok {
				t.Fatalf("no runner for %s", name)
			}
			run := &vectorRun{t: t}
			runner(run, data)
			if run.total == 0 {
				t.Errorf("no case was run from %s", name)
			}
			t.Logf("%s: %d of %d", name, run.passed, run.total)
			passed, total = passed+run.passed, total+run.total
		})
	}
	t.Logf("vectors: %d of %d", passed, total)
	if passed != total {
		t.Fail()
	}
}

// readVector reads another vector file, for facts that two files share.
func readVector(t *testing.T) func(name string) []byte {
	return func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(vectorsDir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
}

// base64URL decodes a challenge; what is not base64url gives an empty text.
func base64URL(text string) string {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(b)
}
