//go:build unix && !linux

package child

import "syscall"

// attributes puts a program into a group of its own.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// hasMembers reports whether a process of the group is alive. For a group of dead
// processes only, which nobody has collected, these systems answer with an error.
func hasMembers(group int) bool { return syscall.Kill(-group, 0) == nil }
