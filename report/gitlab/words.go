package gitlab

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxWords is how much of a refusal is read to learn its reason.
const maxWords = 64 << 10

// words returns what an answer says, in JSON of several shapes or as text: a message
// that is text, or lists of complaints by field, or error with error_description.
func words(body io.Reader) string {
	// A body that breaks off says what it says.
	data, _ := io.ReadAll(io.LimitReader(body, maxWords))
	var answer map[string]any
	if json.Unmarshal(data, &answer) != nil {
		return string(data)
	}
	var parts []string
	for _, name := range []string{"message", "error", "error_description"} {
		if v, ok := answer[name]; ok {
			parts = append(parts, flat(v))
		}
	}
	return strings.Join(parts, ": ")
}

// flat writes a value of JSON as text.
func flat(v any) string {
	var parts []string
	switch v := v.(type) {
	case string:
		return v
	case []any:
		for _, item := range v {
			parts = append(parts, flat(item))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" "+flat(v[name]))
		}
	}
	return strings.Join(parts, ", ")
}
