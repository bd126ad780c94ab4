// Package gitlab keeps the note of a gate on a merge request of GitLab up to date. It
// speaks the REST API, version 4, of gitlab.com and of a GitLab of one's own.
//
// Which note is the gate's, and whether it must be written, is decided by package
// sticky; this package makes the requests. The token goes to the host of the API only,
// is never part of an error or an address, and is not read from the environment here.
package gitlab
