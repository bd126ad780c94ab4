package locust

import (
	"cmp"
	"net"
	"strconv"
	"strings"
	"time"
)

// args returns the arguments of the master, or of the only Locust there is, which has
// further locustfiles.
func (t *Test) args(v Version, files []string) []string {
	args := []string{
		"--headless", "--only-summary",
		"--locustfile=" + strings.Join(append([]string{t.locustfile()}, files...), ","),
	}
	if len(t.Stages) == 0 {
		args = append(
			args,
			"--users="+strconv.Itoa(t.Users), "--spawn-rate="+strconv.FormatFloat(t.SpawnRate, 'f', -1, 64), "--run-time="+seconds(t.Duration)+"s",
		)
	}
	args = append(args, "--stop-timeout="+seconds(t.stopTimeout()), "--csv="+t.Prefix, "--csv-full-history")
	if v.writesJSON() {
		args = append(args, "--json-file="+t.Prefix) // Locust adds .json
	}
	if t.HTML {
		args = append(args, "--html="+t.Prefix+".html")
	}
	if t.Host != "" {
		args = append(args, "--host="+t.Host)
	}
	args = append(args, t.master()...)
	return append(args, t.shared()...)
}

// master returns what makes Locust a master, if it has workers.
func (t *Test) master() []string {
	if !t.listens() {
		return nil
	}
	host, port, _ := splitAddress(t.listen()) // checked
	args := []string{"--master-bind-host=" + cmp.Or(host, "*"), "--master-bind-port=" + port}
	if t.Processes > 1 {
		return append(args, "--processes="+strconv.Itoa(t.Processes), "--master-host="+near(host), "--master-port="+port)
	}
	return append(args, "--master", "--expect-workers="+strconv.Itoa(t.Workers+t.Remote), "--expect-workers-max-wait="+seconds(t.workerWait()))
}

// worker returns the arguments of a worker on this machine.
func (t *Test) worker() []string {
	host, port, _ := splitAddress(t.listen()) // checked
	args := []string{"--worker", "--headless", "--locustfile=" + t.locustfile(), "--master-host=" + near(host), "--master-port=" + port}
	return append(args, t.shared()...)
}

// shared returns what master and workers are both told. The lists come last, as the
// words of a list end at the next option.
func (t *Test) shared() []string {
	// Requests that failed are a result, which the gate judges.
	args := []string{"--exit-code-on-error=0"}
	if t.ResetStats && len(t.Stages) == 0 { // Locust would do so at each change
		args = append(args, "--reset-stats")
	}
	if len(t.Tags) > 0 {
		args = append(append(args, "--tags"), t.Tags...)
	}
	if len(t.ExcludeTags) > 0 {
		args = append(append(args, "--exclude-tags"), t.ExcludeTags...)
	}
	return args
}

func (t *Test) locustfile() string { return cmp.Or(t.Locustfile, defaultLocustfile) }

// near returns where a program of this machine reaches one that listens at host.
func near(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

// seconds returns whole seconds.
func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
