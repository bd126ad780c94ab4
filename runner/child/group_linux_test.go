package child

import "testing"

func TestIsLiveMember(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stat string
		want bool
	}{
		{"12 (sleep) S 1 7 2216 0", true},
		{"12 (sleep) S 1 70 2216 0", false},
		{"12 (sleep) Z 1 7 2216 0", false},
		{"12 (sleep) X 1 7 2216 0", false},
		{"12 (a) Z 1 9 b) R 1 7 2216 0", true},
		{"12 (sleep) S", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := isLiveMember([]byte(tt.stat), 7); got != tt.want {
			t.Errorf("isLiveMember(%q) = %t", tt.stat, got)
		}
	}
}
