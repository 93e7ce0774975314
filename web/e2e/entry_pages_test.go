package e2e_test

import (
	"fmt"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// entryLifePages are those of an entry that the community stands behind and that can be read in another language.
func entryLifePages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	at := fmt.Sprintf("/c/basel/repertoire/%d", one(t, s, `select i.number from item i join community c on c.id = i.community_id where c.slug = 'basel' and i.kind = 'entry' and i.audience = 0 and i.lang <> 'fr' order by i.number limit 1`))
	s.As(t, "lea-straumann").Post(at+"/translate", "lang", "fr", "of", "1", "revision", "0", "title", "Une vigne sur des fils", "summary", "De l’ombre pour peu d’argent.").Sees(t, 303)
	s.As(t, "beat-hollenstein").Post(at+"/endorse", "meeting", "").Sees(t, 303)
	return []look{{"entry-endorsed", "beat-hollenstein", at}, {"entry-in-french", "lea-straumann", at + "?in=fr"}, {"entry-languages", "lea-straumann", at + "/languages"}, {"entry-translate", "lea-straumann", at + "/translate?in=fr"},
		{"entry-changes", "", at + "/changes?since=1"}}
}
