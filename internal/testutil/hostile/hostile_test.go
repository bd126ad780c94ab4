package hostile

import "testing"

func TestRunnerCommands(t *testing.T) {
	t.Parallel()
	for log, want := range map[string]int{
		"::error::x": 1, "\u00a0 ::error file=a::x": 1, "a\r::x::": 1, "a\r\n::x::": 1, "a ##[x]": 1, "a ##VSO[x]y": 1,
		"a ::x::": 0, "::::": 0, "::x": 0, "## [x]": 0, "#\\#[x]": 0, "plain": 0, "##teamcity[a": 0,
	} {
		if got := Commands(log); len(got) != want {
			t.Errorf("%q: found %q, want %d", log, got, want)
		}
	}
}
