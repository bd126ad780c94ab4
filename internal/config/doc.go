// Package config turns speedgate.yml, SPEEDGATE_* variables and command line
// flags into typed values that know where they came from.
//
// The command line layer uses it in three steps:
//
//	at := config.Location(flags, os.Getenv)        // where the config is
//	file, err := config.Parse(data, at.Text)       // nil if there is no file
//	s, err := config.Resolve(flags, os.Getenv, file)
//	policy := s.Policy(time.Now())
//
// [Parse] is strict: an unknown key, a wrong type or a number that does not fit
// is an error with its place, and all of them are reported at once. Lines and
// columns count from 1; columns count bytes, as everywhere in speedgate, so that
// an editor that counts characters agrees on every line in ASCII.
//
// [Resolve] is the one place that knows the precedence flag > environment > file
// > default. It serves one suite; a command that judges several suites calls it
// once for each, with the suite's name among the flags. [Settings.Values] lists
// what is in force and where each value came from.
//
// [Schema] is the JSON Schema of the file, for editors, and [Starter] writes a
// first one.
//
// The package opens no file, reads no variable and no clock by itself, and knows
// nothing of commands.
package config
