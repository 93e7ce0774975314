package discussion_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// town is two communities with an author, another member, and a coordinator of both.
type town struct {
	db     postgres.DB
	now    time.Time
	here   community.ID
	there  community.ID
	store  discussion.Store
	items  item.Store
	author community.Seat
	other  community.Seat
	coord  community.Seat
	nobody community.Seat // a stranger
}

func newTown(t testing.TB, db postgres.DB, private bool) *town {
	t.Helper()
	w := &town{db: db, now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	w.store, w.items = discussion.NewStore(db, w.clock), item.NewStore(db, w.clock)
	w.here = w.found(t, "here", "public")
	w.there = w.found(t, "there", map[bool]string{false: "public", true: "private"}[private])
	w.author, w.other, w.coord = w.seat(t, "author", community.Member, w.here), w.seat(t, "other", community.Member, w.here), w.seat(t, "coord", community.Coordinator, w.here, w.there)
	w.nobody = community.Seat{Community: w.here, Slug: "here", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	return w
}

func (w *town) clock() time.Time { return w.now }

func (w *town) found(t testing.TB, slug, visibility string) (id community.ID) {
	t.Helper()
	err := w.db.QueryRow(context.Background(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'city', 'en', 'UTC', $2, now(), now(), now()) returning id`, slug, visibility).Scan(&id)
	if err == nil {
		_, err = w.db.Exec(context.Background(), `insert into community_text (community_id, lang, name) values ($1, 'en', initcap($2))`, id, slug)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// seat makes somebody who belongs to the communities; the seat is in the first.
func (w *town) seat(t testing.TB, name string, standing community.Standing, in ...community.ID) community.Seat {
	t.Helper()
	seat := community.Seat{Community: in[0], Slug: "here", Standing: standing, Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	if err := w.db.QueryRow(context.Background(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, name).Scan(&seat.Account); err != nil {
		t.Fatal(err)
	}
	for _, c := range in {
		role := "member"
		if standing == community.Coordinator {
			role = "coordinator"
			seat.Reach.Coordinated = append(seat.Reach.Coordinated, int64(c))
		}
		if _, err := w.db.Exec(context.Background(), `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
			values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, 'scientist', now(), now())`, c, seat.Account, role); err != nil {
			t.Fatal(err)
		}
		seat.Reach.Mine = append(seat.Reach.Mine, int64(c))
	}
	seat.Reach.Me = seat.Account
	return seat
}

// at is a seat in the other community.
func (w *town) at(seat community.Seat) community.Seat {
	seat.Community, seat.Slug = w.there, "there"
	return seat
}

func (w *town) start(t testing.TB, seat community.Seat, title, body string, tags ...string) int {
	t.Helper()
	made, err := w.store.Start(context.Background(), seat, discussion.Opening{Form: discussion.Conversation, Title: title, Body: body, Lang: locale.English, Audience: item.Public, Tags: tags, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func (w *town) reply(t testing.TB, seat community.Seat, thread int, body string) int {
	t.Helper()
	made, err := w.store.Reply(context.Background(), seat, thread, discussion.Answer{Body: body, Lang: locale.English, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func (w *town) count(t testing.TB, sql string, args ...any) (n int) {
	t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
