package ci

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/hostile"
	"speedgate/internal/testutil/runneremu"
)

// readOutputs is what the runner does with the file that GITHUB_OUTPUT names
// (actions/runner:src/Runner.Worker/FileCommandManager.cs). On Windows a line may end
// in CRLF as well.
func readOutputs(text string, windows bool) (map[string]string, error) {
	got := map[string]string{}
	for text != "" {
		line, _, rest := cutLine(text, windows)
		text = rest
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case equals >= 0 && (heredoc < 0 || equals < heredoc):
			got[line[:equals]] = line[equals+1:]
		case heredoc > 0 && line[heredoc+2:] != "":
			value, rest, err := readValue(text, line[heredoc+2:], windows)
			if err != nil {
				return nil, err
			}
			got[line[:heredoc]], text = value, rest
		default:
			return nil, fmt.Errorf("invalid format %q", line)
		}
	}
	return got, nil
}

// readValue reads to the line that is end. The line end before it is no part of the
// value.
func readValue(text, end string, windows bool) (value, rest string, err error) {
	size := 0
	for rest = text; rest != ""; {
		line, lineEnd, next := cutLine(rest, windows)
		if line == end {
			return text[:size], next, nil
		}
		size = len(text) - len(next) - len(lineEnd)
		rest = next
	}
	return "", "", fmt.Errorf("no line %q", end)
}

func cutLine(text string, windows bool) (line, end, rest string) {
	i := strings.IndexByte(text, '\n')
	switch {
	case i < 0:
		return text, "", ""
	case windows && i > 0 && text[i-1] == '\r':
		return text[:i-1], text[i-1 : i+1], text[i+1:]
	}
	return text[:i], text[i : i+1], text[i+1:]
}

func TestReaderOfOutputs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		windows bool
		want    map[string]string
		err     string
	}{
		{"a=b\n\nc==<<d", false, map[string]string{"a": "b", "c": "=<<d"}, ""},
		{"a<<E\nx\ny=\nE\nb<<E\nE\n", false, map[string]string{"a": "x\ny=", "b": ""}, ""},
		{"a<<E\r\nx\r\ny\r\nE\r\n", true, map[string]string{"a": "x\r\ny"}, ""},
		{"a<<E\nx", false, nil, `no line "E"`},
		{"a<<\nx", false, nil, `invalid format "a<<"`},
		{"<<E\nE\n", false, nil, `invalid format "<<E"`},
	} {
		got, err := readOutputs(c.text, c.windows)
		if message(err) != c.err {
			t.Errorf("%q: error %q, want %q", c.text, message(err), c.err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, d)
		}
	}
}

// No value forges another output or loses a byte. On Windows the runner takes a
// carriage return at the very end for a part of the line end.
func FuzzWriteOutputs(f *testing.F) {
	f.Add("pass", "reports")
	f.Add("x\nforged=1", "a<<EOF\nb\nEOF")
	f.Add("\r\nEOF\n", "=")
	f.Add("\r", "<<\n\r\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		var text bytes.Buffer
		if err := WriteOutputs(&text, []Output{{"verdict", a}, {"reports", b}}, rand.Read); err != nil {
			t.Fatal(err)
		}
		for _, windows := range []bool{false, true} {
			got, err := readOutputs(text.String(), windows)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"verdict": a, "reports": b}
			if windows {
				want = map[string]string{"verdict": strings.TrimSuffix(a, "\r"), "reports": strings.TrimSuffix(b, "\r")}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("outputs, windows %v (-want +got):\n%s", windows, d)
			}
		}
	})
}

func TestWriteOutputsErrors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a=b", "a<<b", "a\nb", "", "A", "1a", "a\n"} {
		err := WriteOutputs(&bytes.Buffer{}, []Output{{name, ""}}, rand.Read)
		if want := fmt.Sprintf("%q is not the name of an output", name); message(err) != want {
			t.Errorf("name %q: error %q, want %q", name, message(err), want)
		}
	}
	noise := func([]byte) (int, error) { return 0, errors.New("no entropy") }
	if err := WriteOutputs(&bytes.Buffer{}, []Output{{"a", ""}}, noise); err == nil {
		t.Error("written without a random delimiter")
	}
	zero := func([]byte) (int, error) { return 0, nil }
	if err := WriteOutputs(&bytes.Buffer{}, []Output{{"a", "speedgate-" + strings.Repeat("0", 32)}}, zero); err == nil {
		t.Error("a value that holds its delimiter is taken")
	}
	if _, _, err := StopCommands(noise); err == nil {
		t.Error("commands are stopped by a word that can be guessed")
	}
}

// What stands between begin and end is no command, whatever it says, unless it
// guesses the word.
func TestStopCommands(t *testing.T) {
	t.Parallel()
	begin, end, err := StopCommands(rand.Read)
	if err != nil {
		t.Fatal(err)
	}
	inside := strings.Join(hostile.Names, "\n") + "\n::stop-commands::x\n::x::\n::speedgate-::\n"
	if len(runneremu.Commands(inside)) < 10 {
		t.Fatalf("the text has only the commands %+v", runneremu.Commands(inside))
	}
	got := runneremu.Commands(begin + inside + end + Annotation("error", "a", "b"))
	word := strings.TrimSuffix(strings.TrimPrefix(begin, "::stop-commands::"), "\n")
	want := []runneremu.Command{
		{Name: "stop-commands", Data: word},
		{Name: word},
		{Name: "error", Properties: map[string]string{"title": "a"}, Data: "b"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("commands (-want +got):\n%s", d)
	}
	if again, _, _ := StopCommands(rand.Read); again == begin {
		t.Errorf("the word %q is used twice", word)
	}
}

func FuzzAnnotation(f *testing.F) {
	f.Add("speedgate api", "GET / p95\r\n::error::x")
	f.Add("a:b,c=d", "100 %25 %0A")
	f.Fuzz(func(t *testing.T, title, text string) {
		got := runneremu.Commands(Annotation("warning", title, text))
		if len(got) != 1 || got[0].Name != "warning" || got[0].Data != text || len(got[0].Properties) > 1 {
			t.Fatalf("title %q, text %q: %+v", title, text, got)
		}
		// The runner trims blanks behind the last property and "=" before a value.
		blank := func(r rune) bool { return unicode.IsSpace(r) && r != '\r' && r != '\n' }
		if want := strings.TrimLeft(strings.TrimRightFunc(title, blank), "="); got[0].Properties["title"] != want {
			t.Errorf("title %q, want %q", got[0].Properties["title"], want)
		}
	})
}

func TestAnnotation(t *testing.T) {
	t.Parallel()
	got := Annotation("error", "a:b,c", "100 %\nsecond\r::error::x")
	want := "::error title=a%3Ab%2Cc::100 %25%0Asecond%0D::error::x\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
