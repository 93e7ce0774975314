package meetings_test

import (
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// comingMeeting is a published meeting of Basel, 10 to 11.
func comingMeeting(t *testing.T, beat *webtest.Visitor, audience string) string {
	t.Helper()
	at := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "workshop", "day", nextMonth(), "from", "10:00", "until", "11:00", "zone", "Europe/Zurich",
		"place", "Town hall", "access_note", "Tram 6, ring twice", "lang", "en", "audience", audience).Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	return at
}

func TestTheAgendaIsBuiltMovedAndPrinted(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := comingMeeting(t, beat, "public")
	for _, title := range []string{"Welcome", "Trees and wires"} {
		beat.Post(at+"/agenda/new", "title", title, "form", "discussion", "minutes", "20", "body", "See T-1.", "lang", "en", "lead_name", "Guest from the canton").Sees(t, 303)
	}
	page := beat.Get(at+"/agenda").Sees(t, 200, "10:00–10:20", "10:20–10:40", "20 minutes of the meeting are still free", "Guest from the canton")
	second := between(page.Body[strings.LastIndex(page.Body, `id="point-`):], `id="point-`, `"`)
	if to := beat.Post(at+"/agenda/"+second+"/move", "to", "up").Sees(t, 303).To(); to != at+"/agenda#point-"+second {
		t.Errorf("moved to %s", to)
	}
	moved := beat.Get(at+"/agenda").Sees(t, 200).Body
	if strings.Index(moved, "Trees and wires") > strings.Index(moved, "Welcome") {
		t.Error("the second point did not move up")
	}
	beat.Post(at+"/agenda/"+second+"/edit", "revision", "1", "title", "Trees and wires", "form", "decision", "minutes", "55", "lang", "en").Sees(t, 303)
	beat.Post(at+"/agenda/"+second+"/edit", "revision", "1", "title", "Vines", "form", "decision", "minutes", "55", "lang", "en").Sees(t, 409, "Vines", "Trees")
	beat.Get(at+"/agenda").Sees(t, 200, "ends 15 minutes after the meeting")
	stranger := s.Stranger(t)
	stranger.Get(at).Sees(t, 200, "Trees and wires", "10:00–10:55")
	stranger.Get(at+"/agenda").Sees(t, 200, "Trees and wires").Misses(t, "Propose a point", "Your question", "/move")
	stranger.Get(at+"/agenda/print").Sees(t, 200, "Tram 6, ring twice", "10:00–10:55", "Notes")
	stranger.Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200, "Shade in the old town")
	regula.Post(at+"/agenda/"+second+"/move", "to", "down").Sees(t, 403)
	regula.Post(at+"/agenda/new", "title", "Mine", "form", "discussion", "lang", "en").Sees(t, 403)
	beat.Post(at+"/agenda/"+second+"/later", "reason", "").Sees(t, 422, `href="#field-reason"`)
	beat.Post(at+"/agenda/"+second+"/remove").Sees(t, 303)
	beat.Get(at+"/agenda").Sees(t, 200).Misses(t, "Trees and wires")
}

func TestAProposalGoesItsWayAndItsProposerHearsOfIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, urs := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	at := comingMeeting(t, beat, "public")
	fields := []string{"title", "Who waters the trees?", "form", "decision", "minutes", "15", "lang", "en", "request", "0a6f4e0e-5a0f-4f7a-9df4-9a4c2b7f9d10"}
	regula.Post(at+"/agenda/propose", fields...).Sees(t, 303)
	regula.Post(at+"/agenda/propose", fields...).Sees(t, 303)
	mine := regula.Get(at+"/agenda").Sees(t, 200, "Who waters the trees?", "Withdraw").Body
	if n := strings.Count(mine, `class="agenda-proposal"`); n != 1 {
		t.Errorf("the form sent twice made %d proposals", n)
	}
	id := between(mine, "/meetings/backlog/", "/withdraw")
	urs.Get(at+"/agenda").Sees(t, 200, "Who waters the trees?").Misses(t, "/withdraw", "/accept")
	urs.Post("/c/basel/meetings/backlog/"+id+"/withdraw").Sees(t, 403)
	urs.Post("/c/basel/meetings/backlog/"+id+"/accept", "meeting", "1").Sees(t, 403)
	urs.Get("/c/basel/meetings/backlog/"+id).Sees(t, 403)
	beat.Get("/c/basel/meetings/backlog/"+id).Sees(t, 200, "Who waters the trees?")
	beat.Post("/c/basel/meetings/backlog/"+id+"/later", "reason", "").Sees(t, 422, "Please fill in")
	beat.Post("/c/basel/meetings/backlog/"+id+"/later", "reason", "After the budget.").Sees(t, 303)
	regula.Get("/c/basel/meetings/backlog").Sees(t, 200, "for a later meeting", "After the budget.")
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "keeps your proposal for a later meeting")
	beat.Get("/inbox").Sees(t, 200, "proposes a point for an agenda")
	beat.Post("/c/basel/meetings/backlog/"+id+"/accept", "meeting", at[len("/c/basel/meetings/"):]).Sees(t, 303)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "put your proposal on the agenda")
	beat.Post("/c/basel/meetings/backlog/"+id+"/decline", "reason", "No.").Sees(t, 404)
	s.Stranger(t).Get(at+"/agenda").Sees(t, 200, "Who waters the trees?")
	regula.Post("/c/basel/meetings/backlog/propose", "title", "Next year", "form", "information", "lang", "en").Sees(t, 303)
	eleni := s.As(t, "eleni-markaki")
	eleni.Get("/c/basel/meetings/backlog").Sees(t, 403)
	eleni.Post(at+"/agenda/propose", "title", "From Crete", "form", "information", "lang", "en").Sees(t, 403)
}

