package fakegithub

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Token is the token of a workflow that may write.
const Token = "ghs_Token"

// Bot owns what the token of a workflow makes.
const Bot = "github-actions[bot]"

// identity is whom a token belongs to.
type identity struct {
	login    string // owns what the token makes
	isApp    bool   // a workflow or another GitHub App, not a person
	readOnly bool
}

// AddToken makes a token of a person known. It may write.
func (g *GitHub) AddToken(token, login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[token] = identity{login: login}
}

// AddApp makes a token of a GitHub App known, whose login ends in [bot]. It may write.
func (g *GitHub) AddApp(token, login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[token] = identity{login: login, isApp: true}
}

// AddReader makes a token of a workflow known that only reads, as that of a pull
// request from a fork.
func (g *GitHub) AddReader(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[token] = identity{login: Bot, isApp: true, readOnly: true}
}

// notAccessible is what a token gets that lacks a permission.
const notAccessible = "Resource not accessible by integration"

// authenticate finds out who sends a request.
func (c *call) authenticate() (answer, bool) {
	header := c.r.Header.Get("Authorization")
	if header == "" {
		return answer{}, true
	}
	scheme, token, _ := strings.Cut(header, " ")
	id, known := c.g.tokens[token]
	if !known || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "token") {
		return refused(http.StatusUnauthorized, "Bad credentials"), false
	}
	c.who = &id
	return answer{}, true
}

// authorize says whether the sender may do what is asked.
func (c *call) authorize() (answer, bool) {
	reads := c.r.Method == http.MethodGet
	switch {
	case c.who == nil && !reads:
		return refused(http.StatusUnauthorized, "Requires authentication"), false
	case c.who != nil && c.who.readOnly && !reads:
		return refused(http.StatusForbidden, notAccessible), false
	}
	return answer{}, true
}

func getUser(c *call) answer {
	switch {
	case c.who == nil:
		return refused(http.StatusUnauthorized, "Requires authentication")
	case c.who.isApp:
		return refused(http.StatusForbidden, notAccessible)
	}
	return found(userJSON(c.who.login))
}

// userJSON makes up the account of a login.
func userJSON(login string) object {
	kind := "User"
	if strings.HasSuffix(login, "[bot]") {
		kind = "Bot"
	}
	id := int64(crc32.ChecksumIEEE([]byte(login)))
	return object{
		"login": login, "id": id, "node_id": fmt.Sprintf("U_%d", id), "type": kind,
		"html_url": "https://github.example/" + login,
	}
}

// rate is the primary rate limit.
type rate struct {
	limit, left int
	reset       time.Time
}

// SetRate sets how many requests are left until a time. Further ones are answered
// 403.
func (g *GitHub) SetRate(left int, reset time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rate.left, g.rate.reset = left, reset
}

// take counts a request against the limit.
func (g *GitHub) take() (answer, bool) {
	if g.rate.left == 0 {
		return refused(http.StatusForbidden, "API rate limit exceeded for installation ID 1."), false
	}
	g.rate.left--
	return answer{}, true
}

func (r rate) headers() map[string]string {
	return map[string]string{
		"X-RateLimit-Limit": strconv.Itoa(r.limit), "X-RateLimit-Remaining": strconv.Itoa(r.left),
		"X-RateLimit-Used": strconv.Itoa(r.limit - r.left), "X-RateLimit-Reset": strconv.FormatInt(r.reset.Unix(), 10),
		"X-RateLimit-Resource": "core",
	}
}
