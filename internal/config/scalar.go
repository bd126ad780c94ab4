package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"speedgate/gate"
	"speedgate/internal/suggest"
	"speedgate/perf"
)

// typeError is a value of the wrong type.
func typeError(what string, n *node) error {
	return fmt.Errorf("expected %s, found %s", what, n.describe())
}

// text reads a text that is not empty. Numbers must be quoted: 1.10 would come
// back from most tools as 1.1.
func text(n *node) (string, error) {
	switch {
	case n.kind == kindNumber || n.kind == kindBool:
		return "", fmt.Errorf("expected text, found %s; write %q", n.describe(), n.text)
	case n.kind != kindText:
		return "", typeError("text", n)
	case strings.TrimSpace(n.text) == "":
		return "", errors.New("expected text, found an empty one")
	}
	return n.text, nil
}

// boolean reads true or false; yes and on are text in YAML 1.2.
func boolean(n *node) (bool, error) {
	if n.kind != kindBool {
		return false, typeError("true or false", n)
	}
	return strings.EqualFold(n.text, "true"), nil
}

// plainNumber is how a number is written. YAML knows more (0x1f, 0o14, 1_000,
// 014, .inf), all of which mean different things to different readers.
var plainNumber = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// number reads a finite number.
func number(n *node) (float64, error) {
	if n.kind != kindNumber {
		return 0, typeError("a number", n)
	}
	return parseNumber(n.text)
}

func parseNumber(s string) (float64, error) {
	if !plainNumber.MatchString(s) {
		return 0, fmt.Errorf("%s is not a plain decimal number", quote(s))
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large a number", quote(s))
	}
	return v, nil
}

// positive reads a number above 0.
func positive(n *node) (float64, error) {
	v, err := number(n)
	if err == nil && v <= 0 {
		return 0, fmt.Errorf("expected a number above 0, found %s", n.text)
	}
	return v, err
}

// maxWhole is far above every count of a config and fits every int.
const maxWhole = math.MaxInt32

// whole reads a whole number from 1.
func whole(n *node) (int, error) {
	if n.kind != kindNumber {
		return 0, typeError("a whole number", n)
	}
	return parseWhole(n.text)
}

func parseWhole(s string) (int, error) {
	v, err := parseNumber(s)
	switch {
	case err != nil:
		return 0, err
	case v != math.Trunc(v):
		return 0, fmt.Errorf("expected a whole number, found %s", s)
	case v < 1 || v > maxWhole:
		return 0, fmt.Errorf("expected a whole number from 1 to %d, found %s", maxWhole, s)
	}
	return int(v), nil
}

var percentText = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// percent reads a percentage above 0 and returns it as a ratio: 20% is 0.2. The
// sign is required, as 0.2 might mean 20 % or 0.2 %.
func percent(n *node) (float64, error) {
	switch n.kind {
	case kindText:
		return parsePercent(n.text)
	case kindNumber:
		return 0, bareNumber(n.text)
	}
	return 0, typeError("a percentage such as 20%", n)
}

