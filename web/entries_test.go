package web_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestACaseIsWrittenSharedAndRead(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs, lea := s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann")
	urs.Get("/c/basel/repertoire/new").Sees(t, 200, "Write an entry", "Recurring problem", "form=story", "What came of it")
	urs.Get("/c/basel/repertoire/new?form=novel").Sees(t, 200, "Write an entry")
	urs.Get("/c/basel/repertoire/new?form=case").Sees(t, 200, "Write down a case", "What we would do differently", "Save as a draft", `name="situation"`).Misses(t, `name="steps"`)
	urs.Post("/c/basel/repertoire/new", "form", "case", "lang", "en", "audience", "draft").Sees(t, 422, "Please fill in")
	urs.Post("/c/basel/repertoire/new", "form", "case", "lang", "en", "audience", "public", "done", "Forty cloths.", "latitude", "47,58", "longitude", "east", "place", "The square", "url", "ftp://x").Sees(t, 422, "Forty cloths.", "The square", `value="47,58"`, `value="east"`, `href="#field-title"`, `href="#field-latitude"`, `href="#field-url"`)

	fields := []string{"request", uuid.NewString(), "form", "case", "lang", "en", "audience", "public", "title", "Awnings over the square", "done", "Forty cloths on *wires*.", "summary", "Cloths keep the stones cool.",
		"place", "Market square, Riehen", "latitude", "47,5793", "longitude", "7.6471", "happened", "summer 2025", "topics", "heat-health", "topics", "planning", "tags", "awnings"}
	var answers [2]webtest.Answer
	var both sync.WaitGroup
	for n := range answers { // a double click
		both.Go(func() { answers[n] = urs.Post("/c/basel/repertoire/new", fields...) })
	}
	both.Wait()
	at := answers[0].Sees(t, 303).To()
	if answers[1].Sees(t, 303).To() != at {
		t.Errorf("made twice: %s and %s", at, answers[1].To())
	}
	page := lea.Get(at).Sees(t, 200, "Cloths keep the stones cool.", "In plain words", "<em>wires</em>", "What was done", "Market square, Riehen", "47.5793° N, 7.6471° E", `role="img"`, "summer 2025", "Heat and health", "awnings", "Urs Dettwiler", "stakeholder",
		"This case does not say yet", "What came of it", "Tell it in a discussion", "Say thanks", "Report")
	page.Misses(t, "Edit the entry", "/edit")
	s.Stranger(t).Get(at).Sees(t, 200, "Awnings").Misses(t, "This case does not say yet", "Report", "Say thanks")
	urs.Get(at).Sees(t, 200, "Edit the entry", "/edit?part=outcome", "Remove").Misses(t, "Say thanks")
	number := strings.Split(strings.TrimPrefix(at, "/c/basel/repertoire/"), "-")[0]
	edit := "/c/basel/repertoire/" + number + "/edit"
	urs.Get(edit+"?part=outcome").Sees(t, 200, "Forty cloths on *wires*.", `value="47.5793"`, "autofocus", `value="heat-health" id="field-topics-heat-health" checked`)
	lea.Post("/c/basel/repertoire/"+number+"/thanks", "thanks", "give").Sees(t, 303)
	lea.Get(at).Sees(t, 200, "1 thanks")
	lea.Get(lea.Post("/c/basel/repertoire/"+number+"/follow", "level", "all").Sees(t, 303).To()).Sees(t, 200, "because you chose it here.")
}

func TestAnEntryBecomesAnotherKindAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	urs := s.As(t, "urs-dettwiler")
	urs.Post("/c/basel/heard", "request", uuid.NewString(), "body", "The caretaker moved the benches.", "lang", "en").Sees(t, 303)
	const at = "/c/basel/repertoire/4"
	urs.Get(at+"/edit").Sees(t, 200, "What was told", "This is a Experience")
	recast := urs.Post(at+"/edit", "revision", "1", "form", "experience", "told", "The caretaker moved the benches.", "more", "Ask him.", "lang", "en", "audience", "draft", "act", "recast", "kind", "story").Sees(t, 200, "The caretaker moved the benches.", "Ask him.", `name="immediate"`, `name="form" value="story"`)
	recast.Misses(t, `name="told"`)
	urs.Get(at).Sees(t, 200, "Experience E-4") // nothing is saved by it
	urs.Post(at+"/edit", "revision", "1", "form", "story", "title", "Benches", "immediate", "The caretaker moved the benches.", "steps", "A part of no story.", "lang", "en", "audience", "community", "quoting", "unnamed").Sees(t, 303)
	s.As(t, "lea-straumann").Get(at+"-benches").Sees(t, 200, "Story E-4", "moved the benches", "A part of no story.", "not told yet", "Yes, without my name")
}

