// Package gate decides: given the accepted runs of the base branch, the runs of
// a change and a policy, [Evaluate] says of each metric and of the whole gate
// whether it passes.
//
// The package is pure: it opens no file, reads no clock, environment or source
// of randomness, and the same arguments always give the same [Result]. The
// procedure is described in docs/VERDICTS.md.
package gate
