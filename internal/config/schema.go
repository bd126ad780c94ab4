package config

import _ "embed"

//go:embed schema/config.v1.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of speedgate.yml, version 1, for
// editors that complete and explain. It knows the structure; what goes across
// keys, [Parse] knows alone.
func Schema() []byte { return append([]byte(nil), schema...) }
