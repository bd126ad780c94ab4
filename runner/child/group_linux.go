package child

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// attributes puts a program into a group of its own. Linux kills it when this
// process dies: the guard does that too, for the whole group, but not in the moment
// between the program's start and the guard's learning of it, nor without a shell.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// hasMembers reports whether a process of the group is alive. Dead ones that nobody
// has collected do not count: the first process of a container often collects none,
// and they would be members for ever.
func hasMembers(group int) bool {
	if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
		return false
	}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return true // no /proc; the kernel's answer must do
	}
	for _, name := range files {
		// A process that ends while it is looked at has no file any more.
		if stat, err := os.ReadFile(name); err == nil && isLiveMember(stat, group) {
			return true
		}
	}
	return false
}

// isLiveMember reads a line of proc(5), "pid (name) state ppid pgrp …", in which the
// name may hold anything.
func isLiveMember(stat []byte, group int) bool {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	return len(fields) > 2 && string(fields[2]) == strconv.Itoa(group) && !bytes.ContainsAny(fields[0], "ZX")
}
