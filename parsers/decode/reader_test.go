package decode

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"speedgate/perf"
)

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func utf16Of(text string, bigEndian bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		if bigEndian {
			b.WriteString(string([]byte{byte(u >> 8), byte(u)}))
		} else {
			b.WriteString(string([]byte{byte(u), byte(u >> 8)}))
		}
	}
	return b.String()
}

// decodeAll reads in through a reader that wrap makes of its bytes.
func decodeAll(in string, wrap func(io.Reader) io.Reader) (string, []perf.Warning, error) {
	d := NewReader(wrap(strings.NewReader(in)))
	d.Name = "in"
	out, err := io.ReadAll(d)
	return string(out), d.Warnings(), err
}

func whole(r io.Reader) io.Reader { return r }

// border fills the first chunk up to n bytes, so that what follows crosses it.
func border(n int) string { return strings.Repeat("x", bufferSize-n) }

func TestReader(t *testing.T) {
	t.Parallel()
	latin1 := func(line int32) []perf.Warning {
		return []perf.Warning{{Pos: perf.Pos{File: "in", Line: line}, Msg: "not UTF-8 from here on; read as Latin-1"}}
	}
	for _, c := range []struct {
		name, in, want string
		warnings       []perf.Warning
	}{
		{name: "empty"},
		{name: "plain", in: "a\nb µs\n", want: "a\nb µs\n"},
		{name: "UTF-8 mark", in: "\xef\xbb\xbfa\n", want: "a\n"},
		{name: "mark only at the start", in: "a\ufeff\n", want: "a\ufeff\n"},
		{name: "UTF-16LE", in: utf16Of("a µ 😀\r\nb", false), want: "a µ 😀\nb"},
		{name: "UTF-16BE", in: utf16Of("a µ 😀\r\nb", true), want: "a µ 😀\nb"},
		{name: "half a pair", in: "\xff\xfe\x3d\xd8a\x00", want: "\ufffda"},
		{name: "half a pair at the end", in: "\xff\xfe\x3d\xd8", want: "\ufffd"},
		{name: "gzip", in: zipped(t, "a\r\nb"), want: "a\nb"},
		{name: "gzip twice in a row", in: zipped(t, "a\n") + zipped(t, "b\n"), want: "a\nb\n"},
		{name: "gzip with a mark", in: zipped(t, "\xef\xbb\xbfa"), want: "a"},
		{name: "line ends", in: "a\nb\r\nc\r\r\nd\re\r\r", want: "a\nb\nc\nd\ne\n\n"},
		{name: "three returns", in: "a\r\r\r\nb", want: "a\n\nb"},
		{name: "colour", in: "\x1b[1;31mred\x1b[0m \x1b[38;5;12mx\x1b[K", want: "red x"},
		{name: "hyperlink", in: "\x1b]8;;https://example.com/µ\x1b\\text\x1b]8;;\a!", want: "text!"},
		{name: "short escapes", in: "\x1b(B\x1b7a\x1bM", want: "a"},
		{name: "an escape without a sequence", in: "\x1b\x01a\x1b(", want: "\x01a("},
		{name: "a sequence does not run over a line end", in: "\x1b]0;title\nb\x1b[1\nc", want: "]0;title\nb[1\nc"},
		{name: "a sequence within another", in: "\x1b]0;t\x1b[1mb", want: "]0;tb"},
		{name: "a sequence cut short", in: "a\x1b[1;3", want: "a[1;3"},
		{name: "an escape at the end", in: "a\x1b", want: "a"},
		{name: "an endless sequence", in: "\x1b]" + strings.Repeat("y", maxEscape) + "\a", want: "]" + strings.Repeat("y", maxEscape) + "\a"},
		{name: "Latin-1", in: "é\na\xe9b é", want: "é\naéb Ã©", warnings: latin1(2)},
		{name: "a character cut short at the end", in: "a\nb\xe2\x82", want: "a\nbâ\u0082", warnings: latin1(2)},
		{name: "Latin-1 inside a dropped title", in: "\x1b]0;\xe9\aa", want: "a"},
		{name: "line end on the border", in: border(1) + "\r\nb", want: border(1) + "\nb"},
		{name: "long line end on the border", in: border(2) + "\r\r\nb", want: border(2) + "\nb"},
		{name: "colour on the border", in: border(2) + "\x1b[31mb", want: border(2) + "b"},
		{name: "character on the border", in: border(1) + "€", want: border(1) + "€"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, wrap := range []func(io.Reader) io.Reader{whole, iotest.OneByteReader, iotest.DataErrReader} {
				got, warnings, err := decodeAll(c.in, wrap)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Errorf("text (-want +got):\n%s", d)
				}
				if d := cmp.Diff(c.warnings, warnings); d != "" {
					t.Errorf("warnings (-want +got):\n%s", d)
				}
			}
		})
	}
}

