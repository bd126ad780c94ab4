package config

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// FilePattern names result files: a glob with ** for any folders, in which {NAME}
// stands for a piece of a file or folder name that becomes the label NAME.
type FilePattern struct {
	text, glob string
	names      []string
	match      *regexp.Regexp // nil without names
}

var capture = regexp.MustCompile(`\{[^{}]*\}`)

// maxFilePattern is the longest path that Linux takes (PATH_MAX): a longer pattern
// finds nothing.
const maxFilePattern = 4096

// ParseFilePattern reads a pattern. It refuses a name that is not one or stands
// twice, alternatives ({a,b}), and brackets beside a {NAME}.
func ParseFilePattern(text string) (FilePattern, error) {
	if len(text) > maxFilePattern {
		return FilePattern{}, fmt.Errorf("a file pattern of %d bytes; %d is the limit", len(text), maxFilePattern)
	}
	p := FilePattern{text: text}
	for _, c := range capture.FindAllString(text, -1) {
		n := c[1 : len(c)-1]
		switch {
		case strings.Contains(n, ","):
			return FilePattern{}, fmt.Errorf("%s has alternatives; list a pattern for each", quote(text))
		case !validName(n):
			return FilePattern{}, fmt.Errorf("%s: %s", quote(text), badName(n))
		case slices.Contains(p.names, n):
			return FilePattern{}, fmt.Errorf("%s has {%s} twice", quote(text), n)
		}
		p.names = append(p.names, n)
	}
	p.glob = capture.ReplaceAllString(text, "*")
	if !doublestar.ValidatePattern(p.glob) || strings.ContainsAny(p.glob, "{}") {
		return FilePattern{}, fmt.Errorf("%s is not a file pattern; a bracket or brace is not closed", quote(text))
	}
	if len(p.names) == 0 {
		return p, nil
	}
	if strings.ContainsAny(p.glob, `[]\`) {
		return FilePattern{}, fmt.Errorf(`%s has brackets or a \ beside a {name}, which do not go together`, quote(text))
	}
	for _, part := range strings.Split(text, "/") {
		if strings.Contains(part, "**") && part != "**" {
			return FilePattern{}, fmt.Errorf("%s has ** beside other characters; it stands for whole folders", quote(text))
		}
	}
	var err error
	if p.match, err = captureExpression(text); err != nil {
		return FilePattern{}, fmt.Errorf("%s is not a file pattern: %w", quote(text), err)
	}
	return p, nil
}

// pieces are the parts of a pattern that do not stand for themselves.
var pieces = regexp.MustCompile(`\*\*/|\*\*|\*|\?|\{[^{}]*\}`)

// captureExpression translates a pattern to a regular expression with a group for
// each name.
func captureExpression(pattern string) (*regexp.Regexp, error) {
	pattern = path.Clean(pattern)
	var b strings.Builder
	at := 0
	for _, loc := range pieces.FindAllStringIndex(pattern, -1) {
		b.WriteString(regexp.QuoteMeta(pattern[at:loc[0]]))
		at = loc[1]
		switch pattern[loc[0]:loc[1]] {
		case "**/":
			b.WriteString(`(?:.*/)?`)
		case "**":
			b.WriteString(`.*`)
		case "*":
			b.WriteString(`[^/]*`)
		case "?":
			b.WriteString(`[^/]`)
		default:
			b.WriteString(`([^/]+?)`)
		}
	}
	b.WriteString(regexp.QuoteMeta(pattern[at:]))
	return regexp.Compile(`^(?s:` + b.String() + `)$`)
}

// String returns the pattern as written.
func (p FilePattern) String() string { return p.text }

// Glob returns the glob that finds the files, with * for each {NAME}.
func (p FilePattern) Glob() string { return p.glob }

// Names lists the labels that the pattern gives, in its order.
func (p FilePattern) Names() []string { return p.names }

// Labels returns the labels that the file called name gets. ok is false if it does
// not match, or a {NAME} would be empty. A pattern without names gives none to
// every file.
func (p FilePattern) Labels(name string) (labels map[string]string, ok bool) {
	labels = map[string]string{}
	if p.match == nil {
		return labels, true
	}
	m := p.match.FindStringSubmatch(path.Clean(name))
	if m == nil {
		return nil, false
	}
	for i, n := range p.names {
		labels[n] = m[i+1]
	}
	return labels, true
}