func TestWhoEditsAnOldStateSeesBothPartByPart(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs, lea := s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann")
	at := urs.Post("/c/basel/repertoire/new", "request", uuid.NewString(), "form", "method", "title", "Walks", "use", "In summer.", "steps", "Walk.", "lang", "en", "audience", "community").Sees(t, 303).To()
	number := strings.TrimSuffix(at, "-walks")
	urs.Post(number+"/authors", "name", "Lea Straumann").Sees(t, 303)
	newer := []string{"revision", "1", "form", "method", "title", "Walks", "use", "In summer, at noon.", "steps", "Walk.", "lang", "en", "audience", "community", "place", "Basel"}
	lea.Post(number+"/edit", newer...).Sees(t, 303)
	lea.Post(number+"/edit", newer...).Sees(t, 303) // a double click
	old := []string{"form", "method", "title", "Walks in town", "use", "In summer.", "steps", "Walk slowly.", "lang", "en", "audience", "community"}
	urs.Post(number+"/edit", append(old, "revision", "1")...).Sees(t, 409, "This text was changed meanwhile", "<ins>", "slowly", "When to use it", "Steps", "Place", "Walk slowly.", `name="revision" value="2"`).Misses(t, "<h3>Effort", "<h3>Tags")
	urs.Post(number+"/edit", append(old, "revision", "2")...).Sees(t, 303)
	lea.Get(at).Sees(t, 301)
	lea.Get(number+"-walks-in-town?revision=2").Sees(t, 200, "You are reading version 2 of 3", "In summer, at noon.", "To the newest version")
	lea.Get(number+"?revision=3").Sees(t, 301)
	lea.Get(number+"-walks-in-town?revision=3").Sees(t, 200, "Walk slowly.", "newest")
	for _, bad := range []string{"4", "0", "-1", "x", "99999999999999999999"} {
		lea.Get(number+"-walks-in-town?revision="+bad).Sees(t, 404)
	}
}

