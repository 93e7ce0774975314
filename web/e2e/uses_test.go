package e2e_test

import (
	"fmt"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// usePages are an entry that others used, related and adapted, and the pages about that; the entry is read by everybody.
func usePages(t *testing.T, s *webtest.Site, entry int) []look {
	t.Helper()
	at := fmt.Sprintf("/c/basel/repertoire/%d", entry)
	eleni, priya := s.As(t, "eleni-markaki"), s.As(t, "priya-raman")
	in := func(slug string) string {
		return fmt.Sprint(one(t, s, `select id from community where slug = '`+slug+`'`))
	}
	eleni.Post(at+"/use", "used-in", in("heraklion"), "used-place", "Αγορά", "used-on", "2026-06-12", "used-outcome", "Held through a **dry** August.", "used-again", "changed", "used-lang", "en").Sees(t, 303)
	eleni.Post(at+"/use", "used-in", in("heraklion"), "used-outcome", "Für nichts.", "used-again", "no", "used-lang", "de").Sees(t, 303)
	eleni.Post(at+"/uses/2/remove").Sees(t, 303)
	priya.Post(at+"/use", "used-in", in("london"), "used-outcome", "A second street, deep troughs from the start.", "used-again", "yes", "used-lang", "en").Sees(t, 303)
	made := eleni.Post(at+"/adapt", "adapt-in", in("heraklion"), "title", "Im Salzwind", "differs", "Salt wind, no rain from May to October.").Sees(t, 303).To()
	return []look{
		{"entry-used", "", at}, {"entry-use", "eleni-markaki", at + "/use"}, {"entry-uses", "eleni-markaki", at + "/uses"}, {"entry-uses-city", "", at + "/uses?city=london"}, {"entry-use-edit", "eleni-markaki", at + "/uses/1/edit"},
		{"entry-use-remove", "beat-hollenstein", at + "/uses/1/remove"}, {"entry-relate", "eleni-markaki", at + "/relate"}, {"entry-relate-nothing", "eleni-markaki", at + "/relate?q=xqzzt"}, {"entry-adapt", "eleni-markaki", at + "/adapt"}, {"entry-adapted", "eleni-markaki", made},
	}
}
