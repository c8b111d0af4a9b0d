#!/bin/sh
# Runs the measurements of docs/performance.md that need nothing but this checkout. Give the
# machine to them alone: figures taken beside other work say little.
set -eu
cd "$(dirname "$0")/.."
out=bench/out
mkdir -p "$out"
echo "cores $(getconf _NPROCESSORS_ONLN), load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
echo "== the demo, and a district of a million people, on both engines"
go build -o "$out/measure-district" ./bench/district
"$out/measure-district" -out "$out/district" -postgres "$(go run ./internal/testkit/pgtest/pg start)"
echo "== the citizens' check"
go run ./bench/publiccheck -dir "$out/publiccheck" -persons 1000000 -open 20s | tee "$out/publiccheck.json"
echo "== packages"
CGO_ENABLED=0 go test -run '^$' -bench . -benchmem ./internal/... ./web/... | tee "$out/packages.txt"
