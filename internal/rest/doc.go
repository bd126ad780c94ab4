// Package rest sends requests to the REST API of a forge: it adds the token for that
// host alone, waits when the forge asks to, repeats what may be repeated, and bounds
// time and size of every answer. What a forge calls things is the caller's to say.
package rest
