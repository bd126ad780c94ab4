package perf

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPosString(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Pos{
		"":           {},
		"a.csv":      {File: "a.csv"},
		"a.csv:17":   {File: "a.csv", Line: 17},
		"a.csv:17:4": {File: "a.csv", Line: 17, Col: 4},
		"b.csv":      {File: "b.csv", Col: 4}, // a column says nothing without its line
	} {
		if got := p.String(); got != want {
			t.Errorf("%#v is %q, want %q", p, got, want)
		}
	}
}

func TestInputError(t *testing.T) {
	t.Parallel()
	at := Pos{File: "a.csv", Line: 17, Col: 4}
	for want, e := range map[string]*InputError{
		`a.csv:17:4: "N/A" is not a request count`: Errorf(at, "%q is not a request count", "N/A"),
		"100% wrong": {Msg: "100% wrong"},
		"a.csv:17:4: nothing measured: no results":   {Pos: at, Msg: "nothing measured", Err: ErrNoResults},
		"cannot be read: permission denied":          {Msg: "cannot be read", Err: fs.ErrPermission},
		"a.csv:17:4: %!d(string=x) is wrong":         Errorf(at, "%s is wrong", "%!d(string=x)"),
		"b.json: one\ntwo (the text is not changed)": {Pos: Pos{File: "b.json"}, Msg: "one\ntwo (the text is not changed)"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("Error = %q, want %q", got, want)
		}
	}
}

func TestInputErrorUnwrap(t *testing.T) {
	t.Parallel()
	e := &InputError{Pos: Pos{File: "a.csv"}, Msg: "nothing measured", Err: ErrNoResults}
	wrapped := fmt.Errorf("reading: %w", e)
	if !errors.Is(wrapped, ErrNoResults) {
		t.Error("ErrNoResults is lost")
	}
	if found, ok := errors.AsType[*InputError](wrapped); !ok || found != e {
		t.Errorf("AsType = %v, %t", found, ok)
	}
	if errors.Is(Errorf(Pos{}, "other"), ErrNoResults) {
		t.Error("an error without a cause is ErrNoResults")
	}
}

// numbered returns n errors, one a line of x.csv.
func numbered(n int) InputErrors {
	var es InputErrors
	for i := range n {
		es = append(es, Errorf(Pos{File: "x.csv", Line: int32(i + 1)}, "bad"))
	}
	return es
}

func TestInputErrorsText(t *testing.T) {
	t.Parallel()
	var twenty []string
	for i := range MaxErrors {
		twenty = append(twenty, fmt.Sprintf("x.csv:%d: bad", i+1))
	}
	for n, want := range map[int]string{
		0:       "",
		1:       "x.csv:1: bad",
		2:       "x.csv:1: bad\nx.csv:2: bad",
		20:      strings.Join(twenty, "\n"),
		21:      strings.Join(append(twenty[:20:20], "… and 1 more"), "\n"),
		100_000: strings.Join(append(twenty[:20:20], "… and 99980 more"), "\n"),
	} {
		if d := cmp.Diff(want, numbered(n).Error()); d != "" {
			t.Errorf("%d errors (-want +got):\n%s", n, d)
		}
	}
}

func TestInputErrorsErr(t *testing.T) {
	t.Parallel()
	if err := InputErrors(nil).Err(); err != nil {
		t.Errorf("no errors are %#v", err)
	}
	if err := (InputErrors{}).Err(); err != nil {
		t.Errorf("an empty list is %#v", err)
	}
	one := numbered(1)
	if err := one.Err(); err != error(one[0]) {
		t.Errorf("one error is %#v, want itself", err)
	}
	if _, ok := errors.AsType[InputErrors](numbered(2).Err()); !ok {
		t.Error("two errors are no InputErrors")
	}
}

func TestInputErrorsUnwrap(t *testing.T) {
	t.Parallel()
	es := numbered(30)
	es[29].Err = ErrNoResults
	err := fmt.Errorf("reading: %w", es.Err())
	if !errors.Is(err, ErrNoResults) {
		t.Error("the cause of the thirtieth error is lost, though only twenty are printed")
	}
	if first, ok := errors.AsType[*InputError](err); !ok || first != es[0] {
		t.Errorf("AsType = %v, %t, want the first", first, ok)
	}
	if errors.Is(numbered(3).Err(), ErrNoResults) {
		t.Error("errors without a cause are ErrNoResults")
	}
}

func TestWarningString(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]Warning{
		"a.csv:3: 2 rows left out": {Pos: Pos{File: "a.csv", Line: 3}, Msg: "2 rows left out"},
		"2 rows left out":          {Msg: "2 rows left out"},
	} {
		if got := w.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}
