package ui_test

import (
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/ui"
)

func TestTheSummaryNamesTheFieldOfAProblemThatCouldBeAnys(t *testing.T) {
	t.Parallel()
	var in fault.Invalid
	in.Check(false, "title", "required")
	in.Check(false, "agreed", "agree")
	in.Check(false, "no-such-field", "required")
	for lang, want := range map[locale.Lang][]string{
		locale.English: {`<a href="#field-title">Title: Please fill in this field.</a>`, `<a href="#field-agreed">Please read the charter`, `<a href="#field-no-such-field">Please fill in this field.</a>`},
		locale.French:  {`Titre : Veuillez remplir ce champ.`},
	} {
		ctx := locale.With(t.Context(), lang)
		problems := ui.ProblemsOf(ctx, in.Err())
		var out strings.Builder
		if err := ui.Summary(problems).Render(ctx, &out); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: got %q, want %q in it", lang, out.String(), w)
			}
		}
		if got := problems.At("title"); len(got) != 1 || strings.Contains(got[0], "Tit") {
			t.Errorf("%s: beside the field stands %q", lang, got)
		}
	}
}
