package practice_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/practice"
)

// again runs do on copies of a town, each of which is gone afterwards.
func (d *town) again(do func(t *rapid.T, d *town)) {
	d.t.Helper()
	rapid.Check(d.t, func(t *rapid.T) {
		tx, err := d.tx.Begin(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.Background()) }() // what a run made is gone with it
		here := &town{t: d.t, tx: tx, id: d.id, now: d.now}
		here.store = practice.NewStore(tx, func() time.Time { return here.now })
		do(t, here)
	})
}

// reported is a use as it should be after some acts.
type reported struct {
	who       int // -1: nobody any more
	in        community.ID
	again     practice.Again
	revision  int
	removed   bool
	bySelf    bool
	removedAt time.Time
}

func TestUsesAtRandom(t *testing.T) {
	t.Parallel()
	start := newTown(t, "public")
	open, closed, other := start.city("heraklion", "public"), start.city("hidden-one", "private"), start.city("hidden-two", "private")
	slugs := map[community.ID]string{start.id: "town", open: "heraklion", closed: "", other: ""}
	author, boss := start.belongs(community.Member, start.id), start.belongs(community.Coordinator, start.id)
	people := []community.Seat{start.belongs(community.Elsewhere, open), start.belongs(community.Elsewhere, closed, open), start.belongs(community.Elsewhere, other), author}
	homes := [][]community.ID{{open}, {closed, open}, {other}, {start.id}}
	number := start.shared(author, practice.Method, "Vines on wires", item.Programme)
	start.again(func(t *rapid.T, d *town) {
		model := map[int]*reported{}
		gone := map[int]bool{}
		draw := func(t *rapid.T) (int, int, *reported) {
			who := rapid.IntRange(0, len(people)-1).Draw(t, "who")
			if len(model) == 0 || gone[who] {
				t.Skip("nothing to do") // of rapid: another act is drawn, no test is left out
			}
			n := rapid.SampledFrom(slices.Sorted(maps.Keys(model))).Draw(t, "use")
			return who, n, model[n]
		}
		t.Repeat(map[string]func(*rapid.T){
			"report": func(t *rapid.T) {
				who := rapid.IntRange(0, len(people)-1).Draw(t, "who")
				if gone[who] {
					t.Skip("left")
				}
				u := practice.NewUse{In: rapid.SampledFrom(homes[who]).Draw(t, "in"), Outcome: "x", Again: rapid.SampledFrom(practice.Agains).Draw(t, "again"), Lang: locale.English, Request: uuid.New()}
				for range rapid.IntRange(1, 2).Draw(t, "clicks") {
					if err := d.store.ReportUse(context.Background(), people[who], number, u); err != nil {
						t.Fatal(err)
					}
				}
				model[len(model)+1] = &reported{who: who, in: u.In, again: u.Again, revision: 1}
			},
			"edit": func(t *rapid.T) {
				who, n, was := draw(t)
				revision := rapid.IntRange(max(1, was.revision-1), was.revision).Draw(t, "revision")
				u := practice.UseEdit{Revision: revision, NewUse: practice.NewUse{In: rapid.SampledFrom(homes[who]).Draw(t, "in"), Outcome: "y", Again: rapid.SampledFrom(practice.Agains).Draw(t, "again"), Lang: locale.Greek}}
				err := d.store.ReviseUse(context.Background(), people[who], number, n, u)
				_, stale := fault.Stale(err)
				switch {
				case was.who != who:
					mustBe(t, errors.Is(err, fault.Forbidden), err)
				case was.removed:
					mustBe(t, errors.Is(err, fault.Gone), err)
				case revision != was.revision:
					mustBe(t, stale, err)
				default:
					mustBe(t, err == nil, err)
					was.in, was.again, was.revision = u.In, u.Again, was.revision+1
				}
			},
			"remove": func(t *rapid.T) {
				who, n, was := draw(t)
				err := d.store.RemoveUse(context.Background(), people[who], number, n, "not mine")
				mustBe(t, (err == nil) == (was.who == who), err)
				if err == nil && !was.removed {
					was.removed, was.bySelf, was.removedAt = true, true, d.now
				}
			},
			"hide": func(t *rapid.T) {
				_, n, was := draw(t)
				mustBe(t, d.store.RemoveUse(context.Background(), boss, number, n, "An advertisement.") == nil, nil)
				if !was.removed {
					was.removed, was.bySelf = true, false
				}
			},
			"restore": func(t *rapid.T) {
				who, n, was := draw(t)
				err := d.store.RestoreUse(context.Background(), people[who], number, n)
				switch {
				case was.who != who:
					mustBe(t, errors.Is(err, fault.Forbidden), err)
				case !was.removed:
					mustBe(t, err == nil, err)
				case !was.bySelf || d.now.Sub(was.removedAt) > item.UndoFor:
					mustBe(t, len(fault.Problems(err)) == 1, err)
				default:
					mustBe(t, err == nil, err)
					was.removed = false
				}
			},
			"leave": func(t *rapid.T) {
				who, _, _ := draw(t)
				if who == 3 {
					t.Skip("the author stays")
				}
				d.do(`update entry_use set account_id = null where account_id = $1`, people[who].Account) // as leaving for good does
				gone[who] = true
				for _, r := range model {
					if r.who == who {
						r.who = -1
					}
				}
			},
			"wait": func(*rapid.T) { d.now = d.now.Add(6 * time.Minute) },
			"": func(t *rapid.T) {
				uses, cities, by := 0, map[community.ID]bool{}, map[string]practice.CityUse{}
				for _, r := range model {
					if r.removed {
						continue
					}
					uses++
					slug := slugs[r.in]
					if slug == "" {
						cities[0] = true
					} else {
						cities[r.in] = true
					}
					c := by[slug]
					c.Uses++
					switch r.again {
					case practice.UseAgain:
						c.Yes++
					case practice.UseChanged:
						c.Changed++
					case practice.UseNotAgain:
						c.Not++
					}
					by[slug] = c
				}
				if got, want := d.counts(), fmt.Sprintf("%d %d %d", len(model), uses, len(cities)); got != want {
					t.Fatalf("counted %s, want %s", got, want)
				}
				page, err := d.store.Uses(context.Background(), boss, number, practice.UseFilter{})
				if err != nil {
					t.Fatal(err)
				}
				got := map[string]practice.CityUse{}
				for _, c := range page.ByCity {
					got[c.Slug] = practice.CityUse{Uses: c.Uses, Yes: c.Yes, Changed: c.Changed, Not: c.Not}
				}
				if diff := cmp.Diff(by, got); diff != "" {
					t.Fatal(diff)
				}
				for _, u := range page.Rows {
					if model[u.N].removed || (model[u.N].who == -1) == u.Account {
						t.Fatalf("shown to everybody: %+v", u)
					}
				}
			},
		})
	})
}

