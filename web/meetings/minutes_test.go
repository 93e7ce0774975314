package meetings_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/web/webtest"
)

// gathering is a public meeting of today in Basel with two points, and the ids of the points; urs takes notes.
func gathering(t *testing.T, s *webtest.Site) (at string, points []string) {
	t.Helper()
	beat := s.As(t, "beat-hollenstein")
	at = beat.Post("/c/basel/meetings/new", "title", "Schatten am Rhein", "form", "regular", "day", time.Now().Format(time.DateOnly), "from", "00:01", "until", "23:58", "zone", "UTC", "lang", "en", "audience", "public").Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	for n, title := range []string{"Trees", "Fountains"} {
		id := int64(0)
		err := s.DB.QueryRow(t.Context(), `insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, minutes, proposed_at)
			select m.community_id, m.item_id, $1, 'accepted', 'discussion', $2, 'en', 20, now() from meeting m order by m.item_id desc limit 1 returning id`, n+1, title).Scan(&id)
		if err != nil {
			t.Fatal(err)
		}
		points = append(points, strconv.FormatInt(id, 10))
	}
	if _, err := s.DB.Exec(t.Context(), `insert into meeting_role (community_id, meeting_id, role, account_id)
		select m.community_id, m.item_id, 'notes', a.id from meeting m, account a where a.handle = 'urs-dettwiler' order by m.item_id desc limit 1`); err != nil {
		t.Fatal(err)
	}
	return at, points
}

// field is the value of a hidden field of a page.
func field(t *testing.T, a webtest.Answer, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("no field %s", name)
	}
	return m[1]
}

func TestMinutesFromTheFirstWordToTheAddendum(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs, beat, regula, stranger := s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.Stranger(t)
	trees := points[0]

	form := urs.Get(at+"/minutes/edit").Sees(t, 200, "1. Trees", "2. Fountains")
	urs.Post(at+"/minutes/edit", "act", "preview", "body-"+trees, "Zugluft.\ndecision: plant limes", "was-"+trees, field(t, form, "was-"+trees), "revision-"+trees, "0").Sees(t, 200, "plant limes", "Saving keeps this line:", "decided")
	next := urs.Post(at+"/minutes/edit", "body-"+trees, "Zugluft.\ndecision: plant limes", "was-"+trees, field(t, form, "was-"+trees), "revision-"+trees, "0",
		"form-"+trees, "todo", "line-"+trees, "@regula-ammann by 1.3.2199 water them").Sees(t, 303).To()
	if next != at+"/minutes/edit#field-line-"+trees {
		t.Errorf("the next line is typed at %s", next)
	}
	urs.Get(strings.SplitN(next, "#", 2)[0]).Sees(t, 200, "Zugluft.", "plant limes", "water them")

	for name, v := range map[string]*webtest.Visitor{"a member": regula, "a stranger": stranger} {
		v.Get(at+"/minutes").Sees(t, 200, "There are no minutes to read yet").Misses(t, "Zugluft", "plant limes", "draft")
		v.Get(at).Sees(t, 200).Misses(t, "Zugluft", "minutes in draft", "/minutes\"")
		v.Get(at+"/minutes.md").Sees(t, 404)
		v.Get("/search?q=Zugluft").Sees(t, 200).Misses(t, "Schatten am Rhein")
		if got := v.Get("/c/basel/decisions"); strings.Contains(got.Body, "plant limes") {
			t.Errorf("%s sees a decision of a draft", name)
		}
	}
	regula.Get(at+"/minutes/edit").Sees(t, 403)
	regula.Get(at+"/minutes/history/"+trees).Sees(t, 403)
	regula.Get(at+"/live").Sees(t, 403)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200).Misses(t, "minutes", "Zugluft")

	urs.Get(at+"/minutes/open").Sees(t, 200, "1 decision goes", "1 action goes")
	urs.Post(at+"/minutes/open", "until", "2010-01-01").Sees(t, 422, `href="#field-until"`)
	urs.Post(at+"/minutes/open", "until", time.Now().AddDate(0, 0, 5).Format(time.DateOnly)).Sees(t, 303)
	stranger.Get(at+"/minutes").Sees(t, 200, "Zugluft.", "D-6", "A-8", `id="line-1"`).Misses(t, "Send the correction")
	stranger.Get("/search?q=Zugluft").Sees(t, 200, "Schatten am Rhein")
	regula.Get("/c/basel/actions").Sees(t, 200, "water them")

	regula.Get(at+"/minutes?about="+trees).Sees(t, 200, "Send the correction")
	regula.Post(at+"/minutes/corrections", "point", trees, "body", "", "lang", "en").Sees(t, 422, `href="#field-body"`)
	regula.Post(at+"/minutes/corrections", "point", trees, "body", "It was a breeze.", "lang", "en").Sees(t, 303)
	s.As(t, "lea-straumann").Get(at+"/minutes").Sees(t, 200).Misses(t, "It was a breeze.")
	page := urs.Get(at+"/minutes").Sees(t, 200, "It was a breeze.")
	answer := regexp.MustCompile(`minutes/corrections/([0-9]+)`).FindStringSubmatch(page.Body)[1]
	beat.Post(at+"/minutes/approve").Sees(t, 422)
	urs.Post(at+"/minutes/corrections/"+answer, "act", "decline").Sees(t, 422)
	urs.Post(at+"/minutes/corrections/"+answer, "act", "take").Sees(t, 303)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "answered your correction to minutes")

	urs.Post(at+"/minutes/approve").Sees(t, 403)
	beat.Get(at+"/minutes/approve").Sees(t, 200, "still send corrections")
	beat.Post(at+"/minutes/approve").Sees(t, 303)
	stranger.Get(at+"/minutes").Sees(t, 200, "minutes approved", "Place and date")
	urs.Post(at+"/minutes/edit", "body-"+trees, "Other", "was-"+trees, "x", "revision-"+trees, "1").Sees(t, 422)
	urs.Post(at+"/minutes/addenda", "body", "The photographs came later.", "lang", "en").Sees(t, 303)
	file := stranger.Get(at+"/minutes.md").Sees(t, 200, "# Schatten am Rhein", "## 1. Trees", "D-6 · plant limes", "The photographs came later.")
	if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=") || !strings.Contains(got, "schatten-am-rhein.md") {
		t.Errorf("the file is called %s", got)
	}
	if file.Header.Get("Content-Type") != "text/markdown; charset=utf-8" {
		t.Errorf("the file is %s", file.Header.Get("Content-Type"))
	}
}

