package product_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/product"
)

func problems(err error) []string {
	var all []string
	for _, p := range fault.Problems(err) {
		all = append(all, p.Field+" "+p.Key)
	}
	return all
}

func TestAdministratorsAloneAddProducts(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for name, seat := range map[string]community.Seat{"coordinator": w.coord, "scientist": w.simon, "stakeholder": w.stella, "nobody": w.nobody} {
		if _, err := w.store.Add(t.Context(), seat, product.New{Sheet: sheet("Heat map"), Request: uuid.New()}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want forbidden", name, err)
		}
	}
	slug := w.add(t, "Wärmekarte der Städte", "A group in London")
	if slug != "warmekarte-der-stadte" {
		t.Errorf("got slug %q", slug)
	}
	p := w.read(t, w.nobody, slug)
	if p.Name != "Wärmekarte der Städte" || p.HTML != "<p>A <em>map</em>.</p>" || p.Home.ID != w.umbrella || p.Makers[0].Name != "A group in London" || p.Number != 1 {
		t.Errorf("got %+v", p)
	}
}

func TestOneFormAddsOneProduct(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := product.New{Sheet: sheet("Heat map"), Slug: "heat-map", Request: uuid.New()}
	for range 2 {
		if slug, err := w.store.Add(t.Context(), w.admin, n); err != nil || slug != "heat-map" {
			t.Fatalf("got %q, %v", slug, err)
		}
	}
	if rows, err := w.store.List(t.Context(), w.nobody.Reach, product.Filter{}); err != nil || len(rows) != 1 {
		t.Errorf("got %d products, %v", len(rows), err)
	}
}

func TestNoTwoProductsHaveOneSlug(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	if first, second := w.add(t, "Heat map"), w.add(t, "Heat map!"); first != "heat-map" || second != "heat-map-2" {
		t.Errorf("got %q and %q", first, second)
	}
	if slug := w.add(t, "New"); slug != "new-2" {
		t.Errorf("got %q: the word stands for something else in addresses", slug)
	}
	if slug := w.add(t, "!!!"); slug != "product" {
		t.Errorf("got %q", slug)
	}
	for typed, want := range map[string]string{"heat-map": "slug product-slug-taken", "edit": "slug product-slug-taken", "Heat": "slug product-slug", "a--b": "slug product-slug", "-a": "slug product-slug", strings.Repeat("a", 61): "slug product-slug"} {
		_, err := w.store.Add(t.Context(), w.admin, product.New{Sheet: sheet("Other"), Slug: typed, Request: uuid.New()})
		if got := problems(err); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %v, want %s", typed, got, want)
		}
	}
}

func TestAProductIsJudgedWhole(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	_, err := w.store.Add(t.Context(), w.admin, product.New{Sheet: product.Sheet{Form: "poem", State: "dreamt", Lang: "xx", Audience: item.Draft}, Makers: []string{strings.Repeat("x", 161), "@nobody-at-all"}, Request: uuid.New()})
	want := []string{"name required", "form choose", "state choose", "summary required", "lang choose", "audience choose", "makers too-long", "makers no-maker"}
	if diff := cmp.Diff(want, problems(err)); diff != "" {
		t.Error(diff)
	}
}

func TestMakersAreFoundByHandleAndName(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	simon := w.handle(t, w.simon.Account)
	slug := w.add(t, "Heat map", simon, strings.TrimPrefix(w.handle(t, w.stella.Account), "@"), "A group in London")
	p := w.read(t, w.admin, slug)
	if len(p.Makers) != 3 || p.Makers[0].Account != w.simon.Account || p.Makers[0].Perspective != community.Scientist || p.Makers[1].Account != w.stella.Account || p.Makers[2].Account != 0 {
		t.Errorf("got %+v", p.Makers)
	}
	_, err := w.store.Add(t.Context(), w.admin, product.New{Sheet: sheet("Other"), Makers: []string{"@nobody-at-all"}, Request: uuid.New()})
	if got := problems(err); !slices.Equal(got, []string{"makers no-maker"}) {
		t.Errorf("got %v", got)
	}
	if _, err := w.db.Exec(t.Context(), `update account set name = 'Ann Other' where id in ($1, $2)`, w.simon.Account, w.stella.Account); err != nil {
		t.Fatal(err)
	}
	_, err = w.store.Add(t.Context(), w.admin, product.New{Sheet: sheet("Other"), Makers: []string{"ann other"}, Request: uuid.New()})
	if got := problems(err); !slices.Equal(got, []string{"makers several-makers"}) {
		t.Errorf("got %v", got)
	}
}