func mustBe(t *rapid.T, ok bool, err error) {
	t.Helper()
	if !ok {
		t.Fatalf("got %v", err)
	}
}

// adaptations at random: whatever is said to be adapted from what, in whichever order, no circle closes.
func TestNoCircleOfAdaptationsCloses(t *testing.T) {
	t.Parallel()
	start := newTown(t, "public")
	author := start.belongs(community.Member, start.id)
	const many = 7
	for n := range many {
		start.shared(author, practice.Method, fmt.Sprint("Method ", n+1), item.Public)
	}
	start.again(func(t *rapid.T, d *town) {
		from := map[int]map[int]bool{}
		reaches := func(a, b int) bool {
			seen, next := map[int]bool{}, []int{a}
			for len(next) > 0 {
				n := next[0]
				next = next[1:]
				if n == b {
					return true
				}
				for o := range from[n] {
					if !seen[o] {
						seen[o] = true
						next = append(next, o)
					}
				}
			}
			return false
		}
		for range rapid.IntRange(1, 25).Draw(t, "edges") {
			a, b := rapid.IntRange(1, many).Draw(t, "adapted"), rapid.IntRange(1, many).Draw(t, "original")
			want := ""
			switch {
			case a == b:
				want = "tie-other entry-itself"
			case from[a][b]:
			case reaches(b, a): // also the pair turned around
				want = "tie-other entry-circular"
			}
			if got := field(d.store.Relate(context.Background(), author, a, practice.NewTie{Way: practice.WayAdapted, Other: fmt.Sprint("E-", b), Note: "x"})); got != want {
				t.Fatalf("%d from %d: got %q, want %q", a, b, got, want)
			}
			if want == "" {
				if from[a] == nil {
					from[a] = map[int]bool{}
				}
				from[a][b] = true
			}
		}
	})
}

