// Package github publishes a finished check on GitHub, and reads and writes files of
// a repository there. It speaks the REST API of github.com and of GitHub Enterprise
// Server by github.com/google/go-github/v60, whose types stay inside. Gitea and Forgejo
// have the same for comments, statuses and files; not for check runs, artifacts, and
// branches ([Client.EnsureBranch], [Client.BaselinePull]).
//
// The package decides nothing: bodies come in rendered, which comment is whose is for
// package sticky, files are changed by the caller's function. The token goes to the
// host of the API only, is never part of an error or an address, and is not read from
// the environment here.
//
// The transport is that of package rest. A request that makes something is never sent
// again without knowing that it was not carried out.
package github
