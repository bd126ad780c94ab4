package cli

import (
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"speedgate/internal/suggest"
)

// sorted puts the arguments of a command into the order that the library needs:
// flags, then "--", then the rest. The library stops reading flags at the first
// other argument and takes what follows for file names, so that a flag behind a
// file would be ignored in silence. Unknown flags, flags without their value and
// values of switches are usage errors.
func sorted(flags []ucli.Flag, args []string) ([]string, error) {
	var front, rest []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			rest = append(rest, args[i+1:]...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			rest = append(rest, arg)
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		f := find(flags, name)
		if f == nil {
			return nil, usagef("unknown flag %s%s", flagText(arg), suggest.DidYouMean(name, flagNames(flags)))
		}
		front = append(front, arg)
		_, isSwitch := f.(*ucli.BoolFlag)
		switch {
		case isSwitch && hasValue:
			return nil, usagef("flag --%s takes no value", name)
		case isSwitch || hasValue:
		case i+1 == len(args) || len(args[i+1]) > 1 && args[i+1][0] == '-':
			return nil, usagef("flag --%s needs a value", name)
		default:
			i++
			front = append(front, args[i])
		}
	}
	return slices.Concat(front, []string{"--"}, rest), nil
}

func flagText(arg string) string {
	name, _, _ := strings.Cut(arg, "=")
	return name
}

func find(flags []ucli.Flag, name string) ucli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func flagNames(flags []ucli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()[0])
	}
	return names
}
