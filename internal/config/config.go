package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"speedgate/gate"
	"speedgate/parsers/jsonmap"
	"speedgate/perf"
)

// MaxBytes is the largest config that is read. A thousand rules are a tenth of it;
// what is larger is not a config, or is meant to keep the gate busy.
const MaxBytes = 1 << 20

// Version is the version of the format that this package reads.
const Version = 1

// Config is a speedgate.yml. Its zero fields were not said.
type Config struct {
	File        string // name it was read under, for messages
	Rule        gate.Rule
	Strict      bool
	Environment string
	Baseline    Baseline
	Thresholds  Thresholds
	On          gate.Actions
	Targets     []gate.Target
	Suites      []Suite   // in file order
	Profiles    []Profile // in file order
	JSON        []jsonmap.Mapping
	Waivers     []Waiver
	History     History

	warnings []perf.Warning
	values   []Value // every scalar of the file
}

// Baseline says where accepted runs are kept and how many are looked at.
type Baseline struct {
	File   string
	Window int // runs, from 1
}

// Thresholds is the relative part of the policy.
type Thresholds struct {
	Default float64 // 0.2 = 20 %
	Drift   float64 // how far a window may be worse than its anchor, 0.2 = 20 %
	Rules   []gate.MetricRule
}

// Suite is a set of results that is judged on its own.
type Suite struct {
	Name        string
	Results     []FilePattern // at least one
	Profile     string        // name of the profile that makes the results
	Environment string
	Level       string // kind of load, for targets with levels; its profile's if it says none
	Thresholds  Thresholds
	Scaling     *gate.ScalingRule // nil if it is of one size
}

// History says where the long memory is kept.
type History struct {
	Store string // file:PATH or postgres://…
}

// Waiver is a waiver with its place in the file.
type Waiver struct {
	gate.Waiver
	Pos perf.Pos
}

// Parse reads a speedgate.yml. name stands for it in messages.
//
// The error is nil, a [*perf.InputError] or [perf.InputErrors] in file order; each
// has a line, and a column except where the text is not YAML at all.
func Parse(data []byte, name string) (*Config, error) {
	src, bad := newSource(data, name)
	if bad != nil {
		return nil, bad
	}
	root, errs := parseTree(src)
	if root == nil {
		return nil, inOrder(errs).Err()
	}
	d := &decoder{errs: errs}
	c := &Config{File: name}
	if d.version(root) {
		configObject.read(d, root, c)
		d.crossCheck(root, c)
	}
	if err := inOrder(d.errs).Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(d.warnings, func(a, b perf.Warning) int { return comparePlaces(a.Pos, b.Pos) })
	c.warnings = d.warnings
	c.values = leaves(root)
	return c, nil
}

// version reports whether the file is of the version that the tables describe.
// Every other error would be about a format that the file does not claim to have.
func (d *decoder) version(root *node) bool {
	if root.kind != kindMapping {
		d.errorf(root, "expected a mapping that starts with version: %d, found %s", Version, root.describe())
		return false
	}
	n := root.child("version")
	if n == nil {
		d.errorf(root, "version is missing; write version: %d first", Version)
		return true
	}
	v, err := whole(n)
	switch {
	case err != nil:
		d.errorf(n, "%s", err)
		return true
	case v != Version:
		d.errorf(n, "%d is not a version that this speedgate reads; it reads version %d", v, Version)
		return false
	}
	return true
}

// inOrder sorts errors by place and drops repetitions, which come from values
// that are used more than once by an alias.
func inOrder(errs perf.InputErrors) perf.InputErrors {
	slices.SortStableFunc(errs, func(a, b *perf.InputError) int {
		return cmp.Or(comparePlaces(a.Pos, b.Pos), strings.Compare(a.Msg, b.Msg))
	})
	return slices.CompactFunc(errs, func(a, b *perf.InputError) bool { return a.Pos == b.Pos && a.Msg == b.Msg })
}

// comparePlaces orders places of one file.
func comparePlaces(a, b perf.Pos) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// leaves lists the scalars of the file that have a meaning, in file order.
func leaves(n *node) []Value {
	switch n.kind {
	case kindMapping:
		var list []Value
		for _, e := range n.entries {
			if n.path != "" || !isExtension(e.key) {
				list = append(list, leaves(e.value)...)
			}
		}
		return list
	case kindList:
		var list []Value
		for _, item := range n.items {
			list = append(list, leaves(item)...)
		}
		return list
	}
	return []Value{{Name: n.path, Text: n.text, Origin: n.pos.String()}}
}

// isExtension reports whether a key at the top belongs to the user, as a place for
// anchors.
func isExtension(key string) bool { return strings.HasPrefix(key, "x-") }

// Suite returns the suite called name, nil if there is none.
func (c *Config) Suite(name string) *Suite {
	for i := range c.Suites {
		if c.Suites[i].Name == name {
			return &c.Suites[i]
		}
	}
	return nil
}

// Warnings lists what a reader must know: sections that this version does not
// use, limits that are never judged, and waivers that have expired at now.
func (c *Config) Warnings(now time.Time) []perf.Warning {
	list := slices.Clone(c.warnings)
	for _, w := range c.Waivers {
		if now.After(w.Until) {
			list = append(list, perf.Warning{
				Pos: w.Pos,
				Msg: fmt.Sprintf("the waiver of %q expired on %s and holds no more", w.Match.String(), w.Until.Format(time.DateOnly)),
			})
		}
	}
	return list
}