func TestReaderErrors(t *testing.T) {
	t.Parallel()
	gz := zipped(t, strings.Repeat("abc\n", 1000))
	damaged := gz[:len(gz)-6] + "\x00" + gz[len(gz)-5:]
	for _, c := range []struct{ name, in, want string }{
		{"NUL", "a\nb\x00c", "in:2: a NUL byte; expected text in UTF-8, or in UTF-16 with a byte-order mark"},
		{"UTF-16 without a mark", "a\x00b\x00", "in:1: a NUL byte; expected text in UTF-8, or in UTF-16 with a byte-order mark"},
		{"half a UTF-16 unit", utf16Of("a\nb", false) + "c", "in:2: the input ends in the middle of its encoding; is the file complete?"},
		{"half a pair and half a unit", "\xff\xfe\x3d\xd8a", "in:1: the input ends in the middle of its encoding; is the file complete?"},
		{"truncated gzip", gz[:len(gz)-9], "in:1001: the input ends in the middle of its encoding; is the file complete?"},
		{"gzip magic alone", "\x1f\x8b", "in:1: the input ends in the middle of its encoding; is the file complete?"},
		{"damaged gzip", damaged, "in:1001: damaged gzip input: gzip: invalid checksum"},
		{"zip", "PK\x03\x04...", "in:1: not text: a zip archive; unpack it and give the results in it"},
		{"zstd in gzip", zipped(t, "\x28\xb5\x2f\xfd"), "in:1: not text: compressed with zstd; unpack it, or use gzip"},
		{"PDF", "%PDF-1.7\n", "in:1: not text: a PDF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, wrap := range []func(io.Reader) io.Reader{whole, iotest.OneByteReader} {
				_, _, err := decodeAll(c.in, wrap)
				if _, ok := errors.AsType[*perf.InputError](err); !ok {
					t.Fatalf("error %v is no *perf.InputError", err)
				}
				if d := cmp.Diff(c.want, err.Error()); d != "" {
					t.Errorf("error (-want +got):\n%s", d)
				}
			}
		})
	}
}

func TestReaderIsReader(t *testing.T) {
	t.Parallel()
	d := NewReader(strings.NewReader(strings.Repeat("a\r\nb\x1b[1m", 30_000)))
	if err := iotest.TestReader(d, []byte(strings.Repeat("a\nb", 30_000))); err != nil {
		t.Error(err)
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	_, _, err := decodeAll("", func(r io.Reader) io.Reader { return iotest.ErrReader(broken) })
	if !errors.Is(err, broken) || err.Error() != "in:1: reading: disk on fire" {
		t.Errorf("got error %q", err)
	}
}

func TestReaderGzipLimit(t *testing.T) {
	t.Parallel()
	read := func(limit int64) error {
		d := NewReader(strings.NewReader(zipped(t, strings.Repeat("\n", 3<<20))))
		d.limit = limit
		_, err := io.Copy(io.Discard, d)
		return err
	}
	if err := read(3 << 20); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	const want = "the gzip input expands to more than 2 MB"
	if err := read(2 << 20); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("beyond the limit: got error %v, want … %s", err, want)
	}
}

