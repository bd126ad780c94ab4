package git

import (
	"encoding/base64"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"speedgate/internal/secret"
)

const (
	// maxWords is how many bytes of what git and a server say go into an error.
	maxWords = 1000
	// hidden stands for a secret.
	hidden = "***"
)

// clean makes what git or a server says fit for a line of an error: without
// secrets, on one line, without control characters, of bounded length.
func (c command) clean(text string) string {
	text = redact(text, append(secret.Values(os.Environ()), c.secrets...))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords], "") + "…"
}

// userInfo matches what stands before the host of a URL.
var userInfo = regexp.MustCompile(`://([^\s/@]+)@`)

// authorization matches what a login header holds; 16 letters spare the language.
var authorization = regexp.MustCompile(`(?i)\b(basic|bearer) [A-Za-z0-9+/=._~-]{16,}`)

// redact replaces secrets, what logs in, and user and password of every URL.
func redact(text string, secrets []string) string {
	// The longest first: where one is the beginning of another, no end of it stays.
	secrets = slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return len(b) - len(a) })
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	text = authorization.ReplaceAllString(text, "$1 "+hidden)
	return userInfo.ReplaceAllString(text, "://"+hidden+"@")
}

// settingSecrets returns the secrets in the settings of a clone: the headers that
// log in, and what URLs carry.
func settingSecrets(all []setting) []string {
	var secrets []string
	for _, s := range all {
		if strings.HasSuffix(s.key, ".extraheader") {
			secrets = append(secrets, headerSecrets(s.value)...)
		}
		for _, m := range userInfo.FindAllStringSubmatch(s.key+" "+s.value, -1) {
			secrets = append(secrets, loginSecrets(m[1])...)
		}
	}
	return secrets
}

// headerSecrets returns the secret of a header such as "Authorization: Basic
// dTpw", in the form it has there and in clear.
func headerSecrets(header string) []string {
	fields := strings.Fields(header)
	if len(fields) == 0 {
		return nil
	}
	last := fields[len(fields)-1]
	secrets := longEnough(last)
	if login, err := base64.StdEncoding.DecodeString(last); err == nil && utf8.Valid(login) {
		_, password, _ := strings.Cut(string(login), ":")
		secrets = append(secrets, longEnough(password)...)
	}
	return secrets
}

// loginSecrets returns the secrets of a "user:password" in all forms in which it
// travels. Some hosts take a token as the user.
func loginSecrets(login string) []string {
	forms := []string{login}
	if plain, err := url.PathUnescape(login); err == nil && plain != login {
		forms = append(forms, plain)
	}
	var secrets []string
	for _, f := range forms {
		secrets = append(secrets, longEnough(base64.StdEncoding.EncodeToString([]byte(f)))...)
		for part := range strings.SplitSeq(f, ":") {
			secrets = append(secrets, longEnough(part)...)
		}
	}
	return secrets
}

// longEnough returns what may be a secret. User names such as "git" and "oauth2" stand
// beside tokens.
func longEnough(text string) []string {
	if len(text) < secret.MinLength {
		return nil
	}
	return []string{text}
}
