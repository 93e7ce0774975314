package criteria_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// word is a form that raises or words a criterion, with what every one needs.
func word(fields ...string) []string {
	return append([]string{"lang", "en", "audience", "public"}, fields...)
}

func hidden(t *testing.T, page webtest.Answer, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page.Body)
	if found == nil {
		t.Fatalf("the page has no %s", name)
	}
	return found[1]
}

func TestAScientistTakesDownOneCriterionAfterTheOther(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea := s.As(t, "lea-straumann")
	at := "/c/basel/criteria/log?meeting=3&speaker=%40regula-ammann&category=scale"
	for n := range 10 {
		page := lea.Get(at).Sees(t, 200, "autofocus", "Log criteria")
		answer := lea.Post("/c/basel/criteria/log", "request", hidden(t, page, "request"), "statement", fmt.Sprintf("Street %d at night", n), "meeting", "3", "speaker", "@regula-ammann", "category", "scale", "lang", "en", "audience", "community").Sees(t, 303)
		for _, kept := range []string{"/c/basel/criteria/log?", "meeting=3", "speaker=%40regula-ammann", "category=scale", "audience=community", "in=en"} {
			if at = answer.To(); !strings.Contains(at, kept) {
				t.Fatalf("leads to %s, want %s in it", at, kept)
			}
		}
	}
	lea.Get(at).Sees(t, 200, "Just logged", "Street 0 at night", "Street 9 at night", "/c/basel/criteria/10/edit")
	lea.Get("/c/basel/criteria/1").Sees(t, 200, "Regula Ammann", "/c/basel/meetings/3", "Scale and resolution", "stakeholder")
	lea.Post("/c/basel/criteria/log", "statement", "", "meeting", "3", "lang", "en", "audience", "community").Sees(t, 422, `href="#field-statement"`, `value="3" selected`)
	lea.Post("/c/basel/criteria/log", "statement", "Too wide", "meeting", "99", "lang", "en", "audience", "community").Sees(t, 422, "no such meeting", "Too wide", "<details class=\"disclose\" open")
	s.Stranger(t).Get("/c/basel/criteria/1").Sees(t, 404)
}

