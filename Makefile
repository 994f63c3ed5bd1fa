# `make run` and `make test` are all that a stranger needs; the rest is for those who work on berth.

GO      ?= go
BIN     := bin/berth
MODDIR  := build/testmodules
PORT    ?= 6379
# The example modules that `make run` loads.
EXAMPLES := poong hmsetnx bitallpos scriptname

.PHONY: run build modules oracles test unit difftest clients race asan debug cgocheck bench fuzz lint fmt gen check clean

build: $(BIN)

# Always asks go, which knows best what is out of date.
.PHONY: $(BIN)
$(BIN):
	$(GO) build -o $@ ./cmd/berth

modules:
	testmodules/build.sh $(MODDIR)

run: build modules
	@echo
	@echo "berth starts on 127.0.0.1:$(PORT) with the example modules loaded. In another terminal:"
	@echo
	@echo "    redis-cli -p $(PORT) POONG"
	@echo "    redis-cli -p $(PORT) HMSETNX user:1 name Ada born 1815"
	@echo "    redis-cli -p $(PORT) SET flags A"
	@echo "    redis-cli -p $(PORT) BITALLPOS flags"
	@echo "    redis-cli -p $(PORT) SCRIPTNAME LOAD greet \"return 'hello ' .. ARGV[1]\""
	@echo "    redis-cli -p $(PORT) EVALNAME greet 0 Ada"
	@echo "    redis-cli -p $(PORT) MODULE LIST"
	@echo "    redis-cli -p $(PORT) MODULE LOAD /path/to/your/module.so"
	@echo
	@echo "No redis-cli? \`apt-get install redis-tools\`, or any Redis client. Ctrl-C stops the server."
	@echo
	$(BIN) --bind 127.0.0.1 --port $(PORT) --enable-module-command local \
	    $(foreach m,$(EXAMPLES),--loadmodule $(CURDIR)/$(MODDIR)/$(m).so)

# The reference servers that the tests compare with; returns at once when they are there.
oracles:
	tools/oracles

test: unit difftest

unit: modules
	$(GO) test -shuffle=on $$($(GO) list ./... | grep -v '/difftest')

difftest: build modules oracles
	BERTH_BIN=$(CURDIR)/$(BIN) $(GO) test -count=1 -timeout 20m ./difftest/...

# Other languages' client libraries (redis-py, ioredis, node-redis), fetched and run against berth and then against redis-server.
clients: build oracles
	tools/clients
	BERTH_BIN=$(CURDIR)/$(BIN) $(GO) test -count=1 -timeout 10m -tags clients ./difftest/clients
	BERTH_BIN=oracle $(GO) test -count=1 -timeout 10m -tags clients ./difftest/clients

race: modules
	$(GO) test -race -shuffle=on $$($(GO) list ./... | grep -v '/difftest')

asan: modules
	$(GO) test -asan -tags asan -shuffle=on ./keyspace/... ./persistence/... ./host/... ./capi/...

# Handles carry magic words, freed memory is overwritten, and every call of the API checks its thread.
debug: modules
	$(GO) test -tags debug ./keyspace/... ./host/... ./capi/...

cgocheck: modules
	GOEXPERIMENT=cgocheck2 $(GO) test ./capi/...

# ARGS=-quick for a short look, ARGS=-write to bring docs/performance.md up to date.
bench: build modules oracles
	$(GO) run ./bench -berth $(BIN) -modules $(MODDIR) $(ARGS)

# Each target for FUZZTIME.
FUZZTIME ?= 30s
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
	    for f in $$($(GO) test -list '^Fuzz' $$pkg 2>/dev/null | grep '^Fuzz' || true); do \
	        echo "== $$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg; \
	    done; done

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run make fmt"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

fmt:
	gofmt -w $$(git ls-files '*.go')
	@if command -v clang-format >/dev/null; then clang-format -i $$(git ls-files '*.c' '*.h'); \
	else echo "clang-format is not installed: the C files were left as they are (apt-get install clang-format)"; fi

# Generated documents. The command rows are generated from a running reference server: see internal/gen/commands.
gen:
	$(GO) generate ./...

# Exactly what CI runs.
check: lint test

clean:
	rm -rf bin build
