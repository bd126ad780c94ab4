// Package resource samples what a process with its children, or a container, uses of
// its machine while a load test runs.
//
// A figure that the system does not tell is absent, never zero: which operations of
// a single process reached a disk, say, or what it sent, which no system counts
// unless the process has a network of its own. The package decides nothing.
package resource
