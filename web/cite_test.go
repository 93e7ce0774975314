package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/web/webtest"
)

func TestAnEntryIsCitedAndTakenAlong(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	regula, stranger := s.As(t, "regula-ammann"), s.Stranger(t)
	regula.Post("/c/basel/heard", "body", "The vine on wires cools best.", "lang", "en").Sees(t, 303)
	const page, own = "/c/basel/repertoire/4-a-vine-on-wires-50", "/c/basel/repertoire/4"
	for _, format := range []string{"md", "json", "bib", "csl.json"} {
		stranger.Get(own+"."+format).Sees(t, 404)
		regula.Get(own+"."+format).Sees(t, 200) // a draft is hers to take
	}
	regula.Post(own+"/edit", "revision", "1", "title", "A vine on wires: 50 %", "form", "experience", "told", "The vine on wires cools best.", "lang", "en", "audience", "public").Sees(t, 303)
	const cited = "Regula Ammann (2026): A vine on wires: 50 %. Experience, Community of practice Basel, URBANFLUXES. E-4, revision 2. http://koinon.test/c/basel/repertoire/4?revision=2 (accessed: …)"
	stranger.Get(page+"?lang=en").Sees(t, 200, strings.ReplaceAll(cited, "2026", time.Now().UTC().Format("2006")), "@misc{basel-e4,", "/c/basel/repertoire/4.bib")
	stranger.Get(own+".bib").Sees(t, 200, `title = {{A vine on wires: 50 \%}}`, "author = {Ammann, Regula}")
	stranger.Get(own+".md").Sees(t, 200, "---\ntitle: \"A vine on wires: 50 %\"\n", "The vine on wires cools best.", "# A vine on wires: 50 %")
	var items []map[string]any
	if err := json.Unmarshal([]byte(stranger.Get(own+".csl.json").Sees(t, 200).Body), &items); err != nil || len(items) != 1 || items[0]["title"] != "A vine on wires: 50 %" {
		t.Errorf("%v %v", items, err)
	}
	stranger.Get("/c/basel/repertoire/900.md").Sees(t, 404)
	stranger.Get("/c/basel/repertoire/4.exe").Sees(t, 404)
}

func TestThemesAreForCoordinatorsAlone(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for _, body := range []string{"Auf dem Schulhof fehlt jeder Schatten, die Bäume wurden gefällt.", "Die Schulhöfe haben keinen Schatten mehr: kein Baum weit und breit.", "Noch ein Schulhof, auf dem ein Baum und damit der Schatten fehlt."} {
		for _, handle := range []string{"regula-ammann", "lea-straumann"} {
			s.As(t, handle).Post("/c/basel/discussions/new", "title", "Eine Frage", "body", body, "lang", "de", "form", "conversation", "audience", "community").Sees(t, 303)
		}
	}
	if err := harvest.NewStore(s.DB, time.Now).FindThemes(t.Context()); err != nil {
		t.Fatal(err)
	}
	const page = "/c/basel/repertoire/themes"
	beat := s.As(t, "beat-hollenstein")
	beat.Get(page+"?lang=en").Sees(t, 200, "Noch ein Schulhof", "times by", "Gather these")
	beat.Get("/?lang=en").Sees(t, 200, "said again and again")
	s.As(t, "lea-straumann").Get("/?lang=en").Misses(t, "said again and again")
	s.As(t, "lea-straumann").Get(page).Sees(t, 403).Misses(t, "Schulhof")
	var id int64
	if err := s.DB.QueryRow(t.Context(), `select t.id from theme t join theme_saying s on s.theme_id = t.id where s.words like '%Schulhof%' limit 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	act := fmt.Sprintf("%s/%d/", page, id)
	if to := beat.Post(act+"gather").Sees(t, 303).To(); to != "/c/basel/repertoire/gathered" {
		t.Errorf("gathered leads to %s", to)
	}
	beat.Get("/c/basel/repertoire/gathered").Sees(t, 200, "Noch ein Schulhof")
	beat.Post(act+"dismiss").Sees(t, 303)
	beat.Get(page+"?lang=en").Sees(t, 200, "Not themes", "It is one after all").Misses(t, fmt.Sprintf(`id="theme-%d"`, id))
	beat.Post(act+"restore").Sees(t, 303)
	beat.Get(page+"?lang=en").Sees(t, 200, fmt.Sprintf(`id="theme-%d"`, id))
}
