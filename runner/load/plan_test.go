package load

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPlanCheck(t *testing.T) {
	t.Parallel()
	good := Plan{Targets: []Target{{URL: "http://shop/"}}, Stages: []Stage{{Rate: 1, Hold: time.Second}}}
	target := func(x Target) func(*Plan) { return func(p *Plan) { p.Targets = []Target{x} } }
	stage := func(x Stage) func(*Plan) { return func(p *Plan) { p.Stages = []Stage{x} } }
	tests := []struct {
		name   string
		change func(*Plan)
		want   string
	}{
		{"good", func(*Plan) {}, ""},
		{"everything set", func(p *Plan) {
			*p = Plan{
				Targets: []Target{{Name: "n", Method: "PUT", URL: "https://u:p@shop:1/x?y#z", Header: http.Header{"host": {"a"}}, Body: []byte("b"), Weight: 3}},
				WarmUp:  time.Second, Stages: []Stage{{Rate: 5, Ramp: time.Second}, {Hold: time.Second}}, Timeout: time.Second,
				Connections: 1, Redirects: 3, HTTP2: true, Seed: 1,
			}
		}, ""},
		{"no targets", func(p *Plan) { p.Targets = nil }, "expected at least one target"},
		{
			"no address", target(Target{URL: "shop"}),
			`target 1: "shop" is not an address; write for example http://127.0.0.1:8000/products`,
		},
		{
			"another scheme", target(Target{URL: "ftp://shop/"}),
			`target 1: "ftp://shop/" is not an address; write for example http://127.0.0.1:8000/products`,
		},
		{"a method that is none", target(Target{URL: "http://shop/", Method: "GET /"}), `target 1: "GET /" is not a method`},
		{"a negative weight", target(Target{URL: "http://shop/", Weight: -1}), "target 1: a weight of -1 is not between 1 and 10000"},
		{"great weights", func(p *Plan) {
			p.Targets = []Target{{URL: "http://shop/", Weight: 6000}, {URL: "http://shop/", Weight: 6000}}
		}, "weights of 12000 in all; 10000 is the limit"},
		{"a header that is none", target(Target{URL: "http://shop/", Header: http.Header{"a b": {"c"}}}), `target 1: "a b" is not the name of a header`},
		{
			"a line break", target(Target{URL: "http://shop/", Header: http.Header{"A": {"b\r\nC: d"}}}),
			"target 1: the header A has a line break in its value",
		},
		{"no stages", func(p *Plan) { p.Stages = nil }, "expected a stage with a rate above 0"},
		{"pauses only", stage(Stage{Hold: time.Second}), "expected a stage with a rate above 0"},
		{"a negative rate", stage(Stage{Rate: -1, Hold: 1}), "stage 1: a rate of -1/s is not between 0 and 1000000"},
		{"no rate", stage(Stage{Rate: math.NaN(), Hold: 1}), "stage 1: a rate of NaN/s is not between 0 and 1000000"},
		{"a stage without length", stage(Stage{Rate: 1}), "stage 1: a ramp of 0s and a hold of 0s; expected a length of at most 168h0m0s"},
		{"an endless stage", stage(Stage{Rate: 1, Hold: math.MaxInt64}), "stage 1: a ramp of 0s and a hold of 2562047h47m16.854775807s; expected a length of at most 168h0m0s"},
		{"too long in all", func(p *Plan) { p.WarmUp = maxLength }, "a length of 168h0m1s; 168h0m0s is the limit"},
		{"a negative warm-up", func(p *Plan) { p.WarmUp = -1 }, "a warm-up of -1ns; expected none or a length"},
		{"a negative timeout", func(p *Plan) { p.Timeout = -1 }, "a timeout of -1ns; expected a length"},
		{"many connections", func(p *Plan) { p.Connections = 1e6 }, "1000000 connections are not between 1 and 50000"},
		{"many redirects", func(p *Plan) { p.Redirects = 99 }, "99 redirects are not between 0 and 20"},
		{"all at once", func(p *Plan) { *p = Plan{Connections: -1} }, "expected at least one target\nexpected a stage with a rate above 0\n-1 connections are not between 1 and 50000"},
	}
	for _, tt := range tests {
		p := good
		tt.change(&p)
		got := ""
		if err := p.Check(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got != "" {
			if _, err := Run(t.Context(), p, nil); err == nil || !strings.Contains(err.Error(), got) {
				t.Errorf("%s: Run: %v", tt.name, err)
			}
		}
	}
}
