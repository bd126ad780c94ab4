package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/alert"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

func pointer(v float64) *float64 { return &v }

// running is a test in the middle of its second stage.
func running() runner.Status {
	s := runner.Status{Stage: plan.Stage{Name: plan.StageSteady}, Into: 90 * time.Second, Elapsed: 2 * time.Minute, Total: 5 * time.Minute}
	s.Figures.Requests, s.Figures.Failures = 24000, 12
	s.Figures.Latency = monitor.Latency{P50: pointer(12.34), P95: pointer(40), P99: pointer(123.4), Average: pointer(0.5)}
	s.Figures.Throughput = monitor.Throughput{Now: pointer(199), Average: pointer(200.4), Lowest: pointer(0), Peak: pointer(1234)}
	s.Figures.Errors = monitor.Errors{Now: pointer(0), Average: pointer(0.05)}
	s.Figures.Usage.Add(monitor.Resources{Over: time.Second, CPU: pointer(45), Memory: pointer(210 << 20), DiskReads: pointer(3), NetworkOut: pointer(1.2e6)})
	return s
}

func fired(severity gate.Severity) alert.Event {
	rule := alert.Rule{Metric: "latency_p95", Side: alert.Above, Limit: perf.Quantity{Value: 100, Unit: "ms"}, For: 10 * time.Second, Severity: severity}
	return alert.Event{Kind: alert.Fired, Rule: rule, Value: perf.Quantity{Value: 143.21, Unit: "ms"}}
}

func TestScreenView(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	v := &screenView{w: &b, name: "load", width: 90}
	v.Say("waiting for the service")
	v.Alert(fired(gate.SeverityCritical))
	v.Show(running())
	v.StageEnded(running())
	v.Show(runner.Status{Stage: plan.Stage{Name: "command"}, Elapsed: 3 * time.Second, Blind: true})
	want := strings.Join([]string{
		"\r\x1b[Jload: waiting for the service\n",
		"\x1b[1A\r\x1b[Jload  steady  [############------------------]  40 %  2m0s of 5m0s\n",
		"  latency     p50 12.3 ms   p95 40.0 ms   p99 123 ms   average 0.50 ms\n",
		"  throughput  now 199/s   average 200/s   lowest 0.00/s   highest 1234/s\n",
		"  errors      now 0.00 %   average 0.05 %   12 of 24000 requests\n",
		"  process     cpu 45.0 %   memory 210 MiB   disk 3.00/s   network 1.20 MB/s\n",
		"  alert (critical): latency_p95 above 100ms for 10s: it is 143ms\n",
		"\x1b[6A\r\x1b[Jload: steady, 1m30s, 200/s, at its end p50 12.3 ms, p95 40.0 ms, p99 123 ms, errors 0.05 …\n",
		"\r\x1b[Jload  command  3s\n",
		"  alert (critical): latency_p95 above 100ms for 10s: it is 143ms\n",
	}, "")
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestScreenViewWidth demands that no line is wider than the terminal: it would take two
// lines, and stay on the screen.
func TestScreenViewWidth(t *testing.T) {
	t.Parallel()
	for _, width := range []int{1, 2, 10, 39, 80} {
		v := &screenView{name: strings.Repeat("n", 64), width: width}
		for range 5 {
			v.Alert(fired(gate.SeverityWarning))
		}
		var b bytes.Buffer
		v.w = &b
		v.Show(running())
		lines := strings.Split(strings.TrimSuffix(strings.TrimPrefix(b.String(), "\r\x1b[J"), "\n"), "\n")
		if len(lines) != 5+maxAlerts {
			t.Errorf("%d lines at width %d", len(lines), width)
		}
		for _, line := range lines {
			if n := len([]rune(line)); n > width {
				t.Errorf("%d characters at width %d: %s", n, width, line)
			}
		}
	}
}

func TestStageTextWithoutFigures(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]runner.Status{
		"command, 3s": {Stage: plan.Stage{Name: "command"}, Into: 3 * time.Second, Blind: true},
		"steady, 1s, -, at its end p50 -, p95 -, p99 -, errors -": {Stage: plan.Stage{Name: "steady"}, Into: time.Second},
	} {
		if got := stageText(s); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
