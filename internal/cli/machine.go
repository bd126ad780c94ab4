package cli

import (
	"os"
	"regexp"
	"runtime"

	"speedgate/perf"
)

// modelName is a line of /proc/cpuinfo.
var modelName = regexp.MustCompile(`(?m)^model name\s*:\s*(.+?)\s*$`)

// machineEnv returns the environment of a test that was made on this machine.
func machineEnv() perf.Env {
	env := perf.Env{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU()}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return env // not Linux
	}
	if m := modelName.FindSubmatch(info); m != nil {
		env.CPU = string(m[1])
	}
	return env
}
