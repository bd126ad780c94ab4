// Package child runs the programs of a load test, the tool that makes the load or
// the service under test, and ends them for certain: with everything that they
// started, when the test is over, when it is cancelled, and when this process dies
// without a chance to clean up.
//
// A program never gets the secrets of this process. What it prints comes from the
// change under test and is handed on as it is: whoever shows it makes it harmless.
// The package knows nothing of measurements and must not import another package of
// the project.
package child
