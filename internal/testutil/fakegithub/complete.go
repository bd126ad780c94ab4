package fakegithub

import (
	"maps"

	"github.com/getkin/kin-openapi/openapi3"
)

// complete adds to v, which is plain JSON, what a schema requires.
func complete(ref *openapi3.SchemaRef, v any) any {
	s := ref.Value
	if v == nil {
		return nil
	}
	if choices := append(s.OneOf[:len(s.OneOf):len(s.OneOf)], s.AnyOf...); len(choices) > 0 {
		return choose(choices, v)
	}
	for _, part := range s.AllOf {
		v = complete(part, v)
	}
	switch v := v.(type) {
	case object:
		return completeObject(s, v)
	case []any:
		if s.Items != nil {
			for i := range v {
				v[i] = complete(s.Items, v[i])
			}
		}
	}
	return v
}

func completeObject(s *openapi3.Schema, v object) object {
	v = maps.Clone(v)
	for _, name := range s.Required {
		property := s.Properties[name]
		if _, ok := v[name]; !ok && property != nil {
			v[name] = least(property)
		}
	}
	for name, property := range s.Properties {
		if value, ok := v[name]; ok {
			v[name] = complete(property, value)
		}
	}
	return v
}

// choose completes v for the first of several schemas that it then meets. It
// returns v as it is if it meets none, for the check that follows to complain about.
func choose(choices openapi3.SchemaRefs, v any) any {
	for _, c := range choices {
		if done := complete(c, v); c.Value.VisitJSON(done) == nil {
			return done
		}
	}
	return v
}

// least returns the smallest value that a schema allows.
func least(ref *openapi3.SchemaRef) any {
	s := ref.Value
	switch {
	case s.Nullable:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.OneOf) > 0:
		return least(s.OneOf[0])
	case len(s.AnyOf) > 0:
		return least(s.AnyOf[0])
	case len(s.AllOf) > 0:
		return complete(ref, object{})
	}
	switch {
	case s.Type.Is(openapi3.TypeObject):
		return complete(ref, object{})
	case s.Type.Is(openapi3.TypeArray):
		return []any{}
	case s.Type.Is(openapi3.TypeBoolean):
		return false
	case s.Type.Is(openapi3.TypeInteger), s.Type.Is(openapi3.TypeNumber):
		return 0.0
	}
	return leastText(s.Format)
}

func leastText(format string) string {
	switch format {
	case "date-time":
		return "2026-01-01T00:00:00Z"
	case "uri":
		return "https://github.example/"
	}
	return ""
}
