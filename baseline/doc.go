// Package baseline keeps the accepted runs that a change is compared with: it
// reads performance_baseline.json, selects the window of a suite and an
// environment, merges an accepted run into it and writes it back.
//
// The package does not decide whether a run is accepted, and looks at no clock,
// environment variable or version control: ids, commits and times come in as
// arguments.
//
// # The file
//
// A file of the schema speedgate.baseline/v1 is an object with the keys schema,
// estimators (the definitions that its numbers follow) and entries, a list with
// one object for each suite and environment:
//
//   - suite: its name, may be empty.
//   - environment: name, os, arch, cpu, cores, runtime, runner; absent = unknown.
//   - runs: id, commit, time and workload of each accepted run, the oldest first.
//   - metrics: subject, metric, labels, unit, better, kind, exact and step of each
//     metric, and the arrays values, spreads and counts with one item for each run,
//     null where the run did not measure the metric. The anchor is the level that a
//     creep is measured from; origin is where the metric began, if a proved
//     improvement has moved the anchor since.
//   - accepted: the slowdowns that were accepted on purpose.
//
// The shape that hand-written gates use, {"latency": {"p95": 98}, "throughput":
// {"avg": 1043.5}}, is read as one run of any suite in an unknown environment.
package baseline
