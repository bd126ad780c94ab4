#!/usr/bin/env bash
# Compares the built-in load generator with hey and wrk, on the loopback interface.
#
#   compare.sh [latencies|cost]
#
# First its latencies against a server that answers after exactly 20 ms, beside those
# that the server measures itself; then rate and processor time against hey and wrk
# on a server that answers at once. Server and generator have a processor each. All
# is ended by its process id; it takes a minute.
#
# HEY and WRK are the other generators (default: hey, wrk); one that is missing is
# left out. PREFIX goes before each command: on a machine that is busy with other
# things, "chrt -f 10" for the latencies and "nice -n -20" for the cost take their
# part away.
# ROUNDS is how often everything is measured (default: 3).
set -euo pipefail

hey=${HEY:-hey}
wrk=${WRK:-wrk}
read -ra prefix <<<"${PREFIX:-}"
rounds=${ROUNDS:-3}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export TIMEFORMAT='%U %S'

scratch=$(mktemp -d)
server=
end_server() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
		server=
	fi
}
trap 'end_server; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_server DELAY starts the server on the first processor and sets URL.
start_server() {
	end_server
	: >"$scratch/address"
	LOAD_TEST_ROLE=serve DELAY=$1 "${prefix[@]}" taskset -c 0 "$scratch/load.test" >"$scratch/address" &
	server=$!
	URL=
	for _ in $(seq 100); do
		URL=$(cat "$scratch/address")
		[ -z "$URL" ] || break
		sleep 0.1
	done
	[ -n "$URL" ] || { echo "compare.sh: the server did not start" >&2; exit 1; }
	export URL
}

# timed COMMAND... runs a generator on the second processor; its output is in
# $scratch/out, and CPU is the processor time in seconds.
timed() {
	{ time timeout 60 "${prefix[@]}" taskset -c 1 "$@" >"$scratch/out" 2>"$scratch/err"; } 2>"$scratch/time" ||
		{ cat "$scratch/err" >&2; exit 1; }
	CPU=$(awk '{ print $1 + $2 }' "$scratch/time")
}

# drive RATE SECONDS CONNECTIONS runs the built-in generator.
drive() {
	timed env LOAD_TEST_ROLE=drive RATE="$1" SECONDS="$2" CONNECTIONS="$3" "$scratch/load.test"
}

# row NAME RATE REQUESTS prints what a generator did with CPU.
row() {
	awk -v name="$1" -v rate="$2" -v n="$3" -v cpu="$CPU" \
		'BEGIN { printf "%-34s %9.0f/s %8.1f us per request\n", name, rate, cpu / n * 1e6 }'
}

# row_hey NAME ARGUMENT... and row_wrk NAME ARGUMENT... run the others.
row_hey() {
	command -v "$hey" >/dev/null || return 0
	timed "$hey" "${@:2}" "$URL"
	row "$1" "$(awk '/Requests\/sec/ { print $2 }' "$scratch/out")" \
		"$(awk '/\[[0-9]+\]/ { n += $2 } END { print n }' "$scratch/out")"
}

row_wrk() {
	command -v "$wrk" >/dev/null || return 0
	timed "$wrk" "${@:2}" "$URL"
	row "$1" "$(awk '/Requests\/sec/ { print $2 }' "$scratch/out")" \
		"$(awk '/ requests in / { print $1 }' "$scratch/out")"
}

row_built_in() {
	drive "${@:2}"
	row "$1" "$(awk '{ print $1 }' "$scratch/out")" "$(awk '{ print $4 }' "$scratch/out")"
}

latencies() {
	echo "a service of 20 ms: p50/p99 in ms, and by the service itself"
	start_server 20ms
	for rate in 200 1000 3000; do
		drive "$rate" 5 500
		awk -v rate="$rate" '{ printf "%5d/s  %-14s %s\n", rate, $2, $3 }' "$scratch/out"
	done
}

cost() {
	start_server 0s
	echo "evenly spaced"
	row_built_in "  built-in, 500/s" 500 5 50
	row_hey "  hey, one worker of 500/s" -z 5s -c 1 -q 500
	echo "hey's workers all send at the same moment"
	row_built_in "  built-in, 3000/s evenly spaced" 3000 5 50
	row_hey "  hey, 50 workers of 60/s" -z 5s -c 50 -q 60
	echo "as fast as can be, 50 connections"
	row_built_in "  built-in" 80000 3 50
	row_hey "  hey" -z 3s -c 50
	row_wrk "  wrk" -d 3s -c 50 -t 1
}

case ${1:-all} in
latencies | cost) parts=("$1") ;;
all) parts=(latencies cost) ;;
*)
	echo "usage: compare.sh [latencies|cost]" >&2
	exit 2
	;;
esac
(cd "$here" && go test -c -o "$scratch/load.test" .)
for part in "${parts[@]}"; do
	for _ in $(seq "$rounds"); do
		"$part"
	done
done
