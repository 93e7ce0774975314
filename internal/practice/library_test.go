package practice_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
)

// kept writes an entry; what nobody says of it is drawn.
func (d *town) kept(rt *rapid.T, seat community.Seat, audience item.Audience) int64 {
	d.t.Helper()
	n := practice.Text{Form: rapid.SampledFrom(practice.Forms).Draw(rt, "form"), Title: rapid.SampledFrom([]string{"Shade", "Wind", "Über Wasser"}).Draw(rt, "title"), Lang: rapid.SampledFrom(locale.All).Draw(rt, "lang"), Fields: practice.Fields{practice.More: "text"}, Audience: audience,
		Topics: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"water", "energy", "planning", "greenery"}), 0, 3, rapid.ID).Draw(rt, "topics"), Tags: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b"}), 0, 2, rapid.ID).Draw(rt, "tags")}
	made, err := d.store.Begin(d.t.Context(), seat, practice.New{Text: n, Request: uuid.New()})
	if err != nil {
		d.t.Fatal(err)
	}
	return int64(made.ID)
}

func (d *town) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.tx.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

func (d *town) number(sql string, args ...any) (n int) {
	d.t.Helper()
	if err := d.tx.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

var acts = []string{
	`update item set title = 'Another', edited_at = now() where id = $1`,
	`update item set audience = (audience + 1) % 4 where id = $1`,
	`update item set removed_at = case when removed_at is null then now() end where id = $1`,
	`update item set active_at = now() - interval '3 days' where id = $1`,
	`update item set author_id = null where id = $1`,
	`update item set lang = 'fr' where id = $1`,
	`update entry set uses = uses + 1, cities = 1 + uses % 3 where item_id = $1`,
	`update entry set endorsed_at = case when endorsed_at is null then now() end, endorsed_revision = case when endorsed_at is null then 1 end where item_id = $1`,
	`update entry set shared_at = now() - interval '18 months' where item_id = $1`,
	`update entry set checked_at = now() where item_id = $1`,
	`update entry set form = 'tool' where item_id = $1`,
	`insert into entry_topic (community_id, entry_id, topic_id) select e.community_id, e.item_id, 1 from entry e where item_id = $1 on conflict do nothing`,
	`delete from entry_topic where entry_id = $1`,
	`delete from item_tag where item_id = $1`,
	`insert into entry_author (community_id, entry_id, account_id, position) select e.community_id, e.item_id, (select max(id) from account), 1 from entry e where item_id = $1 on conflict do nothing`,
	`delete from entry_author where entry_id = $1`,
	`select library_tidy(now()) where $1::bigint > 0`,
	`update item set active_at = now() where id in ($1::bigint, $1::bigint + 1)`,
}

func TestTheLibrarySaysWhatItsEntriesSayWhateverIsDoneToThem(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	rapid.Check(t, func(rt *rapid.T) {
		var ids []int64
		for range rapid.IntRange(1, 3).Draw(rt, "entries") {
			ids = append(ids, d.kept(rt, author, rapid.SampledFrom([]item.Audience{item.Draft, item.Community, item.Public}).Draw(rt, "audience")))
		}
		for range rapid.IntRange(1, 12).Draw(rt, "acts") {
			d.exec(rapid.SampledFrom(acts).Draw(rt, "act"), rapid.SampledFrom(ids).Draw(rt, "entry"))
		}
		if n := d.number(`select count(*) from ((table library except table library_due) union all (table library_due except table library)) t`); n > 0 {
			rt.Fatalf("%d rows of the library are not what their entries say", n)
		}
		if n := d.number(`with due as (select community_id, audience, form, lang, evidence, age, t as topic_id, count(*) as n from library, unnest(0::bigint || topics) t where audience < 3 group by 1, 2, 3, 4, 5, 6, 7),
				have as (select community_id, audience, form, lang, evidence, age, topic_id, sum(n) as n from library_count group by 1, 2, 3, 4, 5, 6, 7 having sum(n) <> 0)
			select count(*) from ((table due except table have) union all (table have except table due)) t`); n > 0 {
			rt.Fatalf("%d cells do not count their rows", n)
		}
		if rapid.Bool().Draw(rt, "erase") {
			d.exec(`delete from item_tag where item_id = any($1)`, ids)
			d.exec(`delete from item_search where item_id = any($1)`, ids)
		}
	})
}

func TestACountIsOfWhatChoosingItWouldShow(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, stranger := d.seat(community.Member), d.seat(community.Visitor)
	coordinator := d.seat(community.Coordinator)
	rapid.Check(t, func(rt *rapid.T) {
		for range 3 {
			id := d.kept(rt, author, rapid.SampledFrom([]item.Audience{item.Draft, item.Community, item.Public}).Draw(rt, "audience"))
			d.exec(`update entry set uses = $2, cities = least($2, 2), shared_at = now() - make_interval(months => $3) where item_id = $1`, id, rapid.IntRange(0, 3).Draw(rt, "uses"), rapid.IntRange(0, 30).Draw(rt, "months"))
		}
		reach := rapid.SampledFrom([]community.Reach{author.Reach, stranger.Reach, coordinator.Reach}).Draw(rt, "reader")
		f := practice.LibraryFilter{In: d.id, Mine: rapid.Bool().Draw(rt, "mine"), Most: 100}
		f.Forms = some(rt, "forms", practice.Forms)
		f.Langs = some(rt, "langs", locale.All)
		f.Evidence = some(rt, "evidence", practice.Evidences)
		f.Ages = some(rt, "ages", practice.Ages)
		f.Topics = some(rt, "topics", []string{"water", "energy", "planning"})
		f.Tags = some(rt, "tags", []string{"a", "b"})
		page, err := d.store.Library(t.Context(), reach, f)
		if err != nil {
			rt.Fatal(err)
		}
		if page.Older == "" && page.Count != len(page.Rows) {
			rt.Errorf("%d counted, %d there", page.Count, len(page.Rows))
		}
		for facet, values := range page.Facets {
			for _, v := range values.Values {
				alone := f
				switch facet {
				case practice.FacetForm:
					alone.Forms = []practice.Form{practice.Form(v.Value)}
				case practice.FacetLang:
					alone.Langs = []locale.Lang{locale.Lang(v.Value)}
				case practice.FacetEvidence:
					alone.Evidence = []practice.Proof{practice.Proof(v.Value)}
				case practice.FacetAge:
					alone.Ages = []practice.Freshness{practice.Freshness(v.Value)}
				case practice.FacetTopic:
					alone.Topics = []string{v.Value}
				case practice.FacetTag:
					alone.Tags = []string{v.Value}
				}
				got, err := d.store.Library(t.Context(), reach, alone)
				if err != nil || got.Count != v.Count {
					rt.Errorf("%s %s: counted %d, choosing it shows %d (%v)", facet, v.Value, v.Count, got.Count, err)
				}
			}
		}
	})
}

func some[T any](rt *rapid.T, name string, all []T) []T {
	if !rapid.Bool().Draw(rt, name+" chosen") {
		return nil
	}
	return all[:rapid.IntRange(1, 2).Draw(rt, name)]
}

func TestPagesOfTheLibraryMeetEveryEntryOnceThroughTies(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	for n := range 11 {
		if _, err := d.store.Begin(t.Context(), author, practice.New{Text: practice.Text{Form: practice.Case, Title: fmt.Sprintf("Tie %d", n%2), Lang: locale.English, Fields: practice.Fields{}, Audience: item.Public}, Request: uuid.New()}); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range practice.Orders {
		for name, f := range map[string]practice.LibraryFilter{"walked": {}, "gathered": {Forms: []practice.Form{practice.Case}}} {
			f.In, f.Order, f.Most = d.id, o, 3
			var there, back []item.ID
			for {
				page, err := d.store.Library(t.Context(), author.Reach, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Rows {
					there = append(there, r.ID)
				}
				if f.Before = page.Older; f.Before == "" {
					f.After = page.Newer
					for n := len(page.Rows) - 1; n >= 0; n-- {
						back = append(back, page.Rows[n].ID)
					}
					break
				}
			}
			for f.After != "" {
				page, err := d.store.Library(t.Context(), author.Reach, f)
				if err != nil {
					t.Fatal(err)
				}
				for n := len(page.Rows) - 1; n >= 0; n-- {
					back = append(back, page.Rows[n].ID)
				}
				f.After = page.Newer
			}
			slices.Reverse(back)
			if len(there) != 11 || !slices.Equal(there, back) || len(slices.Compact(slices.Sorted(slices.Values(there)))) != 11 {
				t.Errorf("%s by %q: there %v, back %v", name, o, there, back)
			}
		}
	}
}

func TestTheLibraryGrowsOldAndTellsNobodyOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	d := newTown(t, "private")
	author, stranger := d.seat(community.Member), d.seat(community.Visitor)
	author.Private = true
	made, err := d.store.Begin(t.Context(), author, practice.New{Text: practice.Text{Form: practice.Method, Title: "Hidden", Lang: locale.Greek, Fields: practice.Fields{}, Audience: item.Community, Tags: []string{"secret"}, Topics: []string{"water"}}, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	d.exec(`update entry set shared_at = $2 where item_id = $1`, made.ID, time.Now().AddDate(0, -13, 0))
	f := practice.LibraryFilter{Cities: []string{"town"}, Ages: []practice.Freshness{practice.Older}}
	mine, err := d.store.Library(t.Context(), author.Reach, f)
	if err != nil || mine.Count != 1 || len(mine.Rows) != 1 {
		t.Fatalf("for a member: %d, %v", mine.Count, err)
	}
	if err := practice.NewStore(d.tx, func() time.Time { return time.Now().AddDate(1, 0, 0) }).TidyLibrary(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Ages = []practice.Freshness{practice.Stale}
	if mine, err = d.store.Library(t.Context(), author.Reach, f); err != nil || mine.Count != 1 {
		t.Errorf("a year later: %d, %v", mine.Count, err)
	}
	for _, f := range []practice.LibraryFilter{{}, {Cities: []string{"town"}}, {Tags: []string{"secret"}}, {In: d.id}, {Mine: true}, {Drafts: true}, {Words: "hidden"}, {Topics: []string{"water"}, Langs: []locale.Lang{locale.Greek}}} {
		page, err := d.store.Library(t.Context(), stranger.Reach, f)
		if err != nil || page.Count != 0 || len(page.Rows) != 0 {
			t.Errorf("%+v for a stranger: %d, %v", f, page.Count, err)
		}
		for name, facet := range page.Facets {
			for _, v := range facet.Values {
				if v.Count > 0 || !v.Chosen || v.Name == "Town" {
					t.Errorf("%s: a stranger learns of %+v", name, v)
				}
			}
		}
	}
}
