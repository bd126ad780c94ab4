package load

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// deck deals the targets: every round has each as often as its weight says, in an
// order that depends on the seed alone. Dealing in place of drawing gives every run
// the same mix.
type deck struct {
	targets []vegeta.Target
	cards   []int // indices of targets
	dealt   atomic.Uint64
}

func newDeck(p Plan) *deck {
	d := &deck{targets: make([]vegeta.Target, len(p.Targets))}
	for i, t := range p.Targets {
		d.targets[i] = vegeta.Target{Method: t.Method, URL: tagged(t.URL, i), Header: headerOf(t), Body: t.Body}
		d.cards = append(d.cards, slices.Repeat([]int{i}, t.Weight)...)
	}
	r := rand.New(rand.NewPCG(p.Seed, uint64(len(d.cards))))
	r.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
	return d
}

// card returns the index of the target that is dealt as number n, from 0.
func (d *deck) card(n uint64) int { return d.cards[n%uint64(len(d.cards))] }

// next is what vegeta asks for the next target; many of its workers do at once.
func (d *deck) next(t *vegeta.Target) error {
	*t = d.targets[d.card(d.dealt.Add(1)-1)]
	return nil
}

// tagged puts the index of a target into its URL. Vegeta's results name a target by
// its URL only, which several may share, and a fragment is never sent.
func tagged(address string, index int) string {
	address, _, _ = strings.Cut(address, "#")
	return address + "#" + strconv.Itoa(index)
}

// tagOf returns the index in a tagged URL.
func tagOf(address string) (index int, ok bool) {
	_, tag, _ := strings.Cut(address, "#")
	index, err := strconv.Atoi(tag)
	return index, err == nil
}

// headerOf returns the header of a target in the form that net/http sends as it is.
func headerOf(t Target) http.Header {
	h := http.Header{"User-Agent": {"speedgate"}}
	for _, name := range slices.Sorted(maps.Keys(t.Header)) {
		h[http.CanonicalHeaderKey(name)] = t.Header[name]
	}
	return h
}

// subjectOf returns what the figures of a target are filed under.
func subjectOf(t Target) string {
	name := t.Name
	if name == "" {
		name = "/"
		if u, err := url.Parse(t.URL); err == nil && u.Path != "" {
			name = u.Path
		}
	}
	return t.Method + " " + name
}
