package products_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/web/webtest"
)

// administrator is one of the programme who belongs to no community.
func administrator(t *testing.T, s *webtest.Site) *webtest.Visitor {
	t.Helper()
	do(t, s, `insert into account (handle, name, email, email_key, administrator, created_at) values ('the-admin', 'The Admin', 'a@example.org', 'a@example.org', true, now())`)
	return s.As(t, "the-admin")
}

func do(t *testing.T, s *webtest.Site, sql string, args ...any) {
	t.Helper()
	if _, err := s.DB.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func day(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }

var fields = []string{"form", "map", "state", "in-work", "summary", "Where a city stores heat.", "body", "A *map*.", "lang", "en", "audience", "public"}

func add(t *testing.T, admin *webtest.Visitor, name string, more ...string) string {
	t.Helper()
	return admin.Post("/products/new", append(append([]string{"name", name}, fields...), more...)...).Sees(t, 303).To()
}

// asks makes a criterion of a community that concerns the product.
func asks(t *testing.T, s *webtest.Site, city, product, statement string, audience int) {
	t.Helper()
	do(t, s, `with made as (insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at)
			select c.id, 'criterion', 700 + (select count(*) from item where kind = 'criterion'), $2, 'en', $3, now(), now(), now() from community c where c.slug = $1 returning id, community_id),
		texted as (insert into item_text (item_id, body, html, renderer) select id, '', '', 1 from made),
		asked as (insert into criterion (item_id, community_id, state, state_at, need_id) select id, community_id, 'raised', now(), id from made)
		insert into criterion_product select made.community_id, made.id, p.item_id from made, product p where p.slug = $4`, city, statement, audience, product)
}

func TestAnAdministratorAddsAProductAndItsMakerReleasesIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin, maker, stranger := administrator(t, s), s.As(t, "priya-raman"), s.Stranger(t)
	stranger.Get("/products").Sees(t, 200, "No end products yet").Misses(t, "Add a product")
	admin.Get("/products").Sees(t, 200, `href="/products/new"`)
	at := add(t, admin, "Flux maps", "makers", "@priya-raman\nA group in London", "tags", "heat")
	if at != "/products/flux-maps" {
		t.Fatalf("got %s", at)
	}
	maker.Get(at+"/edit").Sees(t, 200, "Where a city stores heat.").Misses(t, `name="makers"`, `name="slug"`)
	maker.Post(at+"/edit", append([]string{"name", "Flux maps of cities", "revision", "1", "makers", "Nobody", "slug", "other"}, fields...)...).Sees(t, 303)
	stranger.Get(at).Sees(t, 200, "Flux maps of cities", "Priya Raman", "A group in London", "<em>map</em>", `href="/products/flux-maps/history"`).Misses(t, "Nobody", at+"/edit", "Add a release")
	stranger.Get(at+"/history").Sees(t, 200, "Flux maps")
	maker.Get(at).Sees(t, 200, at+"/edit", at+"/releases/new").Misses(t, "Remove this product")
	release := maker.Post(at+"/releases/new", "version", "1.2", "state", "planned", "due_on", day(30), "body", "New.", "limits", "Not for **single** buildings.", "lang", "en",
		"label-1", "Download", "url-1", "https://example.org/1", "label-9", "Papers", "url-9", "https://example.org/9").Sees(t, 303).To()
	if release != at+"/1-2" {
		t.Fatalf("got %s", release)
	}
	maker.Post(release+"/publish", "published_on", day(3)).Sees(t, 422, "has not come yet")
	maker.Post(release+"/publish", "published_on", "soon").Sees(t, 422, `href="#field-published_on"`)
	maker.Post(release+"/publish", "published_on", day(-1)).Sees(t, 303)
	maker.Post(release+"/publish", "published_on", day(-1)).Sees(t, 422, "moved on meanwhile")
	stranger.Get(release).Sees(t, 200, "Flux maps of cities 1.2", "Published", "<strong>single</strong>", `href="https://example.org/9"`, "Nobody has claimed").Misses(t, "withdraw")
	stranger.Get("/products").Sees(t, 200, "1.2", "published on")
	maker.Post(release+"/withdraw").Sees(t, 422)
	maker.Post(release+"/withdraw", "reason", "The table was wrong.").Sees(t, 303)
	stranger.Get(release).Sees(t, 200, "Withdrawn", "The table was wrong.")
	s.As(t, "beat-hollenstein").Get(release+"/edit").Sees(t, 403)
}

