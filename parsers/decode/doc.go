// Package decode is the read path before detection: it turns the bytes of a
// result file, as shells, editors and operating systems leave them, into plain
// text that every parser can rely on.
//
// What comes out is valid UTF-8 without byte-order mark, NUL bytes and terminal
// escape sequences, with "\n" as the only line end. The package knows no format.
package decode
