package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	h := start(t)
	if err := h.Status(t.Context(), repo, h.head, "speedgate", "failure", strings.Repeat("ä", 200), "https://ci.example/1"); err != nil {
		t.Fatal(err)
	}
	if err := h.Status(t.Context(), repo, h.head, "other", "success", "fine", ""); err != nil {
		t.Fatal(err)
	}
	want := []fakegithub.CommitStatus{
		{
			SHA: h.head, Context: "speedgate", State: "failure", Description: strings.Repeat("ä", 139) + "…",
			TargetURL: "https://ci.example/1", Creator: bot,
		},
		{SHA: h.head, Context: "other", State: "success", Description: "fine", Creator: bot},
	}
	if d := cmp.Diff(want, h.repo.Statuses()); d != "" {
		t.Errorf("statuses (-want +got):\n%s", d)
	}
}
