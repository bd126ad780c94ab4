package fakegithub

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is a request that arrived.
type Request struct {
	Method, Path, Query string
	Header              http.Header // with *** for a token in Authorization
	Body                []byte
	Status              int // it was answered with; 0 = not yet
}

// String returns METHOD PATH?QUERY.
func (r Request) String() string {
	if r.Query == "" {
		return r.Method + " " + r.Path
	}
	return r.Method + " " + r.Path + "?" + r.Query
}

// Requests returns all requests to the API so far, in the order of their arrival.
func (g *GitHub) Requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return copies(g.log)
}

// Lines returns METHOD PATH?QUERY of all requests to the API so far.
func (g *GitHub) Lines() []string {
	var lines []string
	for _, r := range g.Requests() {
		lines = append(lines, r.String())
	}
	return lines
}

func copies(log []*Request) []Request {
	list := make([]Request, len(log))
	for i, r := range log {
		list[i] = *r
		list[i].Header, list[i].Body = r.Header.Clone(), bytes.Clone(r.Body)
	}
	return list
}

// record logs a request to the API. A token anywhere but in Authorization is a
// violation.
func (g *GitHub) record(r *http.Request, body []byte) *Request {
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body,
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && token != "" {
		entry.Header.Set("Authorization", scheme+" ***")
	}
	for token := range g.tokens {
		for _, where := range entry.traces(token) {
			g.violate("%s %s: a token is in the %s", r.Method, r.URL.Path, where)
		}
	}
	g.log = append(g.log, entry)
	return entry
}

// traces returns the parts of a request that hold a secret.
func (r *Request) traces(secret string) []string {
	var parts []string
	if holds(r.Path, secret) || holds(r.Query, secret) {
		parts = append(parts, "URL")
	}
	if holds(string(r.Body), secret) {
		parts = append(parts, "body")
	}
	for name, values := range r.Header {
		if holds(strings.Join(values, "\n"), secret) {
			parts = append(parts, "header "+name)
		}
	}
	slices.Sort(parts)
	return parts
}

// holds reports whether a text holds a secret, as it is or as it travels in a URL
// or in the Authorization of git.
func holds(text, secret string) bool {
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte("x-access-token:" + secret)),
	} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// CheckSecret fails the test if a secret is in a request to any of the two hosts,
// other than in the Authorization for the API, or in one of the texts: the errors and
// the output of what is tested. An empty secret fails it too.
func (g *GitHub) CheckSecret(secret string, texts ...string) {
	g.t.Helper()
	if secret == "" {
		g.t.Errorf("fakegithub: no secret to look for")
		return
	}
	for _, r := range slices.Concat(g.Requests(), g.Other.Requests()) {
		for _, where := range r.traces(secret) {
			g.t.Errorf("fakegithub: the secret is in the %s of a request %s", where, r.Method)
		}
	}
	for i, text := range texts {
		if holds(text, secret) {
			g.t.Errorf("fakegithub: the secret is in text %d", i+1)
		}
	}
}

// redact takes the tokens out of a message of the fake itself.
func (g *GitHub) redact(text string) string {
	for token := range g.tokens {
		text = strings.ReplaceAll(text, token, "***")
	}
	return text
}
