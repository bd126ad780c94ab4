// Package gobench reads the output of go test -bench, as text and as the events of
// go test -json.
//
// The format is that of https://go.dev/design/14313-benchmark-format. Beyond it,
// the package repairs lines that a benchmark broke by printing to standard output,
// and takes notice of everything that says that results are missing: each
// becomes an entry of the run's Incomplete.
//
// # Subjects and the -N suffix
//
// The testing package appends -N to a name when GOMAXPROCS is N, and nothing when
// it is 1; a benchmark's own name may end the same way. The suffix is taken for
// GOMAXPROCS where the names of the whole package bear it out:
//
//   - every name of the package ends in the same -N, or
//   - every name without its -N occurs with the same set of N, as -cpu 1,2,4 gives
//     (no suffix counts as 1). The last name of the package may lack some: the
//     benchmark may have failed in between. One sub-benchmark alone proves nothing,
//     as x/dash and x/dash-8 may be two of them.
//
// Then the subject is the name without it, and N a label. Otherwise all names of the
// package stay whole. N runs from 2 to 1024: larger suffixes are sizes of inputs.
//
// N is also the number of cores of the environment, if all packages agree on it. No
// suffix at all is 1, without a label.
package gobench
