// Package perf is the vocabulary of speedgate: what a measurement is, before
// anybody compares it with another one.
//
// A [Run] is what one invocation of a load test or benchmark produced. It holds
// [Series], each named by a [Key], with a [Unit] and a direction ([Better]). A
// [Window] holds the accepted runs that a new run is compared with.
//
// The package does no input or output and reads no clock, environment or
// source of randomness. Every other package may import it; it imports none of
// them.
package perf
