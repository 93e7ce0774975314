SHELL := /bin/bash
.DEFAULT_GOAL := help
export GOFLAGS ?= -buildvcs=false

help: ## print this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: postgres build ## build, and serve a filled site at http://127.0.0.1:8080
	KOINON_DEMO=$${KOINON_DEMO-yes} bin/koinon serve

build: ## build bin/koinon
	go build -trimpath -o bin/koinon ./cmd/koinon

# They walk through every page as every reader and look at the answers; races are sought by the tests of the rooms, four times as slowly.
walks = ^TestNothingLeaks|^TestNoFormBreaksTheServer$$

test: postgres browser ## run all tests, in a real browser too
	go test -race -shuffle=on -timeout 30m -skip '$(walks)' $$(go list ./... | grep -v /web/e2e$$)
	go test -shuffle=on -timeout 30m -run '$(walks)' ./web
	go test -shuffle=on -timeout 30m ./web/e2e

check: ## formatting, vet, staticcheck, generated code, tidy modules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	@go tool templ fmt -fail web >/dev/null || { echo "templ fmt: run «go tool templ fmt web»"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	@sum() { git ls-files -z '*_templ.go' | xargs -0 cat | sha256sum; }; before=$$(sum); go tool templ generate -path web >/dev/null 2>&1 || exit 1; \
		test "$$before" = "$$(sum)" || { echo "generated code differs: run «go tool templ generate -path web» and commit"; exit 1; }
	go mod tidy -diff
	@echo "check: all is well"

bench: postgres ## measure speed, as ratios within one run
	go run ./cmd/bench

bench-search: postgres ## measure the search over 1,000,000 items (ten minutes, 5 GB of temporary space)
	go run ./cmd/bench search 1000000

vuln: ## look for known vulnerabilities (asks the Go vulnerability database)
	go tool govulncheck ./...

postgres: # find a PostgreSQL server, or install one where that is possible
	@bash .ci/need postgres

browser: # find Chromium and Node.js with the packages of the browser tests, or install them where that is possible
	@bash .ci/need browser

.PHONY: help run build test check bench bench-search vuln postgres browser
