package fakegithub

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// OtherHost is a host that is not that of the API: it serves artifacts, and what a
// test puts there for a redirect. Its name, localhost, differs from that of the API,
// 127.0.0.1. A request with a token is a violation.
type OtherHost struct {
	URL string // without a slash at the end

	g      *GitHub
	server *httptest.Server
	files  map[string][]byte // by path
	log    []*Request
}

func newOtherHost(g *GitHub) *OtherHost {
	o := &OtherHost{g: g, files: map[string][]byte{}}
	o.server = httptest.NewServer(o)
	o.URL = strings.Replace(o.server.URL, "127.0.0.1", "localhost", 1)
	return o
}

// Put makes the host answer requests for a path with data.
func (o *OtherHost) Put(path string, data []byte) {
	o.g.mu.Lock()
	defer o.g.mu.Unlock()
	o.files[path] = data
}

// Requests returns all requests to the host so far.
func (o *OtherHost) Requests() []Request {
	o.g.mu.Lock()
	defer o.g.mu.Unlock()
	return copies(o.log)
}

// ServeHTTP implements [http.Handler].
func (o *OtherHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client has hung up
	}
	o.g.mu.Lock()
	defer o.g.mu.Unlock()
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body, Status: http.StatusOK,
	}
	o.log = append(o.log, entry)
	if r.Header.Get("Authorization") != "" {
		o.g.violate("%s %s: the other host got an Authorization header", r.Method, r.URL.Path)
	}
	data, ok := o.files[r.URL.Path]
	if !ok {
		entry.Status = http.StatusNotFound
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(data) // a client that hangs up is its own affair
}
