package locust

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"speedgate/runner/monitor"

	"github.com/google/go-cmp/cmp"
)

const historyHeader = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,99%,100%,Total Request Count,Total Failure Count,Total Average Response Time\n"

// growing is a history and what was seen of it.
type growing struct {
	t    *testing.T
	name string
	*tail
	seen []monitor.Tick
}

func newGrowing(t *testing.T) *growing {
	name := filepath.Join(t.TempDir(), "api_stats_history.csv")
	return &growing{t: t, name: name, tail: newTail(name)}
}

// write replaces the text of the file from a place on.
func (g *growing) write(at int64, text string) {
	g.t.Helper()
	f, err := os.OpenFile(g.name, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		g.t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(at); err != nil {
		g.t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(text), at); err != nil {
		g.t.Fatal(err)
	}
}

// seconds returns the seconds and the requests of the rows that are new.
func (g *growing) requests() []int64 {
	g.t.Helper()
	g.seen = nil
	if err := g.poll(func(tick monitor.Tick) { g.seen = append(g.seen, tick) }); err != nil {
		g.t.Fatal(err)
	}
	var list []int64
	for _, tick := range g.seen {
		list = append(list, tick.Requests)
	}
	return list
}

func (g *growing) expect(what string, want ...int64) {
	g.t.Helper()
	if d := cmp.Diff(want, g.requests()); d != "" {
		g.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// row returns a row of a full history: that of an endpoint, and that of all.
func row(second, requests string) string {
	all := ",1.0,0.0,20,30,40,50," + requests + ",0,25.0\n"
	return second + ",3,GET,/a" + all + second + ",3,,Aggregated" + all
}

func TestTailGrows(t *testing.T) {
	t.Parallel()
	g := newGrowing(t)
	g.expect("no file yet")
	g.write(0, "")
	g.expect("an empty file")
	g.write(0, historyHeader[:30])
	g.expect("half a header")
	text := historyHeader + row("100", "5")
	g.write(0, text)
	g.expect("a row", 5)
	g.expect("nothing new")
	half := row("101", "9")[:70]
	g.write(int64(len(text)), half)
	g.expect("half a row")
	g.write(int64(len(text)), row("101", "9")+row("102", "12"))
	g.expect("the other half, and another", 9, 12)
	g.write(int64(len(text)), strings.Repeat("x", 2*readBlock)+"\n"+row("103", "13")+row("104", "14"))
	if got := g.requests(); len(got) != 1 && len(got) != 3 {
		t.Errorf("behind a long row: %v", got)
	}
}

// TestTailBeginsAnew holds that a file that another run writes is read from its start,
// whatever its size is by the time somebody looks.
func TestTailBeginsAnew(t *testing.T) {
	t.Parallel()
	old := historyHeader + row("100", "5") + row("101", "6") + row("102", "7")
	for _, c := range []struct {
		name, text string
		want       []int64
	}{
		{"shorter", historyHeader + row("200", "1"), []int64{1}},
		{"as long", historyHeader + row("200", "1") + row("201", "2") + row("202", "3"), []int64{1, 2, 3}},
		{"longer", historyHeader + row("200", "1") + row("201", "2") + row("202", "3") + row("203", "4"), []int64{1, 2, 3, 4}},
		{"the header only", historyHeader, nil},
		{"empty", "", nil},
	} {
		g := newGrowing(t)
		g.write(0, old)
		g.expect(c.name+": before", 5, 6, 7)
		g.write(0, c.text)
		g.expect(c.name, c.want...)
		g.write(int64(len(c.text)), "")
		if c.text == "" {
			c.text = historyHeader
			g.write(0, historyHeader)
		}
		g.write(int64(len(c.text)), row("300", "50"))
		g.expect(c.name+": and grows", 50)
	}
}

func TestTailReplaced(t *testing.T) {
	t.Parallel()
	g := newGrowing(t)
	g.write(0, historyHeader+row("100", "5"))
	g.expect("before", 5)
	if err := os.Remove(g.name); err != nil {
		t.Fatal(err)
	}
	g.expect("no file for a moment")
	g.write(0, historyHeader+row("200", "1"))
	g.expect("another file", 1)
}

func TestTick(t *testing.T) {
	t.Parallel()
	g := newGrowing(t)
	all := func(second, requests, average string) string {
		return second + ",3,GET,/a,1,0,1,1,1,1,1,0,1\n" + second + ",3,,Aggregated,8.0,0.5,20,30,40,50," + requests + ",2," + average + "\n"
	}
	g.write(0, historyHeader+all("100", "0", "0.0")+all("101", "10", "50.0")+all("105", "20", "60.0")+
		all("110", "40", "65.0")+all("111", "50", "62.0")+all("112", "50", "62.0")+all("140", "50", "62.0")+
		// Statistics were reset.
		all("141", "4", "10.0")+all("142", "8", "15.0"))
	g.requests()
	last := g.seen[len(g.seen)-1]
	v := func(x float64) *float64 { return &x }
	want := monitor.Tick{
		At: time.Unix(142, 0), Requests: 8, Failures: 2, Rate: 8, FailRate: 0.5, Users: 3, Recent: true,
		P50: v(20), P95: v(30), P99: v(40), Average: v(15),
	}
	if d := cmp.Diff(want, last); d != "" {
		t.Errorf("the last row (-want +got):\n%s", d)
	}
	var got []float64
	for _, tick := range g.seen {
		if tick.Average == nil {
			got = append(got, -1)
			continue
		}
		got = append(got, *tick.Average)
	}
	// At 111 s: (50 requests of 62 ms - 10 of 50 ms) / 40; then that of 112 s from 101 s too.
	if d := cmp.Diff([]float64{-1, 50, 60, 65, 65, 65, -1, 10, 15}, got); d != "" {
		t.Errorf("averages (-want +got):\n%s", d)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	g := newGrowing(t)
	ctx, stop := context.WithCancel(t.Context())
	begun := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() { close(begun) })
	go func() {
		<-begun
		g.write(0, historyHeader+row("100", "5")+"101,broken\n")
	}()
	var got []int64
	err := Tail(ctx, g.name, func(tick monitor.Tick) {
		if got = append(got, tick.Requests); len(got) == 1 {
			text, _ := os.ReadFile(g.name)
			g.write(int64(len(text)), row("102", "7"))
			stop() // what is there by then is read
		}
	})
	if want := g.name + ":4:1: the row has 2 columns, the header has 13"; message(err) != want {
		t.Errorf("Tail: %v, want %s", err, want)
	}
	if d := cmp.Diff([]int64{5, 7}, got); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestTailErrors(t *testing.T) {
	t.Parallel()
	g := newGrowing(t)
	g.write(0, "Type,Name,Request Count,Failure Count\n")
	want := g.name + `:1:1: expected a _stats_history.csv of Locust, found "Type,Name,Request Count,Failure Count"`
	if err := Tail(t.Context(), g.name, func(monitor.Tick) {}); message(err) != want {
		t.Errorf("Tail: %v, want %s", err, want)
	}
	if err := Tail(t.Context(), t.TempDir(), func(monitor.Tick) {}); err == nil {
		t.Error("no error for a folder")
	}
}