func TestASpeakerConfirmsCorrectsAndDeniesWhatWasTakenDown(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea, regula, urs := s.As(t, "lea-straumann"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	at := lea.Post("/c/basel/criteria/new", word("statement", "Grid for courtyards", "why", "People sit **there**.", "category", "scale", "measure", "grid spacing", "comparator", "at-most", "target", "0,5", "unit", "m",
		"source", "person", "words", "I need the courtyard.", "speaker", "Regula Ammann")...).Sees(t, 303).To()
	lea.Get(at).Sees(t, 200, "grid spacing ≤\u00a00.5\u00a0m", "<strong>there</strong>", "I need the courtyard.", "Regula Ammann").Misses(t, "You are quoted here")
	urs.Get(at).Sees(t, 200, "I need this too").Misses(t, "You are quoted here", "Edit the criterion")
	regula.Get(at).Sees(t, 200, "You are quoted here").Misses(t, "I need this too")
	urs.Post(at+"/sources/1/confirm", "revision", "1").Sees(t, 403)
	lea.Post(at+"/sources/1/deny").Sees(t, 403)
	regula.Post(at+"/sources/1/confirm", "revision", "0").Sees(t, 409, "read it again")
	regula.Post(at+"/sources/1/confirm", "revision", "1", "released", "yes").Sees(t, 303)
	regula.Get(at).Sees(t, 200, "You confirmed the wording", "Confirmed by its speaker")
	lea.Post(at+"/edit", word("revision", "1", "statement", "Grid for single courtyards", "why", "", "measure", "grid spacing", "comparator", "at-most", "target", "2,5", "unit", "m")...).Sees(t, 303)
	regula.Get(at).Sees(t, 200, "an older wording:", "Yes, that is right")
	regula.Get(at+"/sources/1/correct").Sees(t, 200, "Grid for single courtyards", "I need the courtyard.")
	regula.Post(at+"/sources/1/correct", "revision", "2", "statement", "").Sees(t, 422, `href="#field-statement"`)
	regula.Post(at+"/sources/1/correct", "revision", "1", "statement", "Mine").Sees(t, 409, "<del>", "Mine")
	regula.Post(at+"/sources/1/correct", "revision", "2", "statement", "Grid for each courtyard").Sees(t, 303)
	s.Stranger(t).Get(at).Sees(t, 200, "Grid for each courtyard", "Worded by its speaker")
	s.Stranger(t).Get(at+"/history").Sees(t, 200, "Grid for", "single", "<ins>", "grid spacing ≤ ", "2.5</ins>")
	regula.Post(at+"/sources/1/deny").Sees(t, 303)
	s.Stranger(t).Get(at).Sees(t, 200, "did not ask for this").Misses(t, "I need the courtyard.")
	regula.Get(at).Sees(t, 200, "I need this too")
}

func TestTwoWhoWordACriterionAtOnceSeeBothTexts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea, beat, urs := s.As(t, "lea-straumann"), s.As(t, "beat-hollenstein"), s.As(t, "urs-dettwiler")
	at := urs.Post("/c/basel/criteria/new", word("statement", "Values at night")...).Sees(t, 303).To()
	urs.Get(at).Sees(t, 200, "Nobody has said yet where this criterion comes from.", "Edit the criterion")
	urs.Post(at+"/edit", word("revision", "1", "statement", "Values at night, per street")...).Sees(t, 303)
	lea.Post(at+"/edit", word("revision", "1", "statement", "Values at three in the morning", "measure", "°C")...).Sees(t, 409, "per street", "three in the morning", `name="revision" value="2"`)
	lea.Post(at+"/edit", word("revision", "2", "statement", "Values at three in the morning", "tags", "night, street")...).Sees(t, 303)
	if _, err := s.DB.Exec(t.Context(), `update criterion set state = 'agreed', agreed_on = now()`); err != nil {
		t.Fatal(err)
	}
	urs.Get(at+"/edit").Sees(t, 403)
	beat.Get(at+"/edit").Sees(t, 200, "Values at three in the morning", "night, street")
}

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea := s.As(t, "lea-straumann")
	for typed, want := range map[string]string{"0,5": "0.5", "0.5": "0.5", "1'000": "1,000", "1 000,25": "1,000.25", "−3": "−3", "2e3": "2,000"} {
		at := lea.Post("/c/basel/criteria/new", word("statement", "Measured "+typed, "comparator", "equals", "target", typed, "unit", "furlongs")...).Sees(t, 303).To()
		lea.Get(at).Sees(t, 200, "=\u00a0"+want+"\u00a0furlongs")
		lea.Post(at+"/edit", word("revision", "1", "statement", "Measured", "comparator", "equals", "target", hidden(t, lea.Get(at+"/edit"), "target\" type=\"text"))...).Sees(t, 303)
		lea.Get(at).Sees(t, 200, "=\u00a0"+want+"<")
	}
	for typed, problem := range map[string]string{"1,000": "#field-target", "NaN": "#field-target", "Inf": "#field-target", "1e999": "#field-target", "0x10": "#field-target", "a lot": "#field-target", "": "#field-target"} {
		lea.Post("/c/basel/criteria/new", word("statement", "Measured", "comparator", "equals", "target", typed)...).Sees(t, 422, problem)
	}
	lea.Post("/c/basel/criteria/new", word("statement", "Measured", "target", "5")...).Sees(t, 422, "#field-comparator", `value="5"`)
	lea.Post("/c/basel/criteria/new", word("statement", "Measured", "comparator", "between", "target", "5", "target_to", "4")...).Sees(t, 422, "#field-target_to")
}

