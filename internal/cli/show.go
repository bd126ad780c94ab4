package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"speedgate/internal/stats"
	"speedgate/parsers"
	"speedgate/perf"
	"speedgate/report/safetext"
)

func runShow(s *session, ctx context.Context, o options) error {
	suites, err := s.suites(ctx, o)
	if err != nil {
		return err
	}
	for _, u := range suites {
		if err := u.measure(); err != nil {
			return err
		}
		for _, r := range u.runs {
			if err := showRun(s.Stdout, r); err != nil {
				return err
			}
		}
		for _, w := range u.warnings {
			s.talk("warning: %s", w)
		}
	}
	return nil
}

// showRun prints one run: how it was read, its series, its failures and warnings.
func showRun(w io.Writer, r *perf.Run) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(safetext.Line(fmt.Sprintf(format, args...)) + "\n")
	}
	line("%s", strings.Join(r.Source.Files, ", "))
	line("  format       %s (%s)", r.Source.Format, r.Source.Rule)
	if r.Source.Tool != "" {
		line("  tool         %s", strings.TrimSpace(r.Source.Tool+" "+r.Source.Version))
	}
	line("  environment  %s", r.Env)
	if r.Workload.Known() || r.Workload.Host != "" {
		line("  workload     %s", workloadText(r.Workload))
	}
	line("  series       %d", len(r.Series))
	b.WriteByte('\n')
	showSeries(&b, r.Series)
	for _, f := range r.Failures {
		line("  failure: %d x %s: %s", f.Count, f.Subject, f.Message)
	}
	for _, warning := range r.Incomplete {
		line("  incomplete: %s", warning)
	}
	for _, warning := range r.Lost {
		line("  failed: %s", warning)
	}
	for _, f := range r.Findings {
		line("  found: %s", safetext.Line(f))
	}
	for _, warning := range r.Overloaded {
		line("  overloaded: %s", warning)
	}
	for _, warning := range r.Warnings {
		line("  warning: %s", warning)
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

func showSeries(b *strings.Builder, list []perf.Series) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  SUBJECT\tMETRIC\tLABELS\tMEDIAN\tUNIT\tBETTER\tKIND\tSAMPLES\tCOUNT")
	for i := range list {
		s := &list[i]
		count := "-"
		if s.Count > 0 {
			count = strconv.FormatInt(s.Count, 10)
		}
		cells := []string{
			s.Key.Subject, s.Key.Metric, s.Key.Labels.String(), strconv.FormatFloat(stats.Median(s.Samples), 'g', 6, 64),
			string(s.Unit), s.Better.String(), s.Kind.String(), strconv.Itoa(len(s.Samples)), count,
		}
		for j := range cells {
			cells[j] = safetext.Line(cells[j])
		}
		fmt.Fprintln(t, "  "+strings.Join(cells, "\t"))
	}
	_ = t.Flush() // a strings.Builder takes everything
	b.WriteByte('\n')
}

func workloadText(w perf.Workload) string {
	var parts []string
	add := func(known bool, format string, args ...any) {
		if known {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(w.Users != 0, "%d users", w.Users)
	add(w.SpawnRate != 0, "%g users/s spawned", w.SpawnRate)
	add(w.Rate != 0, "%g requests/s sent", w.Rate)
	add(w.Duration != 0, "%s", w.Duration)
	add(w.Host != "", "against %s", w.Host)
	return strings.Join(parts, ", ")
}

func runFormats(s *session, _ context.Context, _ options) error {
	t := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range parsers.Formats() {
		fmt.Fprintf(t, "%s\t%s\n", f.Name, f.About)
	}
	return t.Flush()
}
