package config

import (
	"fmt"
	"slices"

	"speedgate/perf"
)

// decoder collects what is wrong while values are read from the tree. Reading
// goes on after an error, so that all of them are told at once.
type decoder struct {
	errs     perf.InputErrors
	warnings []perf.Warning
	told     map[mistake]bool
}

// mistake is one thing to mend. A value that aliases use in many places is one,
// whatever its paths.
type mistake struct {
	pos perf.Pos
	msg string
}

// errorf reports what is wrong with n, by its path.
func (d *decoder) errorf(n *node, format string, args ...any) {
	d.report(n.pos, prefix(n.path), fmt.Sprintf(format, args...))
}

// report adds an error unless the same was told of the same place.
func (d *decoder) report(pos perf.Pos, where, msg string) {
	m := mistake{pos, msg}
	if d.told[m] {
		return
	}
	if d.told == nil {
		d.told = map[mistake]bool{}
	}
	d.told[m] = true
	d.errs = append(d.errs, perf.Errorf(pos, "%s%s", where, msg))
}

func (d *decoder) warnf(n *node, format string, args ...any) {
	d.warnings = append(d.warnings, perf.Warning{Pos: n.pos, Msg: prefix(n.path) + fmt.Sprintf(format, args...)})
}

// expected reports a value of the wrong type.
func (d *decoder) expected(n *node, what string) {
	d.errorf(n, "expected %s, found %s", what, n.describe())
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// reader reads the value n into t.
type reader[T any] func(d *decoder, n *node, t *T)

// field is one key of an object.
type field[T any] struct {
	key      string
	required bool
	read     reader[T]
}

// object is a mapping with known keys: one definition of the JSON Schema.
type object[T any] struct {
	def    string // name of the definition
	fields []field[T]
	// rest reads a key that is not in fields, and reports whether there may be such a
	// key. nil: there may not.
	rest func(d *decoder, e entry, t *T) bool
}

// keys lists the known keys in the order of the table.
func (o object[T]) keys() []string {
	list := make([]string, len(o.fields))
	for i, f := range o.fields {
		list[i] = f.key
	}
	return list
}

// read reads the mapping n into t.
func (o object[T]) read(d *decoder, n *node, t *T) {
	if n.kind != kindMapping {
		d.expected(n, "a mapping")
		return
	}
	for _, f := range o.fields {
		if f.required && n.child(f.key) == nil {
			d.errorf(n, "%s is missing", f.key)
		}
	}
	for _, e := range n.entries {
		i := slices.IndexFunc(o.fields, func(f field[T]) bool { return f.key == e.key })
		if i >= 0 {
			o.fields[i].read(d, e.value, t)
			continue
		}
		if o.rest == nil || !o.rest(d, e, t) {
			d.unknownKey(n, e, o.keys())
		}
	}
}

// child returns the value of key, nil if n has none.
func (n *node) child(key string) *node {
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

func (d *decoder) unknownKey(n *node, e entry, known []string) {
	d.report(e.pos, prefix(n.path), "unknown key "+quote(e.key)+hint(e.key, known))
}

// into makes a reader of a scalar's parser and the place of its value.
func into[T, V any](parse func(*node) (V, error), at func(*T) *V) reader[T] {
	return func(d *decoder, n *node, t *T) {
		v, err := parse(n)
		if err != nil {
			d.errorf(n, "%s", err)
			return
		}
		*at(t) = v
	}
}

// intoPointer is [into] for values that may be absent.
func intoPointer[T, V any](parse func(*node) (V, error), at func(*T) **V) reader[T] {
	return into(func(n *node) (*V, error) {
		v, err := parse(n)
		return &v, err
	}, at)
}

// objectInto makes a reader of a section that is a mapping.
func objectInto[T, V any](o object[V], at func(*T) *V) reader[T] {
	return func(d *decoder, n *node, t *T) { o.read(d, n, at(t)) }
}

// listInto makes a reader of a list whose items item reads. atLeastOne refuses
// an empty list.
func listInto[T, V any](item reader[V], atLeastOne bool, at func(*T) *[]V) reader[T] {
	return func(d *decoder, n *node, t *T) {
		if n.kind != kindList {
			d.expected(n, "a list")
			return
		}
		if atLeastOne && len(n.items) == 0 {
			d.errorf(n, "expected at least one item, found an empty list")
		}
		list := make([]V, len(n.items))
		for i, it := range n.items {
			item(d, it, &list[i])
		}
		*at(t) = list
	}
}

// namedInto makes a reader of a mapping from names to objects, in file order.
func namedInto[T, V any](o object[V], setName func(*V, entry), at func(*T) *[]V) reader[T] {
	return func(d *decoder, n *node, t *T) {
		if n.kind != kindMapping {
			d.expected(n, "a mapping")
			return
		}
		list := make([]V, len(n.entries))
		for i, e := range n.entries {
			if !validName(e.key) {
				d.report(e.pos, prefix(n.path), badName(e.key))
			}
			setName(&list[i], e)
			o.read(d, e.value, &list[i])
		}
		*at(t) = list
	}
}
