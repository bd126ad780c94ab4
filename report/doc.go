// Package report renders a [gate.Result]: for a terminal, as Markdown for a pull
// request, as JSON, JUnit XML and OpenMetrics text. [ReadJSON] reads the JSON back.
//
// Renderers are pure. They decide nothing, change nothing in the result, look at
// no clock, environment or file, and return the errors of their writer. Every
// number they print is in the result; rounding is theirs.
//
// Names in a result come from the change under test and are hostile until proved
// otherwise. Each renderer makes them harmless for its own syntax, and for the
// logs of CI jobs, as every format may be written to standard output there.
package report
