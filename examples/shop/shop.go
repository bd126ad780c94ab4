package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxOrderBytes bounds the body of an order: a hundred lines have 3 kB.
const maxOrderBytes = 64 << 10

// shop answers the requests.
type shop struct {
	catalog *catalog
	board   *board
}

func newShop(c *catalog, k knobs) *shop { return &shop{catalog: c, board: newBoard(k)} }

func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products", s.serveProducts)
	mux.HandleFunc("GET /products/{id}", s.serveProduct)
	mux.HandleFunc("GET /search", s.serveSearch)
	mux.HandleFunc("GET /stats", s.serveStats)
	mux.HandleFunc("POST /orders", s.serveOrder)
	mux.HandleFunc("/", s.serveUnknown)
	// Neither the question whether the shop is up nor the knobs wait for a worker.
	outer := http.NewServeMux()
	outer.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "ok") })
	outer.HandleFunc("GET /knobs", s.board.serveKnobs)
	outer.HandleFunc("PUT /knobs", s.board.serveKnobs)
	outer.Handle("/", s.board.limit(mux))
	return outer
}

func (s *shop) serveProducts(w http.ResponseWriter, r *http.Request) {
	order, ok := sortOrders[r.FormValue("sort")]
	if !ok {
		refuse(w, http.StatusBadRequest, "sort must be price, rating or name")
		return
	}
	n, err := strconv.Atoi(r.FormValue("page"))
	if err != nil || n < 1 || n > 1+len(s.catalog.products)/pageSize {
		refuse(w, http.StatusBadRequest, "page must be the number of a page, from 1")
		return
	}
	s.query(r.Context())
	reply(w, http.StatusOK, s.catalog.page(order, n))
}

func (s *shop) serveProduct(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	s.query(r.Context())
	p, ok := s.catalog.find(id)
	if err != nil || !ok {
		refuse(w, http.StatusNotFound, "no such product")
		return
	}
	reply(w, http.StatusOK, p)
}

func (s *shop) serveSearch(w http.ResponseWriter, r *http.Request) {
	q := r.FormValue("q")
	if q == "" {
		refuse(w, http.StatusBadRequest, "q must hold the words to search for")
		return
	}
	reply(w, http.StatusOK, s.search(r.Context(), q))
}

// search asks the store and ranks what it answers, slow times: a factor of two
// is the common slip of a query that runs again for what it already has.
func (s *shop) search(ctx context.Context, q string) (hits []product) {
	for range s.board.now.Load().slow {
		s.query(ctx)
		hits = s.catalog.search(q)
	}
	return hits
}

func (s *shop) serveStats(w http.ResponseWriter, r *http.Request) {
	s.query(r.Context())
	reply(w, http.StatusOK, s.catalog.stats())
}

// serveUnknown catches every other address. It asks the store too: the page might
// have been moved.
func (s *shop) serveUnknown(w http.ResponseWriter, r *http.Request) {
	s.query(r.Context())
	refuse(w, http.StatusNotFound, "no such page")
}

// order is what a customer sends.
type order struct {
	Lines []orderLine `json:"lines"`
}

type orderLine struct {
	ID       int `json:"id"`
	Quantity int `json:"quantity"`
}

// receipt is the answer to an order. Total is in cents.
type receipt struct {
	Items int `json:"items"`
	Total int `json:"total"`
}

func (s *shop) serveOrder(w http.ResponseWriter, r *http.Request) {
	o, err := parseOrder(http.MaxBytesReader(w, r.Body, maxOrderBytes))
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	s.query(r.Context())
	bill, err := s.catalog.price(o)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	reply(w, http.StatusCreated, bill)
}

// parseOrder reads an order and refuses one without lines.
func parseOrder(r io.Reader) (order, error) {
	var o order
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return order{}, fmt.Errorf("an order must be JSON: %w", err)
	}
	if len(o.Lines) == 0 {
		return order{}, errors.New("an order needs a line")
	}
	return o, nil
}

// maxQuantity keeps a total far from the largest int.
const maxQuantity = 1000

// price adds up an order.
func (c *catalog) price(o order) (receipt, error) {
	var bill receipt
	for _, l := range o.Lines {
		p, ok := c.find(l.ID)
		if !ok {
			return receipt{}, fmt.Errorf("there is no product %d", l.ID)
		}
		if l.Quantity < 1 || l.Quantity > maxQuantity {
			return receipt{}, fmt.Errorf("a quantity of %d is not between 1 and %d", l.Quantity, maxQuantity)
		}
		bill.Items += l.Quantity
		bill.Total += l.Quantity * p.Price
	}
	return bill, nil
}

// query stands for a query to a store: it waits one round trip, or until the
// client has gone.
func (s *shop) query(ctx context.Context) {
	roundTrip := s.board.now.Load().roundTrip
	if roundTrip == 0 {
		return
	}
	timer := time.NewTimer(roundTrip)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// reply writes v as JSON. A client that has gone is nobody to report an error to.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, msg string) {
	reply(w, status, map[string]string{"error": msg})
}
