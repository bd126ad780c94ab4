package locust

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

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
	// maxRow bounds the length of a row in bytes, as package decode does for the
	// lines of other formats. Tracebacks and error texts that hold a whole response
	// stay below; names that come near are refused for their length before.
	maxRow = 16 << 20
)

// spot is a place in the file that is read, counted from 1; 0 is unknown.
type spot struct{ line, col int32 }

// cell is one field of a row with the place where it begins.
type cell struct {
	text string
	spot
}

// mark is a place in the text where a row begins.
type mark struct {
	at    int   // offset of the next byte to read
	start int   // offset where the line of at begins
	line  int32 // number of the line of at
}

// place returns the place for messages.
func (m mark) place() spot { return spot{m.line, int32(m.at - m.start + 1)} }

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
	mark        // where the table is; set back to a begin, a row is read again
	begin  mark // of the row
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
	text, err := readAll(r)
	if err != nil {
		return nil, &perf.InputError{Pos: perf.Pos{File: file}, Msg: "unreadable", Err: err}
	}
	t := &table{file: file, text: text, mark: mark{line: 1}}
	t.skipBlank()
	if t.at == len(t.text) {
		return nil, &perf.InputError{Pos: perf.Pos{File: file}, Msg: "the file is empty", Err: perf.ErrNoResults}
	}
	t.literal = t.text[t.at] == '"'
	if !t.split(allFields) {
		return nil, t.err()
	}
	t.header = append([]cell(nil), t.row...)
	if t.literal {
		t.layOut()
	}
	return t, nil
}

// readBlock is how much of an input is read at once.
const readBlock = 32 << 10

// readAll reads all of r. Where nobody knows its length, it collects blocks and joins
// them at the end: a text that grows would be copied several times, and the garbage
// of that would be twice the input.
func readAll(r io.Reader) (string, error) {
	if sized, ok := r.(interface{ Len() int }); ok {
		var text strings.Builder
		text.Grow(sized.Len())
		_, err := io.Copy(&text, r)
		return text.String(), err
	}
	var full [][]byte
	block := make([]byte, 0, readBlock)
	for {
		n, err := r.Read(block[len(block):cap(block)])
		block = block[:len(block)+n]
		if err == io.EOF {
			return joined(append(full, block)), nil
		}
		if err != nil {
			return "", err
		}
		if len(block) == cap(block) {
			full = append(full, block)
			block = make([]byte, 0, readBlock)
		}
	}
}

func joined(blocks [][]byte) string {
	var size int
	for _, b := range blocks {
		size += len(b)
	}
	var text strings.Builder
	text.Grow(size)
	for _, b := range blocks {
		text.Write(b)
	}
	return text.String()
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
func (t *table) next() bool { return t.skim(allFields) }

// skim is next, but reads only the first n fields of the row where that finds its
// end. Whether the row has as many as the header is then not known.
func (t *table) skim(n int) bool {
	for len(t.errs) < maxErrors {
		t.skipBlank()
		if t.at >= len(t.text) {
			return false
		}
		if t.read(n) {
			return true
		}
	}
	return false
}

// reread reads the whole row that begins at m.
func (t *table) reread(m mark) bool {
	t.mark = m
	return t.read(allFields)
}

// read reads the row at t.at. What is wrong with it is recorded.
func (t *table) read(n int) bool {
	t.begin = t.mark
	if t.literal {
		return t.splitLiteral()
	}
	return t.split(n) && (len(t.row) >= n || t.fits())
}

// maxRows is an upper bound of the number of rows: a row ends a line, and takes a
// byte for each column.
func (t *table) maxRows() int {
	return min(strings.Count(t.text, "\n")+1, len(t.text)/len(t.header)+1)
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

// allFields is more fields than a row can have.
const allFields = maxRow

// split reads the first n fields of a row of plain CSV into t.row and leaves t.at
// behind the row.
func (t *table) split(n int) bool {
	t.row = t.row[:0]
	for {
		if t.at < len(t.text) && t.text[t.at] == '"' {
			if !t.quotedCell() {
				return false
			}
		} else {
			t.plainCell()
		}
		if t.at-t.begin.at > maxRow {
			t.tooLong()
			return false
		}
		if t.at >= len(t.text) || t.text[t.at] == '\n' || len(t.row) >= n && t.skipPlain() {
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

// skipPlain moves to the line end, if no field before it has quotes and may hold
// line ends itself.
func (t *table) skipPlain() bool {
	end := t.lineEnd(t.at)
	if end-t.begin.at > maxRow || strings.IndexByte(t.text[t.at:end], '"') >= 0 {
		return false
	}
	t.at = end
	return true
}

// plainCell reads a field without quotes up to the comma or line end.
func (t *table) plainCell() {
	rest := t.text[t.at:]
	end := len(rest)
	for i := range len(rest) {
		// Digits, letters and what stands in numbers and paths come behind the comma.
		if c := rest[i]; c <= ',' && (c == ',' || c == '\n') {
			end = i
			break
		}
	}
	t.row = append(t.row, cell{rest[:end], t.place()})
	t.at += end
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

// tooLong records that the row exceeds maxRow and passes over its last line.
func (t *table) tooLong() {
	t.errorf(t.begin.place(), "the row is longer than %d MB", maxRow>>20)
	t.skipLine()
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
	if end-t.at > maxRow {
		t.tooLong()
		return false
	}
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

// checkNumber records what is in a column of numbers and is none.
func (t *table) checkNumber(c cell) {
	if _, _, ok := parseDecimal(c.text); !ok {
		t.figure(c, "number")
	}
}

// maxQuoted bounds what a message quotes of a field.
const maxQuoted = 40

func clip(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	n := maxQuoted
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// err returns what was recorded, in input order: the columns of a row are read in
// an order of their own.
func (t *table) err() error {
	slices.SortStableFunc(t.errs, func(a, b *perf.InputError) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return t.errs.Err()
}