func TestBadCriteriaAreAnsweredAndNothingIsStored(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea := s.As(t, "lea-straumann")
	for name, c := range map[string]struct{ field, value, sees string }{
		"broken text":                  {"statement", "hot \xff spots", "#field-statement"},
		"NUL":                          {"why", "a\x00b", "#field-why"},
		"too long":                     {"statement", strings.Repeat("é", 201), "#field-statement"},
		"a long reason":                {"why", strings.Repeat("x", 20_001), "#field-why"},
		"a category that is not there": {"category", "none-such", "#field-category"},
		"a foreign product":            {"products", "1", "#field-products"},
		"no product":                   {"products", "-1; drop table", "#field-products"},
		"no language":                  {"lang", "xx", "#field-lang"},
		"a draft":                      {"audience", "draft", "#field-audience"},
	} {
		fields := map[string]string{"statement": "Something bad", "lang": "en", "audience": "public"}
		fields[c.field] = c.value
		var pairs []string
		for field, value := range fields {
			pairs = append(pairs, field, value)
		}
		if got := lea.Post("/c/basel/criteria/new", pairs...); got.Status != 422 || !strings.Contains(got.Body, c.sees) {
			t.Errorf("%s: got %d", name, got.Status)
		}
	}
	for discussion, ok := range map[string]bool{"T-1": true, "1": true, "http://koinon.test/c/basel/discussions/1-wo-warum?at=2#reply-2": true, "/c/heraklion/discussions/1": true, "T-999": false, "/c/basel/discussions/1?at=9999": false, "elsewhere": false, "": false, "/c/nowhere/discussions/1": false} {
		got := lea.Post("/c/basel/criteria/new", word("statement", "From "+discussion, "source", "discussion", "discussion", discussion)...)
		if want := map[bool]int{true: 303, false: 422}[ok]; got.Status != want {
			t.Errorf("discussion %q: got %d, want %d", discussion, got.Status, want)
		}
	}
	bad := 0
	if err := s.DB.QueryRow(t.Context(), `select count(*) from item where kind = 'criterion' and title = 'Something bad'`).Scan(&bad); err != nil || bad != 0 {
		t.Errorf("%d bad ones are stored, %v", bad, err)
	}
	request := "0190b8a0-0000-7000-8000-000000000001"
	first := lea.Post("/c/basel/criteria/log", "request", request, "statement", "Only once", "lang", "en", "audience", "public").Sees(t, 303)
	lea.Post("/c/basel/criteria/log", "request", request, "statement", "Only once", "lang", "en", "audience", "public").Sees(t, 303)
	if n := strings.Count(lea.Get(first.To()).Body, ">Only once<"); n != 1 {
		t.Errorf("sent twice: %d criteria", n)
	}
}

func TestSimilarCriteriaAreOfferedHereAndFromOtherCities(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	eleni, lea := s.As(t, "eleni-markaki"), s.As(t, "lea-straumann")
	eleni.Post("/c/heraklion/criteria/new", word("statement", "Shows the shade of single trees")...).Sees(t, 303)
	eleni.Post("/c/heraklion/criteria/new", "statement", "Shows the shade of single trees at noon", "lang", "en", "audience", "community").Sees(t, 303)
	lea.Post("/c/basel/criteria/new", word("statement", "Shows shade of trees")...).Sees(t, 303)
	got := lea.Get("/c/basel/criteria/similar?title=shade+of+trees&in=en").Sees(t, 200, "Shows shade of trees", "/c/heraklion/criteria/1", "Heraklion").Misses(t, "at noon", "<html")
	if strings.Index(got.Body, "/c/basel/") > strings.Index(got.Body, "/c/heraklion/") {
		t.Error("those of another city stand first")
	}
	lea.Post("/c/basel/criteria/log", "act", "similar", "statement", "shade of trees", "lang", "en", "audience", "public").Sees(t, 200, "asked for already")
	lea.Post("/c/basel/criteria/new", word("act", "preview", "statement", "Shade of trees", "why", "It is *hot*.")...).Sees(t, 200, "<em>hot</em>", "asked for already")
	lea.Get("/c/basel/criteria/new?statement=shade+of+trees").Sees(t, 200, "asked for already")
}

