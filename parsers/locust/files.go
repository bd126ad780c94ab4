package locust

import "strings"

// suffixes are the endings of the files that one --csv PREFIX writes, over all
// versions. No ending is a tail of another one.
var suffixes = []string{
	"_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv", "_requests.csv", "_distribution.csv",
}

// Prefix names the invocation of Locust that the file name belongs to: the
// --csv prefix with its folder, or name itself if it has none of the endings
// that Locust gives to its CSV files.
func Prefix(name string) string {
	for _, s := range suffixes {
		if prefix, ok := strings.CutSuffix(name, s); ok {
			return prefix
		}
	}
	return name
}

// Siblings returns the names of the other CSV files that the invocation which
// wrote name may have written beside it. It is empty if name has none of
// Locust's endings. Not every version writes all of them.
func Siblings(name string) []string {
	prefix := Prefix(name)
	if prefix == name {
		return nil
	}
	var list []string
	for _, s := range suffixes {
		if sibling := prefix + s; sibling != name {
			list = append(list, sibling)
		}
	}
	return list
}
