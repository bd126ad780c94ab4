// Package loadtest makes a test that package runner runs of a profile of the config:
// with the driver that the profile names, the service that it starts and the process
// that it watches. It is where the packages that act, of processes, load and
// resources, meet.
//
// It judges nothing and prints nothing; what programs print goes into files.
package loadtest
