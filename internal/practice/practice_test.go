package practice_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/practice"
)

// town is a community with people in it.
type town struct {
	t     *testing.T
	tx    pgx.Tx
	store practice.Store
	id    community.ID
	now   time.Time
}

func newTown(t *testing.T, visibility string) *town {
	t.Helper()
	d := &town{t: t, tx: testdb.Tx(t), now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	d.store = practice.NewStore(d.tx, func() time.Time { return d.now })
	if err := d.tx.QueryRow(t.Context(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('town', 'city', 'en', 'UTC', $1, now(), now(), now()) returning id`, visibility).Scan(&d.id); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *town) seat(standing community.Standing) community.Seat {
	d.t.Helper()
	seat := community.Seat{Community: d.id, Slug: "town", Standing: standing, Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	if err := d.tx.QueryRow(context.Background(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, "p-"+uuid.NewString()[:12]).Scan(&seat.Account); err != nil {
		d.t.Fatal(err)
	}
	seat.Reach.Me = seat.Account
	if standing >= community.Member {
		seat.Reach.Mine = []int64{int64(d.id)}
	}
	if standing == community.Coordinator {
		seat.Reach.Coordinated = seat.Reach.Mine
	}
	return seat
}

func (d *town) note(seat community.Seat, body string) int {
	d.t.Helper()
	made, err := d.store.Note(d.t.Context(), seat, practice.Heard{Body: body, Lang: locale.English, Request: uuid.New()})
	if err != nil {
		d.t.Fatal(err)
	}
	d.now = d.now.Add(time.Minute)
	return made.Number
}

func TestAnEntryIsReadByWhomItIsFor(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	readers := map[string]community.Seat{"author": author, "coordinator": d.seat(community.Coordinator), "member": d.seat(community.Member), "elsewhere": d.seat(community.Elsewhere), "visitor": d.seat(community.Visitor)}
	elsewhere := readers["elsewhere"]
	elsewhere.Reach.Mine = []int64{-1}
	readers["elsewhere"] = elsewhere
	number := d.note(author, "the vine on wires")
	for step, c := range []struct {
		audience item.Audience
		may      []string
	}{
		{item.Draft, []string{"author", "coordinator"}},
		{item.Community, []string{"author", "coordinator", "member"}},
		{item.Programme, []string{"author", "coordinator", "member", "elsewhere"}},
		{item.Public, []string{"author", "coordinator", "member", "elsewhere", "visitor"}},
		{item.Draft, []string{"author", "coordinator"}},
	} {
		if err := d.store.Revise(t.Context(), author, number, practice.Edit{Revision: step + 1, Text: practice.Text{Form: practice.Experience, Title: "A vine", Fields: practice.Fields{practice.Told: "the vine on wires"}, Lang: locale.English, Audience: c.audience}}); err != nil {
			t.Fatal(err)
		}
		for who, seat := range readers {
			may := false
			for _, allowed := range c.may {
				may = may || allowed == who
			}
			page, err := d.store.Library(t.Context(), seat.Reach, practice.LibraryFilter{In: d.id, Drafts: c.audience == item.Draft})
			_, read := d.store.Read(t.Context(), seat, number)
			_, history := d.store.History(t.Context(), seat, number)
			if err != nil || (len(page.Rows) == 1) != may || (read == nil) != may || (history == nil) != may {
				t.Errorf("%s for %s: listed %d, %v, %v, %v; may %v", c.audience.Word(), who, len(page.Rows), err, read, history, may)
			}
		}
	}
}

func TestANoteIsWordsAloneAndSharingNeedsATitle(t *testing.T) {
	t.Parallel()
	d := newTown(t, "private")
	author := d.seat(community.Member)
	author.Private = true
	if _, err := d.store.Note(t.Context(), author, practice.Heard{Lang: locale.English, Request: uuid.New()}); len(fault.Problems(err)) != 1 {
		t.Errorf("an empty note: %v", err)
	}
	if _, err := d.store.Note(t.Context(), d.seat(community.Elsewhere), practice.Heard{Body: "x", Lang: locale.English, Request: uuid.New()}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("from elsewhere: %v", err)
	}
	h := practice.Heard{Body: "the vine", Lang: locale.English, Request: uuid.New()}
	first, err := d.store.Note(t.Context(), author, h)
	again, err2 := d.store.Note(t.Context(), author, h)
	if err != nil || err2 != nil || !again.Before || again.ID != first.ID {
		t.Errorf("the same form twice: %+v, %+v, %v, %v", first, again, err, err2)
	}
	e := practice.Edit{Revision: 1, Text: practice.Text{Form: practice.Experience, Fields: practice.Fields{practice.Told: "the vine"}, Lang: locale.English, Audience: item.Community}}
	if err := d.store.Revise(t.Context(), author, first.Number, e); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Field != "title" {
		t.Errorf("shared without a title: %v", err)
	}
	e.Title, e.Audience = "A vine", item.Public
	if err := d.store.Revise(t.Context(), author, first.Number, e); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Field != "audience" {
		t.Errorf("public in a private community: %v", err)
	}
	if err := d.store.Revise(t.Context(), d.seat(community.Coordinator), first.Number, e); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by a coordinator: %v", err)
	}
	e.Audience = item.Community
	if err := d.store.Revise(t.Context(), author, first.Number, e); err != nil {
		t.Fatal(err)
	}
	if _, stale := fault.Stale(d.store.Revise(t.Context(), author, first.Number, e)); !stale {
		t.Error("an old form went over the newer text")
	}
	var verbs string
	var found bool
	if err := d.tx.QueryRow(t.Context(), `select string_agg(verb, ' ' order by id) from activity`).Scan(&verbs); err != nil || verbs != "entry.note entry.share" {
		t.Errorf("activity: %q, %v", verbs, err)
	}
	if err := d.tx.QueryRow(t.Context(), `select search @@ to_tsquery('public.k_en', 'vines') and audience = 2 from item_search`).Scan(&found); err != nil || !found {
		t.Errorf("the index row does not follow: %v", err)
	}
}

func TestPagesOfTheRepertoireLeadToAndFro(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	for n := range practice.PerList + 5 {
		d.note(author, fmt.Sprintf("note %d", n))
	}
	first, err := d.store.Library(t.Context(), author.Reach, practice.LibraryFilter{In: d.id, Mine: true, Drafts: true})
	if err != nil || len(first.Rows) != practice.PerList || first.Newer != "" || first.Older == "" || first.Rows[0].Number != practice.PerList+5 {
		t.Fatalf("first page: %d rows, %q, %q, %v", len(first.Rows), first.Newer, first.Older, err)
	}
	second, err := d.store.Library(t.Context(), author.Reach, practice.LibraryFilter{In: d.id, Drafts: true, Before: first.Older})
	if err != nil || len(second.Rows) != 5 || second.Older != "" || second.Newer == "" {
		t.Fatalf("second page: %d rows, %q, %q, %v", len(second.Rows), second.Newer, second.Older, err)
	}
	back, err := d.store.Library(t.Context(), author.Reach, practice.LibraryFilter{In: d.id, Drafts: true, After: second.Newer})
	if err != nil || len(back.Rows) != practice.PerList || back.Rows[0].Number != first.Rows[0].Number || back.Newer != "" {
		t.Errorf("and back: %d rows, %q, %v", len(back.Rows), back.Newer, err)
	}
}