func TestQuestionsGoAheadAndAreTickedByWhoKeepsTheMeeting(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, urs := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	at := comingMeeting(t, beat, "public")
	regula.Post(at+"/agenda/questions", "body", "Is there a lift?", "lang", "en").Sees(t, 303)
	regula.Post(at+"/agenda/questions", "body", "", "lang", "en").Sees(t, 422, `href="#field-body"`)
	page := urs.Get(at+"/agenda").Sees(t, 200, "Is there a lift?").Misses(t, "Mark as answered")
	id := between(page.Body, `id="question-`, `"`)
	urs.Post(at+"/agenda/questions/"+id, "done", "yes").Sees(t, 403)
	beat.Post(at+"/agenda/roles", "chair", seatOf(t, s, "urs-dettwiler")).Sees(t, 303)
	urs.Post(at+"/agenda/questions/"+id, "done", "yes").Sees(t, 303)
	urs.Get(at+"/agenda").Sees(t, 200, "answered", "Open again")
	s.Stranger(t).Get(at+"/agenda").Sees(t, 200).Misses(t, "Is there a lift?")
	beat.Get(at+"/agenda/roles").Sees(t, 200, "It would be the turn of")
}

func seatOf(t *testing.T, s *webtest.Site, handle string) string {
	t.Helper()
	var number string
	if err := s.DB.QueryRow(t.Context(), `select m.number::text from membership m join account a on a.id = m.account_id join community c on c.id = m.community_id where a.handle = $1 and c.slug = 'basel'`, handle).Scan(&number); err != nil {
		t.Fatal(err)
	}
	return number
}

func TestTheAgendaOfADraftAndOfAPrivateCommunityStaysInside(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, urs := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	draft := beat.Post("/c/basel/meetings/new", "title", "Not yet", "form", "regular", "day", nextMonth(), "from", "10:00", "until", "11:00", "zone", "Europe/Zurich", "lang", "en", "audience", "public").Sees(t, 303).To()
	beat.Post(draft+"/agenda/new", "title", "A secret point", "form", "information", "lang", "en").Sees(t, 303)
	regula.Post("/c/basel/meetings/backlog/propose", "title", "Proposed by Regula", "form", "information", "lang", "en").Sees(t, 303)
	id := between(beat.Get("/c/basel/meetings/backlog").Body, `id="point-`, `"`)
	beat.Post("/c/basel/meetings/backlog/"+id+"/accept", "meeting", draft[len("/c/basel/meetings/"):]).Sees(t, 303)
	for _, path := range []string{draft + "/agenda", draft + "/agenda/print", draft} {
		urs.Get(path).Sees(t, 404)
		s.Stranger(t).Get(path).Sees(t, 404)
	}
	urs.Post(draft+"/agenda/propose", "title", "x", "form", "information", "lang", "en").Sees(t, 404)
	urs.Post(draft+"/agenda/questions", "body", "x", "lang", "en").Sees(t, 404)
	regula.Get("/c/basel/meetings/backlog").Sees(t, 200, "Proposed by Regula", "on the agenda").Misses(t, draft)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200).Misses(t, "Not yet")
	if _, err := s.DB.Exec(t.Context(), `update item set audience = 2 where community_id = (select id from community where slug = 'basel') and audience < 2`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(t.Context(), `update community set visibility = 'private' where slug = 'basel'`); err != nil {
		t.Fatal(err)
	}
	eleni := s.As(t, "eleni-markaki")
	for _, path := range []string{draft + "/agenda", "/c/basel/meetings/backlog", "/c/basel/meetings/backlog/propose"} {
		eleni.Get(path).Sees(t, 404)
	}
}

func TestBrokenAndEndlessTextsAndPointsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at, other := comingMeeting(t, beat, "public"), comingMeeting(t, beat, "public")
	beat.Post(at+"/agenda/new", "title", "\xff\xfe broken", "form", "discussion", "lang", "en").Sees(t, 422, `href="#field-title"`)
	beat.Post(at+"/agenda/new", "title", strings.Repeat("ä", 201), "form", "discussion", "lang", "en").Sees(t, 422, `href="#field-title"`)
	beat.Post(at+"/agenda/new", "title", "Fine", "form", "nonsense", "minutes", "-5", "lead", "99999", "lang", "xx").Sees(t, 422, `href="#field-form"`, `href="#field-minutes"`, `href="#field-lang"`)
	beat.Post(at+"/agenda/new", "title", "Fine", "form", "decision", "lead", "99999", "lang", "en").Sees(t, 422, `href="#field-lead"`)
	regula.Post(at+"/agenda/propose", "title", "Long", "form", "discussion", "body", strings.Repeat("x", 10<<20), "lang", "en").Sees(t, 413)
	regula.Post(at+"/agenda/questions", "body", "\x00", "lang", "en").Sees(t, 422)
	beat.Post(other+"/agenda/new", "title", "Of the other", "form", "discussion", "lang", "en").Sees(t, 303)
	id := between(beat.Get(other+"/agenda").Body, `id="point-`, `"`)
	for _, act := range []string{"/edit", "/move", "/remove", "/later"} {
		beat.Post(at+"/agenda/"+id+act, "to", "up", "reason", "x", "revision", "1", "title", "Taken", "form", "discussion", "lang", "en").Sees(t, 404)
	}
	beat.Get(at+"/agenda/0"+id+"/edit").Sees(t, 404)
	beat.Get(other+"/agenda").Sees(t, 200, "Of the other")
	eleni := s.As(t, "eleni-markaki") // of Heraklion
	eleni.Post("/c/heraklion/meetings/backlog/"+id+"/withdraw").Sees(t, 404)
	eleni.Get("/c/heraklion/meetings/backlog").Sees(t, 200)
}
