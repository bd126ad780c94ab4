package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	h := newShop(newCatalog(30), knobs{slow: 1}).handler()
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string // the whole body, or the start of it before "…"
	}{
		{"ready", "GET", "/healthz", "", 200, `"ok"`},
		{"a page", "GET", "/products?sort=name&page=1", "", 200, `[{"id":…`},
		{"beyond the last page", "GET", "/products?sort=name&page=9", "", 400, `{"error":"page must be the number of a page, from 1"}`},
		{"unknown order", "GET", "/products?sort=size&page=1", "", 400, `{"error":"sort must be price, rating or name"}`},
		{"a product", "GET", "/products/7", "", 200, `{"id":7,"name":…`},
		{"no such product", "GET", "/products/31", "", 404, `{"error":"no such product"}`},
		{"not a number", "GET", "/products/x", "", 404, `{"error":"no such product"}`},
		{"a search", "GET", "/search?q=lamp", "", 200, `[{"id":…`},
		{"a search without a hit", "GET", "/search?q=submarine", "", 200, `[]`},
		{"a search without words", "GET", "/search", "", 400, `{"error":"q must hold the words to search for"}`},
		{"stats", "GET", "/stats", "", 200, `[{"category":"bath",…`},
		{"an order", "POST", "/orders", `{"lines":[{"id":1,"quantity":2}]}`, 201, `{"items":2,"total":…`},
		{"an empty order", "POST", "/orders", `{}`, 400, `{"error":"an order needs a line"}`},
		{"an order of nothing known", "POST", "/orders", `{"lines":[{"id":99,"quantity":2}]}`, 400, `{"error":"there is no product 99"}`},
		{"an order of none", "POST", "/orders", `{"lines":[{"id":1}]}`, 400, `{"error":"a quantity of 0 is not between 1 and 1000"}`},
		{"no JSON", "POST", "/orders", `lamp`, 400, `{"error":"an order must be JSON:…`},
		{"elsewhere", "GET", "/nowhere", "", 404, `{"error":"no such page"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
			got := strings.TrimSuffix(w.Body.String(), "\n")
			start, cut := strings.CutSuffix(tt.want, "…")
			if w.Code != tt.status || !strings.HasPrefix(got, start) || !cut && got != tt.want {
				t.Errorf("%s %s = %d %s; want %d %s", tt.method, tt.path, w.Code, got, tt.status, tt.want)
			}
		})
	}
}

func TestSearchRanksByWordsFound(t *testing.T) {
	t.Parallel()
	c := catalogOf([]product{
		{ID: 1, Name: "Blue Lamp", About: "a lamp", Rating: 1},
		{ID: 2, Name: "Chair", About: "goes with a lamp", Rating: 5},
		{ID: 3, Name: "Red Lamp", About: "a lamp", Rating: 4},
		{ID: 4, Name: "Rug", About: "wool", Rating: 5},
	})
	var got []int
	for _, p := range c.search("LAMP blue") {
		got = append(got, p.ID)
	}
	if d := cmp.Diff([]int{1, 3, 2}, got); d != "" {
		t.Errorf("IDs by rank (-want +got):\n%s", d)
	}
}

func TestPageSorts(t *testing.T) {
	t.Parallel()
	c := newCatalog(50)
	for name, order := range sortOrders {
		all := slices.Concat(c.page(order, 1), c.page(order, 2), c.page(order, 3))
		if len(all) != 50 || !slices.IsSortedFunc(all, order) || len(c.page(order, 4)) != 0 {
			t.Errorf("by %s: three pages are not the 50 products in order", name)
		}
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	c := catalogOf([]product{
		{ID: 1, Category: "office", Price: 300},
		{ID: 2, Category: "bath", Price: 50},
		{ID: 3, Category: "office", Price: 100},
		{ID: 4, Category: "office", Price: 200},
	})
	want := []categoryStats{{"bath", 1, 50}, {"office", 3, 200}}
	if d := cmp.Diff(want, c.stats()); d != "" {
		t.Errorf("stats (-want +got):\n%s", d)
	}
}

func TestCatalogIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	if d := cmp.Diff(newCatalog(100).products, newCatalog(100).products); d != "" {
		t.Errorf("two catalogs differ:\n%s", d)
	}
}

func TestSlowSearchPaysEachPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		newShop(newCatalog(1), knobs{roundTrip: 15 * time.Millisecond, slow: 3}).search(t.Context(), "lamp")
		if d := time.Since(start); d != 45*time.Millisecond {
			t.Errorf("three passes took %s, want 45ms", d)
		}
	})
}

func TestSlowFactor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, err string
		want      int
	}{
		{"", "", 1},
		{"3", "", 3},
		{"0", `SHOP_SLOW="0" is not a whole number of at least 1`, 0},
		{"1.5", `SHOP_SLOW="1.5" is not a whole number of at least 1`, 0},
	}
	for _, tt := range tests {
		got, err := slowFactor(tt.text)
		if got != tt.want || message(err) != tt.err {
			t.Errorf("slowFactor(%q) = %d, %v; want %d, %q", tt.text, got, err, tt.want, tt.err)
		}
	}
}

func TestArgumentErrors(t *testing.T) {
	t.Parallel()
	const limits = "-slow must be at least 1 and -round-trip not negative"
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"-slow", "0"}, limits},
		{[]string{"-round-trip", "-1s"}, limits},
		{[]string{"-errors", "1.5"}, "-errors must be between 0 and 1"},
		{[]string{"-errors", "NaN"}, "-errors must be between 0 and 1"},
		{[]string{"-memory", "9000"}, "-memory must be between 0 and 8192"},
		{[]string{"-workers", "-1"}, "-workers must not be negative"},
		{[]string{"fast"}, `unexpected argument "fast"`},
	}
	for _, tt := range tests {
		if got := message(run(t.Context(), tt.args, io.Discard)); got != tt.want {
			t.Errorf("run(%q): %q, want %q", tt.args, got, tt.want)
		}
	}
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0"}, w) }()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimPrefix(strings.TrimSpace(line), "listening on ")
	resp, err := http.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("GET /healthz: %s, %v", resp.Status, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run ended with %v", err)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
