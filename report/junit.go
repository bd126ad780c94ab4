package report

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/report/safetext"
)

// The elements of JUnit XML that CI systems read.
type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
	Out      string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr,omitempty"` // seconds
	Failure *junitReport `xml:"failure"`
	Skipped *junitReport `xml:"skipped"`
	Out     string       `xml:"system-out,omitempty"`
}

type junitReport struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// gateCase is the test case of the gate as a whole.
const gateCase = "gate"

// JUnit writes r as JUnit XML: a test case for each metric, failed where the
// metric fails the gate, skipped where it was not compared. A gate that fails for
// another reason, or that compared nothing, has a test case of its own, so that
// the file is never green by being empty. What targets and scaling say of a metric
// stands in the output of its test case: cases of their own would count a fault twice.
func JUnit(w io.Writer, r *gate.Result) error {
	suite := junitSuite{Name: "speedgate", Cases: make([]junitCase, 0, len(r.Metrics)+1)}
	if r.Suite != "" {
		suite.Name = "speedgate " + safetext.Line(r.Suite)
	}
	asides := asidesOf(r)
	for i := range r.Metrics {
		c := metricCase(&r.Metrics[i], suite.Name)
		c.Out = strings.Join(asides[r.Metrics[i].Key], "\n")
		suite.Cases = append(suite.Cases, c)
	}
	if r.Scaling != nil {
		suite.Out = strings.Join(newScalingTable(r.Scaling, true).sentences(), "\n")
	}
	suite.count()
	if c := wholeCase(r, &suite); c != nil {
		suite.Cases = append(suite.Cases, *c)
		suite.count()
	}
	data, err := xml.MarshalIndent(junitSuites{
		Name: "speedgate", Tests: suite.Tests, Failures: suite.Failures, Skipped: suite.Skipped, Suite: suite,
	}, "", "  ")
	if err != nil {
		return err
	}
	// Names have been through safetext, which leaves no character that XML cannot
	// hold and no command that a CI runner would find in a log.
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}

func (s *junitSuite) count() {
	s.Tests, s.Failures, s.Skipped = len(s.Cases), 0, 0
	for i := range s.Cases {
		if s.Cases[i].Failure != nil {
			s.Failures++
		}
		if s.Cases[i].Skipped != nil {
			s.Skipped++
		}
	}
}

// wholeCase is the test case of the gate, nil where those of the metrics say all.
func wholeCase(r *gate.Result, s *junitSuite) *junitCase {
	c := &junitCase{Class: s.Name, Name: gateCase}
	text := outcomeWord(r.Verdict) + ": " + strings.Join(nonEmpty(outcomeText(r, plainText), comparedText(r)), "; ")
	switch {
	case r.Verdict == gate.Fail && (s.Failures == 0 || r.Reason != ""):
		c.Failure = &junitReport{Message: text, Type: "gate", Text: text}
	case r.Verdict == gate.NoBaseline:
		c.Skipped = &junitReport{Message: strings.Join(nonEmpty(text, safetext.Line(r.Reason)), ": ")}
	case r.Verdict == gate.Pass && s.Tests > 0, r.Verdict == gate.Fail:
		return nil
	}
	return c
}

func metricCase(m *gate.Metric, class string) junitCase {
	c := junitCase{Class: class, Name: safetext.Line(m.Key.String()), Time: seconds(m)}
	text := sentence(m)
	switch {
	case isCritical(m):
		c.Failure = &junitReport{Message: text, Type: metricWord(m), Text: strings.Join(nonEmpty(text, safetext.Line(detail(m))), "\n")}
	case isSkipped(m.Verdict):
		c.Skipped = &junitReport{Message: text}
	}
	return c
}

// asidesOf returns what targets and scaling say of each metric, a line each.
func asidesOf(r *gate.Result) map[perf.Key][]string {
	asides := map[perf.Key][]string{}
	add := func(k perf.Key, line string) { asides[k] = append(asides[k], safetext.Line(line)) }
	names := newNamer(r.Metrics)
	for i := range r.Targets {
		add(r.Targets[i].Key, "target "+targetSentence(&r.Targets[i], names))
	}
	if r.Scaling == nil {
		return asides
	}
	for i := range r.Scaling.Subjects {
		sub := &r.Scaling.Subjects[i]
		for k := range sub.Points {
			p := &sub.Points[k]
			if p.Efficiency != nil {
				add(throughputKey(r.Scaling, sub, p), efficiencySentence(r.Scaling, p))
			}
			for l := range p.Limits {
				add(p.Limits[l].Key, "limit "+targetSentence(&p.Limits[l], names))
			}
		}
	}
	return asides
}

// targetSentence says what a target asks for and what was measured.
func targetSentence(t *gate.TargetResult, names *namer) string {
	row := newTargetRow(t, names)
	s := row.limit + ", measured " + row.measured + ", headroom " + row.headroom + ": " + row.word()
	if row.level != "" {
		return "at level " + row.level + ": " + s
	}
	return s
}

func efficiencySentence(s *gate.Scaling, p *gate.ScalingPoint) string {
	text := "efficiency " + share(*p.Efficiency) + " of linear growth"
	switch {
	case !p.EfficiencyMet:
		return text + ", at least " + share(s.Efficiency) + ": missed"
	case p.Least == nil:
		return text
	}
	return text + ", at least " + share(s.Efficiency) + ": met"
}

// isSkipped reports whether a verdict that does not fail is none on the speed of
// the metric either.
func isSkipped(v gate.Verdict) bool {
	switch v {
	case gate.Missing, gate.Invalid, gate.Incomparable, gate.Inconclusive, gate.New:
		return true
	}
	return false
}

// sentence is the verdict on m with its numbers, in one line.
func sentence(m *gate.Metric) string {
	row := metricRow(m, newNamer(nil))
	s := metricWord(m)
	switch {
	case m.Change != nil:
		s += ": " + row.baseline + " to " + row.current + ", " + row.change
		if row.limit != none {
			s += ", limit " + row.limit
		}
	case m.Current != nil:
		s += ": " + row.current
	}
	if row.reason != "" {
		s += " (" + row.reason + ")"
	}
	return safetext.Line(s)
}

// seconds is the current value of a metric that is a time, "" for all others:
// CI systems add up what stands there.
func seconds(m *gate.Metric) string {
	if m.Current == nil || m.Unit.Dimension() != perf.DimensionTime || !isFinite(*m.Current) {
		return ""
	}
	v, ok := m.Unit.Convert(*m.Current, "s")
	if !ok {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
