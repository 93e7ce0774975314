package discussions_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestDiscussionsAreThereForOtherProgramsWithTheSameFilters(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	page := v.Get("/c/basel/discussions?tag=kaltluft").Sees(t, 200, `href="/c/basel/discussions.atom?tag=kaltluft"`, `href="/c/basel/discussions.csv?tag=kaltluft"`, `rel="alternate"`)
	var list struct {
		Discussions []struct {
			Title, Page string
			Author      struct{ Name string }
			Replies     int
		}
	}
	got := v.Get("/c/basel/discussions.json?tag=kaltluft").Sees(t, 200)
	if err := json.Unmarshal([]byte(got.Body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Discussions) == 0 || len(list.Discussions) != strings.Count(page.Body, `<li class="thread-row`) {
		t.Errorf("%d in JSON, the page has %d", len(list.Discussions), strings.Count(page.Body, `<li class="thread-row`))
	}
	rows, err := csv.NewReader(strings.NewReader(v.Get("/c/basel/discussions.csv?tag=kaltluft").Sees(t, 200).Body)).ReadAll()
	if err != nil || len(rows) != 1+len(list.Discussions) || rows[1][1] != list.Discussions[0].Title {
		t.Errorf("CSV: %v, %v", rows, err)
	}
	var one struct {
		Title   string
		Opening struct{ HTML string }
		Replies []struct{ Number int }
	}
	if err := json.Unmarshal([]byte(v.Get("/c/basel/discussions/1.json").Sees(t, 200).Body), &one); err != nil || one.Opening.HTML == "" || len(one.Replies) < 5 || one.Replies[0].Number != 1 {
		t.Errorf("thread: %+v, %v", one, err)
	}
	v.Get("/c/basel/discussions/4711.json").Sees(t, 404)
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Entries []struct {
		ID     string `xml:"id"`
		Title  string `xml:"title"`
		Lang   string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		Author string `xml:"author>name"`
	} `xml:"entry"`
}

func read(t *testing.T, body string) feed {
	t.Helper()
	var f feed
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFeedHoldsWhatIsPublicWhoeverReadsIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	v.Post("/c/basel/discussions/new", "title", "Only <us> & you", "body", "b", "lang", "en", "audience", "community").Sees(t, 303)
	v.Post("/c/basel/discussions/new", "title", "All <of> & you", "body", "b", "lang", "en", "audience", "public").Sees(t, 303)
	for _, path := range []string{"/c/basel/discussions.atom", "/new.atom"} {
		got := v.Get(path).Sees(t, 200)
		f := read(t, got.Body)
		if len(f.Entries) == 0 || f.Entries[0].Title != "All <of> & you" || f.Entries[0].Lang != "en" || f.Entries[0].Author != "Regula Ammann" || !strings.HasPrefix(f.Entries[0].ID, "tag:koinon.test,20") || f.Updated == "" {
			t.Errorf("%s: %+v", path, f)
		}
		got.Misses(t, "Only")
		if other := s.Stranger(t).Get(path); other.Body != got.Body {
			t.Errorf("%s: strangers read another feed", path)
		}
	}
	// the same entry keeps its identity when somebody answers
	before := read(t, v.Get("/c/basel/discussions.atom").Body)
	v.Post("/c/basel/discussions/1/reply", "body", "Still here.", "lang", "en").Sees(t, 303)
	after := read(t, v.Get("/c/basel/discussions.atom").Body)
	ids := map[string]bool{}
	for _, e := range before.Entries {
		ids[e.ID] = true
	}
	if !ids[after.Entries[0].ID] || after.Updated == before.Updated {
		t.Errorf("%s is new, or the feed is as old as before", after.Entries[0].ID)
	}
}

func TestListsForOtherProgramsShowNobodyMoreThanThePages(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	v.Post("/c/basel/discussions/new", "title", "Among ourselves", "body", "b", "lang", "en", "audience", "community").Sees(t, 303)
	for _, format := range []string{"json", "csv"} {
		s.Stranger(t).Get("/c/basel/discussions."+format).Sees(t, 200).Misses(t, "Among ourselves")
		s.As(t, "eleni-markaki").Get("/c/basel/discussions."+format).Sees(t, 200).Misses(t, "Among ourselves")
		v.Get("/c/basel/discussions."+format).Sees(t, 200, "Among ourselves")
	}
	if _, err := s.DB.Exec(t.Context(), `update item set audience = 2 where audience < 2 and community_id = (select id from community where slug = 'basel')`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(t.Context(), `update community set visibility = 'private' where slug = 'basel'`); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/c/basel/discussions.json", "/c/basel/discussions.atom", "/c/basel/discussions.csv", "/c/basel/discussions/1.json"} {
		s.Stranger(t).Get(path).Sees(t, 404)
	}
	s.Stranger(t).Get("/communities.json").Sees(t, 200, "london").Misses(t, "basel")
	s.Stranger(t).Get("/new.atom").Sees(t, 200).Misses(t, "/c/basel/")
}