func TestTwoEditorsOfAProductBothSeeBothTexts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin, maker := administrator(t, s), s.As(t, "priya-raman")
	at := add(t, admin, "Flux maps", "makers", "@priya-raman")
	maker.Post(at+"/edit", append([]string{"name", "Flux maps", "revision", "1", "body", "Hers"}, fields...)...).Sees(t, 303)
	stale := admin.Post(at+"/edit", append([]string{"name", "Heat maps", "revision", "1", "makers", "@priya-raman\nOthers"}, fields...)...).Sees(t, 409, "This text was changed meanwhile", "Hers", "Heat maps", `name="revision" value="2"`, "Others")
	if !strings.Contains(stale.Body, "<ins>") {
		t.Error("the difference is not shown")
	}
	release := admin.Post(at+"/releases/new", "version", "1", "state", "planned", "body", "First", "lang", "en").Sees(t, 303).To()
	admin.Post(release+"/edit", "version", "1", "revision", "1", "body", "Hers", "lang", "en").Sees(t, 303)
	admin.Post(release+"/edit", "version", "1", "revision", "1", "body", "His", "lang", "en").Sees(t, 409, "Hers", "His", `name="revision" value="2"`)
}

func TestARejectedReleaseKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin := administrator(t, s)
	at := add(t, admin, "Flux maps")
	admin.Post(at+"/releases/new", "version", "1", "state", "published", "body", "Typed words", "limits", "Typed limits", "lang", "en", "label-3", "Papers", "url-3", "http://example.org").
		Sees(t, 422, "Typed words", "Typed limits", "http://example.org", `href="#field-url-3"`, `href="#field-published_on"`)
	admin.Post("/products/new", append([]string{"name", "Flux maps", "slug", "flux-maps", "makers", "@nobody-here"}, fields...)...).Sees(t, 422, `href="#field-slug"`, "@nobody-here")
	admin.Post("/products/new", append([]string{"name", "Preview", "act", "preview"}, fields...)...).Sees(t, 200, `class="preview"`)
	admin.Get("/products/preview").Sees(t, 404)
	admin.Get(at+"/nothing").Sees(t, 404)
	admin.Get("/products/nothing").Sees(t, 404)
}

func TestFilesOfAProductAndItsReleasesAreServed(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin := administrator(t, s)
	at := admin.Send("/products/new", []webtest.File{{Name: "Grid.csv", Content: []byte("a,b\n1,2\n")}}, append([]string{"name", "Flux maps", "with-files", "yes"}, fields...)...).Sees(t, 303).To()
	release := admin.Send(at+"/releases/new", []webtest.File{{Name: "Values.csv", Content: []byte("c,d\n3,4\n")}}, "version", "1", "state", "planned", "lang", "en", "with-files", "yes").Sees(t, 303).To()
	page := s.Stranger(t).Get(at).Sees(t, 200, "Grid.csv", "Values.csv")
	_, rest, _ := strings.Cut(page.Body, `href="/c/umbrella/files/`)
	address, _, _ := strings.Cut(rest, `"`)
	s.Stranger(t).Get("/c/umbrella/files/"+address).Sees(t, 200, "a,b")
	s.Stranger(t).Get(release).Sees(t, 200, "Values.csv").Misses(t, "Grid.csv")
	admin.Get(release+"/edit").Sees(t, 200, "Values.csv")
}

func TestAProductShowsNothingOfWhatAPrivateCommunityAsks(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin := administrator(t, s)
	at := add(t, admin, "Flux maps")
	asks(t, s, "basel", "flux-maps", "Shows hotspots", 0)
	asks(t, s, "london", "flux-maps", "A secret need", 2)
	stranger, member := s.Stranger(t), s.As(t, "tom-achterberg")
	for _, page := range []string{at, at + ".json", "/products", "/products.json", "/products.csv", "/products?city=london"} {
		stranger.Get(page).Sees(t, 200).Misses(t, "A secret need", "/c/london/criteria", `value="london"`, "2 criteria")
	}
	stranger.Get(at).Sees(t, 200, "Shows hotspots", "0 of 1 criterion met, 1 not claimed")
	member.Get(at).Sees(t, 200, "A secret need", "London")
	member.Get("/products").Sees(t, 200, "0 of 2 criteria met, 2 open", `value="london"`)
}

func TestAScientistIsLedToClaimForTheLatestRelease(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin := administrator(t, s)
	at := add(t, admin, "Flux maps")
	asks(t, s, "basel", "flux-maps", "Shows hotspots", 0)
	admin.Post(at+"/releases/new", "version", "1", "state", "published", "published_on", day(-9), "lang", "en").Sees(t, 303)
	admin.Post(at+"/releases/new", "version", "2", "state", "published", "published_on", day(-2), "lang", "en").Sees(t, 303)
	s.As(t, "lea-straumann").Get(at).Sees(t, 200, "Claim that 2 satisfies this", "/claims/new?release=").Misses(t, "Claim that 1 ")
	s.As(t, "urs-dettwiler").Get(at).Sees(t, 200).Misses(t, "/claims/new")
}

