// Package jsonmap reads JSON that no tool's own parser knows: results that a
// project writes by itself. It tries three ways, in this order, and the run's
// source says which one was used.
//
//  1. The selectors of the config, if a mapping's glob matches the file's name.
//     The first mapping that matches counts, and nothing else is read.
//  2. The plain shape, as [Plain] describes it.
//  3. The automatic reading: numbers whose key, or the key around them, names a
//     unit or a statistic. What is not read is listed in a warning.
//
// The last two also read how many requests were made and how many of them failed:
// as members of the object that the figures stand in, of one around it, or of a
// summary beside it. They become the metrics requests and error_rate, so that
// latencies are not believed where requests failed. A document in which no request
// was made holds no results.
//
// JSON of a known tool that has no parser here is refused by the last two: half of
// it would be read, and read wrongly.
//
// # Paths
//
// A path begins with $, the document, and goes down step by step:
//
//	.name  ['any name']   the member of an object; \ in quotes keeps the next character
//	[0]  [-1]             an item of an array, counted from its end if negative
//	.*  [*]               every member of an object, every item of an array
//	.**                   the value itself and everything below it, at any depth
//
// Some paths, and what they are for:
//
//	$.scenarios.*.p95_ms       with the subject {1}: the name of the scenario
//	$.results[*].latency       with the subject {name}: the item's member "name"
//	$['/api/items'].p95        a key with slashes
//	$.**.p95_ms                the p95_ms of every object, wherever it stands
//	$.history[-1].metrics.*    with the metric {key}: the last snapshot
//
// # Subjects and metrics
//
// In the subject and metric of a selector, {1}, {2} … stand for what the first,
// second … wildcard of the path matched: a key, the index of an item, or the keys
// that ** went through, joined by " / ". {key} is the last key of the value's own
// path. {NAME} is the text of the member NAME of the nearest object around the value
// that has one.
//
// The package opens nothing and decides nothing.
package jsonmap