func TestWhoOnceMadeAProductIsNotForgotten(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map", w.handle(t, w.simon.Account), "A group in London")
	p := w.read(t, w.admin, slug)
	revise := func(revision int, makers ...string) {
		t.Helper()
		if err := w.store.Revise(t.Context(), w.admin, slug, product.Edit{Sheet: sheet("Heat map"), Revision: revision, Makers: makers}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(made, makes bool) {
		t.Helper()
		gotMade, err := product.Made(t.Context(), w.db, p.ID, w.simon.Account)
		if err != nil {
			t.Fatal(err)
		}
		gotMakes, err := product.Makes(t.Context(), w.db, p.ID, w.simon.Account)
		if err != nil || gotMade != made || gotMakes != makes {
			t.Errorf("made %v, makes %v, %v; want %v, %v", gotMade, gotMakes, err, made, makes)
		}
	}
	told := func() (n int) {
		w.row(t, &n, `select count(*) from activity where item_id = $1 and verb = 'product.change-makers'`, p.ID)
		return n
	}
	is(true, true)
	revise(1, "A group in London")
	is(true, false)
	if again := w.read(t, w.admin, slug); len(again.Makers) != 2 || again.Makers[1].EndedAt == nil {
		t.Errorf("got %+v", again.Makers)
	}
	revise(2, "A group in London")
	if told() != 1 {
		t.Errorf("told %d times, want 1", told())
	}
	revise(3, w.handle(t, w.simon.Account))
	is(true, true)
	if told() != 2 {
		t.Errorf("told %d times, want 2", told())
	}
}

func TestMakersChangeWhatIsSaidButNotWhoMakesIt(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map", w.handle(t, w.simon.Account))
	e := product.Edit{Sheet: sheet("Heat maps"), Revision: 1}
	for name, seat := range map[string]community.Seat{"coordinator": w.coord, "stakeholder": w.stella, "nobody": w.nobody} {
		if err := w.store.Revise(t.Context(), seat, slug, e); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want forbidden", name, err)
		}
	}
	if err := w.store.Revise(t.Context(), w.simon, slug, e); err != nil {
		t.Fatal(err)
	}
	if p := w.read(t, w.simon, slug); p.Name != "Heat maps" || p.Slug != "heat-map" || !p.Makes || len(p.Makers) != 1 {
		t.Errorf("got %+v", p.Product)
	}
	e.Revision, e.Makers = 2, []string{"Somebody"}
	if err := w.store.Revise(t.Context(), w.simon, slug, e); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want forbidden", err)
	}
	if err := w.store.Remove(t.Context(), w.simon, slug); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want forbidden", err)
	}
	e.Revision, e.Makers = 2, []string{}
	if err := w.store.Revise(t.Context(), w.admin, slug, e); err != nil {
		t.Fatal(err)
	}
	e.Revision, e.Makers = 3, nil
	if err := w.store.Revise(t.Context(), w.simon, slug, e); !errors.Is(err, fault.Forbidden) {
		t.Errorf("who made it once: got %v, want forbidden", err)
	}
}

func TestTheSecondOfTwoEditorsLosesNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map")
	if err := w.store.Revise(t.Context(), w.admin, slug, product.Edit{Sheet: sheet("First"), Revision: 1}); err != nil {
		t.Fatal(err)
	}
	err := w.store.Revise(t.Context(), w.admin, slug, product.Edit{Sheet: sheet("Second"), Revision: 1, Makers: []string{"X"}})
	if c, stale := fault.Stale(err); !stale || c.Revision != 2 {
		t.Errorf("got %v", err)
	}
	p := w.read(t, w.admin, slug)
	if p.Name != "First" || len(p.Makers) != 0 {
		t.Errorf("got %+v", p.Product)
	}
	states, err := w.store.History(t.Context(), w.nobody, slug)
	if err != nil || len(states) != 2 || states[1].Title != "Heat map" {
		t.Errorf("got %+v, %v", states, err)
	}
}

