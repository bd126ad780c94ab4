package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The benchmarks measure the shop without its round trips. SHOP_SLOW=2 makes
// the search slower, as the flag -slow does for the service.

func BenchmarkSearch(b *testing.B) {
	passes, err := slowFactor(os.Getenv(slowVariable))
	if err != nil {
		b.Fatal(err)
	}
	s := newShop(newCatalog(stock), knobs{slow: passes})
	for _, bb := range []struct{ name, query string }{{"common", "red lamp"}, {"rare", "1234"}} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				s.search(b.Context(), bb.query)
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	c := newCatalog(stock)
	for b.Loop() {
		c.page(sortOrders["price"], 3)
	}
}

func BenchmarkStats(b *testing.B) {
	c := newCatalog(stock)
	for b.Loop() {
		c.stats()
	}
}

func BenchmarkEncodePage(b *testing.B) {
	page := newCatalog(pageSize).products
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := json.NewEncoder(&out).Encode(page); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(out.Len()))
}

func BenchmarkParseOrder(b *testing.B) {
	body := `{"lines":[` + strings.Repeat(`{"id":12,"quantity":3},`, 49) + `{"id":7,"quantity":1}]}`
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := parseOrder(strings.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
}
