package criteria_test

import (
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/web/webtest"
)

// minuted is a public meeting of today in Basel with a criterion by regula-ammann in its draft minutes.
func minuted(t *testing.T, s *webtest.Site) (at string) {
	t.Helper()
	beat := s.As(t, "beat-hollenstein")
	at = beat.Post("/c/basel/meetings/new", "title", "How fine a grid", "form", "regular", "day", time.Now().Format(time.DateOnly), "from", "00:01", "until", "23:58", "zone", "UTC", "lang", "en", "audience", "public").Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	beat.Post(at+"/minutes/edit", "body-0", "We spoke of maps.", "was-0", "", "revision-0", "0", "form-0", "criterion", "line-0", "@regula-ammann One cell must fit a city block.").Sees(t, 303)
	return at
}

// opens the minutes of a meeting.
func opens(t *testing.T, s *webtest.Site, at string) {
	t.Helper()
	if _, err := s.DB.Exec(t.Context(), `update meeting set state = 'held', minutes_state = 'open', opened_at = now(), corrections_until = current_date + 7 where item_id = (select id from item where kind = 'meeting' order by id desc limit 1)`); err != nil {
		t.Fatal(err)
	}
}

func harvestOf(at string) string {
	return "/c/basel/criteria/harvest?line=1&meeting=" + at[strings.LastIndex(at, "/")+1:]
}

func TestALineOfMinutesIsMadeACriterion(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	at := minuted(t, s)
	lea, urs, beat, stranger := s.As(t, "lea-straumann"), s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein"), s.Stranger(t)

	beat.Get(harvestOf(at)).Sees(t, 200, "Members cannot read these minutes yet")
	lea.Get(harvestOf(at)).Sees(t, 404).Misses(t, "city block")
	lea.Post(harvestOf(at), "statement", "Cells", "lang", "en", "audience", "public").Sees(t, 404)
	opens(t, s, at)
	lea.Get(at+"/minutes").Sees(t, 200, "1 criterion line is not harvested yet", "Make this a criterion")
	urs.Get(at+"/minutes").Sees(t, 200, "Make this a criterion").Misses(t, "not harvested yet")
	stranger.Get(at+"/minutes").Sees(t, 200, "city block").Misses(t, "Make this a criterion")

	lea.Get(harvestOf(at)).Sees(t, 200, "One cell must fit a city block.", "Regula Ammann", "How fine a grid")
	lea.Post(harvestOf(at), "statement", "", "why", "Typed before", "lang", "en", "audience", "public").Sees(t, 422, "Typed before", "Please check these points")
	made := lea.Post(harvestOf(at), "statement", "Grid cells as small as a city block", "category", "scale", "lang", "en", "audience", "public").Sees(t, 303).To()
	lea.Get(made).Sees(t, 200, "Grid cells as small as a city block", "How fine a grid")
	if again := urs.Get(harvestOf(at)).Sees(t, 303).To(); again != made {
		t.Errorf("harvested again at %s, want %s", again, made)
	}
	if again := urs.Post(harvestOf(at), "statement", "Another", "lang", "en", "audience", "public").Sees(t, 303).To(); again != made {
		t.Errorf("saved again at %s, want %s", again, made)
	}
	stranger.Get(at+"/minutes").Sees(t, 200, "became", `href="`+made+`"`).Misses(t, "Make this a criterion")
}

func TestWordsOfAThreadAreMadeACriterion(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea, stranger := s.As(t, "lea-straumann"), s.Stranger(t)
	thread := s.As(t, "regula-ammann").Post("/c/basel/discussions/new", "form", "conversation", "title", "Which map?", "body", "It should show **every** street. And be free.", "lang", "en", "audience", "public").Sees(t, 303).To()
	number := strings.SplitN(thread[strings.LastIndex(thread, "/")+1:], "-", 2)[0]
	form := "/c/basel/criteria/harvest?discussion=" + number + "&reply=0"
	lea.Get(thread).Sees(t, 200, strings.ReplaceAll(form, "&", "&amp;"))
	stranger.Get(thread).Sees(t, 200).Misses(t, "criteria/harvest")
	lea.Get(form).Sees(t, 200, "It should show every street.", "Regula Ammann")
	lea.Post(form, "words", "Nobody said so", "statement", "Streets", "lang", "en", "audience", "public").Sees(t, 422, "do not stand in the text", "Nobody said so")
	made := lea.Post(form, "words", "It should show every street.", "statement", "Every street on the map", "lang", "en", "audience", "public").Sees(t, 303).To()
	stranger.Get(thread).Sees(t, 200, "Every street on the map", "It should show every street.", `href="`+made+`"`)
	stranger.Get(made).Sees(t, 200, "Which map?")
	lea.Post("/c/basel/discussions/"+number+"/reply", "body", "See C-"+made[strings.LastIndex(made, "/")+1:]+".", "lang", "en").Sees(t, 303)
	stranger.Get(thread).Sees(t, 200, `<a href="`+made+`"`)
}

func TestAHarvestNamesNobodyWhoAskedDiscreetly(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	thread := s.As(t, "regula-ammann").Post("/c/basel/discussions/new", "form", "help", "title", "Whom to ask?", "body", "I need numbers for each street.", "discreet", "yes", "lang", "en", "audience", "public").Sees(t, 303).To()
	number := strings.SplitN(thread[strings.LastIndex(thread, "/")+1:], "-", 2)[0]
	form := "/c/basel/criteria/harvest?discussion=" + number + "&reply=0"
	for _, who := range []string{"lea-straumann", "beat-hollenstein"} {
		s.As(t, who).Get(form).Sees(t, 200, "asked discreetly").Misses(t, "Regula Ammann")
	}
	made := s.As(t, "beat-hollenstein").Post(form, "words", "numbers for each street", "statement", "Numbers for each street", "lang", "en", "audience", "public").Sees(t, 303).To()
	for _, who := range []string{"lea-straumann", "beat-hollenstein", "urs-dettwiler"} {
		s.As(t, who).Get(made).Sees(t, 200, "Numbers for each street").Misses(t, "Regula Ammann")
	}
}
