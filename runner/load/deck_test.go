package load

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func deal(seed uint64, n int) []int {
	p := Plan{Targets: []Target{{URL: "http://a/", Weight: 1}, {URL: "http://a/", Weight: 3}, {URL: "http://a/", Weight: 6}}, Seed: seed}
	d := newDeck(p)
	var cards []int
	for i := range n {
		cards = append(cards, d.card(uint64(i)))
	}
	return cards
}

func TestDeckDealsByWeight(t *testing.T) {
	t.Parallel()
	for round := range slices.Chunk(deal(7, 50), 10) {
		if d := cmp.Diff([]int{0, 1, 1, 1, 2, 2, 2, 2, 2, 2}, slices.Sorted(slices.Values(round))); d != "" {
			t.Errorf("a round (-want +got):\n%s", d)
		}
	}
	if d := cmp.Diff(deal(7, 30), deal(7, 30)); d != "" {
		t.Errorf("the same seed deals otherwise:\n%s", d)
	}
	if slices.Equal(deal(7, 30), deal(8, 30)) {
		t.Error("two seeds deal the same")
	}
}

func TestSubjectOf(t *testing.T) {
	t.Parallel()
	for want, target := range map[string]Target{
		"GET /":         {Method: "GET", URL: "http://shop"},
		"GET /a/b":      {Method: "GET", URL: "http://u:p@shop/a/b?secret=1#x"},
		"POST an order": {Method: "POST", URL: "http://shop/a", Name: "an order"},
	} {
		if got := subjectOf(target); got != want {
			t.Errorf("subjectOf(%+v) = %q, want %q", target, got, want)
		}
	}
}
