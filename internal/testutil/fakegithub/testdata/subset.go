//go:build ignore

// Subset writes the part of GitHub's OpenAPI description that the fake checks
// against: the operations of operations.txt with all they refer to, without
// descriptions, examples and extensions.
//
//	npm pack @octokit/openapi@23.0.2
//	tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
//	go run subset.go package/generated/api.github.com.json
//
// It runs in this folder and writes api.github.com.json here.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
)

type object = map[string]any

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run subset.go DESCRIPTION.json")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	list, err := os.ReadFile("operations.txt")
	if err != nil {
		return err
	}
	var whole object
	if err := json.Unmarshal(data, &whole); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	part, err := subset(whole, strings.Split(strings.TrimSpace(string(list)), "\n"))
	if err != nil {
		return err
	}
	return os.WriteFile("api.github.com.json", layout(part), 0o644)
}

// subset returns the operations, each METHOD PATH, and the components they need.
func subset(whole object, operations []string) (object, error) {
	paths := object{}
	for _, o := range operations {
		method, path, _ := strings.Cut(o, " ")
		method = strings.ToLower(method)
		all, _ := whole["paths"].(object)[path].(object)
		if all[method] == nil {
			return nil, fmt.Errorf("operations.txt: %s is not described", o)
		}
		if paths[path] == nil {
			paths[path] = object{}
		}
		paths[path].(object)[method] = strip(all[method], false)
	}
	components := object{}
	if err := follow(whole, components, paths); err != nil {
		return nil, err
	}
	info := whole["info"].(object)
	return object{
		"openapi": whole["openapi"], "servers": whole["servers"], "paths": paths, "components": components,
		"info": object{"title": info["title"], "version": info["version"], "license": info["license"]},
	}, nil
}

// talk is what a description says to people, and hints that a check does without.
// In the list of an object's properties the same words are names of properties.
var talk = []string{"description", "summary", "example", "examples", "externalDocs", "tags", "title", "discriminator"}

func strip(v any, properties bool) any {
	switch v := v.(type) {
	case object:
		kept := object{}
		for key, value := range v {
			if !properties && (slices.Contains(talk, key) || strings.HasPrefix(key, "x-")) {
				continue
			}
			kept[key] = strip(value, key == "properties" && !properties)
		}
		if responses, ok := kept["responses"].(object); ok && !properties {
			describe(responses)
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i := range v {
			kept[i] = strip(v[i], false)
		}
		return kept
	}
	return v
}

// describe gives responses the description that OpenAPI demands.
func describe(responses object) {
	for _, r := range responses {
		if r := r.(object); r["$ref"] == nil {
			r["description"] = ""
		}
	}
}

// follow adds to components what v refers to, and what that refers to.
func follow(whole, components object, v any) error {
	switch v := v.(type) {
	case object:
		if ref, ok := v["$ref"].(string); ok {
			return add(whole, components, ref)
		}
		for _, value := range v {
			if err := follow(whole, components, value); err != nil {
				return err
			}
		}
	case []any:
		for _, value := range v {
			if err := follow(whole, components, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func add(whole, components object, ref string) error {
	parts := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
	if len(parts) != 2 {
		return fmt.Errorf("%s does not point at a component", ref)
	}
	kind, name := parts[0], parts[1]
	if components[kind] == nil {
		components[kind] = object{}
	}
	of := components[kind].(object)
	if of[name] != nil {
		return nil
	}
	found := whole["components"].(object)[kind].(object)[name]
	if found == nil {
		return fmt.Errorf("%s does not exist", ref)
	}
	stripped := strip(found, false).(object)
	if kind == "responses" {
		stripped["description"] = ""
	}
	of[name] = stripped
	return follow(whole, components, stripped)
}

// layout writes one line for each operation and component, so that a newer
// description shows what it changes.
func layout(part object) []byte {
	var b bytes.Buffer
	write(&b, part, map[string]int{"paths": 1, "components": 2}, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

// write spreads v over lines down to a depth, or as deep as deeper says for a key.
func write(b *bytes.Buffer, v object, deeper map[string]int, depth int) {
	indent := "\n" + strings.Repeat(" ", depth+1)
	b.WriteByte('{')
	for i, key := range slices.Sorted(maps.Keys(v)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%s%q: ", indent, key)
		value, isObject := v[key].(object)
		left, listed := deeper[key]
		if !listed {
			left = deeper[""]
		}
		if isObject && left > 0 {
			write(b, value, map[string]int{"": left - 1}, depth+1)
			continue
		}
		b.Write(compact(v[key]))
	}
	b.WriteString("\n" + strings.Repeat(" ", depth) + "}")
}

// compact is JSON without the escapes that are meant for HTML.
func compact(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		log.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}
