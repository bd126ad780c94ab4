package config

import (
	"regexp"
	"slices"

	"speedgate/gate"
)

// fileDefaults are the values in force where the file says nothing. second is the other spelling at the top
// of the file.
var fileDefaults = []struct{ path, second, text string }{
	{"strict", "", "false"},
	{"on.regressed", "", string(gate.Actions{}.Of(gate.Regressed))},
	{"on.suspect", "on_suspect", string(gate.Actions{}.Of(gate.Suspect))},
	{"on.missing", "", string(gate.Actions{}.Of(gate.Missing))},
	{"on.invalid", "", string(gate.Actions{}.Of(gate.Invalid))},
	{"on.over_target", "", string(gate.Actions{}.Of(gate.OverTarget))},
	{"on.near_target", "", string(gate.Actions{}.Of(gate.NearTarget))},
	{"on.new", "", string(gate.Actions{}.Of(gate.New))},
	{"on.incomparable", "", string(gate.Actions{}.Of(gate.Incomparable))},
	{"on.inconclusive", "", string(gate.Actions{}.Of(gate.Inconclusive))},
	{"on.creep", "drift", string(gate.DefaultCreep)},
}

// Values lists every value in force: the options, the actions, then whatever else
// the file says, in file order. Options that nothing sets have an empty text.
func (s *Settings) Values() []Value {
	list := slices.Clone(s.values)
	shown := s.optionPaths()
	for _, f := range fileDefaults {
		v, ok := s.inFile(f.path)
		if !ok {
			v, ok = s.inFile(f.second)
		}
		if !ok {
			v = Value{Text: f.text, Origin: OriginDefault}
		}
		v.Name = f.path
		list = append(list, v)
		shown = append(shown, f.path, f.second)
	}
	if s.file != nil {
		for _, v := range s.file.values {
			if !slices.Contains(shown, v.Name) {
				list = append(list, v)
			}
		}
	}
	for i := range list {
		list[i].Text = hidePassword(list[i].Text)
	}
	return list
}

// optionPaths lists the places in the file that options stand for: what they say
// is in the list already, or is not in force.
func (s *Settings) optionPaths() []string {
	paths := slices.Clone(thresholdInFile)
	for _, o := range options {
		paths = append(paths, o.inFile...)
	}
	for i, p := range paths {
		paths[i] = s.withSuite(p)
	}
	return paths
}

// Value returns the value of an option, to name its origin in a message. The zero
// Value is returned for a name that is none.
func (s *Settings) Value(option string) Value {
	i := slices.IndexFunc(s.values, func(v Value) bool { return v.Name == option })
	if i < 0 {
		return Value{}
	}
	return s.values[i]
}

var password = regexp.MustCompile(`(://[^/@:\s]*:)[^/@\s]+@`)

// hidePassword takes the password out of addresses, as what is printed ends in
// public logs.
func hidePassword(text string) string { return password.ReplaceAllString(text, "${1}…@") }
