#!/bin/sh
# Links one generated registry to its civil file with Splink and with tepat, one after the other on the same machine, and prints
# time, processor seconds, peak memory, precision and recall of both. Usage: run.sh [FAMILIES]; 30000 are 100,000 rows.
set -eu
families=${1:-30000}
root=$(cd "$(dirname "$0")/../../.." && pwd)
cd "$root"
python=${PYTHON:-python3}
venv=${SPLINK_VENV:-${TMPDIR:-/tmp}/tepat-splink}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/pip" install -q -r bench/linkage/splink/requirements.txt
go build -o bench/out/linkage ./bench/linkage
folder=bench/out/linkage-files
bench/out/linkage -dir "$folder" -families "$families" -only link
"$venv/bin/python" bench/linkage/splink/model.py "$folder/families-$families" "$(getconf _NPROCESSORS_ONLN)" 2>/dev/null
echo "load: $(uptime)"
