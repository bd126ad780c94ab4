package rest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// ParseAddress checks the address of an API and gives it the slash at the end that
// relative paths need. It must be https, or of this machine.
func ParseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the address of the API is not of the form https://HOST/PATH")
	}
	if !IsPrivate(u) {
		return nil, fmt.Errorf("%q is not https, so that the token could be read on its way", text)
	}
	return u.JoinPath("/"), nil
}

// IsPrivate reports whether nobody can read on its way what is sent to an address: it is
// https, or of this machine.
func IsPrivate(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// RefuseRedirect is a CheckRedirect for an API that never redirects: whoever answers
// so is not it, or has moved.
func RefuseRedirect(req *http.Request, via []*http.Request) error {
	return fmt.Errorf("%s was redirected to another address, of %s; is that of the API right?", via[0].Method, req.URL.Host)
}
