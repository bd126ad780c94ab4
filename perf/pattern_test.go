package perf

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestPatternMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, subject, metric string
		want                     bool
	}{
		{"*:*", "", "", true},
		{"*", "GET /items", "latency_p95", true},
		{"GET /items", "GET /items", "latency_p95", true},
		{"GET /items", "GET /items/1", "latency_p95", false},
		{"GET /items:latency_p95", "GET /items", "latency_p95", true},
		{"GET /items:latency_p95", "GET /items", "latency_p99", false},
		{"*:latency_p99", "GET /items", "latency_p99", true},
		{"*:latency_p9*", "GET /items", "latency_p95", true},
		{"* /api/v1/*", "POST /api/v1/chat/message", "throughput", true},
		{"* /api/v1/*", "POST /api/v1/", "throughput", true},
		{"* /api/v1/*", "POST /api/v1", "throughput", false},
		{"* /api/v1/*", "/api/v1/x", "throughput", false},
		{"Parse*:*", "ParseJSON/large", "time_per_op", true},
		{"Parse*:*", "parseJSON", "time_per_op", false},
		{"*JSON", "ParseJSON", "time_per_op", true},
		{"*JSON", "ParseJSONx", "time_per_op", false},
		{"a*b*c", "abbbcbc", "m", true},
		{"a*b*c", "abbbcb", "m", false},
		{"a**c", "ac", "m", true},
		// The last colon divides.
		{"http://host:8080/x:latency_p95", "http://host:8080/x", "latency_p95", true},
		{"http://host/x", "http://host/x", "latency_p95", true},
		{"GET http://host/*", "GET http://host/x", "latency_p95", true},
		{"process:*", "process", "cpu_usage", true},
		{"process:*", "process:7", "cpu_usage", false},
		{"process:*:*", "process:7", "cpu_usage", true},
		{"*:latency_p95", "a:b", "latency_p95", true},
		// A star is the only special character.
		{"a.c", "abc", "m", false},
		{"a?c", "abc", "m", false},
		{"[ab]", "a", "m", false},
		{"(a|b)", "(a|b)", "m", true},
		{"*", "line\nbreak", "m", true},
		{"*ж*", "ключ жжж", "m", true},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Errorf("ParsePattern(%q): %v", c.pattern, err)
			continue
		}
		if got := p.Match(Key{Subject: c.subject, Metric: c.metric, Labels: "any=thing"}); got != c.want {
			t.Errorf("%q matches %q · %q: %t, want %t", c.pattern, c.subject, c.metric, got, c.want)
		}
		if p.String() != c.pattern {
			t.Errorf("String = %q, want %q", p, c.pattern)
		}
	}
}

func TestParsePatternErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               `"" is not a pattern; write SUBJECT:METRIC, with * for anything`,
		":":              `":" is not a pattern; write SUBJECT:METRIC, with * for anything`,
		":latency_p95":   `":latency_p95" is not a pattern; write SUBJECT:METRIC, with * for anything`,
		"GET /items:":    `"GET /items:" is not a pattern; write SUBJECT:METRIC, with * for anything`,
		"http://host/x:": `"http://host/x:" is not a pattern; write SUBJECT:METRIC, with * for anything`,
	} {
		p, err := ParsePattern(text)
		if err == nil || err.Error() != want || p != (Pattern{}) {
			t.Errorf("ParsePattern(%q) = %v, %v\nwant %s", text, p, err, want)
		}
	}
}

func TestPatternMatchSubject(t *testing.T) {
	t.Parallel()
	p, err := ParsePattern("GET *:latency_p95")
	if err != nil {
		t.Fatal(err)
	}
	if !p.MatchSubject("GET /items") || p.MatchSubject("POST /items") {
		t.Errorf("%q matches GET /items: %t, POST /items: %t", p, p.MatchSubject("GET /items"), p.MatchSubject("POST /items"))
	}
}

func TestPatternEnds(t *testing.T) {
	t.Parallel()
	var none Pattern
	for _, k := range []Key{{}, {Subject: "a", Metric: "b"}} {
		if none.Match(k) || none.MatchSubject(k.Subject) {
			t.Errorf("the zero pattern matches %v", k)
		}
		if !MatchAll().Match(k) || !MatchAll().MatchSubject(k.Subject) {
			t.Errorf("%v does not match %v", MatchAll(), k)
		}
	}
	if p, err := ParsePattern(MatchAll().String()); err != nil || p != MatchAll() {
		t.Errorf("MatchAll reads back as %v, %v", p, err)
	}
}

// asRegexp is the pattern's meaning in another language: stars are any text, the
// rest stands for itself.
func asRegexp(pattern string) *regexp.Regexp {
	parts := strings.Split(pattern, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`(?s)\A` + strings.Join(parts, `.*`) + `\z`)
}

// TestPatternIsRegexp compares with regular expressions over an alphabet so small
// that stars, repetitions and near misses meet all the time.
func TestPatternIsRegexp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string, n int) string {
		b := make([]byte, r.IntN(n))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(b)
	}
	matched := 0
	for range 20_000 {
		pattern, subject := "a"+word("ab**", 8), "a"+word("ab", 12)
		p, err := ParsePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		want := asRegexp(pattern).MatchString(subject)
		if got := p.MatchSubject(subject); got != want {
			t.Fatalf("%q matches %q: %t, the regular expression says %t", pattern, subject, got, want)
		}
		if want {
			matched++
		}
	}
	if matched < 2000 || matched > 18_000 {
		t.Errorf("%d of 20,000 pairs match: the words test nothing", matched)
	}
}

// TestPatternTime takes a pattern that makes a matcher that tries every star at
// every place run for longer than the universe is old.
func TestPatternTime(t *testing.T) {
	t.Parallel()
	p, err := ParsePattern(strings.Repeat("*a", 200) + "*b")
	if err != nil {
		t.Fatal(err)
	}
	subject := strings.Repeat("a", 16<<10)
	start := time.Now()
	if p.MatchSubject(subject) {
		t.Error("there is no b to match")
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}

// FuzzPattern holds that patterns mean what their regular expressions mean.
func FuzzPattern(f *testing.F) {
	f.Add("* /api/v1/*", "POST /api/v1/chat", "latency_p95")
	f.Add("http://h:1/*:latency_*", "http://h:1/x", "latency_p99")
	f.Add("a*b**c:*", "abcbc", "m")
	f.Add("*", "", "")
	f.Add(":", ":", ":")
	f.Fuzz(func(t *testing.T, text, subject, metric string) {
		p, err := ParsePattern(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Fatalf("%q came back as %q", text, p)
		}
		if !utf8.ValidString(text) || !utf8.ValidString(subject) || !utf8.ValidString(metric) {
			// A regular expression has no opinion on broken UTF-8.
			if p.Match(Key{Subject: subject, Metric: metric}) && !p.MatchSubject(subject) {
				t.Fatalf("%q matches %q · %q, but not its subject", text, subject, metric)
			}
			return
		}
		subjects, metrics := text, "*"
		if i := strings.LastIndex(text, ":"); i >= 0 {
			subjects, metrics = text[:i], text[i+1:]
		}
		want := asRegexp(subjects).MatchString(subject) && asRegexp(metrics).MatchString(metric)
		if got := p.Match(Key{Subject: subject, Metric: metric}); got != want {
			t.Fatalf("%q matches %q · %q: %t, want %t", text, subject, metric, got, want)
		}
	})
}
