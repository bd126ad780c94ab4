// Package github publishes a finished check on GitHub and reads files of a
// repository there. It speaks the REST API of github.com, GitHub Enterprise Server
// and Gitea, by github.com/google/go-github/v60, whose types stay inside.
//
// The package decides nothing: bodies come in rendered. The token goes to the host
// of the API only, is never part of an error, and is not read from the environment
// here.
package github
