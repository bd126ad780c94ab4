package jsontree

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"speedgate/perf"
)

// flat is a tree as plain values, to compare with.
func flat(n *Node) any {
	switch n.Kind {
	case Array:
		list := []any{}
		for i := range n.Items() {
			list = append(list, flat(&n.Items()[i]))
		}
		return list
	case Object:
		list := []any{}
		for i := range n.Members() {
			list = append(list, n.Members()[i].Name, flat(&n.Members()[i].Value))
		}
		return map[string]any{"members": list}
	}
	return fmt.Sprintf("%s %s", n.Kind, n.Text)
}

func TestParse(t *testing.T) {
	t.Parallel()
	object := func(members ...any) any { return map[string]any{"members": append([]any{}, members...)} }
	tests := []struct {
		name, in string
		want     any
	}{
		{"number as written", `1.130`, "a number 1.130"},
		{"numbers", `[0,-0,10,-1.5,2e3,2E+3,2.5e-3]`, []any{"a number 0", "a number -0", "a number 10", "a number -1.5", "a number 2e3", "a number 2E+3", "a number 2.5e-3"}},
		{"words", ` [true, false ,null] `, []any{"a boolean true", "a boolean false", "null null"}},
		{"missing numbers", `[NaN,Infinity,-Infinity]`, []any{"a missing number NaN", "a missing number Infinity", "a missing number -Infinity"}},
		{"a string NaN is a string", `"NaN"`, "a string NaN"},
		{"empty containers", "{\"a\":[],\n\"b\": { } }", object("a", []any{}, "b", object())},
		{"members keep their order", `{"b":1,"a":{"c":[2]}}`, object("b", "a number 1", "a", object("c", []any{"a number 2"}))},
		{"escapes", `"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude80"`, "a string \"\\/\b\f\n\r\té🚀"},
		{"half a surrogate pair", `"\ud83d-\ude80\ud83d\u0041"`, "a string \ufffd-\ufffd\ufffdA"},
		{"key with escapes", `{"p\u0039\u0035":1}`, object("p95", "a number 1")},
		{"empty key", `{"":1}`, object("", "a number 1")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root, err := Parse(tt.in, "in.json")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, flat(root)); d != "" {
				t.Errorf("Parse (-want +got):\n%s", d)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	many := ""
	for i := range 20 {
		many += fmt.Sprintf("\"k%d\":%d,\n", i, i)
	}
	tests := []struct{ name, in, want string }{
		{"empty", "", "in.json: expected JSON, found an empty file: no results"},
		{"blank", " \n\t", "in.json: expected JSON, found an empty file: no results"},
		{"cut in an object", "{\"a\":1,\n", "in.json:2:1: ends in the middle of an object; the file was cut off at byte 8"},
		{"cut behind a key", `{"a"`, "in.json:1:5: ends in the middle of an object; the file was cut off at byte 4"},
		{"cut behind a colon", `{"a":`, "in.json:1:6: ends in the middle of an object; the file was cut off at byte 5"},
		{"cut in an array", `{"a":[1,2`, "in.json:1:10: ends in the middle of an array; the file was cut off at byte 9"},
		{"cut in a string", `["ab`, "in.json:1:5: ends in the middle of a string; the file was cut off at byte 4"},
		{"cut behind a backslash", `"ab\`, "in.json:1:5: ends in the middle of a string; the file was cut off at byte 4"},
		{"cut in a word", `[tru`, "in.json:1:5: ends in the middle of an array; the file was cut off at byte 4"},
		{"cut in a number", `-`, "in.json:1:2: ends in the middle of a value; the file was cut off at byte 1"},
		{"cut in a fraction", `{"a":1.`, "in.json:1:8: ends in the middle of an object; the file was cut off at byte 7"},
		{"duplicate key", "{\"a\":1,\n \"b\":2, \"a\":3}", `in.json:2:9: the key "a" stands twice in one object, first at line 1, column 2`},
		{"duplicate key by escape", `{"a":1,"\u0061":3}`, `in.json:1:8: the key "a" stands twice in one object, first at line 1, column 2`},
		{"duplicate of many", "{" + many + `"k3":0}`, `in.json:21:1: the key "k3" stands twice in one object, first at line 4, column 1`},
		{"trailing data", "{} x", `in.json:1:4: expected the end of the document, found "x"`},
		{"second document", "{}\n{}", `in.json:2:1: expected the end of the document, found a second one; only one is read`},
		{"trailing comma in an array", `[1,]`, `in.json:1:4: expected a JSON value, found "]"`},
		{"trailing comma in an object", `{"a":1,}`, `in.json:1:8: expected a key in quotes, found "}"`},
		{"no comma", `[1 2]`, `in.json:1:4: expected "," or "]", found "2"`},
		{"no colon", `{"a" 1}`, `in.json:1:6: expected ":", found "1"`},
		{"wrong bracket", `{"a":1]`, `in.json:1:7: expected "," or "}", found "]"`},
		{"leading zero", `[01]`, `in.json:1:3: expected "," or "]", found "1"`},
		{"plus", `+1`, `in.json:1:1: expected a JSON value, found "+"`},
		{"no digit", `[1.x]`, `in.json:1:4: expected a digit, found "x"`},
		{"no exponent", `[1e+]`, `in.json:1:5: expected a digit, found "]"`},
		{"word", `[nope]`, `in.json:1:2: expected a JSON value, found "n"`},
		{"single quotes", `{'a':1}`, `in.json:1:2: expected a key in quotes, found "'"`},
		{"control character", "[\"a\nb\"]", `in.json:1:4: a control character 0x0a in a string; write it as an escape`},
		{"invalid UTF-8", "[\"a\xffb\"]", `in.json:1:4: the byte 0xff in a string is not UTF-8`},
		{"invalid byte outside", "[\xff]", `in.json:1:2: expected a JSON value, found the byte 0xff`},
		{"unknown escape", `"a\x41"`, `in.json:1:3: expected an escape such as \n or \u00e9, found "\\x41"`},
		{"short escape", `"\u12"`, `in.json:1:2: expected an escape such as \n or \u00e9, found "\\u12"`},
		{"signed escape", `"\u+123"`, `in.json:1:2: expected an escape such as \n or \u00e9, found "\\u+123"`},
		{"deep", strings.Repeat("[", MaxDepth+1), fmt.Sprintf("in.json:1:%d: nested deeper than %d levels", MaxDepth+1, MaxDepth)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(tt.in, "in.json")
			if err == nil {
				t.Fatal("no error")
			}
			if d := cmp.Diff(tt.want, err.Error()); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
			if blank := strings.TrimSpace(tt.in) == ""; errors.Is(err, perf.ErrNoResults) != blank {
				t.Errorf("wraps ErrNoResults: %v, want %v", !blank, blank)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	if _, err := Parse(strings.Repeat("[", MaxDepth)+strings.Repeat("]", MaxDepth), ""); err != nil {
		t.Errorf("at MaxDepth: %v", err)
	}
	_, err := Parse(strings.Repeat(" ", MaxBytes+1), "big.json")
	want := "big.json: a JSON document of 134217729 bytes is too large; 134217728 is the limit"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestPos(t *testing.T) {
	t.Parallel()
	root, err := Parse("{\n  \"a\": [1,\n\n 22],\n  \"b\": {\"c\": true}}", "in.json")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{
		root.Pos().String(),
		root.Members()[0].Pos().String(),
		root.Get("a").Pos().String(),
		root.Get("a").Items()[1].Pos().String(),
		root.Get("b").Get("c").Pos().String(),
	}
	want := []string{"in.json:1:1", "in.json:2:3", "in.json:2:8", "in.json:4:2", "in.json:5:14"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("positions (-want +got):\n%s", d)
	}
}

// TestPosInAnyOrder asks for places forwards, backwards and far apart: the line of
// the last one must never mislead the next.
func TestPosInAnyOrder(t *testing.T) {
	t.Parallel()
	text := "[" + strings.Repeat("\n1,\n 2, 3,\n\n", 40) + "4]"
	root, err := Parse(text, "in.json")
	if err != nil {
		t.Fatal(err)
	}
	items := root.Items()
	for i := range 3 * len(items) {
		n := &items[i*37%len(items)]
		if i < len(items) {
			n = &items[i]
		}
		before := text[:n.offset]
		want := perf.Pos{File: "in.json", Line: int32(1 + strings.Count(before, "\n")), Col: int32(len(before) - strings.LastIndex(before, "\n"))}
		if got := n.Pos(); got != want {
			t.Fatalf("item at %d: %s, want %s", n.offset, got, want)
		}
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	root, err := Parse(`{"a":{"b":null}}`, "in.json")
	if err != nil {
		t.Fatal(err)
	}
	if !root.Get("a").Has("b") {
		t.Error("a.b is there")
	}
	if n := root.Get("x").Get("y"); n != nil {
		t.Errorf("x.y is %v, want nil", n)
	}
	if n := root.Get("a").Get("b").Get("c"); n != nil {
		t.Errorf("a.b.c is %v, want nil", n)
	}
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	root, err := Parse(`[1.25, 1e999, "x", NaN, -1e-999]`, "in.json")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range root.Items() {
		n := &root.Items()[i]
		v, ferr := n.Float()
		s, serr := n.Str()
		got = append(got, fmt.Sprintf("%g %v | %q %v", v, ferr, s, serr))
	}
	want := []string{
		`1.25 <nil> | "" in.json:1:2: expected a string, found a number`,
		`0 in.json:1:8: 1e999 is out of the range of numbers | "" in.json:1:8: expected a string, found a number`,
		`0 in.json:1:15: expected a number, found a string | "x" <nil>`,
		`0 in.json:1:20: expected a number, found a missing number | "" in.json:1:20: expected a string, found a missing number`,
		`-0 <nil> | "" in.json:1:25: expected a string, found a number`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("accessors (-want +got):\n%s", d)
	}
}

// FuzzParse holds the parser against encoding/json: what that refuses, apart from
// bare words for missing numbers, is refused; what is accepted has the same values.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"x\u00e9\ud83d"],"b":{"c":null}}`, `[NaN,-Infinity]`, `{"a":1,"a":2}`, `"\ud800\udc00"`, `[01]`, ``, "[\"\xff\"]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := Parse(string(data), "in.json")
		if err != nil {
			checkError(t, data, err)
			return
		}
		var want any
		if json.Unmarshal(data, &want) != nil {
			if !strings.Contains(string(data), "NaN") && !strings.Contains(string(data), "Infinity") && !overflows(root) {
				t.Fatalf("accepted %q", data)
			}
			return
		}
		if d := cmp.Diff(want, value(t, root)); d != "" {
			t.Errorf("values (-encoding/json +tree):\n%s", d)
		}
	})
}

func checkError(t *testing.T, data []byte, err error) {
	t.Helper()
	var in *perf.InputError
	if !errors.As(err, &in) {
		t.Fatalf("error without a place: %v", err)
	}
	if lines := strings.Count(string(data), "\n") + 1; int(in.Pos.Line) > lines || int(in.Pos.Col) > len(data)+1 {
		t.Errorf("place %s outside the %d bytes", in.Pos, len(data))
	}
	if !utf8.ValidString(in.Msg) {
		t.Errorf("message %q is not UTF-8", in.Msg)
	}
}

func overflows(n *Node) bool {
	if n.Kind == Number {
		_, err := n.Float()
		return err != nil
	}
	for i := range n.Items() {
		if overflows(&n.Items()[i]) {
			return true
		}
	}
	for i := range n.Members() {
		if overflows(&n.Members()[i].Value) {
			return true
		}
	}
	return false
}

// value is the tree as encoding/json decodes it.
func value(t *testing.T, n *Node) any {
	t.Helper()
	switch n.Kind {
	case Null:
		return nil
	case Bool:
		return n.Text == "true"
	case Number:
		v, err := n.Float()
		if err != nil || math.IsNaN(v) {
			t.Fatalf("%s: %g, %v", n.Text, v, err)
		}
		return v
	case String:
		return n.Text
	case Array:
		list := []any{}
		for i := range n.Items() {
			list = append(list, value(t, &n.Items()[i]))
		}
		return list
	}
	m := map[string]any{}
	for i := range n.Members() {
		m[n.Members()[i].Name] = value(t, &n.Members()[i].Value)
	}
	return m
}

// bigDocument is a baseline-like file of about 1 MB.
func bigDocument() string {
	var b strings.Builder
	b.WriteString("{\"metrics\": [\n")
	for i := range 6000 {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `  {"subject": "GET /api/v1/items/%d", "metric": "latency_p95", "unit": "ms", "better": "lower", "values": [%d.25, %d.5, 98.125, 97], "count": %d}`, i, i, i, i*31)
	}
	b.WriteString("\n]}\n")
	return b.String()
}

// TestMemory holds a tree of realistic results to four and a half times its document, the
// document itself left out.
func TestMemory(t *testing.T) {
	data := bigDocument()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	root, err := Parse(data, "in.json")
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int(after.HeapAlloc) - int(before.HeapAlloc); used > 9*len(data)/2 {
		t.Errorf("%d bytes for a document of %d", used, len(data))
	} else {
		t.Logf("%.1f times the document", float64(used)/float64(len(data)))
	}
	runtime.KeepAlive(root)
}

func BenchmarkParse(b *testing.B) {
	data := bigDocument()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data, "in.json"); err != nil {
			b.Fatal(err)
		}
	}
}
