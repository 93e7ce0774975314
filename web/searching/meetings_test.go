package searching_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/webtest"
)

// found are kinds and titles of what a search finds.
func found(t *testing.T, v *webtest.Visitor, query string) []string {
	t.Helper()
	var a struct {
		Hits []struct{ Kind, Title, URL, Excerpt string }
	}
	if err := json.Unmarshal([]byte(v.Get("/search.json?q="+url.QueryEscape(query)).Sees(t, 200).Body), &a); err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, h := range a.Hits {
		all = append(all, h.Kind+": "+h.Title+" "+h.URL)
	}
	return all
}

func TestMeetingsDecisionsAndActionsAreFoundByTheirKindInFourLanguages(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	meet := func(title string) string {
		return beat.Post("/c/basel/meetings/new", "title", title, "form", "workshop", "day", "2099-03-05", "from", "14:00", "until", "16:30", "zone", "Europe/Zurich", "place", "Kuppelsaal",
			"body", "Zebrafish", "lang", "en", "audience", "community", "request", uuid.NewString()).Sees(t, 303).To()
	}
	at := meet("Zebrafish meeting")
	meet("Zebrafish draft")
	beat.Post(at+"/publish").Sees(t, 303)
	decision := beat.Post("/c/basel/decisions/new", "text", "Zebrafish decision", "why", "Because of the aquarium", "on", "2026-01-05", "lang", "en", "audience", "community").Sees(t, 303).To()
	action := beat.Post("/c/basel/actions/new", "text", "Zebrafish action", "owners", "Frau Gastmann", "lang", "en", "audience", "community").Sees(t, 303).To()
	for kind, c := range map[string]struct{ address, words string }{
		"meeting":  {at, "kind:meeting kind:meetings art:treffen art:sitzungen genre:rencontre genre:réunions είδος:συνάντηση τύπος:συναντήσεις"},
		"decision": {decision, "kind:decision kind:decisions art:beschluss art:beschlüsse genre:décision type:décisions είδος:απόφαση είδος:αποφάσεις"},
		"action":   {action, "kind:action kind:actions art:aufgabe art:aufgaben genre:action genre:tâches είδος:ενέργεια είδος:ενέργειες"},
	} {
		want := []string{kind + ": Zebrafish " + kind + " " + c.address}
		for _, filter := range strings.Fields(c.words) {
			if got := found(t, regula, "zebrafish "+filter); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", filter, got, want)
			}
		}
	}
	for query, want := range map[string]string{"kuppelsaal": "meeting: Zebrafish meeting " + at, "aquarium": "decision: Zebrafish decision " + decision, "Gastmann": "action: Zebrafish action " + action} {
		if got := found(t, regula, query); !slices.Contains(got, want) {
			t.Errorf("%s: got %v", query, got)
		}
	}
	regula.Get("/search?q=aquarium").Sees(t, 200, "<mark>aquarium</mark>")
	regula.Get("/search?q=Gastmann").Sees(t, 200, "<mark>Gastmann</mark>")
	for lang, words := range map[string][]string{"en": {"Meeting", "Decision", "Action"}, "de": {"Treffen", "Beschluss", "Aufgabe"}, "fr": {"Rencontre", "Décision", "Action"}, "el": {"Συνάντηση", "Απόφαση", "Ενέργεια"}} {
		page := regula.Get("/search?q=zebrafish&lang="+lang).Sees(t, 200).Misses(t, "Zebrafish draft")
		for _, word := range words {
			page.Sees(t, 200, "<span>"+word+"</span>")
		}
	}
	if got := found(t, s.Stranger(t), "zebrafish"); len(got) > 0 {
		t.Errorf("a stranger finds %v", got)
	}
}

func TestMinutesAreSearchedOnceTheyAreOpen(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := beat.Post("/c/basel/meetings/new", "title", "A meeting", "form", "workshop", "day", "2099-03-05", "from", "14:00", "until", "16:30", "zone", "Europe/Zurich", "lang", "en", "audience", "community").Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	for _, sql := range []string{
		`insert into minute (community_id, meeting_id, body, html, renderer, at) select community_id, item_id, 'the axolotl', '<p>the axolotl</p>', 1, now() from meeting where starts_at = '2099-03-05 13:00Z'`,
		`insert into minute_line (community_id, meeting_id, n, form, body, lang, at) select community_id, item_id, 1, 'said', 'salt & a narwhal < a whale', 'en', now() from meeting where starts_at = '2099-03-05 13:00Z'`,
		`update meeting set minutes_state = 'draft' where starts_at = '2099-03-05 13:00Z'`,
	} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	rebuild(t, s)
	for _, word := range []string{"axolotl", "narwhal"} {
		if got := found(t, beat, word); len(got) > 0 {
			t.Errorf("minutes in draft are found by %s: %v", word, got)
		}
	}
	if _, err := s.DB.Exec(t.Context(), `update meeting set minutes_state = 'open' where minutes_state = 'draft'`); err != nil {
		t.Fatal(err)
	}
	rebuild(t, s)
	regula.Get("/search?q=axolotl").Sees(t, 200, "<mark>axolotl</mark>")
	regula.Get("/search?q=narwhal").Sees(t, 200, "salt &amp; a <mark>narwhal</mark> &lt; a whale")
}

func rebuild(t *testing.T, s *webtest.Site) {
	t.Helper()
	err := postgres.InTx(t.Context(), s.DB, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `select item_id from meeting`)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[item.ID])
		if err != nil {
			return err
		}
		return search.Rebuild(t.Context(), tx, ids)
	})
	if err == nil {
		err = search.NewStore(s.DB, time.Now).Learn(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}
