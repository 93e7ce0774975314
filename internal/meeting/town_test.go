package meeting_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// town is a community with two members and a coordinator, on the day of a meeting.
type town struct {
	db     postgres.DB
	now    time.Time
	here   community.ID
	store  meeting.Store
	anna   community.Seat // a member
	bea    community.Seat // another
	coord  community.Seat
	nobody community.Seat // a stranger
}

func newTown(t testing.TB, db postgres.DB) *town {
	t.Helper()
	w := &town{db: db, now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	w.store = meeting.NewStore(db, func() time.Time { return w.now })
	if err := db.QueryRow(context.Background(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('here', 'city', 'en', 'UTC', 'public', now(), now(), now()) returning id`).Scan(&w.here); err != nil {
		t.Fatal(err)
	}
	w.run(t, `insert into community_text (community_id, lang, name) values ($1, 'en', 'Here')`, w.here)
	w.anna, w.bea, w.coord = w.seat(t, "anna", community.Member), w.seat(t, "bea", community.Member), w.seat(t, "coord", community.Coordinator)
	w.nobody = community.Seat{Community: w.here, Slug: "here", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	return w
}

func (w *town) seat(t testing.TB, name string, standing community.Standing) community.Seat {
	t.Helper()
	seat := community.Seat{Community: w.here, Slug: "here", Standing: standing, Reach: community.Reach{Mine: []int64{int64(w.here)}, Coordinated: []int64{}}}
	if err := w.db.QueryRow(context.Background(), `insert into account (handle, name, email, email_key, created_at) values ($1, initcap($1), $1 || '@example.org', $1 || '@example.org', now()) returning id`, name).Scan(&seat.Account); err != nil {
		t.Fatal(err)
	}
	role := "member"
	if standing == community.Coordinator {
		role, seat.Reach.Coordinated = "coordinator", seat.Reach.Mine
	}
	w.run(t, `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
		values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, 'scientist', now(), now())`, w.here, seat.Account, role)
	seat.Reach.Me = seat.Account
	return seat
}

func (w *town) run(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *town) count(t testing.TB, sql string, args ...any) (n int) {
	t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// meet is a published, public meeting of this morning, 9 to 11.
func (w *town) meet(t testing.TB) int {
	t.Helper()
	made, err := w.store.Schedule(context.Background(), w.coord, meeting.Plan{Form: meeting.Regular, Title: "In the courtyard", Lang: locale.English, OpensTo: item.Public, Request: uuid.New(),
		When: meeting.When{Zone: "UTC", Day: w.now.Format(time.DateOnly), From: "09:00", Until: "11:00"}})
	if err == nil {
		err = w.store.Publish(context.Background(), w.coord, made.Number)
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

// point puts one on the agenda of a meeting.
func (w *town) point(t testing.TB, number, position int, title string) (id int64) {
	t.Helper()
	err := w.db.QueryRow(context.Background(), `insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, minutes, proposed_at)
		select $1, id, $3, 'accepted', 'discussion', $4, 'en', 20, now() from item where community_id = $1 and kind = 'meeting' and number = $2 returning id`, w.here, number, position, title).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// duty gives somebody a role at a meeting.
func (w *town) duty(t testing.TB, number int, role string, who community.Seat) {
	t.Helper()
	w.run(t, `insert into meeting_role (community_id, meeting_id, role, account_id) select $1, id, $3, $4 from item where community_id = $1 and kind = 'meeting' and number = $2`, w.here, number, role, who.Account)
}
