#!/bin/sh
# Runs the measurements of docs/performance.md that need nothing but this checkout.
set -eu
cd "$(dirname "$0")/.."
out=bench/out
mkdir -p "$out"
echo "cores $(getconf _NPROCESSORS_ONLN), load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
echo "== demo, ambon, SQLite"
begun=$(date +%s)
./tepat demo --fresh --no-serve --dir "$out/demo"
echo "$(($(date +%s) - begun)) s"
echo "== packages"
CGO_ENABLED=0 go test -run '^$' -bench . -benchmem ./internal/... ./web/... | tee "$out/packages.txt"
echo "== the citizens' check"
go run ./bench/publiccheck -dir "$out/publiccheck" -persons 100000 -open 10s | tee "$out/publiccheck.json"