func TestWhoIsSlowerSeesBothTextsAndChooses(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs, beat := s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein")
	trees, fountains := points[0], points[1]
	form := urs.Get(at + "/minutes/edit")
	was, other := field(t, form, "was-"+trees), field(t, form, "was-"+fountains)
	beat.Post(at+"/minutes/edit", "body-"+trees, "Words of Beat", "was-"+trees, was, "revision-"+trees, "0").Sees(t, 303)
	mine := []string{"body-" + trees, "Words of Urs", "was-" + trees, was, "revision-" + trees, "0", "body-" + fountains, "They splash", "was-" + fountains, other, "revision-" + fountains, "0", "line-" + fountains, "a line", "form-" + fountains, "said"}
	conflict := urs.Post(at+"/minutes/edit", mine...).Sees(t, 409, "<ins>Urs</ins>", "<del>Beat</del>", "Words of Beat", "Words of Urs", "They splash", "a line")
	beat.Get(at+"/minutes/edit").Sees(t, 200, "Words of Beat").Misses(t, "They splash")
	again := []string{"body-" + trees, "Words of Urs and Beat", "was-" + trees, field(t, conflict, "was-"+trees), "revision-" + trees, field(t, conflict, "revision-"+trees), "choose-" + trees, "mine"}
	urs.Post(at+"/minutes/edit", again...).Sees(t, 303)
	beat.Get(at+"/minutes/edit").Sees(t, 200, "Words of Urs and Beat")
	beat.Get(at+"/minutes/history/"+trees).Sees(t, 200, "<ins>", "Urs")
	theirs := urs.Post(at+"/minutes/edit", "body-"+trees, "Late words", "was-"+trees, was, "revision-"+trees, "1").Sees(t, 409)
	urs.Post(at+"/minutes/edit", "body-"+trees, "Late words", "was-"+trees, field(t, theirs, "was-"+trees), "revision-"+trees, field(t, theirs, "revision-"+trees), "choose-"+trees, "theirs").Sees(t, 303)
	beat.Get(at+"/minutes/edit").Sees(t, 200, "Words of Urs and Beat").Misses(t, "Late words")
}

func TestWhatIsSavedByItselfNeverWritesOverOthers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs, beat := s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein")
	trees := points[0]
	save := func(v *webtest.Visitor, text, was, revision string) (webtest.Answer, map[string]any) {
		t.Helper()
		a := v.Post(at+"/minutes/keep", "body-"+trees, text, "was-"+trees, was, "revision-"+trees, revision)
		said := map[string]any{}
		if err := json.Unmarshal([]byte(a.Body), &said); err != nil {
			t.Fatal(err, a.Body)
		}
		return a, said
	}
	was := field(t, urs.Get(at+"/minutes/edit"), "was-"+trees)
	first, said := save(urs, "Urs writes\ndecision: plant", was, "0")
	first.Sees(t, 200, "plant")
	if said["revision"] != 1.0 {
		t.Errorf("got %v", said)
	}
	urs.Get(at+"/minutes/edit").Sees(t, 200, "decision: plant").Misses(t, `class="line-edit"`)
	defer func() {
		form := urs.Get(at + "/minutes/edit")
		urs.Post(at+"/minutes/edit", "body-"+trees, "Urs writes\ndecision: plant", "was-"+trees, field(t, form, "was-"+trees), "revision-"+trees, "1").Sees(t, 303)
		urs.Get(at+"/minutes/edit").Sees(t, 200, "Urs writes", "line-edit").Misses(t, "\ndecision: plant</textarea>")
	}()
	late, said := save(beat, "Beat writes", was, "0")
	late.Sees(t, 409, "Urs writes", "data-theirs")
	if said["body"] != "Urs writes\ndecision: plant" || said["revision"] != 1.0 {
		t.Errorf("got %v", said)
	}
	beat.Get(at+"/minutes/edit").Sees(t, 200, "Urs writes").Misses(t, "Beat writes")
}