// built is a town in a database of its own, with what was made there before many come at once.
func built(t *testing.T, make func(*town)) (*postgres.Pool, practice.Store) {
	t.Helper()
	pool := testdb.New(t)
	d := &town{t: t, now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		d.tx, d.store = tx, practice.NewStore(tx, func() time.Time { return d.now })
		if err := tx.QueryRow(t.Context(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('town', 'city', 'en', 'UTC', 'public', now(), now(), now()) returning id`).Scan(&d.id); err != nil {
			return err
		}
		make(d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pool, practice.NewStore(pool, func() time.Time { return d.now })
}

func atOnce(n int, do func(n int) error) []error {
	all := make([]error, n)
	var waiting sync.WaitGroup
	for i := range n {
		waiting.Go(func() { all[i] = do(i) })
	}
	waiting.Wait()
	return all
}

func TestFiftyReportsAtOnceAreAllCountedOnce(t *testing.T) {
	t.Parallel()
	var seats []community.Seat
	pool, store := built(t, func(d *town) {
		d.shared(d.belongs(community.Member, d.id), practice.Method, "Vines on wires", item.Public)
		for n := range 5 {
			seats = append(seats, d.belongs(community.Elsewhere, d.city(fmt.Sprint("city-", n), "public")))
		}
	})
	requests := make([]uuid.UUID, 50)
	for n := range requests {
		requests[n] = uuid.New()
	}
	for n, err := range atOnce(100, func(n int) error { // each is sent twice
		seat := seats[n%5]
		return store.ReportUse(t.Context(), seat, 1, practice.NewUse{In: community.ID(seat.Reach.Mine[0]), Outcome: "x", Again: practice.UseAgain, Lang: locale.English, Request: requests[n%50]})
	}) {
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
	}
	var got string
	if err := pool.QueryRow(t.Context(), `select concat_ws(' ', reported, uses, cities, (select count(*) from entry_use), (select max(n) from entry_use), (select count(*) from activity where verb = 'entry.use')) from entry`).Scan(&got); err != nil || got != "50 50 5 50 50 50" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestTwoWhoAdaptInACircleAtOnceCloseNone(t *testing.T) {
	t.Parallel()
	var author community.Seat
	pool, store := built(t, func(d *town) {
		author = d.belongs(community.Member, d.id)
		for n := range 4 {
			d.shared(author, practice.Method, fmt.Sprint("Method ", n+1), item.Public)
		}
	})
	adapted := func(n int) error {
		return store.Relate(t.Context(), author, n, practice.NewTie{Way: practice.WayAdapted, Other: fmt.Sprint("E-", n%4+1), Note: "x"})
	}
	for range 20 {
		if err := errors.Join(adapted(1), adapted(3)); err != nil { // 1 from 2, 3 from 4
			t.Fatal(err)
		}
		refused := 0
		for _, err := range atOnce(2, func(n int) error { return adapted(2 + 2*n) }) { // 2 from 3 and 4 from 1 close the circle together
			switch field(err) {
			case "":
			case "tie-other entry-circular":
				refused++
			default:
				t.Fatal(err)
			}
		}
		if refused != 1 {
			t.Errorf("%d of two were refused", refused)
		}
		if _, err := pool.Exec(t.Context(), `delete from item_link where relation = 'adapted'`); err != nil {
			t.Fatal(err)
		}
	}
}
