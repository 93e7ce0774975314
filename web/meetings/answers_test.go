package meetings_test

import (
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/web/webtest"
)

// invited is a published meeting of Basel in the evening of a day.
func invited(t *testing.T, beat *webtest.Visitor, day string, more ...string) string {
	t.Helper()
	at := beat.Post("/c/basel/meetings/new", append([]string{"title", "Trees on the square", "form", "regular", "day", day, "from", "23:00", "until", "23:59", "zone", "Europe/Zurich", "place", "Town hall", "lang", "en"}, more...)...).Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	return at
}

func TestMembersAnswerAndTheNoteTakerTicksWhoWasThere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, urs := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	at := invited(t, beat, time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "audience", "public", "capacity", "1", "online_url", "https://meet.example.org/trees")
	regula.Get(at).Sees(t, 200, "Do you come?", `value="in-person" aria-pressed="false"`, "1 seat is free.", "Nobody has answered yet.")
	if to := regula.Post(at+"/answers", "answer", "in-person", "note", "=SUM(A1), by tram", "from", "overview").Sees(t, 303).To(); to != at {
		t.Errorf("answered on the first page, sent to %s", to)
	}
	regula.Get(at).Sees(t, 200, `value="in-person" aria-pressed="true"`, "1 in person.", "meet.example.org")
	regula.Get(at+"/answers").Sees(t, 200, "=SUM(A1), by tram", "Come in person")
	urs.Get(at+"/answers").Sees(t, 200, "Regula Ammann", "have not answered yet").Misses(t, "by tram", "Save attendance", "answers.csv")
	urs.Post(at+"/answers", "answer", "in-person", "note", "I typed this").Sees(t, 422, "You may take part online, or say maybe.", "I typed this", `href="#field-answer"`)
	urs.Post(at+"/answers", "answer", "perhaps not").Sees(t, 422, `href="#field-answer"`)
	urs.Post(at+"/answers", "answer", "online", "note", strings.Repeat("ä", 501)).Sees(t, 422, `href="#field-note"`)
	urs.Post(at+"/answers", "answer", "online", "note", "a\x00b").Sees(t, 422)
	if to := urs.Post(at+"/answers", "answer", "online", "from", "list").Sees(t, 303).To(); to != "/c/basel/meetings" {
		t.Errorf("answered on the list, sent to %s", to)
	}
	s.Stranger(t).Get(at).Sees(t, 200, "1 in person, 1 online.").Misses(t, "Regula Ammann", "Do you come?")
	s.Stranger(t).Get(at+"/answers").Sees(t, 200, "1 in person, 1 online.").Misses(t, "Regula Ammann", "Urs Dettwiler", "by tram")
	beat.Get(at+"/answers").Sees(t, 200, "by tram").Misses(t, "Save attendance")
	beat.Get(at+"/answers.csv").Sees(t, 200, "\"'=SUM(A1), by tram\"", "Regula Ammann")
	beat.Get(at+"/answers/sheet").Sees(t, 200, "Signature", "Regula Ammann")
	beat.Post(at+"/attendance", "person", "a1", "way-a1", "in-person").Sees(t, 422)
	regula.Post(at+"/attendance").Sees(t, 403)
	beat.Post(at+"/edit", "revision", "1", "title", "Trees", "form", "regular", "day", "2199-01-08", "from", "17:00", "until", "18:30", "zone", "Europe/Zurich", "lang", "en", "audience", "public", "capacity", "1", "online_url", "https://meet.example.org/trees").Sees(t, 303)
}

func TestAttendanceTakesPeopleWithoutAnAccount(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := invited(t, beat, time.Now().Format(time.DateOnly), "audience", "community")
	if _, err := s.DB.Exec(t.Context(), `update meeting set ends_at = now() + interval '1 hour', starts_at = now() - interval '1 hour' where item_id = (select max(item_id) from meeting)`); err != nil {
		t.Fatal(err)
	}
	regula.Post(at+"/answers", "answer", "in-person").Sees(t, 303)
	page := beat.Get(at+"/answers").Sees(t, 200, "Save attendance", "People without an account")
	key := between(page.Body[strings.Index(page.Body, "Regula Ammann"):], `name="person" value="`, `"`)
	if !strings.Contains(page.Body, `name="way-`+key+`" value="in-person" checked`) {
		t.Errorf("what %s answered is not proposed", key)
	}
	form := []string{"request", between(page.Body, `name="request" value="`, `"`), "person", key, "was-" + key, "", "way-" + key, "in-person", "name-1", "Passer-by", "organisation-1", "Tram company", "perspective-1", "stakeholder", "way-1", "in-person"}
	beat.Post(at+"/attendance", append(form, "organisation-2", "Nobody's")...).Sees(t, 422, `href="#field-name-2"`, "Tram company")
	for range 2 {
		beat.Post(at+"/attendance", form...).Sees(t, 303)
	}
	got := beat.Get(at+"/answers").Sees(t, 200, "Passer-by", "1 of 1 person who said yes came.", "1 more came.")
	if n := strings.Count(got.Body, ">Passer-by<"); n != 1 {
		t.Errorf("a form sent twice added %d people", n)
	}
	regula.Get(at).Sees(t, 200, "Who was there", "2 stakeholders", "held")
	s.As(t, "beat-hollenstein").Get("/c/heraklion"+strings.TrimPrefix(at, "/c/basel")+"/answers").Misses(t, "Passer-by")
}
