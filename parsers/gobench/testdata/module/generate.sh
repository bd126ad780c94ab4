#!/bin/sh
# Runs go test in this module and writes the fixtures that stand beside it.
# The numbers differ from run to run, so the golden files need -update afterwards.
set -u
export GOMAXPROCS=2 GOFLAGS=-trimpath GOWORK=off
ok=../ok bad=../bad

bench() { # FILE ARGS...: benchmarks only, few iterations; a failure is part of the fixture
	file=$1
	shift
	go test -run '^$' -benchtime 1000x "$@" >"$file" 2>&1
}

bench $ok/plain.txt -bench . ./fib
bench $ok/benchmem-count.txt -bench 'Fib|Copy' -benchmem -count 3 ./fib
bench $ok/cpu.txt -bench . -cpu 1,2,4 -count 2 ./cpus
go test -v -benchtime 1000x -bench . ./fib >$ok/verbose.txt 2>&1
bench $ok/noisy.txt -bench . ./noisy
bench $ok/noisy-verbose.txt -v -bench . ./noisy
bench $ok/noisy-events.json -json -bench . ./noisy
bench $ok/crash.txt -bench . ./crash
bench $ok/crash-events.json -json -bench . ./crash
bench $ok/failing.txt -bench . ./failing
bench $ok/failing-events.json -json -bench . ./failing
bench $ok/exits.txt -bench . ./exits
bench $ok/exits-events.json -json -bench . ./exits
bench $ok/skip-verbose.txt -v -bench . ./skip
bench $ok/names.txt -bench . ./names
(export GOMAXPROCS=1 && bench $ok/maxprocs1.txt -bench . ./names)
bench $ok/units.txt -bench . ./units
bench $ok/packages.txt -bench . ./cpus ./broken ./skip
bench $ok/packages-events.json -json -benchmem -bench . ./fib ./cpus ./skip
bench $bad/build-failed.txt -bench . ./broken
bench $bad/build-failed-events.json -json -bench . ./broken
bench $bad/nothing-matched.txt -bench NoSuch ./fib ./cpus
bench $bad/nothing-matched-events.json -json -bench NoSuch ./fib
bench $bad/all-skipped.txt -v -bench Skipped ./skip
