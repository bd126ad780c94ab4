package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/hostile"
	"speedgate/report"
)

// TestCommonMark asks the parser that GitHub's own is made from, where it is
// installed, for what goldmark was asked: no name breaks a row or gets out of it.
func TestCommonMark(t *testing.T) {
	t.Parallel()
	cmark, err := exec.LookPath("cmark-gfm")
	if err != nil {
		t.Skip("cmark-gfm is not installed")
	}
	seen := parseCommonMark(t, cmark, []byte("| a |\n|---|\n| [x](http://y.example) <b> @me |\n"))
	want := parsed{tables: [][]int{{1, 1}}, html: []string{"<b>"}, links: []string{"http://y.example"}, outside: "a\nx\n \n @me\n"}
	if d := cmp.Diff(want, seen, cmp.AllowUnexported(parsed{})); d != "" {
		t.Fatalf("what is there is not seen (-want +got):\n%s", d)
	}
	for name, r := range corpus() {
		src := render(t, markdown, r, report.Options{})
		checkParsed(t, name, src, parseCommonMark(t, cmark, src))
	}
	for _, n := range hostile.Names {
		src := render(t, markdown, hostileResultOf(n), report.Options{Files: []string{n}, Flags: []string{n}, Edited: []string{n}, Notices: []string{n}, Rerun: n})
		name, p := fmt.Sprintf("%q", n), parseCommonMark(t, cmark, src)
		checkParsed(t, name, src, p)
		if len(p.tables) != 5 {
			t.Errorf("%s: %d tables, want 5:\n%s", name, len(p.tables), src)
		}
	}
}

// parseCommonMark is parse by cmark-gfm, with its extensions that GitHub turns on and
// HTML let through, so that it is seen.
func parseCommonMark(t *testing.T, cmark string, src []byte) parsed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cmark, "--unsafe", "--to", "xml",
		"--extension", "table", "--extension", "autolink", "--extension", "strikethrough", "--extension", "tasklist")
	cmd.Stdin = bytes.NewReader(src)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var w commonMark
	d := xml.NewDecoder(bytes.NewReader(out))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		w.take(t, token)
	}
	w.parsed.outside = w.outside.String()
	return w.parsed
}

// commonMark collects what stands in the tree of a document.
type commonMark struct {
	parsed  parsed
	outside strings.Builder
	element string // that the text to come is of
}

func (w *commonMark) take(t *testing.T, token xml.Token) {
	switch token := token.(type) {
	case xml.StartElement:
		w.element = token.Name.Local
		w.enter(t, token)
	case xml.EndElement:
		w.element = ""
	case xml.CharData:
		switch w.element {
		case "text":
			w.outside.WriteString(string(token) + "\n")
		case "html_block", "html_inline":
			w.parsed.html = append(w.parsed.html, string(token))
		}
	}
}

func (w *commonMark) enter(t *testing.T, e xml.StartElement) {
	last := len(w.parsed.tables) - 1
	switch e.Name.Local {
	case "table":
		w.parsed.tables = append(w.parsed.tables, nil)
	case "table_row", "table_header":
		w.parsed.tables[last] = append(w.parsed.tables[last], 0)
	case "table_cell":
		w.parsed.tables[last][len(w.parsed.tables[last])-1]++
	case "link":
		i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "destination" })
		w.parsed.links = append(w.parsed.links, e.Attr[i].Value)
	case "code_block", "image", "block_quote":
		t.Errorf("a %s in the report", e.Name.Local)
	}
}
