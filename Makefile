# Tepat. Two commands matter: make demo, make test.

GO ?= go
export CGO_ENABLED ?= 0

.PHONY: demo build test check generate bench bench-linkage bench-linkage-splink dist clean tools race

# Builds the program and shows the demo: Go and make are enough.
demo: build
	./tepat demo --fresh $(ARGS)

build:
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o tepat ./cmd/tepat

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Installs what the tests need where it may, then runs everything on both engines and in a real browser.
# check has vetted all packages.
test: tools check
	$(GO) run ./internal/testkit/pgtest/pg start
	CGO_ENABLED=0 $(GO) test -vet=off -timeout 40m ./... ; code=$$?; \
	if [ $$code -eq 0 ]; then $(MAKE) race; code=$$?; fi; \
	$(GO) run ./internal/testkit/pgtest/pg stop; exit $$code

# What runs at the same time is tested with the race detector.
race:
	CGO_ENABLED=1 $(GO) test -race -timeout 20m ./internal/kit/sqldb ./internal/kit/parallel ./internal/kit/httpkit ./internal/kit/seal ./internal/service/act ./internal/service/runs ./internal/service/lookups ./internal/service/identity

check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

tools:
	sh tools/install.sh

# Writes what is generated: pages, assets, the list of errors.
generate:
	$(GO) tool templ generate -path web
	$(GO) run ./web/assets/build
	$(GO) run ./web/messages/errors

# Measures what issue 2 asks for and prints it beside what is asked; BENCH=short sees whether it runs.
bench:
	sh bench/run.sh $(BENCH)

# A million rows linked to a million, and looked through for duplicates; files are made once.
bench-linkage:
	$(GO) build -o bench/out/linkage ./bench/linkage
	bench/out/linkage -dir bench/out/linkage-files -only parse,link
	bench/out/linkage -dir bench/out/linkage-files -only dedupe
	bench/out/linkage -dir bench/out/linkage-files -only live
	bench/out/linkage -dir bench/out/linkage-files -only ask

# Splink and tepat on the same generated files; makes a Python environment for Splink, and is no part of the tests.
bench-linkage-splink:
	sh bench/linkage/splink/run.sh $(FAMILIES)

# One file each for Linux and Windows.
dist:
	mkdir -p dist
	for target in linux/amd64 linux/arm64 windows/amd64; do \
		os=$${target%/*}; arch=$${target#*/}; ext=; [ $$os = windows ] && ext=.exe; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o dist/tepat-$$os-$$arch$$ext ./cmd/tepat || exit 1; \
	done
	cd dist && sha256sum tepat-* > SHA256SUMS

clean:
	rm -rf tepat dist tepat-demo bench/out
