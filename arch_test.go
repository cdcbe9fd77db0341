package internetidentity_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The house rules, as tests with reasons. A package that is not listed here
// does not belong to the house; whoever adds one decides its ring.

// may says which of our packages each package may import, its own ring first.
// Imports go to the same ring or inward, so that a reader of an inner ring
// never needs to know an outer one, and the core can run on three hosts.
var may = map[string]struct {
	ring    int
	imports string
}{
	"":            {0, ""},
	"principal":   {0, ""},
	"cbor":        {0, ""},
	"rih":         {0, ""},
	"hashtree":    {0, "cbor"},
	"candid":      {0, "principal"},
	"webauthn":    {0, "cbor"},
	"certificate": {0, "cbor hashtree principal rih"},
	"ingress":     {0, "cbor certificate hashtree principal rih webauthn"},
	"httpcert":    {0, "cbor hashtree rih"},

	"table":    {1, ""},
	"identity": {1, "certificate hashtree principal rih table"},
	"canister": {1, "candid certificate hashtree httpcert identity principal table"},
	"subnet":   {1, "canister cbor certificate hashtree ingress principal table"},

	"store":         {2, "table"},
	"replica":       {2, "canister certificate hashtree ingress principal store subnet table"},
	"threshold":     {2, "cbor certificate"},
	"chain":         {2, "canister cbor certificate hashtree ingress principal replica store subnet table threshold"},
	"ratelimit":     {2, ""},
	"httpapi":       {2, "cbor certificate ingress principal ratelimit"},
	"gateway":       {2, "candid principal ratelimit"},
	"web":           {2, ""},
	"client":        {2, "candid cbor certificate hashtree ingress principal rih webauthn"},
	"node":          {2, "canister cbor certificate chain gateway httpapi identity ingress principal ratelimit replica store subnet threshold web examples/demo"},
	"cmd/ii":        {2, "client node"},
	"examples/demo": {2, "certificate ingress principal"},
	// A separate program, so that the demo can be copied with its main.
	"examples/demo/cmd/demo": {2, "certificate principal examples/demo"},

	"internal/tabletest": {2, "table"},
	// Benchmarks only.
	"internal/scale": {2, ""},
	// Tests of the formats use these; they use nothing of ours.
	"internal/answers":         {2, ""},
	"internal/answers/agentgo": {2, ""},
	"internal/clients":         {2, ""},
}

// onlyIn names the one package that may import each of these modules: a
// dependency that is used in one place can be replaced in one place.
var onlyIn = map[string]string{
	"github.com/fxamacker/cbor":       "cbor",
	"github.com/consensys/gnark":      "certificate",
	"github.com/cloudflare/circl":     "certificate",
	"github.com/decred/dcrd":          "ingress",
	"github.com/cockroachdb/pebble":   "store",
	"github.com/prometheus/":          "node",
	"github.com/cometbft/cometbft":    "chain",
	"go.dedis.ch/kyber":               "threshold",
	"golang.org/x/net/netutil":        "node",
	"github.com/BurntSushi/toml":      "node",
	"github.com/aviate-labs/agent-go": "internal/answers/agentgo",
	"pgregory.net/rapid":              "internal/tabletest",
	"go.uber.org/goleak":              "",
}

// impure are the packages that rings 0 and 1 must not import directly: each
// would let something into the core that is not a field of its input, and two
// machines would then disagree. Standard packages below them use some of them
// inside, which does no harm.
var impure = map[string]string{
	"time":         "time is a field of the block",
	"os":           "the core has no environment and no files",
	"net":          "the core has no network",
	"net/http":     "the core has no network",
	"math/rand":    "randomness is the block's seed",
	"math/rand/v2": "randomness is the block's seed",
	"crypto/rand":  "randomness is the block's seed",
	"sync":         "the core is one thread",
	"context":      "a step of the core is never cancelled",
	"log":          "the core does not log",
	"log/slog":     "the core does not log",
}

type goPackage struct {
	ImportPath   string
	Doc          string
	Imports      []string
	Deps         []string
	TestImports  []string
	XTestImports []string
}

const module = "internetidentity"

func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,Deps,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]goPackage{}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p
	}
}

func ours(path string) (string, bool) {
	name, ok := strings.CutPrefix(path, module+"/")
	return name, ok
}

func TestImportsGoInward(t *testing.T) {
	for name, p := range listPackages(t) {
		rule, known := may[name]
		if !known {
			t.Errorf("package %q is not in the plan of the house: give it a ring here", name)
			continue
		}
		for _, path := range p.Imports {
			imported, own := ours(path)
			if !own {
				continue
			}
			if !slices.Contains(strings.Fields(rule.imports), imported) {
				t.Errorf("%s (ring %d) imports %s, which the plan does not allow", name, rule.ring, imported)
			}
			if may[imported].ring > rule.ring {
				t.Errorf("%s (ring %d) imports %s (ring %d): imports go inward", name, rule.ring, imported, may[imported].ring)
			}
		}
	}
}

func TestCoreIsPure(t *testing.T) {
	for name, p := range listPackages(t) {
		if may[name].ring > 1 {
			continue
		}
		for _, path := range p.Imports {
			if reason, bad := impure[path]; bad {
				t.Errorf("%s imports %s: %s", name, path, reason)
			}
		}
		if slices.Contains(p.Deps, "net/http") {
			t.Errorf("%s reaches net/http through its imports: it would be part of the canister", name)
		}
	}
}

func TestDependenciesStayInOnePlace(t *testing.T) {
	for name, p := range listPackages(t) {
		for _, path := range p.Imports {
			for prefix, owner := range onlyIn {
				if strings.HasPrefix(path, prefix) && name != owner {
					t.Errorf("%s imports %s, which only %q may", name, path, owner)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	for name, p := range listPackages(t) {
		if p.Doc == "" {
			t.Errorf("package %q has no comment: say what it owns and what it must not know", name)
		}
	}
}

func TestCoreBuildsForWebAssembly(t *testing.T) {
	var core []string
	for name := range listPackages(t) {
		if name != "" && may[name].ring <= 1 {
			core = append(core, "./"+filepath.ToSlash(name))
		}
	}
	slices.Sort(core)
	build := exec.Command("go", append([]string{"build"}, core...)...)
	build.Env = append(build.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("rings 0 and 1 must build for wasip1: %v\n%s", err, out)
	}
}