func TestALineIsChangedMovedTakenOutAndBroughtBack(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs := s.As(t, "urs-dettwiler")
	urs.Post(at+"/minutes/edit", "line-"+points[0], "decision: plant limes").Sees(t, 303)
	line := at + "/minutes/lines/1"
	good := []string{"form", "decided", "body", "plant lime trees", "point", points[1], "people", "", "why", "They cool best.", "rejected", "Awnings", "review", "1.6.2199", "lang", "en", "revision", "1"}
	urs.Post(line, append([]string{"due", "yesterday"}, good...)...).Sees(t, 422, `href="#field-due"`, "plant lime trees", "Awnings")
	urs.Post(line, good...).Sees(t, 303)
	urs.Post(line, good...).Sees(t, 409)
	urs.Get(at+"/minutes").Sees(t, 200, "plant lime trees", "They cool best.", "Awnings", "1 June 2199")
	urs.Post(line+"/strike").Sees(t, 303)
	urs.Get(at+"/minutes").Sees(t, 200).Misses(t, "plant lime trees")
	urs.Get(at+"/minutes/edit").Sees(t, 200, "1 line taken out")
	urs.Post(line+"/unstrike").Sees(t, 303)
	urs.Get(at+"/minutes").Sees(t, 200, "plant lime trees")
	urs.Get(at+"/minutes/lines/2").Sees(t, 404)
	s.As(t, "regula-ammann").Get(line).Sees(t, 403)
}

func TestWhatIsNoMinutesIsRefusedAndKeptInTheForm(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs := s.As(t, "urs-dettwiler")
	trees := points[0]
	typed := func(text string) []string {
		return []string{"body-" + trees, text, "was-" + trees, "x", "revision-" + trees, "0"}
	}
	urs.Post(at+"/minutes/edit", typed(strings.Repeat("a", 50_001))...).Sees(t, 422, `href="#field-body-`+trees+`"`)
	urs.Post(at+"/minutes/edit", typed("broken \xff text")...).Sees(t, 422, `href="#field-body-`+trees+`"`)
	urs.Post(at+"/minutes/edit", typed(strings.Repeat("a", 10<<20))...).Sees(t, 413)
	urs.Post(at+"/minutes/edit", "line-"+trees, strings.Repeat("a", 2001), "form-"+trees, "said").Sees(t, 422, `href="#field-line-`+trees+`"`)
	urs.Post(at+"/minutes/edit", "line-"+trees, "a", "form-"+trees, "sung").Sees(t, 422)
	n := 0
	if err := s.DB.QueryRow(t.Context(), `select (select count(*) from minute n join item i on i.id = n.meeting_id where i.title = 'Schatten am Rhein') + (select count(*) from minute_line n join item i on i.id = n.meeting_id where i.title = 'Schatten am Rhein')`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d things are kept, %v", n, err)
	}
}

func TestTheRunningMeetingIsOnOneScreen(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs := s.As(t, "urs-dettwiler")
	urs.Get(at+"/live").Sees(t, 200, "1. Trees", "Next: Fountains", "00:01–00:21")
	urs.Get(at+"/live?at=2").Sees(t, 200, "2. Fountains")
	if to := urs.Post(at+"/minutes/edit", "back", "live", "at", "2", "form-"+points[1], "said", "line-"+points[1], "parked: the fountain").Sees(t, 303).To(); to != at+"/live?at=2" {
		t.Errorf("leads to %s", to)
	}
	urs.Get(at+"/live?at=2").Sees(t, 200, "the fountain", "parked", "autofocus")
}

func TestMinutesCostTheSameHoweverMuchIsWritten(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, points := gathering(t, s)
	urs := s.As(t, "urs-dettwiler")
	urs.Post(at+"/minutes/edit", "line-"+points[0], "todo: @regula-ammann one").Sees(t, 303)
	few := s.Asked(func() { urs.Get(at+"/minutes").Sees(t, 200) })
	for range 20 {
		urs.Post(at+"/minutes/edit", "line-"+points[0], "todo: @regula-ammann more", "line-"+points[1], "decision: so").Sees(t, 303)
	}
	if many := s.Asked(func() { urs.Get(at+"/minutes").Sees(t, 200) }); many > few {
		t.Errorf("%d round trips, with few lines %d", many, few)
	}
}
