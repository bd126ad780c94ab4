package loadtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"speedgate/internal/config"
	"speedgate/runner"
	"speedgate/runner/child"
	"speedgate/runner/resource"
)

// processName returns what the results call the watched process.
func processName(p config.Profile) string {
	switch {
	case p.Watch.Name != "":
		return p.Watch.Name
	case p.Watch.Container != "":
		return p.Watch.Container
	}
	line := p.Watch.Command
	if line == "" {
		line = p.Start
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return "service"
	}
	return filepath.Base(words[0])
}

// watch returns a sampler of the process that the profile names, else of the started
// service.
func (m *maker) watch(started int) (runner.Sampler, error) {
	w := m.p.Watch
	switch {
	case w.Container != "":
		id, err := containerID(w.Container, m.environ())
		if err != nil {
			return nil, err
		}
		return resource.Container(id)
	case w.PID != 0:
		return resource.Process(w.PID)
	case w.Command != "":
		pid, err := findProcess(w.Command)
		if err != nil {
			return nil, err
		}
		return resource.Process(pid)
	}
	return resource.Process(started)
}

// findProcess returns the process whose command line holds text. Children of a process
// that holds it too are watched with it, so that the parent is the one that is meant.
func findProcess(text string) (int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		return 0, errors.New("processes are found by their command line on Linux only; name the pid")
	}
	found := map[int]int{} // to the parent
	for _, name := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		// A process that ends while it is looked at has no file any more.
		line, err := os.ReadFile(name)
		if err == nil && pid != os.Getpid() && strings.Contains(string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})), text) {
			found[pid] = parentOf(pid)
		}
	}
	var roots []int
	for pid, parent := range found {
		if _, isChild := found[parent]; !isChild {
			roots = append(roots, pid)
		}
	}
	switch len(roots) {
	case 0:
		return 0, fmt.Errorf("no process has %q in its command line", text)
	case 1:
		return roots[0], nil
	}
	return 0, fmt.Errorf("%d processes have %q in their command lines; name more of it, or the pid", len(roots), text)
}

// parentOf reads proc(5), "pid (name) state ppid …", in which the name may hold
// anything; 0 if the process is gone.
func parentOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(string(fields[1]))
	return parent
}

// isContainerID recognises an id, whole or as tools show it.
var isContainerID = regexp.MustCompile(`^[0-9a-f]{12,64}$`)

// askTime is how long a container engine may take to answer.
const askTime = 10 * time.Second

// containerID returns the id of a container. Engines know it by name.
func containerID(name string, environ []string) (string, error) {
	if isContainerID.MatchString(name) {
		return name, nil
	}
	var errs []error
	for _, engine := range []string{"docker", "podman"} {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		var out bytes.Buffer
		err := child.Run(ctx, child.Command{Args: []string{engine, "inspect", "--format", "{{.Id}}", "--", name}, Environ: environ, Stdout: &out})
		cancel()
		id := strings.TrimSpace(out.String())
		if err == nil && isContainerID.MatchString(id) {
			return id, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", engine, withTail(err)))
	}
	return "", fmt.Errorf("no container is called %s: %w", name, errors.Join(errs...))
}
