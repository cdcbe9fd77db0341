# make run    start the service and the demo app
# make cluster   start four machines of a cluster on this one, and the demo app
# make test   set up and run every test
#
# Both need Go, Node and make, and nothing else: the bundles are committed, and
# the tests install what they need.

GO ?= go
NPM ?= npm
ii := build/ii

.PHONY: run cluster build test test-go test-wasm test-web test-clients test-browser bundle screenshots measure chromium fuzz bench clean

run: build
	$(ii) serve --demo

# The homes stay in build/cluster; make clean removes them.
cluster: build
	internal/cluster.sh $(ii) build/cluster

build:
	$(GO) build -trimpath -o $(ii) ./cmd/ii

test: test-go test-wasm test-web test-clients test-browser

# Formatting, vet, and every Go test under the race detector.
test-go:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) test -race ./...
	$(GO) test -run Vectors -v .

# The core must build for the Internet Computer at every commit.
core := ./principal ./cbor ./rih ./hashtree ./candid ./webauthn ./certificate ./ingress ./httpcert ./table ./identity ./canister ./subnet
test-wasm:
	GOOS=wasip1 GOARCH=wasm $(GO) build $(core)

# Types, lint, unit tests, and a fresh build of both bundles compared with the
# committed ones.
test-web: web/ui/node_modules examples/demo/ui/node_modules
	cd web/ui && $(NPM) run --silent check && $(NPM) run --silent lint && $(NPM) run --silent test
	cd web/ui && $(NPM) run --silent verify
	cd examples/demo/ui && $(NPM) run --silent check && $(NPM) run --silent verify

# Published client libraries against a running service, with Node; agent-go is
# among the Go tests.
test-clients: build internal/clients/node_modules
	cd internal/clients && II=$(abspath $(ii)) $(NPM) test --silent

# Whole sign-ins in a real browser with virtual authenticators.
test-browser: build chromium internal/browser/node_modules
	cd internal/browser && II=$(abspath $(ii)) CHROMIUM=$$(../../internal/browser/chromium.sh) $(NPM) test --silent

# Every screen at 390 and 1280 px, light and dark, into build/screenshots, and
# the sheet that the README shows.
screenshots: build chromium internal/browser/node_modules
	rm -rf build/screenshots
	cd internal/browser && II=$(abspath $(ii)) CHROMIUM=$$(../../internal/browser/chromium.sh) npx playwright test -c screenshots.config.ts

# What a sign-in in the browser costs in time.
measure: build chromium internal/browser/node_modules
	cd internal/browser && II=$(abspath $(ii)) CHROMIUM=$$(../../internal/browser/chromium.sh) npx playwright test -c measure.config.ts

chromium:
	internal/browser/chromium.sh >/dev/null

# Rebuild the committed bundles.
bundle: web/ui/node_modules examples/demo/ui/node_modules
	cd web/ui && $(NPM) run build
	cd examples/demo/ui && $(NPM) run build

%/node_modules: %/package-lock.json
	cd $* && $(NPM) ci --no-audit --no-fund
	touch $@

# Every fuzz target for a while: make fuzz FUZZTIME=5m
FUZZTIME ?= 20s
fuzz:
	internal/fuzzall.sh $(FUZZTIME)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf build
