package criteria_test

import (
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

const asked = "/c/basel/criteria/900"

func TestAClaimIsMadeHalfAcceptedImprovedAndAccepted(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	last := s.Ask(t)
	eleni, regula, urs, lea := s.As(t, "eleni-markaki"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann")
	s.Stranger(t).Get(asked).Sees(t, 200, "No release is claimed").Misses(t, "claims/new")
	urs.Get(asked).Sees(t, 200).Misses(t, "claims/new")
	eleni.Get(asked).Sees(t, 200, asked+"/claims/new")
	eleni.Get(asked+"/claims/new?release=trial-map/2-0").Sees(t, 200, `value="`+last+`" selected`, "Asked: at most 100")
	eleni.Post(asked+"/claims/new", "release", last, "extent", "fully", "evidence", "Typed *words*.", "measured", "5", "unit", "s", "lang", "en").Sees(t, 422, "this unit measures something else", "Typed *words*.", `href="#field-unit"`)
	eleni.Post(asked+"/claims/new", "release", last, "extent", "fully", "evidence", "Typed *words*.", "measured", "ninety", "unit", "m", "lang", "en").Sees(t, 422, "Enter a number", "ninety")
	eleni.Post(asked+"/claims/new", "act", "preview", "evidence", "Typed *words*.", "lang", "en").Sees(t, 200, "<em>words</em>")
	form := []string{"request", "6f1c8a0e-3c43-4a7f-9d3e-0a54d2a7a111", "release", last, "extent", "fully", "evidence", "We *measured* it.", "measured", "0.09", "unit", "km", "limits", "Not at night.", "lang", "en"}
	at := eleni.Post(asked+"/claims/new", form...).Sees(t, 303).To()
	if again := eleni.Post(asked+"/claims/new", form...).Sees(t, 303).To(); again != at || at != asked+"/claims/1" {
		t.Errorf("the same form made %s and %s", at, again)
	}
	eleni.Get(at).Sees(t, 200, "You make this product", "Measured 0.09\u00a0km: at most 100\u00a0m asked: within", "0 of 2").Misses(t, `action="`+at+`/answer"`)
	lea.Post(asked+"/claims/new", "release", last, "extent", "partly", "evidence", "Mine.", "lang", "en").Sees(t, 422)
	if mails := s.Mails(t); len(mails) != 2 || !strings.Contains(mails[0].Subject, "Trial map 2.0") {
		t.Errorf("letters: %+v", mails)
	}
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "Tells one courtyard from the next")

	regula.Get(asked).Sees(t, 200, "You are asked: answer")
	regula.Get(at).Sees(t, 200, `action="`+at+`/answer"`)
	regula.Post(at+"/answer", "edition", "1", "answer", "not", "reason", "", "lang", "en").Sees(t, 422, `href="#field-reason"`)
	regula.Post(at+"/answer", "edition", "1", "answer", "partly", "reason", "Not at night, sadly.", "lang", "en").Sees(t, 303)
	urs.Get(at).Sees(t, 200, "Not at night, sadly.", "1 of 2")
	urs.Post(at+"/answer", "edition", "1", "answer", "accepted", "reason", "", "lang", "en").Sees(t, 303)
	s.Stranger(t).Get(at).Sees(t, 200, "Partly accepted").Misses(t, "/answer", "/reopen")
	s.Stranger(t).Get(asked).Sees(t, 200, "Partly met", "Not at night, sadly.")
	urs.Post(at+"/reopen", "again", "").Sees(t, 422, `href="#field-again"`)
	urs.Post(at+"/reopen", "again", "They added the nights.").Sees(t, 303)
	regula.Post(at+"/answer", "edition", "1", "answer", "accepted", "lang", "en").Sees(t, 422, "put once more meanwhile")
	for _, v := range []*webtest.Visitor{regula, urs} {
		v.Post(at+"/answer", "edition", "2", "answer", "accepted", "lang", "en").Sees(t, 303)
	}
	regula.Get(at).Sees(t, 200, "They added the nights.", "Not at night, sadly.", "Accepted")
	s.Stranger(t).Get(at+".json").Sees(t, 200, `"state": "accepted"`, `"within_target": true`, `"answer": "partly"`)
	s.Stranger(t).Get(asked).Sees(t, 200, "Met")
}

func TestTheCommunityAnswersWhereNoneIsLeftAndMakersDoNot(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	last := s.Ask(t)
	eleni, beat := s.As(t, "eleni-markaki"), s.As(t, "beat-hollenstein")
	if _, err := s.DB.Exec(t.Context(), `delete from criterion_source`); err != nil {
		t.Fatal(err)
	}
	at := eleni.Post(asked+"/claims/new", "release", last, "extent", "partly", "evidence", "See.", "lang", "en").Sees(t, 303).To()
	eleni.Get(at).Sees(t, 200, "None of those who asked can answer")
	beat.Get(at).Sees(t, 200, "Record the community’s answer")
	if _, err := s.DB.Exec(t.Context(), `insert into product_maker (product_id, account_id, position, ended_at) select p.item_id, m.account_id, 9, now() from product p, membership m join community c on c.id = m.community_id
			where p.slug = 'trial-map' and c.slug = 'basel' and m.role = 'coordinator' and m.state = 'member'`); err != nil {
		t.Fatal(err)
	}
	beat.Get(at).Sees(t, 200, "as things stand nobody can decide").Misses(t, "Record the community’s answer", "/answer")
	beat.Post(at+"/answer", "for", "community", "edition", "1", "answer", "accepted", "reason", "I made it.", "lang", "en").Sees(t, 403)
	if _, err := s.DB.Exec(t.Context(), `delete from product_maker where position = 9`); err != nil {
		t.Fatal(err)
	}
	beat.Post(at+"/answer", "for", "community", "edition", "1", "answer", "accepted", "reason", "The office used it.", "lang", "en").Sees(t, 303)
	s.Stranger(t).Get(at).Sees(t, 200, "The community’s answer", "recorded by Beat Hollenstein", "The office used it.")
	s.Stranger(t).Get(asked).Sees(t, 200, "Partly met")
}

func TestAnOpenClaimIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	last := s.Ask(t)
	eleni, urs := s.As(t, "eleni-markaki"), s.As(t, "urs-dettwiler")
	at := eleni.Post(asked+"/claims/new", "release", last, "extent", "fully", "evidence", "See.", "lang", "en").Sees(t, 303).To()
	urs.Get(at+"/withdraw").Sees(t, 403)
	eleni.Get(at+"/withdraw").Sees(t, 200, "Those who asked are told")
	eleni.Post(at+"/withdraw").Sees(t, 303)
	eleni.Get(at+"/withdraw").Sees(t, 303)
	urs.Get(at).Sees(t, 200, "Withdrawn").Misses(t, "/answer")
	eleni.Post(asked+"/claims/new", "release", last, "extent", "fully", "evidence", "Better.", "lang", "en").Sees(t, 303)
}

func TestClaimsOfACommunitysOwnCriterionAreItsOwn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	last := s.Ask(t)
	at := s.As(t, "lea-straumann").Post(asked+"/claims/new", "release", last, "extent", "fully", "evidence", "See.", "lang", "en").Sees(t, 303).To()
	for _, sql := range []string{`update item set audience = 2 where kind = 'claim'`, `update item set audience = 2 where kind = 'criterion'`} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []*webtest.Visitor{s.Stranger(t), s.As(t, "eleni-markaki")} {
		for _, path := range []string{asked, at, at + ".json"} {
			v.Get(path).Sees(t, 404).Misses(t, "Trial map")
		}
	}
	s.As(t, "eleni-markaki").Get(asked+"/claims/new").Sees(t, 404)
	s.As(t, "urs-dettwiler").Get(at).Sees(t, 200, "Trial map 2.0")
}
