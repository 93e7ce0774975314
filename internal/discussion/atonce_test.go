package discussion_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestTheCountOfRepliesHoldsThoughRepliesAndHidingsComeTogether(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t), false)
	n := w.start(t, w.author, "Busy", "words")
	for range 10 {
		w.reply(t, w.other, n, "first")
	}
	var wait sync.WaitGroup
	for i := range 10 {
		wait.Go(func() {
			if err := w.store.Hide(context.Background(), w.coord, n, i+1, "doubled"); err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if _, err := w.store.Reply(context.Background(), w.other, n, discussion.Answer{Body: fmt.Sprint(i), Lang: "en", Request: newRequest()}); err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			_ = w.store.Remove(context.Background(), w.other, n, i+1) // when it was hidden first, it is gone for its author
		})
	}
	wait.Wait()
	read, err := w.store.Read(t.Context(), w.other, n, 1)
	if err != nil || read.Count != 10 || read.Last != 20 {
		t.Errorf("%d replies, last %d, %v; want 10 and 20", read.Count, read.Last, err)
	}
}

func TestPinsAtOnceStayThree(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t), false)
	var wait sync.WaitGroup
	for range 8 {
		n := w.start(t, w.author, "Pin me", "words")
		wait.Go(func() {
			_ = w.store.Pin(context.Background(), w.coord, n, true) // the later ones are refused
		})
	}
	wait.Wait()
	if n := w.count(t, `select count(*) from discussion where pinned_at is not null`); n != discussion.MaxPinned {
		t.Errorf("%d are pinned, want %d", n, discussion.MaxPinned)
	}
}
