// Package alert watches the live figures of a running test for limits that are
// crossed for some time. An alert is told while the test runs and stands in its
// report; it is no verdict, as the gate judges the whole run.
//
// The package starts nothing and reads no clock: times come with the figures.
package alert
