// Package locust reads what Locust writes: the CSV files of --csv in every
// version since 0.7.5, the histogram of --json and --json-file, and the data
// inside an HTML report.
//
// Each CSV file is one part of a run. Parse functions return the part that
// their file holds, which may be a workload or a list of failures without any
// series; [Join] makes the run. JSON and HTML hold a whole run each.
//
// Columns are found by name, never by position: users choose percentiles, and
// versions of Locust differ. The package opens no files and expects text that
// package decode has cleaned.
package locust
