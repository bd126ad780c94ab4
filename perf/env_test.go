package perf

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// xeon is an environment of which everything is known but a name.
var xeon = Env{OS: "linux", Arch: "amd64", CPU: "Xeon 8370C", Cores: 4, Runtime: "go1.26", Runner: "ubuntu-24.04"}

// changed returns e with a change.
func changed(e Env, change func(*Env)) Env {
	change(&e)
	return e
}

func TestEnvDiffers(t *testing.T) {
	t.Parallel()
	named := func(name string) Env { return changed(xeon, func(e *Env) { e.Name = name }) }
	for _, c := range []struct {
		name string
		a, b Env
		want string
	}{
		{"both unknown", Env{}, Env{}, ""},
		{"equal", xeon, xeon, ""},
		{"unknown matches anything", xeon, Env{}, ""},
		{"unknown CPU", xeon, changed(xeon, func(e *Env) { e.CPU = "" }), ""},
		{"unknown cores", xeon, changed(xeon, func(e *Env) { e.Cores = 0 }), ""},
		{"OS", xeon, changed(xeon, func(e *Env) { e.OS = "darwin" }), `OS "linux" against "darwin"`},
		{"arch", xeon, changed(xeon, func(e *Env) { e.Arch = "arm64" }), `arch "amd64" against "arm64"`},
		{"CPU", xeon, changed(xeon, func(e *Env) { e.CPU = "EPYC 7763" }), `CPU "Xeon 8370C" against "EPYC 7763"`},
		{"cores", xeon, changed(xeon, func(e *Env) { e.Cores = 2 }), "4 cores against 2"},
		{"one core", changed(xeon, func(e *Env) { e.Cores = 1 }), xeon, "1 core against 4"},
		{
			"everything", xeon,
			Env{OS: "darwin", Arch: "arm64", CPU: "M3", Cores: 8},
			`OS "linux" against "darwin", arch "amd64" against "arm64", CPU "Xeon 8370C" against "M3", 4 cores against 8`,
		},
		{"runtime is shown, not compared", xeon, changed(xeon, func(e *Env) { e.Runtime = "go1.27" }), ""},
		{"runner is shown, not compared", xeon, changed(xeon, func(e *Env) { e.Runner = "self-hosted" }), ""},
		{"same name stands for the rest", named("lab"), Env{Name: "lab", OS: "darwin", Cores: 2}, ""},
		{"other name", named("lab"), named("ci"), `environment "lab" against "ci"`},
		{"a name on one side does not hide a difference", named("lab"), changed(xeon, func(e *Env) { e.Cores = 2 }), "4 cores against 2"},
		{"a name on one side", named("lab"), xeon, ""},
		{"case counts", Env{OS: "Linux"}, Env{OS: "linux"}, `OS "Linux" against "linux"`},
	} {
		if got := c.a.Differs(c.b); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := c.b.Differs(c.a); (got == "") != (c.want == "") {
			t.Errorf("%s, the other way round: %q, want the same answer as %q", c.name, got, c.want)
		}
	}
}

func TestEnvKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e    Env
		want bool
	}{
		{Env{}, false},
		{Env{Runtime: "go1.26", Runner: "ubuntu-24.04"}, false}, // neither is compared
		{Env{Name: "lab"}, true},
		{Env{OS: "linux"}, true},
		{Env{Arch: "amd64"}, true},
		{Env{CPU: "M3"}, true},
		{Env{Cores: 1}, true},
	} {
		if got := c.e.Known(); got != c.want {
			t.Errorf("%#v is known: %t, want %t", c.e, got, c.want)
		}
	}
}

func TestEnvText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e                   Env
		fingerprint, people string
	}{
		{Env{}, "unknown environment", "unknown environment"},
		{Env{Runtime: "go1.26"}, "unknown environment", "unknown environment"},
		{xeon, "linux/amd64 Xeon 8370C 4 cpu", "linux/amd64 Xeon 8370C 4 cpu"},
		{changed(xeon, func(e *Env) { e.Name = "lab" }), "lab", "lab (linux/amd64 Xeon 8370C 4 cpu)"},
		{Env{Name: "lab"}, "lab", "lab"},
		{Env{OS: "linux"}, "linux", "linux"},
		{Env{Arch: "arm64", Cores: 2}, "arm64 2 cpu", "arm64 2 cpu"},
		{Env{CPU: "M3"}, "M3", "M3"},
	} {
		if got := c.e.Fingerprint(); got != c.fingerprint {
			t.Errorf("Fingerprint of %#v is %q, want %q", c.e, got, c.fingerprint)
		}
		if got := c.e.String(); got != c.people {
			t.Errorf("String of %#v is %q, want %q", c.e, got, c.people)
		}
	}
}

// TestFingerprintSeparates holds what a baseline relies on: environments that
// differ have windows of their own, and what is only shown opens no new one.
func TestFingerprintSeparates(t *testing.T) {
	t.Parallel()
	others := []Env{
		changed(xeon, func(e *Env) { e.OS = "darwin" }), changed(xeon, func(e *Env) { e.Arch = "arm64" }),
		changed(xeon, func(e *Env) { e.CPU = "EPYC 7763" }), changed(xeon, func(e *Env) { e.Cores = 2 }),
		changed(xeon, func(e *Env) { e.Name = "lab" }),
		{},
	}
	for _, o := range others {
		if o.Fingerprint() == xeon.Fingerprint() {
			t.Errorf("%v and %v share the fingerprint %q", o, xeon, o.Fingerprint())
		}
	}
	shown := changed(xeon, func(e *Env) { e.Runtime, e.Runner = "go1.27", "self-hosted" })
	if shown.Fingerprint() != xeon.Fingerprint() {
		t.Errorf("%q and %q are one environment", shown.Fingerprint(), xeon.Fingerprint())
	}
}

func TestEnvJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		a, b, want Env
		conflict   string
	}{
		{"with nothing", xeon, Env{}, xeon, ""},
		{"nothing with", Env{}, xeon, xeon, ""},
		{
			"halves",
			Env{OS: "linux", CPU: "Xeon 8370C", Runtime: "go1.26"},
			Env{Arch: "amd64", Cores: 4, Runner: "ubuntu-24.04"},
			xeon, "",
		},
		{
			"the first stands where both are known", changed(xeon, func(e *Env) { e.Runtime = "go1.27" }), xeon,
			changed(xeon, func(e *Env) { e.Runtime = "go1.27" }), "",
		},
		{"a name is taken", xeon, Env{Name: "lab"}, changed(xeon, func(e *Env) { e.Name = "lab" }), ""},
		{"conflict", xeon, Env{Cores: 2}, xeon, "4 cores against 2"},
		{"conflict of names", Env{Name: "a"}, Env{Name: "b"}, Env{Name: "a"}, `environment "a" against "b"`},
	} {
		got, conflict := c.a.Join(c.b)
		if d := cmp.Diff(c.want, got); d != "" || conflict != c.conflict {
			t.Errorf("%s: conflict %q, want %q (-want +got):\n%s", c.name, conflict, c.conflict, d)
		}
	}
}