// bareNumber says how to write a number that lacks its percent sign.
func bareNumber(s string) error {
	v, err := parseNumber(s)
	switch {
	case err != nil:
		return err
	case v > 0 && v < 1:
		return fmt.Errorf("%s has no percent sign; write %s%% or %s%%", s, s, formatNumber(v*100))
	}
	return fmt.Errorf("%s has no percent sign; write %s%%", s, s)
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func parsePercent(s string) (float64, error) {
	digits, ok := strings.CutSuffix(s, "%")
	if !ok || !percentText.MatchString(digits) {
		return 0, fmt.Errorf("%s is not a percentage; write %s", quote(s), percentHint(s))
	}
	// Through the exponent the ratio is the nearest float64; dividing rounds twice.
	v, err := strconv.ParseFloat(digits+"e-2", 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large a percentage", quote(s))
	}
	if v == 0 {
		return 0, errors.New("expected a percentage above 0%, found 0%")
	}
	return v, nil
}

var misspelledPercent = regexp.MustCompile(`^\s*\+?0*([0-9.]+)\s*(?:%|percent|per cent|pct)?\s*$`)

// percentHint repeats the number of a misspelled percentage rightly spelled. It
// guesses at nothing else.
func percentHint(s string) string {
	if m := misspelledPercent.FindStringSubmatch(s); m != nil && percentText.MatchString(m[1]) {
		return m[1] + "%"
	}
	return "a number above 0 and its sign, such as 20%"
}

// quantity reads a number with a unit.
func quantity(n *node) (perf.Quantity, error) {
	if n.kind != kindText && n.kind != kindNumber {
		return perf.Quantity{}, typeError("a number with a unit such as 100ms, 1000/s or 5%", n)
	}
	digits := strings.TrimLeft(strings.TrimSpace(n.text), "+-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return perf.Quantity{}, fmt.Errorf("%s starts with a zero, which some tools read as octal; take it out", quote(n.text))
	}
	return perf.ParseQuantity(n.text)
}

// duration reads a time above 0 in Go's spelling: 90s, 5m, 1h30m.
func duration(n *node) (time.Duration, error) {
	if n.kind == kindNumber {
		return 0, fmt.Errorf("%s has no unit; write %ss or %sm", n.text, n.text, n.text)
	}
	s, err := text(n)
	if err != nil {
		return 0, err
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%s is not a duration; write for example 90s, 5m or 1h30m", quote(s))
	}
	if v <= 0 {
		return 0, fmt.Errorf("expected a duration above 0, found %s", s)
	}
	return v, nil
}

// lastMoment reads a date and returns the last moment of that day in UTC, as a
// waiver holds to the end of the day that is written down.
func lastMoment(n *node) (time.Time, error) {
	if n.kind != kindText {
		return time.Time{}, typeError("a date such as 2026-12-31", n)
	}
	day, err := time.Parse(time.DateOnly, n.text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a date; write for example 2026-12-31", quote(n.text))
	}
	return day.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
}

// oneOf makes a parser of a word out of a few.
func oneOf[V ~string](what string, words ...V) func(*node) (V, error) {
	return func(n *node) (V, error) {
		if n.kind != kindText {
			return "", fmt.Errorf("expected %s, found %s", suggest.Or(words), n.describe())
		}
		return parseWord(n.text, what, words)
	}
}

func parseWord[V ~string](s, what string, words []V) (V, error) {
	for _, w := range words {
		if string(w) == s {
			return w, nil
		}
	}
	return "", fmt.Errorf("%s is not %s; write %s", quote(s), what, suggest.Or(words))
}

var (
	rules          = []gate.Rule{gate.RuleHistory, gate.RuleFixed}
	actions        = []gate.Action{gate.ActionFail, gate.ActionWarn, gate.ActionPass}
	suspectActions = []gate.Action{gate.ActionFail, gate.ActionWarn, gate.ActionPass, gate.ActionStrict}

	ruleWord      = oneOf("a rule", rules...)
	action        = oneOf("an action", actions...)
	suspectAction = oneOf("an action", suspectActions...)
)

// better reads a direction.
func better(n *node) (perf.Better, error) {
	b, err := oneOf("a direction", "lower", "higher")(n)
	if err != nil {
		return perf.BetterUnknown, err
	}
	parsed, _ := perf.ParseBetter(b)
	return parsed, nil
}

// pattern reads a pattern of keys.
func pattern(n *node) (perf.Pattern, error) {
	s, err := text(n)
	if err != nil {
		return perf.Pattern{}, err
	}
	return perf.ParsePattern(s)
}

// name is the spelling of suites, profiles and labels: it is safe in the marker of
// a pull request comment, a file name and a shell.
var name = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func validName(s string) bool { return name.MatchString(s) }

func badName(s string) string {
	return quote(s) + " is not a name; write up to 64 letters, digits, dots, dashes and underscores"
}

// nameWord reads a name.
func nameWord(n *node) (string, error) {
	s, err := text(n)
	if err != nil {
		return "", err
	}
	if !validName(s) {
		return "", errors.New(badName(s))
	}
	return s, nil
}
