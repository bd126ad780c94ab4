// Package archtest holds the project to its architecture: which package may
// import which, which one alone uses a foreign library, which ones are pure, and
// what no file may contain. It consists of tests over the source and has no code
// of its own.
package archtest