func TestWhatNamesAProductByItsNumberFindsIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin := administrator(t, s)
	at := add(t, admin, "Flux maps")
	release := admin.Post(at+"/releases/new", "version", "1.0", "state", "planned", "lang", "en").Sees(t, 303).To()
	for address, want := range map[string]string{"/c/umbrella/products/1": at, "/c/umbrella/products/1?at=1": release, "/c/umbrella/products/1?at=9": at, "/c/umbrella/products/1?at=x": at} {
		if got := s.Stranger(t).Get(address).Sees(t, 303).To(); got != want {
			t.Errorf("%s leads to %s, want %s", address, got, want)
		}
	}
	s.Stranger(t).Get("/c/basel/products/1").Sees(t, 404)
	s.Stranger(t).Get("/c/umbrella/products/2").Sees(t, 404)
}

func TestWhoFollowsAProductHearsOfARelease(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin, urs := administrator(t, s), s.As(t, "urs-dettwiler")
	at := add(t, admin, "Flux maps")
	urs.Post(at+"/follow", "level", "all").Sees(t, 303)
	release := admin.Post(at+"/releases/new", "version", "1.0", "state", "planned", "lang", "en").Sees(t, 303).To()
	s.Tell(t)
	admin.Post(release+"/publish", "published_on", day(0)).Sees(t, 303)
	s.Tell(t)
	told := 0
	if err := s.DB.QueryRow(t.Context(), `select count(*) from notice n join activity v on v.id = n.activity_id join account a on a.id = n.account_id where a.handle = 'urs-dettwiler' and v.verb = 'release.publish'`).Scan(&told); err != nil || told != 1 {
		t.Errorf("told %d times, %v", told, err)
	}
	urs.Get("/inbox").Sees(t, 200, "Flux maps")
	s.Stranger(t).Get("/search?q=flux").Sees(t, 200, `href="/products/flux-maps"`)
}

func TestOtherProgramsReadProducts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin := administrator(t, s)
	at := add(t, admin, "=Flux maps", "makers", "A group")
	admin.Post(at+"/releases/new", "version", "1.0", "state", "published", "published_on", day(-1), "lang", "en", "label-1", "Here", "url-1", "https://example.org").Sees(t, 303)
	var out struct {
		Name     string
		Makers   []struct{ Name string }
		Releases []struct {
			Version string
			Links   []struct{ URL string }
		}
	}
	if err := json.Unmarshal([]byte(s.Stranger(t).Get(at+".json").Sees(t, 200).Body), &out); err != nil || out.Name != "=Flux maps" || out.Makers[0].Name != "A group" || out.Releases[0].Links[0].URL != "https://example.org" {
		t.Errorf("got %+v, %v", out, err)
	}
	rows, err := csv.NewReader(strings.NewReader(s.Stranger(t).Get("/products.csv").Sees(t, 200).Body)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][1] != "'=Flux maps" || rows[1][8] != "1.0" {
		t.Errorf("got %v, %v", rows, err)
	}
}

func TestAProgrammeWithoutAnUmbrellaSaysSo(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{NoDemo: true})
	do(t, s, `insert into programme (name, demonstration) select 'P', false where not exists (select from programme)`)
	admin := administrator(t, s)
	admin.Get("/products/new").Sees(t, 200, "the programme has none yet")
	admin.Post("/products/new", append([]string{"name", "Flux maps"}, fields...)...).Sees(t, 422, "the programme has none yet")
}

func TestQueriesOfProductsDoNotGrowWithTheirRows(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	admin, reader := administrator(t, s), s.As(t, "lea-straumann")
	at := add(t, admin, "Flux maps", "makers", "A group")
	release := admin.Post(at+"/releases/new", "version", "1.0", "state", "published", "published_on", day(-1), "lang", "en").Sees(t, 303).To()
	pages := []string{"/products", at, release, at + ".json"}
	few := map[string]int{}
	for _, page := range pages {
		reader.Get(page) // statements are prepared on the first visit
		few[page] = s.Asked(func() { reader.Get(page).Sees(t, 200) })
	}
	add(t, admin, "Another")
	for n := range 12 {
		asks(t, s, "basel", "flux-maps", "Shows hotspots", 0)
		admin.Post(at+"/releases/new", "version", "1."+string(rune('a'+n)), "state", "published", "published_on", day(-1), "lang", "en", "label-1", "Here", "url-1", "https://example.org").Sees(t, 303)
	}
	for _, page := range pages {
		if many := s.Asked(func() { reader.Get(page).Sees(t, 200) }); many != few[page] || many > 12 {
			t.Errorf("%s: %d queries for few rows, %d for many", page, few[page], many)
		}
	}
}
