package product_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/product"
)

// town is a programme with an umbrella and one city; seats are those in the umbrella, as the door works them out without a visit.
type town struct {
	db       postgres.DB
	now      time.Time
	umbrella community.ID
	city     community.ID
	store    product.Store
	admin    community.Seat // belongs to no community
	coord    community.Seat // coordinates the city
	simon    community.Seat // scientist of the city
	stella   community.Seat // stakeholder of the city
	nobody   community.Seat
}

var towns atomic.Int64

func newTown(t rapid.TB, db postgres.DB) *town {
	t.Helper()
	w := &town{db: db, now: time.Date(2027, 1, 4, 23, 30, 0, 0, time.UTC)} // already the fifth where products belong
	w.store = product.NewStore(db, func() time.Time { return w.now })
	n := towns.Add(1)
	w.umbrella, w.city = w.found(t, fmt.Sprintf("over-%d", n), "umbrella"), w.found(t, fmt.Sprintf("city-%d", n), "city")
	w.admin = w.seat(t, fmt.Sprintf("admin-%d", n), "", "")
	w.admin.Administers, w.admin.Reach.Everywhere, w.admin.Standing = true, true, community.Visitor
	w.coord = w.seat(t, fmt.Sprintf("coord-%d", n), "coordinator", community.Stakeholder)
	w.simon = w.seat(t, fmt.Sprintf("simon-%d", n), "member", community.Scientist)
	w.stella = w.seat(t, fmt.Sprintf("stella-%d", n), "member", community.Stakeholder)
	w.nobody = community.Seat{Community: w.umbrella, Slug: "over", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	return w
}

func (w *town) found(t rapid.TB, slug, kind string) (id community.ID) {
	t.Helper()
	w.row(t, &id, `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, $2, 'en', 'Europe/Zurich', 'public', now(), now(), now()) returning id`, slug, kind)
	return id
}

func (w *town) seat(t rapid.TB, handle, role string, p community.Perspective) community.Seat {
	t.Helper()
	seat := community.Seat{Community: w.umbrella, Slug: "over", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	w.row(t, &seat.Account, `insert into account (handle, name, email, email_key, created_at) values ($1, initcap($1), $1 || '@example.org', $1 || '@example.org', now()) returning id`, handle)
	seat.Reach.Me = seat.Account
	if role == "" {
		return seat
	}
	seat.Standing, seat.Reach.Mine = community.Elsewhere, []int64{int64(w.city)}
	if role == "coordinator" {
		seat.Reach.Coordinated = seat.Reach.Mine
	}
	var n int
	w.row(t, &n, `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
		values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, $4, now(), now()) returning number`, w.city, seat.Account, role, p)
	return seat
}

func (w *town) row(t rapid.TB, into any, sql string, args ...any) {
	t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// handle of an account, as a list of makers names it.
func (w *town) handle(t rapid.TB, who account.ID) (handle string) {
	t.Helper()
	w.row(t, &handle, `select '@' || handle from account where id = $1`, who)
	return handle
}

func sheet(name string) product.Sheet {
	return product.Sheet{Name: name, Form: "map", State: product.InWork, Summary: "Where heat is stored.", Body: "A *map*.", Lang: locale.English, Audience: item.Public}
}

// add makes a product with these makers.
func (w *town) add(t rapid.TB, name string, makers ...string) string {
	t.Helper()
	slug, err := w.store.Add(context.Background(), w.admin, product.New{Sheet: sheet(name), Makers: makers, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return slug
}

func (w *town) read(t rapid.TB, seat community.Seat, slug string) product.Whole {
	t.Helper()
	p, err := w.store.Read(context.Background(), seat.Reach, slug, locale.English)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func day(t testing.TB, text string) *time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func paper(version string) product.Paper {
	return product.Paper{Version: version, Notes: "New *notes*.", Limits: "Not for **single** buildings.", Lang: locale.English, Links: []product.Link{{Label: "Download", URL: "https://example.org/1"}, {}}}
}

// criterion makes one of the city that concerns a product, asked for by an account, and returns its id.
func (w *town) criterion(t rapid.TB, in community.ID, audience item.Audience, product item.ID, asked account.ID) (id item.ID) {
	t.Helper()
	w.row(t, &id, `insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at)
		values ($1, 'criterion', (select count(*) + 1 from item where community_id = $1 and kind = 'criterion'), 'Shows hotspots', 'en', $2, now(), now(), now()) returning id`, in, audience)
	for _, sql := range []string{
		`insert into item_text (item_id, body, html, renderer) values ($1, '', '', 1)`,
		`insert into criterion (item_id, community_id, state, state_at, need_id) select id, community_id, 'raised', now(), id from item where id = $1`,
	} {
		if _, err := w.db.Exec(context.Background(), sql, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.Exec(context.Background(), `insert into criterion_product values ($1, $2, $3)`, in, id, product); err != nil {
		t.Fatal(err)
	}
	if asked != 0 {
		if _, err := w.db.Exec(context.Background(), `insert into criterion_source (community_id, criterion_id, n, form, lang, speaker_id, at) values ($1, $2, 1, 'person', 'en', $3, now())`, in, id, asked); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// claim makes one for a release and a criterion, in a state.
func (w *town) claim(t rapid.TB, criterion, release item.ID, extent, state string) {
	t.Helper()
	var id item.ID
	w.row(t, &id, `insert into item (community_id, kind, number, parent_id, lang, audience, created_at, updated_at, active_at)
		select community_id, 'claim', 1 + (select count(*) from claim k where k.criterion_id = $1), id, 'en', audience, now(), now(), now() from item where id = $1 returning id`, criterion)
	if _, err := w.db.Exec(context.Background(), `insert into claim (item_id, community_id, criterion_id, release_id, extent, state, answer_by, settled_at)
		select $1, community_id, $2, $3, $4, $5, now(), case when $5 <> 'open' then now() end from item where id = $1`, id, criterion, release, extent, state); err != nil {
		t.Fatal(err)
	}
}
