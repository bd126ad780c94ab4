package fakegithub

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

//go:embed testdata/api.github.com.json
var descriptionJSON []byte

// description is loaded once for all servers, which takes some 20 ms.
var description = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(descriptionJSON)
	if err != nil {
		return nil, err
	}
	correct(doc)
	return doc, nil
})

// correct changes the description where what GitHub sends does not meet it.
func correct(doc *openapi3.T) {
	// The repository of a head is null when the fork was deleted.
	schemas := doc.Components.Schemas
	repository := *schemas["repository"].Value
	repository.Nullable = true
	for _, name := range []string{"pull-request", "pull-request-simple"} {
		schemas[name].Value.Properties["head"].Value.Properties["repo"] = openapi3.NewSchemaRef("", &repository)
	}
	// A refused PUT of contents must have one of two shapes and not both, but one of
	// them allows anything.
	put := doc.Paths.Value("/repos/{owner}/{repo}/contents/{path}").Put
	conflict := put.Responses.Status(http.StatusConflict).Value.Content.Get("application/json").Schema.Value
	conflict.AnyOf, conflict.OneOf = conflict.OneOf, nil
}

// options of the checks. Tokens are checked elsewhere.
var options = &openapi3filter.Options{
	MultiError: true, SkipSettingDefaults: true, RejectWhenRequestBodyNotSpecified: true,
	AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
}

// input is what the checks want to know of a request.
func (o *operation) input(c *call) *openapi3filter.RequestValidationInput {
	r := c.r.Clone(context.Background())
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	params := map[string]string{}
	for _, name := range o.params {
		params[name] = c.r.PathValue(name)
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Options: options,
		Route: &routers.Route{Spec: o.doc, Path: o.path, PathItem: o.item, Method: o.method, Operation: o.spec},
	}
}

// checkRequest returns what is wrong with a request.
func (o *operation) checkRequest(c *call) []string {
	problems := o.strangers(c)
	if err := openapi3filter.ValidateRequest(c.r.Context(), o.input(c)); err != nil {
		problems = append(problems, brief(err))
	}
	return problems
}

// supported are the parameters of queries that the fake goes by.
var supported = []string{"page", "per_page", "ref", "state", "head", "base", "direction", "name"}

// strangers returns parameters of the query and fields of the body that GitHub would
// ignore, or the fake does: a misspelt one otherwise goes unnoticed.
func (o *operation) strangers(c *call) []string {
	var list []string
	for name := range c.r.URL.Query() {
		described := slices.ContainsFunc(o.spec.Parameters, func(p *openapi3.ParameterRef) bool {
			return p.Value.In == openapi3.ParameterInQuery && p.Value.Name == name
		})
		if !described || !slices.Contains(supported, name) {
			list = append(list, fmt.Sprintf("the fake has no parameter %q", name))
		}
	}
	var body object
	if o.spec.RequestBody == nil || json.Unmarshal(c.body, &body) != nil {
		return list
	}
	media := o.spec.RequestBody.Value.GetMediaType("application/json")
	fields := map[string]bool{}
	names(media.Schema, fields)
	for name := range body {
		if !fields[name] {
			list = append(list, fmt.Sprintf("GitHub has no field %q", name))
		}
	}
	slices.Sort(list)
	return list
}

// names collects the properties of a schema and its alternatives.
func names(s *openapi3.SchemaRef, into map[string]bool) {
	for name := range s.Value.Properties {
		into[name] = true
	}
	for _, part := range slices.Concat(s.Value.OneOf, s.Value.AnyOf, s.Value.AllOf) {
		names(part, into)
	}
}

// checkAnswer completes an answer and returns its JSON and what is wrong with it.
func (o *operation) checkAnswer(c *call, a *answer) ([]byte, error) {
	schema := o.schema(a.status)
	if schema == nil {
		return nil, errors.New("has a body that is not described")
	}
	plain, err := plainJSON(a.body)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(complete(schema, plain))
	if err != nil {
		return nil, err
	}
	if !o.describes(a.status) {
		var v any
		_ = json.Unmarshal(data, &v) // it was marshalled above
		return data, problem(schema.Value.VisitJSON(v, openapi3.MultiErrors()))
	}
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", a.kind)
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: o.input(c), Status: a.status, Header: header, Options: options,
	}
	return data, problem(openapi3filter.ValidateResponse(c.r.Context(), input.SetBodyBytes(data)))
}

func (o *operation) describes(status int) bool { return o.spec.Responses.Status(status) != nil }

// schema returns that of an answer. Refusals come everywhere in one shape, and the
// description names only some: 429 for instance nowhere.
func (o *operation) schema(status int) *openapi3.SchemaRef {
	if !o.describes(status) {
		if status < 300 {
			return nil
		}
		return o.doc.Components.Schemas["basic-error"]
	}
	media := o.spec.Responses.Status(status).Value.Content.Get("application/json")
	if media == nil {
		return nil
	}
	return media.Schema
}

// plainJSON turns a value into maps, lists, texts and numbers.
func plainJSON(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	return plain, json.Unmarshal(data, &plain)
}

func problem(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(brief(err))
}

// brief puts what the library says on one line, without the schemas and values that
// it prints at length.
func brief(err error) string {
	var keep []string
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSpace(line)
		if line == "Schema:" {
			break
		}
		if line != "" {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, " ")
}
