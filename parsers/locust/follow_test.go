package locust

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"speedgate/perf"

	"github.com/google/go-cmp/cmp"
)

// follow feeds a follower with pieces of a text, none longer than size bytes.
func follow(text string, size int) ([]HistoryRow, error) {
	f := NewFollower("f")
	var rows []HistoryRow
	for len(text) > 0 {
		n := min(size, len(text))
		more, err := f.Feed([]byte(text[:n]))
		if err != nil {
			return rows, err
		}
		rows = append(rows, more...)
		text = text[n:]
	}
	return rows, f.Broken()
}

// TestFollowRealHistories holds that it does not matter how a file grows, and that
// the last row says what the parser of the whole file finds.
func TestFollowRealHistories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*", "run_stats_history.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal("no histories", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		whole, err := follow(text, len(text))
		if err != nil || len(whole) == 0 {
			t.Errorf("%s: %d rows, %v", file, len(whole), err)
			continue
		}
		for _, size := range []int{1, 7, 1000} {
			if pieces, err := follow(text, size); cmp.Diff(whole, pieces) != "" || err != nil {
				t.Errorf("%s in pieces of %d bytes: %v (-whole +pieces):\n%s", file, size, err, cmp.Diff(whole, pieces))
			}
		}
		if got, want := float64(whole[len(whole)-1].Requests), requestsOf(t, file, text); got != want {
			t.Errorf("%s: the last row has %g requests, the file has %g", file, got, want)
		}
	}
}

