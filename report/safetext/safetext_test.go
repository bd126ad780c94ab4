package safetext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"speedgate/report/safetext"
)

func TestLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "POST /api/v1/chat/message", "POST /api/v1/chat/message"},
		{"letters of other scripts", "Größe 測試 тест", "Größe 測試 тест"},
		{"a backslash stays", `a\b`, `a\b`},
		{"a replacement character stays", "a\ufffdb", "a\ufffdb"},
		{"line feed", "a\nb", `a\nb`},
		{"carriage return and line feed", "a\r\nb", `a\r\nb`},
		{"lone carriage return", "a\r::error::b", `a\r::error::b`},
		{"tab", "a\tb", `a\tb`},
		{"escape sequence", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"delete", "a\x7f", `a\x7f`},
		{"C1 control", "a\u009b31m", `a\u009b31m`},
		{"right-to-left override", "a\u202eb", `a\u202eb`},
		{"zero width blank", "a\u200bb", `a\u200bb`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"no-break blank", "\u00a0::error::x", `\u00a0::error::x`},
		{"Hangul filler", "a\u3164", `a\u3164`},
		{"variation selector", "\u26a0\ufe0f", "\u26a0" + `\ufe0f`},
		{"private use", "a\ue000\U000f0000", `a\ue000\U000f0000`},
		{"tag characters", "a\U000e0041", `a\U000e0041`},
		{"invalid byte", "a\xffb", `a\xffb`},
		{"command at the start", "::error::x", `:\:error::x`},
		{"command behind blanks", "   ::add-mask::e", `   :\:add-mask::e`},
		{"three colons", ":::x", `:\::x`},
		{"colons inside", "a::b", "a::b"},
		{"old command", "x ##[add-mask]e", `x #\#[add-mask]e`},
		{"old command with many hashes", "###[error]", `##\#[error]`},
		{"Azure", "##vso[task.setvariable]", `#\#vso[task.setvariable]`},
		{"Azure in capitals", "a##VSO[x]", `a#\#VSO[x]`},
		{"TeamCity", "##teamcity[x]", `#\#teamcity[x]`},
		{"a heading is no command", "## a [link]", "## a [link]"},
		{"hidden between the hashes", "#\u200b#[error]", `#\u200b#[error]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := safetext.Line(tt.in)
			if got != tt.want {
				t.Errorf("Line(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if plain := safetext.Plain(tt.in); plain != (tt.in == tt.want) {
				t.Errorf("Plain(%q) = %v", tt.in, plain)
			}
		})
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "a\x00b", "::x", " ::x", "##[x]", "###[", "##vso[", "\xff\xfe", "\u202e", "#\n#["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := safetext.Line(s)
		if again := safetext.Line(got); again != got {
			t.Errorf("Line(%q) = %q, and Line of that %q", s, got, again)
		}
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x1b") {
			t.Errorf("Line(%q) = %q", s, got)
		}
		if strings.Contains(got, "##[") || strings.HasPrefix(strings.TrimSpace(got), "::") {
			t.Errorf("Line(%q) = %q is a command", s, got)
		}
	})
}
