// Package runner runs a load test: it starts the service, waits until it is ready,
// has a driver make the load of the plan's stages, watches the live figures, ends the
// test when an alert says so, and returns what was measured with what the kind of
// test finds out.
//
// Everything that acts comes in as an argument: the driver, the service, the sampler
// of resources and the view. The package judges nothing; a test that did not come to
// its end says so in its runs.
package runner
