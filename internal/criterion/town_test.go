package criterion_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// town is a community with a coordinator, two members of either perspective, and a stranger.
type town struct {
	db     postgres.DB
	now    time.Time
	here   community.ID
	slug   string
	store  criterion.Store
	coord  community.Seat
	stella community.Seat // stakeholder
	simon  community.Seat // scientist
	nobody community.Seat
}

var towns atomic.Int64

func newTown(t rapid.TB, db postgres.DB) *town {
	t.Helper()
	w := &town{db: db, now: time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC), slug: fmt.Sprintf("town-%d", towns.Add(1))}
	w.store = criterion.NewStore(db, func() time.Time { return w.now })
	err := db.QueryRow(context.Background(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'city', 'en', 'Europe/Zurich', 'public', now(), now(), now()) returning id`, w.slug).Scan(&w.here)
	if err != nil {
		t.Fatal(err)
	}
	w.coord = w.seat(t, "coord", community.Coordinator, community.Stakeholder)
	w.stella = w.seat(t, "stella", community.Member, community.Stakeholder)
	w.simon = w.seat(t, "simon", community.ScientificMember, community.Scientist)
	w.nobody = community.Seat{Community: w.here, Slug: w.slug, Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	return w
}

func (w *town) seat(t rapid.TB, name string, standing community.Standing, p community.Perspective) community.Seat {
	t.Helper()
	name = w.slug + "-" + name
	seat := community.Seat{Community: w.here, Slug: w.slug, Standing: standing, Perspective: p, Reach: community.Reach{Mine: []int64{int64(w.here)}, Coordinated: []int64{}}}
	role := "member"
	if standing == community.Coordinator {
		role, seat.Reach.Coordinated = "coordinator", []int64{int64(w.here)}
	}
	err := w.db.QueryRow(context.Background(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, name).Scan(&seat.Account)
	if err == nil {
		_, err = w.db.Exec(context.Background(), `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
			values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, $4, now(), now())`, w.here, seat.Account, role, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	seat.Reach.Me = seat.Account
	return seat
}

// alone calls do with a transaction that is rolled back after it, as often as rapid asks: each run begins with nothing, and what earlier ones left behind can be cleared away.
func alone(t *testing.T, do func(t *rapid.T, db postgres.DB)) {
	t.Helper()
	pool := testdb.New(t)
	rapid.Check(t, func(t *rapid.T) {
		tx, err := pool.Begin(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.Background()) }() // what a run made is gone with it
		do(t, tx)
	})
}
