package config

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.v1.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// document reads a config as an editor does: as plain values.
func document(t testing.TB, data []byte, name string) (any, bool) {
	t.Helper()
	src, bad := newSource(data, name)
	if bad != nil {
		return nil, false
	}
	root, errs := parseTree(src)
	return jsonValue(root), root != nil && len(errs) == 0
}

func jsonValue(n *node) any {
	if n == nil {
		return nil
	}
	switch n.kind {
	case kindMapping:
		m := map[string]any{}
		for _, e := range n.entries {
			m[e.key] = jsonValue(e.value)
		}
		return m
	case kindList:
		list := []any{}
		for _, item := range n.items {
			list = append(list, jsonValue(item))
		}
		return list
	case kindText:
		return n.text
	case kindNumber:
		if v, err := strconv.ParseFloat(n.text, 64); err == nil && plainNumber.MatchString(n.text) {
			return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
		}
		return n.text // .nan and the like have no value in JSON
	case kindBool:
		return n.text == "true"
	}
	return nil
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	t.Parallel()
	s := compileSchema(t)
	for name, data := range inputs(t, "ok") {
		doc, ok := document(t, data, name)
		if !ok {
			t.Errorf("%s: no document", name)
			continue
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// acrossKeys are mistakes that no schema can see: they lie in the spelling of a
// file, or between two of its values.
var acrossKeys = []string{
	"two_spellings.yml", "levels.yml", "duplicates.yml", "second_document.yml", "profiles_together.yml", "profile_numbers.yml", "profile_loads.yml",
}

func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	t.Parallel()
	s := compileSchema(t)
	for name, data := range inputs(t, "bad") {
		doc, ok := document(t, data, name)
		if !ok {
			continue // not a document for an editor either
		}
		if err := s.Validate(doc); (err != nil) == slices.Contains(acrossKeys, name) {
			t.Errorf("%s: the schema says %v", name, err)
		}
	}
}

// definition is the part of a definition that the tables of the code know too.
type definition struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
}

// tables lists the keys and required keys of every object of the code.
func tables() map[string]definition {
	all := map[string]definition{}
	add(all, configObject)
	add(all, baselineObject)
	add(all, thresholdsObject)
	add(all, ruleObject)
	add(all, actionsObject)
	add(all, targetObject)
	add(all, suiteObject)
	add(all, scalingObject)
	add(all, profileObject)
	add(all, stressObject)
	add(all, spikeObject)
	add(all, recoveryObject)
	add(all, requestObject)
	add(all, workersObject)
	add(all, readyObject)
	add(all, watchObject)
	add(all, alertObject)
	add(all, webhookObject)
	add(all, stepsObject)
	add(all, mappingObject)
	add(all, selectorObject)
	add(all, waiverObject)
	add(all, historyObject)
	return all
}

func add[T any](all map[string]definition, o object[T]) {
	d := definition{Properties: map[string]json.RawMessage{}}
	for _, f := range o.fields {
		d.Properties[f.key] = nil
		if f.required {
			d.Required = append(d.Required, f.key)
		}
	}
	all[o.def] = d
}

func TestSchemaKnowsTheKeysOfTheCode(t *testing.T) {
	t.Parallel()
	var root struct {
		definition
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	inSchema := map[string]definition{"config": root.definition}
	for name, d := range root.Defs {
		if d.Properties != nil {
			inSchema[name] = d
		}
	}
	want := tables()
	// The version is read, and missed, before the table of the config.
	c := want["config"]
	c.Required = []string{"version"}
	want["config"] = c
	// An editor completes metrics, of which the code takes any.
	target := want["target"]
	target.Properties[availability] = nil
	for _, m := range metricNames() {
		target.Properties[m] = nil
	}
	sameKeys := gocmp.Comparer(func(a, b json.RawMessage) bool { return true })
	if d := gocmp.Diff(want, inSchema, sameKeys); d != "" {
		t.Errorf("(-code +schema):\n%s", d)
	}
}

// Every definition and property explains itself, as editors show it.
func TestSchemaDescribesEveryKey(t *testing.T) {
	t.Parallel()
	var root any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	undescribed(t, "", root, root.(map[string]any)["$defs"].(map[string]any))
}

func undescribed(t *testing.T, path string, v any, defs map[string]any) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	for _, group := range []string{"properties", "$defs"} {
		members, _ := m[group].(map[string]any)
		for key, member := range members {
			at := path + "/" + key
			s := member.(map[string]any)
			ref, isRef := s["$ref"].(string)
			if s["description"] == nil && (!isRef || defs[ref[len("#/$defs/"):]].(map[string]any)["description"] == nil) {
				t.Errorf("%s has no description", at)
			}
			undescribed(t, at, member, defs)
		}
	}
}

func TestSchemaIsACopy(t *testing.T) {
	t.Parallel()
	Schema()[0] = 'x'
	if Schema()[0] != '{' {
		t.Error("a caller changed the schema")
	}
}
