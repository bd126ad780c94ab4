// Package load is the built-in load generator: it sends HTTP requests at a rate
// that is planned beforehand and measures how long the answers take.
//
// The model is open: a request is sent when it is due, whether or not those before
// it were answered, as by users who do not know of each other. A latency counts from
// the time at which the request was due. If the service stalls, the requests of that
// time are late, and the latencies say so; a generator that waits for its answers
// sends few requests just then, and hides the stall.
//
// The package is the only user of vegeta, which makes the requests and whose types
// do not leave it. It decides nothing about the figures.
package load