func TestSourcesAreAddedChangedAndTakenAway(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea, urs, beat := s.As(t, "lea-straumann"), s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein")
	at := lea.Post("/c/basel/criteria/new", word("statement", "Open format")...).Sees(t, 303).To()
	lea.Get(at).Sees(t, 200, "Nobody has said yet", "Add a source")
	page := lea.Get(at+"/sources/new").Sees(t, 200, "@short name")
	for range 2 {
		lea.Post(at+"/sources/new", "request", hidden(t, page, "request"), "source", "document", "document", "Data policy, page 3", "url", "https://example.org/policy", "words", "Open by default.", "words_lang", "en").Sees(t, 303)
	}
	if got := lea.Get(at).Sees(t, 200, "Data policy, page 3", "https://example.org/policy", "Open by default."); strings.Contains(got.Body, "source-2") {
		t.Error("the same form added two sources")
	}
	lea.Post(at+"/sources/new", "source", "document", "document", "x", "url", "javascript:alert(1)").Sees(t, 422, "#field-url")
	stamp := hidden(t, lea.Get(at+"/sources/1/edit"), "stamp")
	beat.Post(at+"/sources/1/edit", "stamp", stamp, "source", "document", "document", "Data policy, page 4", "words", "Open by default.", "words_lang", "en").Sees(t, 303)
	lea.Post(at+"/sources/1/edit", "stamp", stamp, "source", "document", "document", "Data policy, page 3", "words", "Open, always.", "words_lang", "en").Sees(t, 409, "<del>", "Open, always.")
	urs.Post(at+"/need").Sees(t, 303)
	urs.Post(at+"/need").Sees(t, 303)
	urs.Get(at).Sees(t, 200, "Urs Dettwiler", "I do not need this any more").Misses(t, "I need this too", "source-3", "You are quoted here")
	lea.Post(at+"/sources/2/remove").Sees(t, 403)
	lea.Get(at+"/sources/1/remove").Sees(t, 200, "Remove this source?")
	lea.Post(at+"/sources/1/remove").Sees(t, 303)
	urs.Post(at+"/unneed").Sees(t, 303)
	lea.Get(at).Sees(t, 200, "Nobody has said yet").Misses(t, "Data policy", "Urs Dettwiler")
	lea.Get(at+"/sources/1/edit").Sees(t, 404)
	lea.Get(at+"/sources/none/edit").Sees(t, 404)
}

func TestWordsFromAClosedMeetingAreNotReadOutside(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	lea, regula := s.As(t, "lea-straumann"), s.As(t, "regula-ammann")
	number := 0
	if err := s.DB.QueryRow(t.Context(), `select i.number from item i join community c on c.id = i.community_id where c.slug = 'basel' and i.kind = 'meeting' and i.audience = 2 and i.removed_at is null order by i.number limit 1`).Scan(&number); err != nil {
		t.Fatal(err)
	}
	at := lea.Post("/c/basel/criteria/new", word("statement", "Said among us", "source", "meeting", "meeting", fmt.Sprint(number), "words", "Nobody outside hears this.", "speaker", "@regula-ammann")...).Sees(t, 303).To()
	lea.Get(at).Sees(t, 200, "Nobody outside hears this.", fmt.Sprintf("/c/basel/meetings/%d", number))
	for _, outside := range []*webtest.Visitor{s.Stranger(t), s.As(t, "eleni-markaki")} {
		outside.Get(at).Sees(t, 200, "from a conversation in Basel", "stakeholder").Misses(t, "Nobody outside", "Regula", fmt.Sprintf("/c/basel/meetings/%d", number))
	}
	regula.Post(at+"/sources/1/confirm", "revision", "1", "released", "yes").Sees(t, 303)
	s.Stranger(t).Get(at).Sees(t, 200, "from a conversation in Basel", "Nobody outside hears this.").Misses(t, fmt.Sprintf("/c/basel/meetings/%d", number))
	regula.Post(at+"/sources/1/release").Sees(t, 303)
	s.Stranger(t).Get(at).Sees(t, 200).Misses(t, "Nobody outside")
}
