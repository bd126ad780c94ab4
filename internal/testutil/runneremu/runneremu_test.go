package runneremu

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	props := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for _, c := range []struct {
		name   string
		output string
		want   []Command
	}{
		{"nothing", "", nil},
		{"plain text", "a\nb ::error::c\n", nil},
		{"new form", "::error::x\n", []Command{{Name: "error", Data: "x"}}},
		{"no data", "::endgroup::", []Command{{Name: "endgroup"}}},
		{"no end", "::error x\n", nil},
		{"properties", "::error file=a.go,Line=1,title=a%3Ab%2Cc%25::x%0Ay", []Command{{Name: "error", Properties: props("file", "a.go", "line", "1", "title", "a:b,c%"), Data: "x\ny"}}},
		{"an escaped escape", "::error::%250A", []Command{{Name: "error", Data: "%0A"}}},
		{"properties without a value", "::error =,a=,=b==c=d,::x", []Command{{Name: "error", Properties: props("b", "c=d"), Data: "x"}}},
		{"any letter case", "::Add-Mask::e", []Command{{Name: "Add-Mask", Data: "e"}}},
		{"unknown", "::frobnicate::x", nil},
		{"name with blanks before it", "\t\u00a0\u3000\u0085::notice::x", []Command{{Name: "notice", Data: "x"}}},
		{"a zero width blank is none", "\u200b::notice::x", nil},
		{"lone carriage return", "50 %\r::debug::x\r\n::debug::y", []Command{{Name: "debug", Data: "x"}, {Name: "debug", Data: "y"}}},
		{"line separators of Unicode end no line", "a\u2028::debug::x", nil},
		{"old form anywhere", "a ##[add-mask]e", []Command{{Name: "add-mask", Data: "e"}}},
		{"old form with properties", "##[error title=a%3Bb;line=1]x%5D", []Command{{Name: "error", Properties: props("title", "a;b", "line", "1"), Data: "x]"}}},
		{"only the first of the old form", "##[x] ##[error]y", nil},
		{"old form without an end", "##[error", nil},
		{"old behind an unknown of the new", "::x::##[error]y", []Command{{Name: "error", Data: "y"}}},
		{
			"stopped and resumed", "::stop-commands::tok\n::error::a\nb ##[error]c\n::TOK::\n::error::d\n::tok::e",
			[]Command{{Name: "stop-commands", Data: "tok"}, {Name: "TOK"}, {Name: "error", Data: "d"}},
		},
		{"resumed by the old form", "::stop-commands::tok\n##[tok]\n##[error]d", []Command{{Name: "stop-commands", Data: "tok"}, {Name: "tok"}, {Name: "error", Data: "d"}}},
		{"stopped within stopped", "::stop-commands::tok\n::stop-commands::x\n::x::\n::error::a", []Command{{Name: "stop-commands", Data: "tok"}}},
		{"no token stops nothing", "::stop-commands::\n::debug::a", []Command{{Name: "stop-commands"}, {Name: "debug", Data: "a"}}},
		{"a command is no token", "::stop-commands::Error\n::debug::a", []Command{{Name: "stop-commands", Data: "Error"}, {Name: "debug", Data: "a"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, Commands(c.output)); d != "" {
				t.Errorf("%q (-want +got):\n%s", c.output, d)
			}
		})
	}
}

// What one stream stops is stopped in the other: who writes a command to standard
// error while standard output is stopped may lose it.
func TestCommandsOfTwoStreams(t *testing.T) {
	t.Parallel()
	stop, table, resume, note := "::stop-commands::t0\n", "a\n", "::t0::\n", "::error::x\n"
	stopped, resumed, noted := Command{Name: "stop-commands", Data: "t0"}, Command{Name: "t0"}, Command{Name: "error", Data: "x"}
	for _, c := range []struct {
		outputs []string
		want    []Command
	}{
		{[]string{note, stop + table + resume}, []Command{noted, stopped, resumed}},
		{[]string{stop + table, note, resume}, []Command{stopped, resumed}},
		{[]string{stop + table + resume, note}, []Command{stopped, resumed, noted}},
	} {
		if d := cmp.Diff(c.want, Commands(c.outputs...)); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.outputs, d)
		}
	}
}
