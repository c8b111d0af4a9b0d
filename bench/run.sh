#!/bin/sh
# Measures every figure issue 2 asks for, on both engines, and puts them beside what is asked:
# bench/out/figures.md for people, bench/out/figures.json for programs. It needs nothing but this checkout, Go,
# PostgreSQL and sqlite3, asks nothing, and takes about 20 minutes on 2 cores. Give the machine to it
# alone: figures taken beside other work say little.
#
#   sh bench/run.sh            everything
#   sh bench/run.sh short      a small registry and each demo once: whether all of it runs, in minutes
#   sh bench/run.sh packages   the benchmarks of the packages, which nothing is asked of
set -eu
cd "$(dirname "$0")/.."
out=bench/out
mkdir -p "$out"
export CGO_ENABLED=0

if [ "${1:-}" = packages ]; then
	go test -run '^$' -bench . -benchmem ./internal/... ./web/... | tee "$out/packages.txt"
	exit
fi
size="-families 300000"
people="-persons 1000000 -open 20s"
if [ "${1:-}" = short ]; then
	size="-families 6000 -short"
	people="-persons 20000 -open 3s -closed 300ms"
elif [ -n "${1:-}" ]; then
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi

if ! command -v sqlite3 >/dev/null 2>&1; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sqlite3 >/dev/null
	else
		echo "the import is held against sqlite3's own: install the package sqlite3" >&2
		exit 1
	fi
fi

# A part that fails does not keep the others from being measured; the report names what is missing.
failed=
part() {
	name=$1
	shift
	echo "== $name, $(date +%H:%M:%S), load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)" >&2
	"$@" || failed="$failed $name;"
}
check() { # the registry of the run before has the people it imported
	rm -rf "$out/publiccheck" "$out/publiccheck.json"
	# shellcheck disable=SC2086
	"$out/measure-check" -dir "$out/publiccheck" $people >"$out/publiccheck.json"
	rm -rf "$out/publiccheck"
}
steps() { # engine and flags
	# shellcheck disable=SC2086
	"$out/measure-district" -tepat "$out/tepat" -out "$out/district" $size "$@"
}

echo "== building" >&2
rm -f "$out/figures.md" "$out/figures.json" "$out/district/sqlite.json" "$out/district/postgres.json"
go build -trimpath -ldflags "-s -w" -o "$out/tepat" ./cmd/tepat
go build -o "$out/measure-district" ./bench/district
go build -o "$out/measure-check" ./bench/publiccheck
go build -o "$out/report" ./bench/report
part "SQLite: demos, a district of a million people" steps -only demo,import,full,again,match,memory,pages
part "the citizens' check" check
# A server as it is installed, whose commits are on the disk; that of the tests is told not to wait for it.
if server=$(go run ./internal/testkit/pgtest/pg installed); then
	part "PostgreSQL: the demo beside SQLite's" steps -sqlite=false -postgres "$server" -only demo
	go run ./internal/testkit/pgtest/pg uninstall
else
	failed="$failed PostgreSQL;"
fi
rm -rf "$out/district/demo-sqlite" "$out/district/demo-postgres"
"$out/report" "$out" || failed="$failed report;"
[ -z "$failed" ] || { echo "not everything was measured:$failed" >&2; exit 1; }
