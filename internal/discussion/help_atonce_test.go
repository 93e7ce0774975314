package discussion_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestStepsOfAHelpRequestTakenAtOnceNeverStandInEachOthersWay(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := newCircle(t, tx)
	asker, anna, coordinator := d.seat(community.Member, community.Stakeholder), d.seat(community.Member, community.Scientist), d.seat(community.Coordinator, community.Stakeholder)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	store := discussion.NewStore(pool, time.Now)
	made, err := store.Ask(t.Context(), asker, asking("shade"))
	if err != nil {
		t.Fatal(err)
	}
	steps := []func(ctx context.Context) error{
		func(ctx context.Context) error { return store.Offer(ctx, anna, made.Number, uuid.NewString()) },
		func(ctx context.Context) error { return store.TakeBack(ctx, anna, made.Number) },
		func(ctx context.Context) error {
			_, err := store.Reply(ctx, anna, made.Number, answer("words"))
			return err
		},
		func(ctx context.Context) error {
			return store.Close(ctx, asker, made.Number, discussion.Outcome{Ending: discussion.Worked, Text: uuid.NewString(), Closed: true})
		},
		func(ctx context.Context) error { return store.Reopen(ctx, coordinator, made.Number) },
		func(ctx context.Context) error {
			now, err := store.Written(ctx, asker, made.Number, 0)
			if err != nil {
				return err
			}
			return store.ReviseHelp(ctx, asker, made.Number, discussion.Edit{Revision: now.Revision, Title: "shade", Body: uuid.NewString(), Lang: locale.English, Audience: item.Public}, discussion.Need{})
		},
	}
	var wait sync.WaitGroup
	for n := range 60 {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := steps[n%len(steps)](ctx); err != nil {
				if _, late := fault.Stale(err); !late {
					t.Errorf("step %d: %v", n%len(steps), err)
				}
			}
		})
	}
	wait.Wait()
	p, err := store.Plea(t.Context(), asker, made.Number)
	if err != nil || p.AnsweredAt == nil {
		t.Errorf("got %+v, %v", p, err)
	}
}
