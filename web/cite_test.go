package web_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

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
	regula.Post(own+"/edit", "revision", "1", "title", "A vine on wires: 50 %", "body", "The vine on wires cools best.", "lang", "en", "audience", "public").Sees(t, 303)
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