func TestADraftIsFoundByThoseWhoWriteItAndByNobodyElse(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs, lea := s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann")
	at := urs.Post("/c/basel/repertoire/new", "request", uuid.NewString(), "form", "tool", "title", "Quellwolkenkarte", "purpose", "Shows Quellwolken.", "lang", "de", "audience", "draft", "tags", "wolkig").Sees(t, 303).To()
	number := strings.TrimSuffix(at, "-quellwolkenkarte")
	others := map[string]*webtest.Visitor{"member": s.As(t, "regula-ammann"), "elsewhere": s.As(t, "eleni-markaki"), "stranger": s.Stranger(t)}
	hidden := func(who string, v *webtest.Visitor) {
		t.Helper()
		for _, path := range []string{at, number + "/history", at + "?revision=1", number + "/edit", number + "/authors", number + "/report"} {
			if got := v.Get(path); got.Status != 404 && got.Status != 303 && got.Status != 403 || strings.Contains(got.Body, "Quellwolken") {
				t.Errorf("%s as %s: %d", path, who, got.Status)
			}
		}
		for _, path := range []string{"/c/basel/repertoire", "/c/basel/repertoire?show=drafts", "/search?q=quellwolken&lang=en", "/search.json?q=quellwolkenkarte", "/c/basel", "/inbox"} {
			v.Get(path).Misses(t, "uellwolkenkarte<", "Shows Quellwolken", `"Quellwolkenkarte"`)
		}
	}
	hidden("lea", lea)
	urs.Post(number+"/authors", "name", "Lea Straumann").Sees(t, 303)
	urs.Post(number+"/authors", "name", "A Guest", "organisation", "a parks office").Sees(t, 303)
	lea.Get(at).Sees(t, 200, "Shows Quellwolken", "A Guest", "a parks office", "Urs Dettwiler")
	lea.Get("/c/basel/repertoire?show=drafts").Sees(t, 200, "Quellwolkenkarte")
	lea.Get("/search?q=quellwolkenkarte").Sees(t, 200, `href="`+number)
	s.Tell(t)
	lea.Get("/inbox").Sees(t, 200, "Quellwolkenkarte")
	for who, v := range others {
		hidden(who, v)
	}
	var id int64
	if err := s.DB.QueryRow(t.Context(), `select w.id from entry_author w join account a on a.id = w.account_id where a.handle = 'lea-straumann'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	lea.Post(fmt.Sprintf("%s/authors/%d/drop", number, id)).Sees(t, 303)
	hidden("lea, who took herself away", lea)
}

func TestWhatNobodyTypesIntoAnEntryIsRefusedOrHarmless(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs := s.As(t, "urs-dettwiler")
	count := func() (n int) {
		if err := s.DB.QueryRow(t.Context(), `select count(*) from entry`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	if got := urs.Post("/c/basel/repertoire/new", "form", "case", "title", "Heavy", "done", strings.Repeat("x", 10<<20), "lang", "en", "audience", "draft"); got.Status != 413 {
		t.Errorf("ten megabytes: %d", got.Status)
	}
	urs.Post("/c/basel/repertoire/new", "form", "case", "title", "Broken", "done", "a\xffb", "lang", "en", "audience", "draft").Sees(t, 422, "What was done")
	urs.Post("/c/basel/repertoire/new", "form", "case", "title", "Narrow", "done", strings.Repeat("x", 20_001), "lang", "en", "audience", "draft").Sees(t, 422, "20")
	urs.Post("/c/basel/repertoire/new", "form", "case", "title", "Audience", "lang", "en", "audience", "nobody").Sees(t, 422)
	if n := count(); n != before {
		t.Errorf("%d were stored", n-before)
	}
	at := urs.Post("/c/basel/repertoire/new", "form", "novel", "title", "<script>alert(1)</script>", "__proto__", "x", "steps", "A step.", "place", `"><script>alert(2)</script>`, "topics", "no-such-topic", "lang", "en", "audience", "draft").Sees(t, 303).To()
	urs.Get(at).Sees(t, 200, "A step.").Misses(t, "<script>alert")
	urs.Post("/c/basel/repertoire/new", "form", "case", "title", "Into thin air", "done", "x", "lang", "en", "audience", "draft", "act", "preview").Sees(t, 200, "Preview", "What was done")
}

func TestAnEntryInAPrivateCommunityDoesNotExistForOthers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	tom := s.As(t, "tom-achterberg")
	for _, sql := range []string{`update item set audience = 2 where community_id = (select id from community where slug = 'london') and audience < 2`, `update community set visibility = 'private' where slug = 'london'`} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	tom.Get("/c/london/repertoire/new?form=case").Sees(t, 200).Misses(t, `value="public"`)
	tom.Post("/c/london/repertoire/new", "form", "case", "title", "Secret awnings", "lang", "en", "audience", "public").Sees(t, 422)
	at := tom.Post("/c/london/repertoire/new", "form", "case", "title", "Secret awnings", "lang", "en", "audience", "community").Sees(t, 303).To()
	number := strings.TrimSuffix(at, "-secret-awnings")
	for who, v := range map[string]*webtest.Visitor{"stranger": s.Stranger(t), "elsewhere": s.As(t, "urs-dettwiler")} {
		for _, path := range []string{at, number, at + "?revision=1", number + "/history", number + "/edit", number + "/authors", number + "/report", "/c/london/repertoire/new"} {
			if got := v.Get(path); got.Status != 404 && !(who == "stranger" && got.Status == 303) || strings.Contains(got.Body, "Secret") {
				t.Errorf("%s as %s: %d", path, who, got.Status)
			}
		}
	}
}

func TestWhatIsTypedIntoAnEntryIsKept(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs := s.As(t, "urs-dettwiler")
	const place = "/c/basel/repertoire/new"
	urs.Post("/drafts", "place", place, "form", "case", "parts", "situation done outcome differently differs more", "title", "Half a case", "done", "Forty cloths.", "lang", "en", "audience", "draft", "draft", "0", "tab", "a").Sees(t, 200)
	urs.Get("/me/drafts").Sees(t, 200, "Forty cloths.")
	urs.Get(place).Sees(t, 200, "Half a case", "Continue writing")
	urs.Get(place+"?form=case").Sees(t, 200, "Half a case", "Forty cloths.", "Draft of")
	urs.Get(place+"?form=method").Sees(t, 200, "Half a case", "Forty cloths.", `name="use"`) // what was begun is turned into what is asked for
	urs.Post(place, "request", uuid.NewString(), "form", "case", "title", "Half a case", "done", "Forty cloths.", "lang", "en", "audience", "draft").Sees(t, 303)
	urs.Get(place+"?form=case").Sees(t, 200).Misses(t, "Forty cloths.")

	if _, err := s.DB.Exec(t.Context(), `update account_session set expires_at = now() - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	urs.Get(urs.Post(place, "form", "case", "title", "Typed for an hour", "done", "x", "lang", "en", "audience", "draft").Sees(t, 303).To()).Sees(t, 200, "What you typed is safe")
}
