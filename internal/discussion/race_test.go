package discussion_test

import (
	"context"
	"errors"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// waits runs act while tx holds something that act needs, ends tx once act stands waiting, and says what became of act.
func (w *town) waits(t *testing.T, commit func() error, act func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- act() }()
	for w.count(t, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) == 0 {
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	return <-done
}

func TestAReplyThatWaitedForItsThreadSeesWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	outside := func(w *town) community.Seat {
		seat := w.seat(t, "outside", community.Elsewhere, w.there)
		seat.Community, seat.Slug = w.here, "here"
		return seat
	}
	narrow := func(ctx context.Context, w *town, s discussion.Store, n int) error {
		return s.Revise(ctx, w.author, n, discussion.Edit{Revision: 1, Title: "T", Body: "words", Lang: "en", Audience: item.Community})
	}
	member := func(w *town) community.Seat { return w.other }
	for name, c := range map[string]struct {
		who  func(*town) community.Seat
		act  func(context.Context, *town, discussion.Store, int) error
		want error
		key  string
	}{
		"hidden": {member, func(ctx context.Context, w *town, s discussion.Store, n int) error {
			return s.Hide(ctx, w.coord, n, 0, "rude")
		}, fault.Gone, ""},
		"removed": {member, func(ctx context.Context, w *town, s discussion.Store, n int) error {
			return s.Remove(ctx, w.author, n, 0)
		}, fault.Gone, ""},
		"locked": {member, func(ctx context.Context, w *town, s discussion.Store, n int) error {
			return s.Lock(ctx, w.coord, n, "enough")
		}, nil, "locked"},
		"moved": {member, func(ctx context.Context, w *town, s discussion.Store, n int) error {
			_, err := s.Move(ctx, w.coord, n, "there")
			return err
		}, fault.NotFound, ""},
		"narrowed":                  {member, narrow, nil, ""},
		"narrowed past who replies": {outside, narrow, fault.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, testdb.New(t), false)
			n, who := w.start(t, w.author, "T", "words"), c.who(w)
			tx, err := w.db.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.Background()) }()
			if err := c.act(t.Context(), w, discussion.NewStore(tx, w.clock), n); err != nil {
				t.Fatal(err)
			}
			err = w.waits(t, func() error { return tx.Commit(t.Context()) }, func() error {
				_, err := w.store.Reply(t.Context(), who, n, discussion.Answer{Body: "late", Lang: "en", Request: newRequest()})
				return err
			})
			problems := fault.Problems(err)
			if c.key != "" && (len(problems) != 1 || problems[0].Key != c.key) || c.key == "" && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v %s", err, c.want, c.key)
			}
			want := 0
			if c.want == nil && c.key == "" {
				want = 1
			}
			if got := w.count(t, `select count(*) from item k join item p on p.id = k.parent_id where k.kind = 'reply' and k.audience = p.audience and k.community_id = p.community_id`); got != want {
				t.Errorf("%d replies stand in the thread, want %d", got, want)
			}
			if got := w.count(t, `select sum(replies + last_number) from discussion`); got != 2*want {
				t.Errorf("the thread counts %d, want %d", got, 2*want)
			}
		})
	}
}

func TestWhatWaitedForAThreadThatGoesElsewhereFindsNothing(t *testing.T) {
	t.Parallel()
	move := func(ctx context.Context, w *town, s discussion.Store, n int) error {
		_, err := s.Move(ctx, w.coord, n, "there")
		return err
	}
	hide := func(ctx context.Context, w *town, s discussion.Store, n int) error {
		return s.Hide(ctx, w.coord, n, 0, "rude")
	}
	report := func(ctx context.Context, w *town, n int) error { return w.store.Report(ctx, w.other, n, 0, "bad") }
	offer := func(ctx context.Context, w *town, n int) error { return w.store.Offer(ctx, w.other, n, "gladly") }
	for name, c := range map[string]struct {
		first func(context.Context, *town, discussion.Store, int) error
		then  func(context.Context, *town, int) error
	}{"a report of a moved one": {move, report}, "an offer in a moved one": {move, offer}, "an offer in a hidden one": {hide, offer}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, testdb.New(t), false)
			made, err := w.store.Ask(t.Context(), w.author, discussion.Asking{Opening: discussion.Opening{Title: "T", Body: "words", Lang: "en", Audience: item.Public, Request: newRequest()}})
			if err != nil {
				t.Fatal(err)
			}
			tx, err := w.db.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.Background()) }()
			if err := c.first(t.Context(), w, discussion.NewStore(tx, w.clock), made.Number); err != nil {
				t.Fatal(err)
			}
			err = w.waits(t, func() error { return tx.Commit(t.Context()) }, func() error { return c.then(t.Context(), w, made.Number) })
			if !errors.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
			if n := w.count(t, `select (select count(*) from report) + (select count(*) from help_offer)`); n != 0 {
				t.Errorf("%d landed", n)
			}
		})
	}
}
