package jsonmap

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/jsontree"
)

const document = `{
  "scenarios": {"login": {"p95_ms": 10}, "cart": {"p95_ms": 20, "sub": {"p95_ms": 5}}},
  "results": [{"name": "a", "latency": 1}, {"name": "b", "latency": 2}],
  "/api/x": {"it's": 3},
  "a.b": [7, 8]
}`

func tree(t *testing.T, text string) *jsontree.Node {
	t.Helper()
	root, err := jsontree.Parse(text, "x.json")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestPathFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path string
		last bool
		want []string // place (captures)
	}{
		{"$", false, []string{"$ ()"}},
		{"$.scenarios.*.p95_ms", false, []string{"$.scenarios.login.p95_ms (login)", "$.scenarios.cart.p95_ms (cart)"}},
		{"$.scenarios.**.p95_ms", false, []string{"$.scenarios.login.p95_ms (login)", "$.scenarios.cart.p95_ms (cart)", "$.scenarios.cart.sub.p95_ms (cart / sub)"}},
		{"$.results[*].latency", false, []string{"$.results[0].latency (0)", "$.results[1].latency (1)"}},
		{"$.results.*.latency", true, []string{"$.results[1].latency (1)"}},
		{"$.results[0].latency", false, []string{"$.results[0].latency ()"}},
		{"$.results[-1].latency", false, []string{"$.results[1].latency ()"}},
		{"$.results[-3].latency", false, nil},
		{"$.results[2]", false, nil},
		{"$.results.name", false, nil},
		{"$['/api/x']['it\\'s']", false, []string{"$./api/x['it\\'s'] ()"}},
		{`$["/api/x"]["it's"]`, false, []string{"$./api/x['it\\'s'] ()"}},
		{"$['a.b'][1]", false, []string{"$['a.b'][1] ()"}},
		{"$['a.b']", true, []string{"$['a.b'][1] ()"}},
		{"$.*.*.latency", false, []string{"$.results[0].latency (results 0)", "$.results[1].latency (results 1)"}},
		{"$./api/x.*", false, []string{"$./api/x['it\\'s'] (it's)"}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			p, err := ParsePath(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != tt.path {
				t.Errorf("String = %q", p.String())
			}
			var got []string
			for _, m := range p.find(tree(t, document), newLexicon(), tt.last) {
				got = append(got, m.at.String()+" ("+strings.Join(m.captures, " ")+")")
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("find (-want +got):\n%s", d)
			}
		})
	}
}

func TestParsePathErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ path, want string }{
		{"", `path "", column 1: a path begins with $, as in $.latency.p95`},
		{"latency", `path "latency", column 1: a path begins with $, as in $.latency.p95`},
		{"$latency", `path "$latency", column 2: expected "." or "["`},
		{"$.", `path "$.", column 3: expected a name behind the dot`},
		{"$..p95", `path "$..p95", column 3: expected a name; write ** for any depth and ['…'] for a key with dots or brackets`},
		{"$.**.**.x", `path "$.**.**.x", column 6: ** stands behind **`},
		{"$.p95*", `path "$.p95*", column 6: "p95*" is no plain name; write ['p95*'] if the key has this character`},
		{"$[", `path "$[", column 2: the bracket is not closed`},
		{"$.a[0", `path "$.a[0", column 4: the bracket is not closed`},
		{"$.a[x]", `path "$.a[x]", column 5: expected *, a whole number or a key in quotes, found "x"`},
		{"$.a[]", `path "$.a[]", column 5: expected *, a whole number or a key in quotes, found ""`},
		{"$.a[+1]", `path "$.a[+1]", column 5: expected *, a whole number or a key in quotes, found "+1"`},
		{"$['a", `path "$['a", column 2: the quote is not closed`},
		{"$['a'x]", `path "$['a'x]", column 6: expected "]" behind the quote`},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			_, err := ParsePath(tt.path)
			if err == nil {
				t.Fatal("no error")
			}
			if d := cmp.Diff(tt.want, err.Error()); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
		})
	}
}

func TestPathZero(t *testing.T) {
	t.Parallel()
	var p Path
	if p.String() != "$" || !p.Equal(Path{text: "$"}) {
		t.Errorf("the zero path is %q, want the document", p.String())
	}
}

// FuzzParsePath checks that a path that was read keeps its text and can be walked, and
// that the place of every value is a path that leads to it.
func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"$.a.*", "$['x\\'y'][-1]", "$.**.p95", "$[", "$..a", `$["a"]`} {
		f.Add(s, `{"a":[{"p95":1}],"x'y":2,"":[[3]]}`)
	}
	f.Fuzz(func(t *testing.T, text, data string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Errorf("%q became %q", text, p.String())
		}
		root, err := jsontree.Parse(data, "x.json")
		if err != nil || len(data) > 200 || strings.Count(text, "**") > 2 {
			return
		}
		for _, m := range p.find(root, newLexicon(), false) {
			place, err := ParsePath(m.at.String())
			if err != nil {
				t.Fatalf("place: %v", err)
			}
			if found := place.find(root, newLexicon(), false); len(found) != 1 || found[0].at.node != m.at.node {
				t.Errorf("%s does not lead to its value", place)
			}
		}
	})
}
