// Package locust drives load tests of Locust: it finds the program, starts it without
// its web interface, in one process, in several, or on several machines, watches the
// history that it writes, and ends it. What Locust measured is left in files, which
// package parsers reads.
//
// The package judges nothing. Text of Locust's is untrusted: its locustfile belongs to
// the change under test.
package locust
