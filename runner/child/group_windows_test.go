package child

import "testing"

func skipOnWindows(t *testing.T) { t.Skip("Windows cannot ask a program to end") }

// parent plays nothing: what is left behind a killed process stays on Windows.
func parent() {}
