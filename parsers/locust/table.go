package locust

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"speedgate/perf"
)

const (
	// maxErrors stops the reading of a file that is broken all over. A report
	// lists perf.MaxErrors and counts the rest; counting further helps nobody.
	maxErrors = 1000
	// maxNameLines bounds how many lines the unescaped name or error text of an
	// old file may span before the row counts as broken. Without a bound, one
	// missing quote would take the rest of the file for a name.
	maxNameLines = 64
)

// spot is a place in the file that is read, counted from 1; 0 is unknown.
type spot struct{ line, col int32 }

// cell is one field of a row with the place where it begins.
type cell struct {
	text string
	spot
}

// table reads the rows of one CSV file, which it holds as a whole: the fields
// are parts of its text. Blank lines between rows are skipped.
//
// There are two dialects. Files whose header is not quoted are CSV as everybody
// writes it. Files whose header is quoted come from Locust before 1.1 (history:
// before 1.2), which put quotes around names and error texts without escaping
// the quotes, commas and line ends inside; these rows are read from both ends.
type table struct {
	file   string
	text   string
	at     int   // offset of the next byte to read
	start  int   // offset where the line of at begins
	line   int32 // number of the line of at
	header []cell
	row    []cell // valid until the next call of next
	errs   perf.InputErrors

	literal     bool // the dialect without escapes
	lead, trail int  // literal only: columns before and after the free texts
	texts       int  // literal only: free texts, one (name) or two (name and error)
}

// newTable reads all of r and its header. An input without a header is an error
// that wraps perf.ErrNoResults.
func newTable(r io.Reader, file string) (*table, error) {
	var b strings.Builder
	if sized, ok := r.(interface{ Len() int }); ok {
		b.Grow(sized.Len())
	}
	if _, err := io.Copy(&b, r); err != nil {
		return nil, &perf.InputError{Pos: perf.Pos{File: file}, Msg: "unreadable", Err: err}
	}
	t := &table{file: file, text: b.String(), line: 1}
	t.skipBlank()
	if t.at == len(t.text) {
		return nil, &perf.InputError{Pos: perf.Pos{File: file}, Msg: "the file is empty", Err: perf.ErrNoResults}
	}
	t.literal = t.text[t.at] == '"'
	if !t.split() {
		return nil, t.err()
	}
	t.header = append([]cell(nil), t.row...)
	if t.literal {
		t.layOut()
	}
	return t, nil
}

// layOut finds the free texts of a header whose rows are not escaped.
func (t *table) layOut() {
	t.lead, t.trail = -1, 0
	for i, c := range t.header {
		if c.text == "Name" || c.text == "Error" && t.texts > 0 {
			t.texts++
			t.trail = len(t.header) - i - 1
			if t.lead < 0 {
				t.lead = i
			}
		}
	}
	// A header without a name is refused by its reader; read as plain CSV till then.
	t.literal = t.texts > 0
}

// next moves to the next row that has as many fields as the header. Rows that
// have not are recorded as errors and passed over.
func (t *table) next() bool {
	for len(t.errs) < maxErrors {
		t.skipBlank()
		if t.at >= len(t.text) {
			return false
		}
		if t.literal {
			if t.splitLiteral() {
				return true
			}
			continue
		}
		if t.split() && t.fits() {
			return true
		}
	}
	return false
}

// skipBlank passes over empty lines and stray carriage returns.
func (t *table) skipBlank() {
	for t.at < len(t.text) {
		switch t.text[t.at] {
		case '\n':
			t.newline()
		case '\r':
			t.at++
		default:
			return
		}
	}
}

// newline passes over the line end at t.at.
func (t *table) newline() {
	t.at++
	t.start = t.at
	t.line++
}

// fits reports whether the row just read has the columns of the header.
func (t *table) fits() bool {
	if len(t.row) == len(t.header) {
		return true
	}
	if t.at >= len(t.text) && t.text[len(t.text)-1] != '\n' && len(t.row) < len(t.header) {
		t.errorf(t.row[0].spot, "the file ends in the middle of a row: %d of %d columns", len(t.row), len(t.header))
		return false
	}
	t.errorf(t.row[0].spot, "the row has %d columns, the header has %d", len(t.row), len(t.header))
	return false
}

// split reads one row of plain CSV into t.row and leaves t.at behind it.
func (t *table) split() bool {
	t.row = t.row[:0]
	for {
		if t.at < len(t.text) && t.text[t.at] == '"' {
			if !t.quotedCell() {
				return false
			}
		} else {
			t.plainCell()
		}
		if t.at >= len(t.text) || t.text[t.at] == '\n' {
			break
		}
		t.at++ // the comma
	}
	if t.at < len(t.text) {
		t.newline()
	}
	last := &t.row[len(t.row)-1]
	last.text = strings.TrimRight(last.text, "\r")
	return true
}

// plainCell reads a field without quotes up to the comma or line end.
func (t *table) plainCell() {
	i := t.at
	for i < len(t.text) && t.text[i] != ',' && t.text[i] != '\n' {
		i++
	}
	t.row = append(t.row, cell{t.text[t.at:i], t.spot(t.at)})
	t.at = i
}

