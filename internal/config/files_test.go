package config

import (
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	gocmp "github.com/google/go-cmp/cmp"
)

func TestFilePatternLabels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, file string
		want          map[string]string // nil = does not match
	}{
		{"results/i{instances}_stats.csv", "results/i4_stats.csv", map[string]string{"instances": "4"}},
		{"results/i{instances}_stats.csv", "./results/i4_stats.csv", map[string]string{"instances": "4"}},
		{"./results/i{instances}_stats.csv", "results/i4_stats.csv", map[string]string{"instances": "4"}},
		{"results/i{instances}_stats.csv", "results/i_stats.csv", nil},
		{"results/i{instances}_stats.csv", "results/i4/5_stats.csv", nil},
		{"{a}-{b}.csv", "x-y-z.csv", map[string]string{"a": "x", "b": "y-z"}},
		{"{region}/**/{n}.csv", "eu/2026/06/7.csv", map[string]string{"region": "eu", "n": "7"}},
		{"{region}/**/{n}.csv", "eu/7.csv", map[string]string{"region": "eu", "n": "7"}},
		{"**/n{n}.csv", "n7.csv", map[string]string{"n": "7"}},
		{"a/{n}/**", "a/1/b/c.csv", map[string]string{"n": "1"}},
		{"a?c/{n}*.csv", "abc/1.csv", map[string]string{"n": "1"}},
		{"a?c/{n}*.csv", "a/c/1.csv", nil},
		{"a.c/{n}.csv", "abc/1.csv", nil},
		{"*.csv", "anything", map[string]string{}},
	} {
		p, err := ParseFilePattern(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		got, ok := p.Labels(c.file)
		if d := gocmp.Diff(c.want, got); d != "" || ok != (c.want != nil) {
			t.Errorf("%q of %q: %v (-want +got):\n%s", c.file, c.pattern, ok, d)
		}
	}
}

// A file that matches gives every label of its pattern.
func FuzzFilePattern(f *testing.F) {
	f.Add("results/i{instances}_stats.csv", "results/i4_stats.csv")
	f.Add("{region}/**/{n}.csv", "eu/2026/7.csv")
	f.Add("a?c/{n}*.csv", "abc/1.csv")
	f.Fuzz(func(t *testing.T, pattern, file string) {
		p, err := ParseFilePattern(pattern)
		if err != nil {
			return
		}
		if labels, ok := p.Labels(file); ok && len(labels) != len(p.Names()) {
			t.Fatalf("%q of %q: labels %v, want names %v", file, pattern, labels, p.Names())
		}
	})
}

// Whatever gets labels must be found by the glob of its pattern too.
func TestLabelsAgreeWithGlob(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"results/i{instances}_stats.csv", "{region}/**/{n}.csv", "a?c/{n}*.csv", "**/{a}-{b}.txt", "{x}"} {
		p, err := ParseFilePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"results/i4_stats.csv", "eu/2026/7.csv", "eu/7.csv", "eu/a/b/7.csv", "abc/1.csv", "abc/12x.csv", "a/b/c-d.txt", "c-d.txt", "x", "x/y", "i4"} {
			_, ok := p.Labels(file)
			if found, err := doublestar.Match(p.Glob(), file); err != nil || found != ok {
				t.Errorf("%s of %s: labels %v, found by the glob %v, %v", file, pattern, ok, found, err)
			}
		}
	}
}
