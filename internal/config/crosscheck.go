package config

import (
	"cmp"
	"slices"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
)

// crossCheck reports what single values cannot show: two spellings of one thing,
// and names that nothing answers to.
func (d *decoder) crossCheck(root *node, c *Config) {
	d.oneSpelling(root, "on_suspect", "suspect")
	d.oneSpelling(root, "drift", "creep")
	d.profiles(root, c)
	d.levels(root, c)
	d.captures(root, c)
	d.directions(root, c)
}

// oneSpelling refuses a key at the top beside the key of on that means the same.
func (d *decoder) oneSpelling(root *node, top, key string) {
	n, on := root.child(top), root.child("on")
	if n == nil || on == nil || on.child(key) == nil {
		return
	}
	d.errorf(n, "on.%s says this too, in line %d; keep one of them", key, on.child(key).pos.Line)
}

// profiles checks that the profile of each suite exists, and gives the suite its
// level.
func (d *decoder) profiles(root *node, c *Config) {
	names := make([]string, len(c.Profiles))
	levels := map[string]string{}
	for i, p := range c.Profiles {
		names[i], levels[p.Name] = p.Name, p.Level
	}
	for i, e := range root.entriesOf("suites") {
		s := &c.Suites[i]
		if s.Profile == "" {
			continue
		}
		level, ok := levels[s.Profile]
		if !ok {
			d.errorf(e.value.child("profile"), "no profile is called %s%s", quote(s.Profile), hint(s.Profile, names))
			continue
		}
		s.Level = cmp.Or(s.Level, level)
	}
}

// levels checks that a level which a suite or profile names has a target, where
// targets have levels at all; and says when no suite has one.
func (d *decoder) levels(root *node, c *Config) {
	known, isLevel := targetLevels(c.Targets)
	if len(known) == 0 {
		return
	}
	for _, e := range slices.Concat(root.entriesOf("suites"), root.entriesOf("profiles")) {
		n := e.value.child("level")
		if n == nil || n.kind != kindText {
			continue
		}
		if !isLevel[n.text] {
			d.errorf(n, "no target has the level %s%s", quote(n.text), hint(n.text, known))
		}
	}
	if !slices.ContainsFunc(c.Suites, func(s Suite) bool { return s.Level != "" }) &&
		!slices.ContainsFunc(c.Profiles, func(p Profile) bool { return p.Level != "" }) {
		d.warnf(root.child("targets"), "limits for the %s %s are never judged: no suite or profile has a level", levelWord(len(known)), strings.Join(known, ", "))
	}
}

func levelWord(n int) string {
	if n == 1 {
		return "level"
	}
	return "levels"
}

// entriesOf returns the pairs of the mapping behind key, nil if there is none.
func (n *node) entriesOf(key string) []entry {
	if c := n.child(key); c != nil {
		return c.entries
	}
	return nil
}

// targetLevels returns the levels that targets have, as a list and as a set.
func targetLevels(targets []gate.Target) (list []string, set map[string]bool) {
	set = map[string]bool{}
	for _, t := range targets {
		if t.Level != "" && !set[t.Level] {
			set[t.Level] = true
			list = append(list, t.Level)
		}
	}
	return list, set
}

// captures checks that a label which scaling counts over comes from every result
// pattern.
func (d *decoder) captures(root *node, c *Config) {
	for i, e := range root.entriesOf("suites") {
		s := c.Suites[i]
		if s.Scaling == nil || s.Scaling.Over == "" {
			continue
		}
		for _, p := range s.Results {
			if p.String() != "" && !slices.Contains(p.Names(), s.Scaling.Over) {
				d.errorf(e.value.child("scaling").child("over"), "%s has no {%s}", quote(p.String()), s.Scaling.Over)
				break
			}
		}
	}
}

// directionless are the standard metrics of which more is neither good nor bad.
var directionless = []string{perf.Requests, perf.DiskIOPS, perf.NetworkBPS}

// directions warns of limits on directionless metrics, as long as no rule gives them
// a direction: the gate shows and never judges them.
func (d *decoder) directions(root *node, c *Config) {
	unknown := slices.DeleteFunc(slices.Clone(directionless), func(metric string) bool { return directionKnown(metric, c) })
	for _, item := range root.itemsOf("targets") {
		for _, e := range item.entries {
			if slices.Contains(unknown, e.key) {
				d.warnf(e.value, "not judged, as nothing says which side is good; add the rule {match: %q, better: lower} or higher", "*:"+e.key)
			}
		}
	}
}

// itemsOf returns the items of the list behind key, nil if there is none.
func (n *node) itemsOf(key string) []*node {
	if c := n.child(key); c != nil {
		return c.items
	}
	return nil
}

// directionKnown reports whether a rule gives the direction of metric, of whatever
// subject.
func directionKnown(metric string, c *Config) bool {
	list := slices.Clone(c.Thresholds.Rules)
	for _, s := range c.Suites {
		list = append(list, s.Thresholds.Rules...)
	}
	return slices.ContainsFunc(list, func(r gate.MetricRule) bool {
		m := metricOf(r.Match)
		return r.Better != perf.BetterUnknown && (m == "" || m == metric)
	})
}
