package criterion_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/product"
)

// mapped is a product with two releases, to which the criteria of a town belong.
type mapped struct {
	id            item.ID
	first, second item.ID
}

func newMap(t *testing.T, w *town) mapped {
	t.Helper()
	var m mapped
	var over community.ID
	w.scan(t, &over, `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('over-' || $1, 'umbrella', 'en', 'Europe/Zurich', 'public', now(), now(), now()) returning id`, w.slug)
	w.scan(t, &m.id, `insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) values ($1, 'product', 1, 'Heat map', 'en', 0, now(), now(), now()) returning id`, over)
	w.do(t, `insert into product (item_id, community_id, slug, form, state) values ($1, $2, $3, 'map', 'available')`, m.id, over, "map-"+w.slug)
	for n, id := range []*item.ID{&m.first, &m.second} {
		w.scan(t, id, `insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) values ($1, 'release', $2, $3, $4, 'en', 0, now(), now(), now()) returning id`, over, n+1, m.id, fmt.Sprint(n+1))
		w.do(t, `insert into release (item_id, community_id, product_id, slug, state, published_on) values ($1, $2, $3, $4, 'published', date '2026-01-01' + $5::int)`, *id, over, m.id, fmt.Sprint(n+1), n)
	}
	return m
}

func (w *town) scan(t *testing.T, into any, sql string, args ...any) {
	t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		t.Fatal(err)
	}
}

func (w *town) do(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// asks raises a criterion that concerns the product.
func (w *town) asks(t *testing.T, m mapped, statement string, audience item.Audience) item.Made {
	t.Helper()
	made, err := w.store.Raise(t.Context(), w.stella, criterion.New{Statement: statement, Lang: "en", Audience: audience, Products: []item.ID{m.id}, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (w *town) claimed(t *testing.T, of, release item.ID, extent, state string) {
	t.Helper()
	var id item.ID
	w.scan(t, &id, `insert into item (community_id, kind, number, parent_id, lang, audience, created_at, updated_at, active_at)
		select community_id, 'claim', 1 + (select count(*) from claim k where k.criterion_id = $1), id, 'en', audience, now(), now(), now() from item where id = $1 returning id`, of)
	w.do(t, `insert into claim (item_id, community_id, criterion_id, release_id, extent, state, answer_by, settled_at) select $1, community_id, $2, $3, $4, $5, now(), case when $5 <> 'open' then now() end from item where id = $1`, id, of, release, extent, state)
}

func TestAProductShowsWhatItShouldSatisfy(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	m := newMap(t, w)
	met, waits, none, merged := w.asks(t, m, "Shows hotspots", item.Public), w.asks(t, m, "Explains why", item.Public), w.asks(t, m, "Says what to do", item.Public), w.asks(t, m, "The same again", item.Public)
	w.claimed(t, met.ID, m.first, "fully", "not")
	w.claimed(t, met.ID, m.second, "fully", "accepted")
	w.claimed(t, waits.ID, m.second, "partly", "open")
	w.claimed(t, none.ID, m.second, "fully", "withdrawn")
	w.do(t, `update criterion set state = 'merged', merged_into = $2 where item_id = $1`, merged.ID, met.ID)
	w.do(t, `update criterion set state = 'parked' where item_id = $1`, waits.ID)
	for n, p := range []community.Perspective{community.Stakeholder, community.Scientist} {
		w.do(t, `insert into importance values ($1, $2, $3, 4, 5, $4, 9)`, w.here, met.ID, p, 8-2*n)
		w.do(t, `insert into importance values ($1, $2, $3, $4, 5, 8, 9)`, w.here, none.ID, p, 2+n)
	}
	all, err := w.store.ForProduct(t.Context(), w.nobody.Reach, m.id, "en")
	if err != nil || len(all) != 3 {
		t.Fatalf("got %+v, %v", all, err)
	}
	if c := all[0]; c.Statement != "Shows hotspots" || c.Fulfilment != criterion.Met || c.City != w.slug || len(c.Claims) != 2 || c.Claims[0].Version != "2" || c.Claims[1].State != "not" || c.Importance.Overall() != 7 {
		t.Errorf("got %+v", c)
	}
	if c := all[1]; c.Statement != "Says what to do" || c.Fulfilment != criterion.Unclaimed || c.Importance.Any() || !c.Importance.Hidden {
		t.Errorf("importance of two is shown: %+v", c)
	}
	if c := all[2]; c.Fulfilment != criterion.Waiting || c.State != criterion.Parked {
		t.Errorf("got %+v", c)
	}
	if n := criterion.CountOf(all); n.Total() != 2 || n[criterion.Met] != 1 || n[criterion.Unclaimed] != 1 {
		t.Errorf("got %v", n)
	}
	on, err := w.store.ForRelease(t.Context(), w.nobody.Reach, m.second, "en")
	if err != nil || len(on) != 3 || on[0].Criterion != met.Number || on[0].State != "accepted" {
		t.Errorf("got %+v, %v", on, err)
	}
}

func TestAProductKeepsWhatAPrivateCommunityAsks(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	m := newMap(t, w)
	for _, audience := range []item.Audience{item.Public, item.Programme, item.Community} {
		w.claimed(t, w.asks(t, m, "Open to "+audience.Word(), audience).ID, m.second, "fully", "accepted")
	}
	removed := w.asks(t, m, "Removed", item.Public)
	w.do(t, `update item set removed_at = now() where id = $1`, removed.ID)
	elsewhere := community.Reach{Mine: []int64{-1}, Coordinated: []int64{}}
	for name, c := range map[string]struct {
		reach community.Reach
		want  int
	}{"nobody": {w.nobody.Reach, 1}, "elsewhere": {elsewhere, 2}, "member": {w.simon.Reach, 3}} {
		all, err := w.store.ForProduct(t.Context(), c.reach, m.id, "en")
		if err != nil || len(all) != c.want {
			t.Errorf("%s: got %d criteria, %v; want %d", name, len(all), err, c.want)
		}
		claims, err := w.store.ForRelease(t.Context(), c.reach, m.second, "en")
		if err != nil || len(claims) != c.want {
			t.Errorf("%s: got %d claims, %v; want %d", name, len(claims), err, c.want)
		}
		rows, err := product.NewStore(w.db, nil).List(t.Context(), c.reach, product.Filter{})
		if err != nil || len(rows) != 1 || rows[0].Criteria != c.want || rows[0].Met != c.want {
			t.Errorf("%s: got %+v, %v; want %d", name, rows, err, c.want)
		}
	}
}

func TestWhatAProductShouldSatisfyIsOneQuery(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	m := newMap(t, w)
	for n := range 30 {
		w.claimed(t, w.asks(t, m, fmt.Sprintf("Need %d", n), item.Public).ID, m.first, "fully", "accepted")
	}
	count := &counting{DB: w.db}
	all, err := w.store.On(count).ForProduct(t.Context(), w.nobody.Reach, m.id, "en")
	if err != nil || len(all) != 30 || count.n != 1 {
		t.Errorf("got %d criteria in %d queries, %v", len(all), count.n, err)
	}
}

// counting counts the queries that go through it.
type counting struct {
	postgres.DB
	n int
}

func (c *counting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.n++
	return c.DB.Query(ctx, sql, args...)
}

func (c *counting) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	c.n++
	return c.DB.Exec(ctx, sql, args...)
}

func (c *counting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	c.n++
	return c.DB.QueryRow(ctx, sql, args...)
}
