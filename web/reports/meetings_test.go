package reports_test

import (
	"testing"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/webtest"
)

func TestPowersOverMeetingsStandOnTheAuditPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	at := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "workshop", "day", "2099-03-05", "from", "14:00", "until", "16:30", "zone", "Europe/Zurich", "lang", "en", "audience", "community").Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	beat.Post(at+"/call-off", "reason", "The hall is flooded.").Sees(t, 303)
	for _, sql := range []string{
		`insert into activity (at, actor_id, verb, item_id, community_id, detail) select now(), a.id, 'meeting.invite-guests', m.item_id, m.community_id, '{"guests": [1, 2]}' from meeting m, account a where a.handle = 'jonas-wirz' and m.called_off_reason = 'The hall is flooded.'`,
		`insert into activity (at, actor_id, verb, item_id, community_id) select now(), a.id, v, m.item_id, m.community_id from meeting m, account a, (values ('series.publish'), ('minutes.approve')) n (v) where a.handle = 'jonas-wirz' and m.called_off_reason = 'The hall is flooded.'`,
	} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	beat.Get(link.Audit("basel")).Sees(t, 200, "Called off a meeting", "The hall is flooded.", "M-6", `href="`+at+`"`, "Invited guests to a meeting", ": 2 guests", "Published a series of meetings", "Approved minutes")
	beat.Get(link.Audit("basel")+"?act=meeting.call-off&verb=meeting.call-off").Sees(t, 200, "The hall is flooded.").Misses(t, "<strong>Approved minutes")
	for lang, words := range map[string][]string{"de": {"Treffen abgesagt", "2 Gäste", "Protokoll genehmigt"}, "fr": {"Rencontre annulée", "2 personnes", "Compte rendu approuvé"}, "el": {"Ακύρωση συνάντησης", "2 άτομα", "Έγκριση πρακτικών"}} {
		beat.Get(link.Audit("basel")+"?lang="+lang).Sees(t, 200, words...)
	}
	s.As(t, "regula-ammann").Get(link.Audit("basel")).Sees(t, 403)
}
