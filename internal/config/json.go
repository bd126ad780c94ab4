package config

import (
	"fmt"
	"regexp"

	"github.com/bmatcuk/doublestar/v4"

	"speedgate/parsers/jsonmap"
	"speedgate/perf"
)

var mappingObject = object[jsonmap.Mapping]{
	def: "json_mapping",
	fields: []field[jsonmap.Mapping]{
		{key: "files", required: true, read: into(glob, func(m *jsonmap.Mapping) *string { return &m.Files })},
		{key: "select", required: true, read: listInto(readSelector, true, func(m *jsonmap.Mapping) *[]jsonmap.Selector { return &m.Select })},
	},
}

var selectorObject = object[jsonmap.Selector]{
	def: "selector",
	fields: []field[jsonmap.Selector]{
		{key: "path", required: true, read: into(jsonPath, func(s *jsonmap.Selector) *jsonmap.Path { return &s.Path })},
		{key: "subject", read: into(text, func(s *jsonmap.Selector) *string { return &s.Subject })},
		{key: "metric", read: into(text, func(s *jsonmap.Selector) *string { return &s.Metric })},
		{key: "unit", read: into(unit, func(s *jsonmap.Selector) *perf.Unit { return &s.Unit })},
		{key: "better", read: into(better, func(s *jsonmap.Selector) *perf.Better { return &s.Better })},
		{key: "scale", read: into(positive, func(s *jsonmap.Selector) *float64 { return &s.Scale })},
		{key: "samples", read: into(boolean, func(s *jsonmap.Selector) *bool { return &s.Samples })},
		{key: "last", read: into(boolean, func(s *jsonmap.Selector) *bool { return &s.Last })},
		{key: "keys", read: into(expression, func(s *jsonmap.Selector) **regexp.Regexp { return &s.Keys })},
	},
}

func readSelector(d *decoder, n *node, s *jsonmap.Selector) {
	s.Pos = n.pos
	selectorObject.read(d, n, s)
}

func jsonPath(n *node) (jsonmap.Path, error) {
	s, err := text(n)
	if err != nil {
		var none jsonmap.Path
		return none, err
	}
	return jsonmap.ParsePath(s)
}

// unit takes any text: a unit that is not known compares with itself.
func unit(n *node) (perf.Unit, error) {
	s, err := text(n)
	return perf.Unit(s), err
}

func glob(n *node) (string, error) {
	s, err := text(n)
	if err == nil && len(s) > maxFilePattern {
		return "", fmt.Errorf("a file pattern of %d bytes; %d is the limit", len(s), maxFilePattern)
	}
	if err == nil && !doublestar.ValidatePattern(s) {
		return "", fmt.Errorf("%s is not a file pattern; a bracket or brace is not closed", quote(s))
	}
	return s, err
}

// maxExpression bounds a regular expression: nobody reads a longer one, and the
// memory it takes grows with it.
const maxExpression = 1000

func expression(n *node) (*regexp.Regexp, error) {
	s, err := text(n)
	if err != nil {
		return nil, err
	}
	if len(s) > maxExpression {
		return nil, fmt.Errorf("a regular expression of %d bytes; %d is the limit", len(s), maxExpression)
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("%s is not a regular expression: %w", quote(s), err)
	}
	return re, nil
}
