package perf

import (
	"fmt"
	"strings"
)

// Env is the machine and runtime that results come from. It is read from the
// results or named by the user, never guessed from the machine that looks at
// them. Zero fields are unknown.
type Env struct {
	Name    string `json:"name,omitempty"` // given by the user; stands for all other fields
	OS      string `json:"os,omitempty"`
	Arch    string `json:"arch,omitempty"`
	CPU     string `json:"cpu,omitempty"` // model name
	Cores   int    `json:"cores,omitempty"`
	Runtime string `json:"runtime,omitempty"` // language runtime and version; shown, not compared
	Runner  string `json:"runner,omitempty"`  // CI runner label; shown, not compared
}

// Known reports whether anything that is compared is known of e.
func (e Env) Known() bool {
	return e.Name != "" || e.OS != "" || e.Arch != "" || e.CPU != "" || e.Cores != 0
}

// Differs says in words how two environments differ, "" if they match. A field
// that is unknown on either side matches anything; a name, where both have one,
// stands for everything else.
func (e Env) Differs(o Env) string {
	if e.Name != "" && o.Name != "" {
		if e.Name != o.Name {
			return fmt.Sprintf("environment %q against %q", e.Name, o.Name)
		}
		return ""
	}
	var diffs []string
	for _, f := range []struct{ name, a, b string }{{"OS", e.OS, o.OS}, {"arch", e.Arch, o.Arch}, {"CPU", e.CPU, o.CPU}} {
		if f.a != "" && f.b != "" && f.a != f.b {
			diffs = append(diffs, fmt.Sprintf("%s %q against %q", f.name, f.a, f.b))
		}
	}
	if e.Cores != 0 && o.Cores != 0 && e.Cores != o.Cores {
		noun := "cores"
		if e.Cores == 1 {
			noun = "core"
		}
		diffs = append(diffs, fmt.Sprintf("%d %s against %d", e.Cores, noun, o.Cores))
	}
	return strings.Join(diffs, ", ")
}

// Fingerprint names the environment in a baseline: two environments with the
// same fingerprint share one window. It is the user's name where there is one.
func (e Env) Fingerprint() string {
	if e.Name != "" {
		return e.Name
	}
	return e.describe()
}

// String describes e for people.
func (e Env) String() string {
	d := e.describe()
	if e.Name == "" {
		return d
	}
	if d == unknownEnv {
		return e.Name
	}
	return e.Name + " (" + d + ")"
}

const unknownEnv = "unknown environment"

func (e Env) describe() string {
	var parts []string
	if e.OS != "" || e.Arch != "" {
		parts = append(parts, strings.Trim(e.OS+"/"+e.Arch, "/"))
	}
	if e.CPU != "" {
		parts = append(parts, e.CPU)
	}
	if e.Cores != 0 {
		parts = append(parts, fmt.Sprintf("%d cpu", e.Cores))
	}
	if len(parts) == 0 {
		return unknownEnv
	}
	return strings.Join(parts, " ")
}

// Join fills the unknown fields of e from o. conflict is what differs, as
// [Env.Differs] says it; the result is of no use then.
func (e Env) Join(o Env) (joined Env, conflict string) {
	if conflict = e.Differs(o); conflict != "" {
		return e, conflict
	}
	fill := func(dst *string, src string) {
		if *dst == "" {
			*dst = src
		}
	}
	fill(&e.Name, o.Name)
	fill(&e.OS, o.OS)
	fill(&e.Arch, o.Arch)
	fill(&e.CPU, o.CPU)
	fill(&e.Runtime, o.Runtime)
	fill(&e.Runner, o.Runner)
	if e.Cores == 0 {
		e.Cores = o.Cores
	}
	return e, ""
}
