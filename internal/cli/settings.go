package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"speedgate/internal/config"
	"speedgate/report"
	"speedgate/report/safetext"
)

// runConfig prints every value in force with its origin.
func runConfig(s *session, ctx context.Context, o options) error {
	switch {
	case o.on["schema"]:
		_, err := s.Stdout.Write(config.Schema())
		return err
	case o.on["report-schema"]:
		_, err := s.Stdout.Write(report.Schema())
		return err
	}
	file, err := s.config(ctx, o)
	if err != nil {
		return err
	}
	settings, err := config.Resolve(o.flags, s.env, file)
	if err != nil {
		return withCode(ExitUsage, err)
	}
	if file != nil {
		for _, w := range file.Warnings(s.Now()) {
			s.talk("warning: %s", w)
		}
	}
	t := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for _, v := range settings.Values() {
		value := v.Text
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", safetext.Line(v.Name), safetext.Line(value), safetext.Line(v.Origin))
	}
	return t.Flush()
}
