package ui_test

import (
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/ui"
)

func TestADifferenceInBriefKeepsTheChangesAndSomeWordsAround(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("plain words that stay ", 60)
	render := func(before, after string) string {
		var out strings.Builder
		if err := ui.ChangesInBrief(before, after).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	got := render(long+"old end. "+long, long+"new end. "+long)
	if !strings.Contains(got, "<ins>new</ins>") || !strings.Contains(got, "<del>old</del>") || strings.Count(got, "[…]") != 2 || len(got) > 600 {
		t.Errorf("got %q, want both words and two cuts", got)
	}
	if got := render("a b c", "a <b> c"); !strings.Contains(got, "<ins>&lt;b&gt;</ins>") || strings.Contains(got, "[…]") {
		t.Errorf("got %q, want the short text whole and escaped", got)
	}
}

func TestADifferenceShowsHeadingsWithoutTheirMarks(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := ui.Changes("### Purpose\n\nWe share.\n", "### Purpose\n\nWe share.\n\n## How we talk\n\nPlainly, C# too.\n").Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, want := range []string{"<b>Purpose\n</b>", "<ins><b>How we talk\n</b></ins>", "Plainly, C# too."} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	if strings.Contains(got, "##") {
		t.Errorf("got %q with marks", got)
	}
}