func TestPeek(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef\r\n", 60_000)
	want := strings.ReplaceAll(long, "\r", "")
	d := NewReader(strings.NewReader(long))
	for range 2 {
		head, err := d.Peek(HeadSize)
		if err != nil || string(head) != want[:HeadSize] {
			t.Fatalf("Peek: %d bytes, error %v", len(head), err)
		}
	}
	if _, err := io.ReadFull(d, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if head, err := d.Peek(6); string(head) != want[5:11] || err != nil {
		t.Errorf("Peek after Read = %q, %v", head, err)
	}
	rest, err := io.ReadAll(d)
	if string(rest) != want[5:] || err != nil {
		t.Errorf("%d bytes after Peek, want %d; error %v", len(rest), len(want)-5, err)
	}
}

func TestPeekShortAndBroken(t *testing.T) {
	t.Parallel()
	if head, err := NewReader(strings.NewReader("ab")).Peek(HeadSize); string(head) != "ab" || err != nil {
		t.Errorf("short input: %q, %v", head, err)
	}
	d := NewReader(strings.NewReader("ab\x00"))
	if head, err := d.Peek(2); string(head) != "ab" || err != nil {
		t.Errorf("before the NUL byte: %q, %v", head, err)
	}
	if head, err := d.Peek(3); string(head) != "ab" || err == nil {
		t.Errorf("with the NUL byte: %q, %v", head, err)
	}
}

// chunks reads at most the given sizes at a time, round and round.
type chunks struct {
	r     io.Reader
	sizes []byte
	i     int
}

func (c *chunks) Read(p []byte) (int, error) {
	n := 1
	if len(c.sizes) > 0 {
		n += int(c.sizes[c.i%len(c.sizes)])
		c.i++
	}
	return c.r.Read(p[:min(n, len(p))])
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"a\r\r\nb\rc\r\n", "\x1b[1mx\x1b]0;t\x1b\\y\x1b(B", "é\xe9\x1b]\xe9\a€", "a\x00b",
		utf16Of("a😀\r\n", false), utf16Of("a😀\r\n", true), "\xef\xbb\xbfa", zipped(f, "a\r\nb"), "PK\x03\x04",
	} {
		f.Add([]byte(seed), []byte{0, 3})
	}
	f.Fuzz(func(t *testing.T, in, sizes []byte) {
		text, warnings, err := decodeAll(string(in), whole)
		again, warnings2, err2 := decodeAll(string(in), func(r io.Reader) io.Reader { return &chunks{r: r, sizes: sizes} })
		if text != again || !cmp.Equal(warnings, warnings2) || (err == nil) != (err2 == nil) {
			t.Errorf("chunking changes the result:\n%q %v %v\n%q %v %v", text, warnings, err, again, warnings2, err2)
		}
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\x1b\x00") {
			t.Errorf("not clean: %q", text)
		}
		if _, ok := errors.AsType[*perf.InputError](err); err != nil && !ok {
			t.Errorf("error %v has no place", err)
		}
	})
}

func TestLines(t *testing.T) {
	t.Parallel()
	l := NewLines(strings.NewReader("a\n\nb"), "in")
	var got []string
	for l.Next() {
		got = append(got, l.Pos().String()+" "+string(l.Bytes()))
	}
	if d := cmp.Diff([]string{"in:1 a", "in:2 ", "in:3 b"}, got); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if err := l.Err(); err != nil {
		t.Error(err)
	}
}

func TestLinesErrors(t *testing.T) {
	t.Parallel()
	endless := io.MultiReader(strings.NewReader("a\n"), io.LimitReader(zeros{}, 200<<20))
	decoded := NewReader(strings.NewReader("a\nb\x00"))
	decoded.Name = "in"
	for _, c := range []struct {
		name string
		in   io.Reader
		want string
	}{
		{"a line of 200 MB", endless, "in:2: line longer than 16 MB"},
		{"decoding", decoded, "in:2: a NUL byte; expected text in UTF-8, or in UTF-16 with a byte-order mark"},
		{"reading", iotest.ErrReader(errors.New("disk on fire")), "in:1: reading: disk on fire"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := NewLines(c.in, "in")
			for l.Next() {
			}
			if err := l.Err(); err == nil || err.Error() != c.want {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		})
	}
}

// zeros is an endless line of the digit 0.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func BenchmarkReader(b *testing.B) {
	clean := strings.Repeat("BenchmarkEncode/size=1024-8   \t  500000\t      2310 ns/op\t     512 B/op\t       3 allocs/op\n", 50_000)
	for _, c := range []struct{ name, in string }{
		{"clean", clean},
		{"windows", strings.ReplaceAll(clean, "\n", "\r\n")},
		{"latin1", "\xe9" + clean},
		{"utf16", utf16Of(clean, false)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.in)))
			b.ReportAllocs()
			buf := make([]byte, bufferSize)
			for b.Loop() {
				d := NewReader(strings.NewReader(c.in))
				for {
					if _, err := d.Read(buf); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
