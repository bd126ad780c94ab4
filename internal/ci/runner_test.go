package ci

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readOutputs is what actions/runner does with the file, from
// src/Runner.Worker/FileCommandManager.cs.
func readOutputs(text string) (map[string]string, error) {
	got := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if line == "" {
			continue
		}
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case equals >= 0 && (heredoc < 0 || equals < heredoc):
			got[line[:equals]] = line[equals+1:]
		case heredoc >= 0:
			name, end := line[:heredoc], line[heredoc+2:]
			var value []string
			for i++; ; i++ {
				if i >= len(lines) {
					return nil, errors.New("no end")
				}
				if lines[i] == end {
					break
				}
				value = append(value, lines[i])
			}
			got[name] = strings.Join(value, "\n")
		default:
			return nil, errors.New("invalid format")
		}
	}
	return got, nil
}

func FuzzWriteOutputs(f *testing.F) {
	f.Add("pass", "reports")
	f.Add("x\nforged=1", "a<<EOF\nb\nEOF")
	f.Add("\r\nEOF\n", "=")
	f.Fuzz(func(t *testing.T, a, b string) {
		var text bytes.Buffer
		if err := WriteOutputs(&text, []Output{{"verdict", a}, {"reports", b}}, rand.Read); err != nil {
			t.Fatal(err)
		}
		got, err := readOutputs(text.String())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]string{"verdict": a, "reports": b}, got); d != "" {
			t.Errorf("outputs (-want +got):\n%s", d)
		}
	})
}

func TestWriteOutputsErrors(t *testing.T) {
	t.Parallel()
	if err := WriteOutputs(&bytes.Buffer{}, []Output{{"a=b", ""}}, rand.Read); err == nil {
		t.Error("a name that forges an output is taken")
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

func TestAnnotation(t *testing.T) {
	t.Parallel()
	got := Annotation("error", "a:b,c", "100 %\nsecond\r::error::x")
	want := "::error title=a%3Ab%2Cc::100 %25%0Asecond%0D::error::x\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReadEvent(t *testing.T) {
	t.Parallel()
	sha := func(c string) string { return strings.Repeat(c, 40) }
	pull := func(number, head, base, headRepo string) string {
		return `{"repository": {"default_branch": "main"}, "pull_request": {"number": ` + number + `, "head": {"sha": "` + head + `", "repo": ` + headRepo +
			`}, "base": {"sha": "` + base + `", "repo": {"full_name": "o/r"}}}}`
	}
	for _, c := range []struct {
		name, payload string
		want          Job
		err           string
	}{
		{
			"pull request", pull("7", sha("a"), sha("b"), `{"full_name": "o/r"}`),
			Job{DefaultBranch: "main", Base: sha("b"), Pull: &Pull{7, sha("a"), sha("b"), false}},
			"",
		},
		{
			"from a fork", pull("7", sha("a"), sha("b"), `{"full_name": "x/r"}`),
			Job{DefaultBranch: "main", Base: sha("b"), Pull: &Pull{7, sha("a"), sha("b"), true}},
			"",
		},
		{
			"from a deleted fork", pull("7", sha("a"), sha("b"), `null`),
			Job{DefaultBranch: "main", Base: sha("b"), Pull: &Pull{7, sha("a"), sha("b"), true}},
			"",
		},
		{"a hostile hash", pull("7", "--upload-pack=x", sha("b"), `null`), Job{DefaultBranch: "main"}, "the event has a pull request without a number or without its commits"},
		{"no number", pull("0", sha("a"), sha("b"), `null`), Job{DefaultBranch: "main"}, "the event has a pull request without a number or without its commits"},
		{"merge queue", `{"merge_group": {"base_sha": "` + sha("c") + `"}}`, Job{Base: sha("c")}, ""},
		{"push", `{"before": "x", "repository": {"default_branch": "main"}}`, Job{DefaultBranch: "main"}, ""},
		{"not JSON", `x`, Job{}, "the event is not JSON: invalid character 'x' looking for beginning of value"},
	} {
		var j Job
		err := j.ReadEvent([]byte(c.payload))
		if got := message(err); got != c.err {
			t.Errorf("%s: error %q, want %q", c.name, got, c.err)
		}
		if d := cmp.Diff(c.want, j); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