// quotedCell reads a field in quotes, which may span lines.
func (t *table) quotedCell() bool {
	c := cell{spot: t.spot(t.at)}
	t.at++
	begin, escaped := t.at, false
	for ; t.at < len(t.text); t.at++ {
		switch t.text[t.at] {
		case '\n':
			t.line++
			t.start = t.at + 1
		case '"':
			if t.at+1 < len(t.text) && t.text[t.at+1] == '"' {
				escaped = true
				t.at++
				continue
			}
			c.text = t.text[begin:t.at]
			if escaped {
				c.text = strings.ReplaceAll(c.text, `""`, `"`)
			}
			t.at++
			return t.endQuoted(c)
		}
	}
	t.errorf(c.spot, "the quote that opens here is never closed; the file may be cut short")
	return false
}

// endQuoted checks what follows the closing quote of c and adds c to the row.
func (t *table) endQuoted(c cell) bool {
	for t.at < len(t.text) && t.text[t.at] == '\r' {
		t.at++
	}
	if t.at < len(t.text) && t.text[t.at] != ',' && t.text[t.at] != '\n' {
		t.errorf(t.spot(t.at), "expected a comma or the end of the row behind the closing quote")
		t.skipLine()
		return false
	}
	t.row = append(t.row, c)
	return true
}

// skipLine passes over the rest of the line.
func (t *table) skipLine() {
	i := strings.IndexByte(t.text[t.at:], '\n')
	if i < 0 {
		t.at = len(t.text)
		return
	}
	t.at += i
	t.newline()
}

// splitLiteral reads one row of the dialect without escapes. A line that is no
// row may be the beginning of one whose name or error text goes on in the next
// line, as long as that line is not a row itself.
func (t *table) splitLiteral() bool {
	end := t.lineEnd(t.at)
	ok := t.cut(t.at, end)
	for lines := 1; !ok && end < len(t.text) && lines < maxNameLines; lines++ {
		next := t.lineEnd(end + 1)
		if t.cut(end+1, next) {
			break
		}
		end = next
		ok = t.cut(t.at, end)
	}
	if !ok {
		at := spot{t.line, 1}
		if t.lineEnd(t.at) == len(t.text) {
			t.errorf(at, "the file ends in the middle of a row: expected %d columns", len(t.header))
		} else {
			t.errorf(at, "expected a row with the %d columns of the header", len(t.header))
		}
		t.skipLine()
		return false
	}
	for t.at <= end && t.at < len(t.text) {
		t.skipLine()
	}
	return true
}

// lineEnd returns the offset of the line end at or behind from.
func (t *table) lineEnd(from int) int {
	if i := strings.IndexByte(t.text[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(t.text)
}

// cut splits text[from:to] from both ends: plain fields before and after, and
// whatever stands between them is the free text. It fails if that is not in
// quotes.
func (t *table) cut(from, to int) bool {
	t.row = t.row[:0]
	for to > from && t.text[to-1] == '\r' {
		to--
	}
	for range t.lead {
		i := strings.IndexByte(t.text[from:to], ',')
		if i < 0 || !t.bareCell(from, from+i) {
			return false
		}
		from += i + 1
	}
	tail := to
	for range t.trail {
		i := strings.LastIndexByte(t.text[from:tail], ',')
		if i < 0 {
			return false
		}
		tail = from + i
	}
	if !t.freeTexts(from, tail) {
		return false
	}
	for range t.trail {
		begin := tail + 1
		if tail = to; strings.IndexByte(t.text[begin:to], ',') >= 0 {
			tail = begin + strings.IndexByte(t.text[begin:to], ',')
		}
		if !t.bareCell(begin, tail) {
			return false
		}
	}
	return true
}

// bareCell adds text[from:to], a number or a word with or without quotes.
func (t *table) bareCell(from, to int) bool {
	s := t.text[from:to]
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	t.row = append(t.row, cell{s, t.spot(from)})
	return strings.IndexByte(s, '"') < 0 && strings.IndexByte(s, '\n') < 0
}

// freeTexts adds text[from:to], which is a name in quotes, or a name and an
// error text, each in quotes, with a comma between them.
func (t *table) freeTexts(from, to int) bool {
	if to-from < 2 || t.text[from] != '"' || t.text[to-1] != '"' {
		return false
	}
	from, to = from+1, to-1
	if t.texts == 2 {
		i := strings.Index(t.text[from:to], `","`)
		if i < 0 {
			return false
		}
		t.row = append(t.row, cell{t.text[from : from+i], t.spot(from - 1)})
		from += i + len(`","`)
	}
	t.row = append(t.row, cell{t.text[from:to], t.spot(from - 1)})
	return true
}

// spot returns the place of offset in the current line.
func (t *table) spot(offset int) spot { return spot{t.line, int32(offset - t.start + 1)} }

// errorf records what is wrong at a place.
func (t *table) errorf(at spot, format string, args ...any) {
	t.errs = append(t.errs, perf.Errorf(perf.Pos{File: t.file, Line: at.line, Col: at.col}, format, args...))
}

// err returns what was recorded, in input order: the columns of a row are read in
// an order of their own.
func (t *table) err() error {
	slices.SortStableFunc(t.errs, func(a, b *perf.InputError) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return t.errs.Err()
}