func TestAProductForTheProgrammeIsNotThereForStrangers(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	sh := sheet("Heat map")
	sh.Audience = item.Programme
	slug, err := w.store.Add(t.Context(), w.admin, product.New{Sheet: sh, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Read(t.Context(), w.nobody.Reach, slug, "en"); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
	if rows, err := w.store.List(t.Context(), w.nobody.Reach, product.Filter{}); err != nil || len(rows) != 0 {
		t.Errorf("got %d products, %v", len(rows), err)
	}
	w.read(t, w.stella, slug)
}

func TestReleasesFollowTheAudienceOfTheirProduct(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map")
	if _, err := w.store.AddRelease(t.Context(), w.admin, slug, product.NewRelease{Paper: paper("1"), State: product.Planned, Request: uuid.New()}); err != nil {
		t.Fatal(err)
	}
	for revision, audience := range []item.Audience{item.Programme, item.Public} {
		sh := sheet("Heat map")
		sh.Audience = audience
		if err := w.store.Revise(t.Context(), w.admin, slug, product.Edit{Sheet: sh, Revision: revision + 1}); err != nil {
			t.Fatal(err)
		}
		var narrow int
		w.row(t, &narrow, `select count(*) from item i join item_search s on s.item_id = i.id where i.community_id = $1 and i.audience = $2 and s.audience = $2`, w.umbrella, audience)
		if narrow != 2 {
			t.Errorf("%d of product and release are for the %s", narrow, audience.Word())
		}
	}
}

func TestAProductWithClaimsIsNotRemoved(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map", w.handle(t, w.simon.Account))
	p := w.read(t, w.admin, slug)
	release, err := w.store.AddRelease(t.Context(), w.simon, slug, product.NewRelease{Paper: paper("1"), State: product.Published, PublishedOn: day(t, "2027-01-05"), Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.read(t, w.admin, slug).Release(release)
	if err != nil {
		t.Fatal(err)
	}
	w.claim(t, w.criterion(t, w.city, item.Public, p.ID, 0), r.ID, "fully", "withdrawn")
	if got := problems(w.store.Remove(t.Context(), w.admin, slug)); !slices.Equal(got, []string{"sure product-claimed"}) {
		t.Errorf("got %v", got)
	}
	other := w.add(t, "By mistake")
	if err := w.store.Remove(t.Context(), w.admin, other); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Read(t.Context(), w.admin.Reach, other, "en"); !errors.Is(err, fault.Gone) {
		t.Errorf("got %v, want gone", err)
	}
	if again := w.add(t, "By mistake"); again != "by-mistake-2" {
		t.Errorf("got %q", again)
	}
}

func TestTheListSaysHowFarProductsAre(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	maps, tool := w.add(t, "Heat map", "A group"), w.add(t, "A tool")
	p := w.read(t, w.admin, maps)
	for _, n := range []product.NewRelease{{Paper: paper("1"), State: product.Published, PublishedOn: day(t, "2026-01-05")}, {Paper: paper("2"), State: product.Published, PublishedOn: day(t, "2026-08-05")}, {Paper: paper("3"), State: product.Planned}, {Paper: paper("4"), State: product.Planned, DueOn: day(t, "2027-05-01")}} {
		n.Request = uuid.New()
		if _, err := w.store.AddRelease(t.Context(), w.admin, maps, n); err != nil {
			t.Fatal(err)
		}
	}
	first, err := w.read(t, w.admin, maps).Release("1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.read(t, w.admin, maps).Release("2")
	if err != nil {
		t.Fatal(err)
	}
	met := w.criterion(t, w.city, item.Public, p.ID, 0)
	w.claim(t, met, first.ID, "fully", "not")
	w.claim(t, met, second.ID, "fully", "accepted")
	w.claim(t, w.criterion(t, w.city, item.Public, p.ID, 0), second.ID, "partly", "accepted")
	w.claim(t, w.criterion(t, w.city, item.Public, p.ID, 0), second.ID, "fully", "silent")
	w.claim(t, w.criterion(t, w.city, item.Community, p.ID, 0), second.ID, "fully", "accepted")
	if _, err := w.db.Exec(t.Context(), `update criterion set state = 'parked' where item_id = $1`, w.criterion(t, w.city, item.Public, p.ID, 0)); err != nil {
		t.Fatal(err)
	}
	rows, err := w.store.List(t.Context(), w.nobody.Reach, product.Filter{})
	if err != nil || len(rows) != 2 || rows[0].Slug != tool || rows[0].Criteria != 0 {
		t.Fatalf("got %+v, %v", rows, err)
	}
	if r := rows[1]; r.Criteria != 3 || r.Met != 1 || r.Partly != 1 || r.Open() != 1 || r.Latest.Version != "2" || r.Next.Version != "4" || r.Makers[0] != "A group" {
		t.Errorf("got %+v", r)
	}
	inside, err := w.store.List(t.Context(), w.stella.Reach, product.Filter{Form: "map", State: product.InWork})
	if err != nil || len(inside) != 2 || inside[1].Met != 2 || inside[1].Criteria != 4 {
		t.Errorf("got %+v, %v", inside, err)
	}
	var slug string
	w.row(t, &slug, `select slug from community where id = $1`, w.city)
	if asked, err := w.store.List(t.Context(), w.nobody.Reach, product.Filter{City: slug}); err != nil || len(asked) != 1 || asked[0].Slug != maps {
		t.Errorf("got %+v, %v", asked, err)
	}
	cities, err := w.store.Cities(t.Context(), w.nobody.Reach, "en")
	if err != nil || len(cities) != 1 || cities[0].Slug != slug {
		t.Errorf("got %+v, %v", cities, err)
	}
	if err := w.store.Withdraw(t.Context(), w.admin, maps, "2", "Wrong table"); err != nil {
		t.Fatal(err)
	}
	if rows, err = w.store.List(t.Context(), w.nobody.Reach, product.Filter{}); err != nil || rows[1].Met != 0 || rows[1].Partly != 0 || rows[1].Latest.Version != "1" {
		t.Errorf("what was withdrawn satisfies nothing: got %+v, %v", rows[1], err)
	}
}
