package config

import (
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestStarter(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, c := range []struct {
		name string
		o    StarterOptions
	}{
		{"bare", StarterOptions{Schema: "schema.json", Baseline: "performance_baseline.json"}},
		{"suites", StarterOptions{
			Schema: "docs/config.v1.json", Baseline: "perf/base line.json",
			Suites: []StarterSuite{
				{Name: "api", Results: []string{"results/i{instances}_stats.csv", "more/**/*.csv"}},
				{Name: "null", Results: []string{`odd "name" # é.csv`}},
				{Name: "1.5", Results: []string{"bench.txt", "out.json"}, Notes: map[string]string{"out.json": "JSON,\nread by name"}},
			},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := Starter(c.o)
			golden(t, filepath.Join("testdata", "starter", c.name+".yml"), string(data))
			file, err := Parse(data, "speedgate.yml")
			if err != nil {
				t.Fatal(err)
			}
			if file.Baseline.File != c.o.Baseline {
				t.Errorf("baseline %q, want %q", file.Baseline.File, c.o.Baseline)
			}
			want := slices.Clone(c.o.Suites)
			for i := range want {
				want[i].Notes = nil // comments are for people
			}
			if d := gocmp.Diff(want, starterSuites(file)); d != "" {
				t.Errorf("suites (-want +got):\n%s", d)
			}
			if w := file.Warnings(now); len(w) > 0 {
				t.Errorf("warnings %v", w)
			}
			doc, ok := document(t, data, "speedgate.yml")
			if !ok {
				t.Fatal("no document")
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
		})
	}
}

func starterSuites(c *Config) []StarterSuite {
	var list []StarterSuite
	for _, s := range c.Suites {
		suite := StarterSuite{Name: s.Name}
		for _, p := range s.Results {
			suite.Results = append(suite.Results, p.String())
		}
		list = append(list, suite)
	}
	return list
}
