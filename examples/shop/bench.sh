#!/usr/bin/env bash
# Runs the shop's Go benchmarks once: one run of five samples for each benchmark.
#
#   bench.sh OUTDIR [SLOW]
#
# writes OUTDIR/bench.txt. SLOW is the number of times that a search does its work,
# 1 by default.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: bench.sh OUTDIR [SLOW]" >&2
	exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
export SHOP_SLOW=${2:-1}

# Five rounds instead of -count 5, which takes the five samples of a benchmark one
# right after the other: a second in which the machine is busy would spoil them all.
for _ in 1 2 3 4 5; do
	go test -run '^$' -bench . -benchmem -benchtime 100ms .
done >"$out/bench.txt"
