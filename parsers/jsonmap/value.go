package jsonmap

import (
	"strings"
	"unicode"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// value is what a leaf of the document holds.
type value struct {
	number  float64
	unit    perf.Unit // of a string such as "1.13 ms"
	missing bool      // null, a bare NaN, or a placeholder such as "N/A"
}

// placeholders are what writers put where they have no value.
var placeholders = map[string]bool{
	"": true, "-": true, "--": true, "n/a": true, "na": true, "nan": true, "none": true, "null": true, "tbd": true,
	"+inf": true, "-inf": true, "inf": true, "infinity": true, "-infinity": true, "-nan%": true,
}

// maxPlaceholder is the length of the longest placeholder, -infinity.
const maxPlaceholder = 9

// readValue reads a number, a string that is one, with or without unit, or a
// placeholder. ok is false for everything else. err is a number out of range.
func readValue(n *jsontree.Node) (v value, ok bool, err error) {
	switch n.Kind {
	case jsontree.Null, jsontree.Missing:
		return value{missing: true}, true, nil
	case jsontree.Number:
		v.number, err = n.Float()
		return v, true, err
	case jsontree.String:
		return readText(n.Text)
	}
	return value{}, false, nil
}

func readText(text string) (v value, ok bool, err error) {
	text = strings.TrimSpace(text)
	if len(text) <= maxPlaceholder && placeholders[strings.ToLower(text)] {
		return value{missing: true}, true, nil
	}
	// Reports for people decorate their numbers: "🚀 36965.8 rps".
	text = strings.TrimFunc(text, func(r rune) bool {
		return unicode.Is(unicode.So, r) || unicode.IsSpace(r) || unicode.Is(unicode.Mn, r)
	})
	if text == "" || !strings.Contains("+-.0123456789", text[:1]) {
		return value{}, false, nil // most strings are names, and an error would be made for each
	}
	q, perr := perf.ParseQuantity(text)
	if perr != nil {
		return value{}, false, nil
	}
	return value{number: q.Value, unit: q.Unit}, true, nil
}

// numbers returns the items of an array that holds numbers only.
func numbers(n *jsontree.Node) (list []float64, ok bool, err error) { return appendNumbers(nil, n) }

// appendNumbers appends the items of an array that holds numbers only to a list.
func appendNumbers(list []float64, n *jsontree.Node) (longer []float64, ok bool, err error) {
	if n.Kind != jsontree.Array || len(n.Items()) == 0 {
		return list, false, nil
	}
	longer = list
	for i := range n.Items() {
		item := &n.Items()[i]
		if item.Kind != jsontree.Number {
			return list, false, nil
		}
		f, ferr := item.Float()
		if ferr != nil {
			return list, true, ferr
		}
		longer = append(longer, f)
	}
	return longer, true, nil
}
