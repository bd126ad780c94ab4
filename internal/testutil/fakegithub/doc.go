// Package fakegithub is a small GitHub for tests: an HTTP server with the state of
// repositories (git objects and branches, pull requests, comments, checks, statuses,
// workflow runs and their artifacts) that answers the REST API as GitHub does and
// says what of a conversation GitHub would not have understood.
//
// Each request and each answer is checked against GitHub's own OpenAPI description,
// of which testdata/api.github.com.json is a part. What breaks it, an operation or a
// parameter that the fake does not have, a token where none belongs, and a fault that
// no request ran into are violations, and fail the test when it ends:
//
//	gh := fakegithub.New(t)
//	repo := gh.AddRepo("o/r")
//	base := repo.Commit("main", "f.json", "{}")
//	repo.AddPull(fakegithub.Pull{Number: 7, HeadSHA: base})
//	gh.On("POST /repos/o/r/issues/7/comments", 1, fakegithub.AnswerLost(502))
//
//	// … use gh.URL as GITHUB_API_URL with fakegithub.Token …
//
//	if n := len(repo.Comments(7)); n != 1 {
//		t.Errorf("%d comments", n) // the POST was carried out although it was answered 502
//	}
//	gh.CheckSecret(fakegithub.Token, log.String())
//
// Tokens. [Token] is that of a workflow: it may write, and must not ask who it is, nor
// may that of another App ([GitHub.AddApp]). [GitHub.AddToken] adds those of people,
// [GitHub.AddReader] those that only read. A token may edit the comments of everybody,
// as on GitHub.
//
// State. Tests set it up and look at it through [Repo], at any time: its methods and
// the requests take turns. Hashes of git objects are the real ones. Times are made up
// and grow by a second with each thing that is made.
//
// Faults. [GitHub.On] has the next requests that match a pattern answered differently,
// late, in part, or after something else happened ([Meanwhile]).
//
// Hosts. [GitHub.Other] is a second host, to which artifacts and redirects lead. That
// a request to it carries a token is a violation.
//
// Fields that the description requires and no state stands behind have the smallest
// value it allows: null, false, 0, an empty list, the first word of a list of words.
//
// What the description leaves open is written after what GitHub is known to do. Not
// known, and so a guess: which status answers a PUT of contents with the hash of a
// file that does not exist (409 here), and whether a token of a workflow may comment
// on a locked conversation (403 here).
//
// The package imports nothing of the rest of the project.
package fakegithub
