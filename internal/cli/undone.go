package cli

import (
	"errors"
	"fmt"
	"strings"

	"speedgate/internal/ci"
	"speedgate/report"
	"speedgate/report/safetext"
)

// undone is what a check could not do besides its verdict, and why. Several things that
// fail for one reason are one.
type undone struct {
	what []string
	why  string
}

func (u undone) String() string { return strings.Join(u.what, ", ") + ": " + u.why }

// errNoToken is why nothing can be told.
var errNoToken = errors.New("there is no token; give the step GITHUB_TOKEN")

// leave notes what could not be done, for [session.tellUndone]; a nil err is none.
func (s *session) leave(what string, err error) {
	if err == nil {
		return
	}
	why := err.Error()
	for i := range s.undone {
		if s.undone[i].why == why {
			s.undone[i].what = append(s.undone[i].what, what)
			return
		}
	}
	s.undone = append(s.undone, undone{[]string{what}, why})
}

// tellUndone says what could not be done where it is seen: a line among thousands of a
// log is not. It stands behind the table, where the runner obeys commands again.
func (s *session) tellUndone(out *outputs) error {
	list := s.undone
	s.undone = nil
	var errs []error
	for _, u := range list {
		text := safetext.Line(u.String())
		if s.ciJob().System != "github" {
			s.talk("warning: %s", text)
			continue
		}
		_, err := fmt.Fprint(out.table, ci.Annotation("warning", "speedgate", text))
		errs = append(errs, err)
		if path := s.env("GITHUB_STEP_SUMMARY"); path != "" {
			errs = append(errs, appendFile(path, []byte("\n"+report.Alert(text))))
		}
	}
	return errors.Join(errs...)
}
