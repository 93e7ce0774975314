package searching_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/webtest"
)

func learnt(t *testing.T) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	if err := search.NewStore(s.DB, time.Now).Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAScientistFindsWhatIsCalledOtherwiseInAnotherCity(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	got := s.As(t, "priya-raman").Get("/search?q=climatiseurs").Sees(t, 200, "κλιματιστικά</mark>", "Also searched for:", `href="/c/heraklion/discussions/8-`, "Search exactly as typed")
	got.Misses(t, "Nothing found")
	s.As(t, "priya-raman").Get("/search?q="+url.QueryEscape(`"climatiseurs"`)).Sees(t, 200, "Nothing found")
}

func TestAReplyLeadsToItsPlaceInTheThread(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	s.Stranger(t).Get("/search?q=%22gleiche+Hektarraster%22").Sees(t, 200, `?at=2#reply-2`, "<mark>Hektarraster</mark>", "1 place found")
}

func TestFiltersStandInTheAddressAsWordsAndAsFields(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	v := s.As(t, "regula-ammann")
	words := v.Get("/search.json?q=" + url.QueryEscape("Nacht stadt:Basel art:antwort"))
	fields := v.Get("/search.json?q=Nacht&city=basel&kind=reply")
	var a, b map[string]any
	if err := json.Unmarshal([]byte(words.Body), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(fields.Body), &b); err != nil {
		t.Fatal(err)
	}
	if a["count"] != b["count"] || a["count"] == float64(0) {
		t.Errorf("words count %v, fields count %v", a["count"], b["count"])
	}
	for _, h := range a["hits"].([]any) {
		if hit := h.(map[string]any); hit["city"] != "basel" || hit["kind"] != "reply" {
			t.Errorf("found %v", hit)
		}
	}
	v.Get("/search?q="+url.QueryEscape("farbe:rot stadt:Atlantis Nacht")).Sees(t, 200, "There is no filter “farbe:”", "No community is called “Atlantis”")
}

func TestAVisitorIsNotToldOfWhatIsForMembers(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	// Poster statt Vorträge is for the members of Basel alone.
	for _, path := range []string{"/search?q=Posterrunde", "/search.json?q=Posterrunde", "/search?q=Baumscheibe+Karton", "/search?q=Posterrund", "/search?q=Posterrnude", "/search.json?q=by:beat"} {
		s.As(t, "urs-dettwiler").Get(path).Sees(t, 200, "Poster statt")
		s.Stranger(t).Get(path).Misses(t, "Poster statt", "Posterrunde</mark>", "aus Karton", "posterrunde,", "also\":[\"posterrunde")
		s.As(t, "stavros-kallergis").Get(path).Misses(t, "Poster statt")
	}
}

func TestAnyQueryGetsAPage(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	v := s.Stranger(t)
	for _, q := range []string{"", "%27", "%22", "%00", "%ff%fe", "a:*", "%5C%27", strings.Repeat("x", 2000), "%3Cscript%3Ealert(1)%3C/script%3E", "-", "before:x"} {
		v.Get("/search?q="+q).Sees(t, 200, "<main").Misses(t, "<script>alert", "SQLSTATE")
		v.Get("/search.json?q="+q+"&page=-3&city=%00&before=9999&tag=%27").Sees(t, 200, `"hits"`)
	}
}

func TestAPageThatIsNotThereOffersTheSearch(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{NoDemo: true})
	s.Stranger(t).Get("/nothing").Sees(t, 404, `action="/search"`, `id="field-q"`)
}

func TestMembersExtendTheGlossaryAndSearchKnowsTheTermAtOnce(t *testing.T) {
	t.Parallel()
	s := learnt(t)
	v := s.As(t, "urs-dettwiler")
	v.Get("/search?q=Pausenhoftemperierung").Sees(t, 200, "Nothing found")
	form := []string{"request", uuid.NewString(), "words-en", "usable break", "words-de", "Pausenhoftemperierung, nutzbare Pausen", "definition-de", "Pausen, in denen der Platz im Schatten liegt.", "source", "https://example.org/pausen"}
	made := v.Post("/glossary/new", form...).Sees(t, 303)
	if again := v.Post("/glossary/new", form...); again.To() != made.To() || made.To() != "/glossary/usable-break" {
		t.Errorf("sent twice: %s and %s", made.To(), again.To())
	}
	v.Get(made.To()).Sees(t, 200, "Pausenhoftemperierung", "https://example.org/pausen")
	v.Get("/search?q=Pausenhoftemperierung").Sees(t, 200, "Pausenplatz: was überzeugt eine Baukommission?")
	v.Get("/glossary").Sees(t, 200, "usable break")
	var told int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from activity where verb = 'term.added' and detail->>'slug' = 'usable-break'`).Scan(&told); err != nil || told != 1 {
		t.Errorf("told %d times, %v", told, err)
	}
}

func TestARejectedTermKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.As(t, "urs-dettwiler").Post("/glossary/new", "definition-de", "Ohne Wort", "source", "javascript:alert(1)").
		Sees(t, 422, "Ohne Wort", "Please fill in this field.", "Please name the term", "Please write an address")
	s.As(t, "urs-dettwiler").Post("/glossary/new", "words-de", "und, oder").Sees(t, 422, "cannot be sought")
}

func TestTwoWhoChangeATermSeeEachOther(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const at = "/glossary/urban-heat-island/edit"
	s.As(t, "urs-dettwiler").Post(at, "revision", "1", "words-en", "urban heat island", "words-de", "Backofen").Sees(t, 303)
	s.As(t, "priya-raman").Post(at, "revision", "1", "words-en", "heat dome").Sees(t, 409, "Backofen", "heat dome", `name="revision" value="2"`)
	s.As(t, "priya-raman").Post(at, "revision", "2", "words-en", "heat dome").Sees(t, 303)
	s.Stranger(t).Get("/glossary/urban-heat-island").Sees(t, 200, "heat dome").Misses(t, "Backofen")
	var before string
	if err := s.DB.QueryRow(t.Context(), `select detail->'before'->'de'->'Words'->>0 from activity where verb = 'term.changed' order by id desc limit 1`).Scan(&before); err != nil || before != "Backofen" {
		t.Errorf("kept %q, %v", before, err)
	}
}

func TestOnlyCoordinatorsTakeATermOut(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.As(t, "urs-dettwiler").Post("/glossary/qgis/remove").Sees(t, 403)
	s.As(t, "beat-hollenstein").Post("/glossary/qgis/remove").Sees(t, 303)
	s.Stranger(t).Get("/glossary/qgis").Sees(t, 404)
}
