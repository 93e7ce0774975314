package home_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestTheFrontPageShowsTheCitiesOnAMapAndInAList(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	page := s.Stranger(t).Get("/").Sees(t, http.StatusOK, "<svg class=\"map\"", "Natural Earth, public domain")
	svg := page.Body[strings.Index(page.Body, `<svg class="map"`):]
	svg = svg[:strings.Index(svg, "</svg>")]
	for _, city := range []string{"basel", "heraklion", "london"} {
		if link := `href="/c/` + city + `"`; !strings.Contains(svg, link) || strings.Count(page.Body, link) < 2 {
			t.Errorf("%s is not both on the map and in the list", city)
		}
	}
	if strings.Contains(svg, "/c/umbrella") {
		t.Error("the umbrella has a place on the map")
	}
}

func TestEveryTextCarriesItsOwnLanguage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	if _, err := s.DB.Exec(context.Background(), `delete from community_text where lang <> 'el' and community_id = (select id from community where slug = 'heraklion')`); err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`<a href="/c/heraklion" lang="([a-z]+)">`)
	for _, path := range []string{"/", "/communities"} {
		if got := name.FindStringSubmatch(s.Stranger(t).Get(path+"?lang=fr").Sees(t, http.StatusOK, `<html lang="fr">`).Body); len(got) != 2 || got[1] != "el" {
			t.Errorf("%s: got %v, want the Greek name marked as Greek", path, got)
		}
	}
}

func TestWhatIsNewIsWhatTheReaderMayOpen(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	ctx := context.Background()
	for title, audience := range map[string]int{"Open to all": 0, "For the programme": 1, "For Basel": 2, "A draft": 3} {
		_, err := s.DB.Exec(ctx, `with made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
				select c.id, 'discussion', 900 + $2, $1, 'en', a.id, $2, now(), now(), now() + interval '1 hour' from community c, account a where c.slug = 'basel' and a.handle = 'beat-hollenstein' returning id)
			insert into discussion (item_id, form) select id, 'conversation' from made`, title, audience)
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.DB.Exec(ctx, `insert into account (handle, name, email, email_key, created_at) values ('olga', 'Olga', 'o@example.org', 'o@example.org', now())`)
	if err != nil {
		t.Fatal(err)
	}
	s.Stranger(t).Get("/").Sees(t, http.StatusOK, "Open to all").Misses(t, "For the programme", "For Basel", "A draft")
	s.As(t, "olga").Get("/").Sees(t, http.StatusOK, "Open to all").Misses(t, "For the programme", "For Basel", "A draft")
	s.As(t, "eleni-markaki").Get("/").Sees(t, http.StatusOK, "Open to all", "For the programme").Misses(t, "For Basel", "A draft")
	s.As(t, "regula-ammann").Get("/").Sees(t, http.StatusOK, "Open to all", "For the programme", "For Basel").Misses(t, "A draft")
}

func TestTheDeskTellsFirstWhatWaits(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	coordinator, member := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	waiting := "href=\"/c/basel/members/waiting\""
	coordinator.Get("/").Sees(t, http.StatusOK, "Hello Beat Hollenstein", "What waits for you", waiting, "My communities")
	member.Get("/").Sees(t, http.StatusOK, "My communities").Misses(t, waiting, "Your request to join")
	newcomer := s.As(t, "luca-ferraro")
	newcomer.Get("/").Sees(t, http.StatusOK, "Your request to join is with the coordinator", `href="/c/basel/join"`).Misses(t, waiting)
	s.Stranger(t).Get("/").Misses(t, "What waits for you", "My communities")
}

func TestAnEmptyProgrammeExplainsTheFirstStep(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{NoDemo: true})
	if _, err := s.Accounts.MakeAdministrator(context.Background(), "ada@example.org", "Ada"); err != nil {
		t.Fatal(err)
	}
	s.Stranger(t).Get("/").Sees(t, http.StatusOK, "No community yet").Misses(t, "/admin", "<svg class=\"map\"")
	s.Stranger(t).Get("/communities").Sees(t, http.StatusOK, "No community yet")
	s.As(t, "ada").Get("/").Sees(t, http.StatusOK, "No community yet", "/admin")
}

func TestMeetingsDecisionsAndActionsAreNewsWithTheirKind(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	at := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "workshop", "day", "2099-03-05", "from", "14:00", "until", "16:30", "zone", "Europe/Zurich", "lang", "en", "audience", "public").Sees(t, 303).To()
	s.Stranger(t).Get("/new.atom").Sees(t, 200).Misses(t, "Shade in the old town")
	beat.Get("/").Sees(t, 200)
	beat.Post(at+"/publish").Sees(t, 303)
	decision := beat.Post("/c/basel/decisions/new", "text", "We plant in autumn", "on", "2026-01-05", "lang", "en", "audience", "public").Sees(t, 303).To()
	action := beat.Post("/c/basel/actions/new", "text", "Buy saplings", "lang", "en", "audience", "public").Sees(t, 303).To()
	for lang, kinds := range map[string][3]string{"en": {"Meeting", "Decision", "Action"}, "de": {"Treffen", "Beschluss", "Aufgabe"}, "fr": {"Rencontre", "Décision", "Action"}, "el": {"Συνάντηση", "Απόφαση", "Ενέργεια"}} {
		feed := s.Stranger(t).Get("/new.atom?lang="+lang).Sees(t, 200, "Shade in the old town", "We plant in autumn", "Buy saplings", at+`"`, decision+`"`, action+`"`)
		for _, path := range []string{"/", "/c/basel"} {
			page := s.Stranger(t).Get(path+"?lang="+lang).Sees(t, 200, `href="`+at+`"`, `href="`+decision+`"`, `href="`+action+`"`)
			for _, kind := range kinds {
				page.Sees(t, 200, "<span>"+kind+"</span>")
				feed.Sees(t, 200, `term="`+kind+`"`)
			}
		}
	}
}
