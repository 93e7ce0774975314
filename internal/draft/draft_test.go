package draft_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

const place = "/c/basel/discussions/new"

var now = func() time.Time { return time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC) }

func writer(t *testing.T, db postgres.DB, name string) (id account.ID) {
	t.Helper()
	err := db.QueryRow(t.Context(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, name).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func words(text string) url.Values { return url.Values{"body": {text}, "request": {"passing"}} }

func TestADraftIsReadByNobodyButItsWriter(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, me, other := draft.NewStore(db, now), writer(t, db, "me"), writer(t, db, "other")
	if _, err := store.Save(t.Context(), me, place, words("mine"), 0, "a"); err != nil {
		t.Fatal(err)
	}
	got, err := store.Load(t.Context(), me, place)
	want := draft.Draft{Place: place, Fields: url.Values{"body": {"mine"}}, Revision: 1, At: now()}
	if diff := cmp.Diff(want, got, cmp.Transformer("utc", time.Time.UTC)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := store.Load(t.Context(), other, place); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody else: got %v, want not found", err)
	}
	if err := store.Drop(t.Context(), other, place); err != nil {
		t.Fatal(err)
	}
	if mine, err := store.Mine(t.Context(), me); err != nil || len(mine) != 1 {
		t.Errorf("after somebody else dropped it: %d, %v", len(mine), err)
	}
	if all, err := store.Mine(t.Context(), other); err != nil || len(all) != 0 {
		t.Errorf("somebody else lists %d, %v", len(all), err)
	}
	if _, err := store.Save(t.Context(), 0, place, words("nobody"), 0, "a"); len(fault.Problems(err)) == 0 {
		t.Errorf("nobody: got %v, want a problem", err)
	}
}

func TestOfTwoWindowsThatSaveAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	store, me := draft.NewStore(db, now), writer(t, db, "me")
	var mu sync.Mutex
	var saved, refused int
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			_, err := store.Save(context.Background(), me, place, words(fmt.Sprint(n)), 0, fmt.Sprint("tab", n))
			_, stale := fault.Stale(err)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				saved++
			case stale:
				refused++
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if saved != 1 || refused != 7 {
		t.Errorf("%d saved and %d refused, want 1 and 7", saved, refused)
	}
}

func TestADraftSentElsewhereDoesNotMakeAnOlderWindowOverwrite(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, me := draft.NewStore(db, now), writer(t, db, "me")
	save := func(tab string, revision int) (int, error) {
		d, err := store.Save(t.Context(), me, place, words(tab), revision, tab)
		return d.Revision, err
	}
	if n, err := save("old", 0); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := save("new", 1); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := store.Drop(t.Context(), me, place); err != nil {
		t.Fatal(err)
	}
	if n, err := save("new", 2); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := save("old", 1); err == nil {
		t.Error("the older window wrote over the newer")
	}
}

func TestDraftsAreBoundedAndSweptAfterAQuarter(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, me := draft.NewStore(db, now), writer(t, db, "me")
	if _, err := store.Save(t.Context(), me, place, words(strings.Repeat("ä", draft.MaxBytes/2+1)), 0, "a"); len(fault.Problems(err)) != 1 {
		t.Errorf("too heavy: %v", err)
	}
	for _, bad := range []string{"", "https://elsewhere.example", "/" + strings.Repeat("x", 300)} {
		if _, err := store.Save(t.Context(), me, bad, words("x"), 0, "a"); len(fault.Problems(err)) != 1 {
			t.Errorf("place %.20q: %v", bad, err)
		}
	}
	for n := range draft.MaxDrafts {
		if _, err := store.Save(t.Context(), me, fmt.Sprintf("%s?%d", place, n), words("x"), 0, "a"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Save(t.Context(), me, place, words("x"), 0, "a"); len(fault.Problems(err)) != 1 {
		t.Errorf("one too many: %v", err)
	}
	later := func() time.Time { return now().Add(91 * 24 * time.Hour) }
	if err := account.NewStore(db, nil, true, later).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := store.Mine(t.Context(), me); err != nil || len(all) != 0 {
		t.Errorf("%d after a quarter, %v", len(all), err)
	}
}

func TestWordsThatWereSentMeanwhileBecomeNoDraftAndOthersDo(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, me := draft.NewStore(db, now), writer(t, db, "me")
	typed := url.Values{"request": {uuid.NewString()}, "body": {"The words. "}}
	if _, err := db.Exec(t.Context(), `insert into request (account_id, id, at) values ($1, $2, now())`, me, draft.Sent(typed)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		body string
		want int
	}{{"The words.", 0}, {"The words, and more.", 1}} {
		typed.Set("body", c.body)
		if _, err := store.Save(t.Context(), me, place, typed, 0, "a"); err != nil {
			t.Fatal(err)
		}
		if all, err := store.Mine(t.Context(), me); err != nil || len(all) != c.want {
			t.Errorf("%q: %d drafts, %v; want %d", c.body, len(all), err, c.want)
		}
	}
}

func TestADraftThatIsBeingSavedIsDroppedWhenItsWordsAreSent(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	me := writer(t, db, "me")
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := draft.NewStore(tx, now).Save(t.Context(), me, place, words("half"), 0, "a"); err != nil {
		t.Fatal(err)
	}
	dropped := make(chan error, 1)
	go func() { dropped <- draft.NewStore(db, now).Drop(context.Background(), me, place) }()
	for waits := false; !waits; {
		if err := db.QueryRow(t.Context(), `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-dropped:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-dropped; err != nil {
		t.Fatal(err)
	}
	if all, err := draft.NewStore(db, now).Mine(t.Context(), me); err != nil || len(all) != 0 {
		t.Errorf("%d drafts, %v", len(all), err)
	}
}
