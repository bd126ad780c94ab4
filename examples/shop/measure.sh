#!/usr/bin/env bash
# Measures the shop with Locust once: one run.
#
#   measure.sh OUTDIR [SLOW]
#
# writes OUTDIR/api_stats.csv and its siblings. SLOW is the number of times that a
# search does its work, 1 by default. The shop listens on a free port of the
# loopback interface and is ended by its process id, whatever happens.
#
# LOCUST is the Locust to run (default: locust), SECONDS_PER_RUN the length of the
# run (default: 20), USERS the number of users (default: 4).
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: measure.sh OUTDIR [SLOW]" >&2
	exit 2
fi
out=$1
slow=${2:-1}
locust=${LOCUST:-locust}
length=${SECONDS_PER_RUN:-20}
users=${USERS:-4}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

scratch=$(mktemp -d)
shop=
cleanup() {
	if [ -n "$shop" ]; then
		kill "$shop" 2>/dev/null || true
		wait "$shop" 2>/dev/null || true
	fi
	rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$out"
# An old result that stays behind would be taken for this run's.
rm -f "$out"/api_*.csv

(cd "$here" && go build -o "$scratch/shop" .)
# The log must exist before the shop does: it is read at once.
: >"$scratch/shop.log"
"$scratch/shop" -addr 127.0.0.1:0 -slow "$slow" >>"$scratch/shop.log" 2>&1 &
shop=$!

host=
for _ in $(seq 100); do
	host=$(sed -n 's/^listening on //p' "$scratch/shop.log")
	[ -z "$host" ] || break
	if ! kill -0 "$shop" 2>/dev/null; then
		break
	fi
	sleep 0.1
done
if [ -z "$host" ]; then
	echo "measure.sh: the shop did not start:" >&2
	cat "$scratch/shop.log" >&2
	exit 1
fi

# Locust ends by itself; the limit is for one that hangs.
if ! timeout --kill-after=10 "$((length + 60))" "$locust" --headless --only-summary --loglevel WARNING \
	--locustfile "$here/locustfile.py" --host "$host" \
	--users "$users" --spawn-rate "$users" --run-time "${length}s" --stop-timeout 5 \
	--csv "$out/api" >"$scratch/locust.log" 2>&1; then
	echo "measure.sh: locust failed:" >&2
	cat "$scratch/locust.log" >&2
	exit 1
fi
if ! kill -0 "$shop" 2>/dev/null; then
	echo "measure.sh: the shop died during the run:" >&2
	cat "$scratch/shop.log" >&2
	exit 1
fi
