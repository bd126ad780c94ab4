//go:build !unix

package git

import "os/exec"

// detach is for systems with sessions. Elsewhere only git itself is ended.
func detach(*exec.Cmd) {}
