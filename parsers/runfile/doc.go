// Package runfile reads and writes what `speedgate run` measured: one run in a JSON
// file of schema speedgate.run/v1. Nothing of the run is lost on the way, so that a
// check of the file says what a check of the run said.
package runfile
