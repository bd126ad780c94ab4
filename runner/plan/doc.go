// Package plan says what load a profile applies and when, and what is read off the
// stages of a test: where a service breaks, and how fast it recovers.
//
// The package starts nothing and reads no clock.
package plan
