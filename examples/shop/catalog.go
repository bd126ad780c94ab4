package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// product is one kind of goods. Prices are in cents.
type product struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category"`
	About    string `json:"about"`
	Price    int    `json:"price"`
	Rating   int    `json:"rating"` // 1 to 5
}

// catalog holds the products, the one with ID n at index n-1. It does not change
// once it is made, so requests share it without a lock.
type catalog struct {
	products []product
	folded   []folded // what a search reads, for each product
}

// folded is the text of a product in lower case.
type folded struct{ name, about string }

// catalogOf makes the catalog of products.
func catalogOf(products []product) *catalog {
	c := &catalog{products: products, folded: make([]folded, len(products))}
	for i, p := range products {
		c.folded[i] = folded{strings.ToLower(p.Name), strings.ToLower(p.About)}
	}
	return c
}

// The words that names and descriptions are made of.
var (
	colours    = []string{"red", "blue", "green", "black", "white", "grey", "amber", "violet"}
	materials  = []string{"oak", "steel", "cotton", "glass", "leather", "bamboo", "wool", "marble"}
	things     = []string{"chair", "lamp", "table", "shelf", "basket", "mirror", "clock", "vase", "rug", "bench"}
	categories = []string{"living", "kitchen", "garden", "office", "bath"}
)

// catalogSeed makes every process sell the same goods: two runs that are
// compared must do the same work.
const catalogSeed = 1961

// newCatalog makes n products.
func newCatalog(n int) *catalog {
	r := rand.New(rand.NewPCG(catalogSeed, catalogSeed))
	pick := func(words []string) string { return words[r.IntN(len(words))] }
	products := make([]product, n)
	for i := range products {
		colour, material, thing := pick(colours), pick(materials), pick(things)
		products[i] = product{
			ID:       i + 1,
			Name:     fmt.Sprintf("%s %s %s No %d", colour, material, thing, i+1),
			Category: pick(categories),
			About:    fmt.Sprintf("A %s of %s in %s, goes with a %s %s.", thing, material, colour, pick(colours), pick(things)),
			Price:    500 + r.IntN(50_000),
			Rating:   1 + r.IntN(5),
		}
	}
	return catalogOf(products)
}

// find returns the product with the ID id.
func (c *catalog) find(id int) (product, bool) {
	if id < 1 || id > len(c.products) {
		return product{}, false
	}
	return c.products[id-1], true
}

// sortOrders are the orders of a page, by the name that a request gives.
var sortOrders = map[string]func(a, b product) int{
	"price":  func(a, b product) int { return cmp.Or(cmp.Compare(a.Price, b.Price), cmp.Compare(a.ID, b.ID)) },
	"rating": func(a, b product) int { return cmp.Or(cmp.Compare(b.Rating, a.Rating), cmp.Compare(a.ID, b.ID)) },
	"name":   func(a, b product) int { return strings.Compare(a.Name, b.Name) },
}

// pageSize is the number of products on a page and the most hits of a search.
const pageSize = 20

// page returns page number n, from 1, of the products in order. It is empty
// beyond the last page.
func (c *catalog) page(order func(a, b product) int, n int) []product {
	sorted := make([]int, len(c.products))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortFunc(sorted, func(i, j int) int { return order(c.products[i], c.products[j]) })
	from := min((n-1)*pageSize, len(sorted))
	return c.pick(sorted[from:min(from+pageSize, len(sorted))])
}

// pick returns the products at indices.
func (c *catalog) pick(indices []int) []product {
	list := make([]product, len(indices))
	for i, at := range indices {
		list[i] = c.products[at]
	}
	return list
}

// search returns the products that hold most words of query, best first.
func (c *catalog) search(query string) []product {
	words := strings.Fields(strings.ToLower(query))
	scores := make([]int, len(c.products))
	var hits []int
	for i, text := range c.folded {
		if scores[i] = text.score(words); scores[i] > 0 {
			hits = append(hits, i)
		}
	}
	slices.SortFunc(hits, func(i, j int) int {
		return cmp.Or(cmp.Compare(scores[j], scores[i]), cmp.Compare(c.products[j].Rating, c.products[i].Rating), cmp.Compare(i, j))
	})
	return c.pick(hits[:min(pageSize, len(hits))])
}

// score counts a word in the name three times, as a reader looks there first.
func (f folded) score(words []string) int {
	total := 0
	for _, w := range words {
		if strings.Contains(f.name, w) {
			total += 3
		}
		if strings.Contains(f.about, w) {
			total++
		}
	}
	return total
}

// categoryStats sums up one category. Prices are in cents.
type categoryStats struct {
	Category    string `json:"category"`
	Products    int    `json:"products"`
	MedianPrice int    `json:"median_price"`
}

// stats returns the figures of every category, by name.
func (c *catalog) stats() []categoryStats {
	prices := map[string][]int{}
	for _, p := range c.products {
		prices[p.Category] = append(prices[p.Category], p.Price)
	}
	list := make([]categoryStats, 0, len(prices))
	for name, ps := range prices {
		slices.Sort(ps)
		list = append(list, categoryStats{name, len(ps), ps[len(ps)/2]})
	}
	slices.SortFunc(list, func(a, b categoryStats) int { return strings.Compare(a.Category, b.Category) })
	return list
}