// requestsOf returns the requests that the parser of whole files finds, 0 if none.
func requestsOf(t *testing.T, file, text string) float64 {
	t.Helper()
	run, err := ParseHistory(strings.NewReader(text), file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range run.Series {
		if s.Key.Subject == aggregated && s.Key.Metric == perf.Requests {
			return s.Samples[0]
		}
	}
	return 0
}

func floats(v ...float64) (list []*float64) {
	for i := range v {
		list = append(list, &v[i])
	}
	return list
}

func TestFollowRows(t *testing.T) {
	t.Parallel()
	const header = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,99%,100%,Total Request Count,Total Failure Count,Total Average Response Time\n"
	const old = `"Type","Name","Timestamp","# requests","# failures","Requests/s","Requests Failed/s","Average response time","50%","95%"` + "\n"
	v := floats(20, 30, 40, 25.5)
	recent := HistoryRow{Second: 7, Users: 3, Requests: 10, Failures: 1, Rate: 2.5, FailRate: 0.5, Recent: true, P50: v[0], P95: v[1], P99: v[2], Average: v[3]}
	total := recent
	total.Recent = false
	idle := HistoryRow{Second: 7, Users: 3, Requests: 10, Failures: 1, Recent: true, Average: v[3]}
	first := HistoryRow{Second: 6, Users: 3}
	aged := HistoryRow{Second: 7, Requests: 10, Failures: 1, Rate: 2.5, FailRate: 0.5, Recent: true, P50: v[0], P95: v[1], Average: v[3]}
	const endpoint = "7,3,GET,/a,2.5,0.5,1,1,1,1,10,1,25.5\n"
	const row = "7,3,,Aggregated,2.5,0.5,20,30,40,50,10,1,25.5\n"
	for _, c := range []struct {
		name, text string
		want       []HistoryRow
		broken     string
	}{
		{"nothing", "", nil, ""},
		{"half a header", header[:50], nil, ""},
		{"a header", header, nil, ""},
		{"full", header + endpoint + row, []HistoryRow{recent}, ""},
		{"not full", header + row, []HistoryRow{total}, ""},
		{"blank lines before", "\r\n\n" + header + row, []HistoryRow{total}, ""},
		{"line ends of Windows", strings.ReplaceAll(header+row, "\n", "\r\r\n"), []HistoryRow{total}, ""},
		{"half a row", header + row + row[:20], []HistoryRow{total}, ""},
		{"no request yet", header + "6,3,,Aggregated,0.0,0.0,N/A,N/A,N/A,N/A,0,0,0.0\n" + endpoint + row, []HistoryRow{first, recent}, ""},
		{"no request for ten seconds", header + endpoint + "7,3,,Aggregated,0.0,0.0,0,0,0,0,10,1,25.5\n", []HistoryRow{idle}, ""},
		{"a name of two lines", header + "7,3,GET,\"/a\n7,3,,Aggregated\",2.5,0.5,1,1,1,1,10,1,25.5\n" + row, []HistoryRow{recent}, ""},
		{"an endpoint of that name", header + strings.Replace(row, ",,", ",GET,", 1) + row, []HistoryRow{recent}, ""},
		{"quotes in a name", header + "7,3,GET,\"/a\"\"\n\",2.5,0.5,1,1,1,1,10,1,25.5\n7,3,GET,/a\"b,1,1,1,1,1,1,10,1,1\n" + row, []HistoryRow{recent}, ""},
		{"a second header", header + row + header + row, []HistoryRow{total, total}, ""},
		{"before 1.0", old + `"None","Aggregated","7",10,1,2.50,0.50,25.5,20,30` + "\n", []HistoryRow{aged}, ""},
		{
			"broken rows",
			header + "7,3,,Aggregated,2.5\n" + row + "\n7,3,,Aggregated,fast,0.5,20,30,40,50,10,1,25.5\n7,3,,Aggregated,1,1,N/A,30,40,50,10,1,25.5\n",
			[]HistoryRow{total},
			"f:2:1: the row has 5 columns, the header has 13\n" +
				"f:5:17: \"fast\" is not a number of requests a second\n" +
				"f:6:21: \"N/A\" is not a response time",
		},
	} {
		for _, size := range []int{1, 1000} {
			got, err := follow(c.text, size)
			if d := cmp.Diff(c.want, got); d != "" || messageOf(err) != c.broken {
				t.Errorf("%s: %v, want %s (-want +got):\n%s", c.name, err, c.broken, d)
			}
		}
	}
}

func messageOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestFollowErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"another file", statsHeader, `f:1:1: expected a _stats_history.csv of Locust, found "Type,Name,Request Count,Failure Count,Me…"`},
		{"no text", strings.Repeat("x", maxHeader+1), fmt.Sprintf("f:1:1: expected a _stats_history.csv of Locust, found %q", strings.Repeat("x", maxQuoted)+"…")},
		{"a column lacks", "Timestamp,User Count,Type,Name\n", strings.Join([]string{
			`f:1:1: the header has no column "Request Count"`, `f:1:1: the header has no column "Failure Count"`, `f:1:1: the header has no column "Requests/s"`,
		}, "\n")},
	} {
		for _, size := range []int{1, len(c.text)} {
			rows, err := follow(c.text, size)
			if messageOf(err) != c.want || rows != nil {
				t.Errorf("%s: %v and %d rows, want %s", c.name, err, len(rows), c.want)
			}
		}
	}
}

// TestFollowIsBounded holds that a quote which is never closed does not fill the
// memory, nor end the reading of what comes later.
func TestFollowIsBounded(t *testing.T) {
	t.Parallel()
	f := NewFollower("f")
	row := "7,3,,Aggregated,2.5,0.5,20,10,1,20,20,20,20,20\n"
	for _, text := range []string{historyHeader, "7,3,GET,\"/a\n", strings.Repeat("x", maxRow), row, row} {
		if _, err := f.Feed([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.rest) > 0 {
		t.Errorf("%d bytes are kept", len(f.rest))
	}
	want := fmt.Sprintf("f:2:1: the row is longer than %d MB", maxRow>>20)
	if err := f.Broken(); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Broken: %v, want %s", err, want)
	}
}

// FuzzFollow holds that it does not matter in which pieces a text comes, unless its
// rows cannot be told from each other: where quotes are not closed or not escaped.
func FuzzFollow(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "run_stats_history.csv"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), 100)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		rows, err := follow(text, max(len(text), 1))
		pieces, errPieces := follow(text, max(size, len(text)/64, 1))
		if err != nil || strings.HasPrefix(strings.TrimLeft(text, "\r\n"), `"`) {
			return
		}
		if d := cmp.Diff(rows, pieces); d != "" || errPieces != nil {
			t.Errorf("in pieces: %v (-whole +pieces):\n%s", errPieces, d)
		}
	})
}
