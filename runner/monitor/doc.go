// Package monitor holds the live figures of a running load test: what the view on
// the terminal, the alerts and the report read.
//
// A test is seen in one of two ways. Where speedgate makes the requests itself, a
// [Window] takes in every [Measurement]; where another tool makes them, a [Ticks]
// takes in the rows that the tool writes about itself. Both give a [Snapshot].
// What the tested process uses comes in as [Resources].
//
// A percentile is the project's: interpolated, type 7, of all requests that
// finished, the failed ones included. Locust rounds its own before they get here.
//
// The package starts nothing and reads no clock: times are arguments.
package monitor
