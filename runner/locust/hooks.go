package locust

import (
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// Further locustfiles for the master, or for the only Locust there is.
var (
	//go:embed flush.py
	flushFile []byte
	//go:embed stages.py
	stagesFile []byte // of a test that has stages
)

// hooks are the further locustfiles of a test, in a folder of their own.
type hooks struct {
	dir   string
	files []string
}

// stagesJSON is what stages.py reads.
type stagesJSON struct {
	Window int         `json:"window"` // seconds
	Stages []stageJSON `json:"stages"`
}

type stageJSON struct {
	Users     int     `json:"users"`
	SpawnRate float64 `json:"spawn_rate"`
	Seconds   float64 `json:"seconds"`
	Reset     bool    `json:"reset"`
}

// writeHooks writes the further locustfiles of a test. The caller removes them.
func (t *Test) writeHooks() (*hooks, error) {
	dir, err := os.MkdirTemp(filepath.Dir(t.Prefix), ".hooks-") // a test that is killed leaves it with its other files
	if err != nil {
		return nil, err
	}
	h := &hooks{dir: dir, files: []string{filepath.Join(dir, "speedgate_flush.py")}}
	err = os.WriteFile(h.files[0], flushFile, 0o644)
	if err == nil && len(t.Stages) > 0 {
		err = h.addStages(t)
	}
	if err != nil {
		return nil, errors.Join(err, h.remove())
	}
	return h, nil
}

func (h *hooks) addStages(t *Test) error {
	plan := stagesJSON{Window: int(t.Window() / time.Second)}
	for i, s := range t.Stages {
		plan.Stages = append(plan.Stages, stageJSON{s.Users, s.SpawnRate, s.Duration.Seconds(), t.ResetStats && i == 1})
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	file := filepath.Join(h.dir, "speedgate_stages.py")
	h.files = append(h.files, file)
	return errors.Join(os.WriteFile(filepath.Join(h.dir, "stages.json"), text, 0o644), os.WriteFile(file, stagesFile, 0o644))
}

func (h *hooks) remove() error { return os.RemoveAll(h.dir) }

// stageBegins is what stages.py says when a stage begins.
var stageBegins = regexp.MustCompile(`^speedgate: stage (\d{1,6})\s*$`)

// stageOf returns the index of the stage that begins with a line of the log.
func stageOf(line []byte) (index int, ok bool) {
	m := stageBegins.FindSubmatch(line)
	if m == nil {
		return 0, false
	}
	index, err := strconv.Atoi(string(m[1]))
	return index, err == nil
}
