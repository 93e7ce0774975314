package item_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

var now = func() time.Time { return time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC) }

// town is a community with one member in it.
func town(t *testing.T, db postgres.DB, slug, visibility string) community.Seat {
	t.Helper()
	ctx := context.Background()
	seat := community.Seat{Slug: slug, Standing: community.Member, Private: visibility == "private", Number: 1}
	err := db.QueryRow(ctx, `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'city', 'en', 'Europe/London', $2, now(), now(), now()) returning id`, slug, visibility).Scan(&seat.Community)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(ctx, `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, "member-of-"+slug).Scan(&seat.Account); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, `insert into membership (community_id, account_id, number, state, perspective, asked_at, since) values ($1, $2, 1, 'member', 'scientist', now(), now())`, seat.Community, seat.Account); err != nil {
		t.Fatal(err)
	}
	seat.Reach = community.Reach{Me: seat.Account, Mine: []int64{int64(seat.Community)}, Coordinated: []int64{}}
	return seat
}

func opening(title string) discussion.Opening {
	return discussion.Opening{Form: discussion.Conversation, Title: title, Body: "words", Lang: locale.English, Audience: item.Public, Request: uuid.New()}
}

func TestNumbersHaveNoGapsThoughFormsComeTwiceAndTogether(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	seat := town(t, db, "basel", "public")
	store := discussion.NewStore(db, now)
	var wait sync.WaitGroup
	for range 60 {
		o := opening("same")
		for range 3 {
			wait.Go(func() {
				if _, err := store.Start(context.Background(), seat, o); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	var n, highest, distinct int
	if err := db.QueryRow(t.Context(), `select count(*), max(number), count(distinct number) from item`).Scan(&n, &highest, &distinct); err != nil || n != 60 || highest != 60 || distinct != 60 {
		t.Errorf("%d items, highest number %d, %d different, %v", n, highest, distinct, err)
	}
}

func TestAFailedTransactionLeavesNoGap(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	seat := town(t, tx, "basel", "public")
	store := discussion.NewStore(tx, now)
	first, err := store.Start(t.Context(), seat, opening("one"))
	if err != nil {
		t.Fatal(err)
	}
	_ = postgres.InTx(t.Context(), tx, func(inner pgx.Tx) error {
		if _, err := discussion.NewStore(inner, now).Start(t.Context(), seat, opening("two")); err != nil {
			t.Error(err)
		}
		return context.Canceled // and so it is rolled back
	})
	second, err := store.Start(t.Context(), seat, opening("three"))
	if err != nil || second.Number != first.Number+1 {
		t.Errorf("numbers %d and %d, %v", first.Number, second.Number, err)
	}
}

func TestTheSchemaRefusesAChildWiderThanItsParentAndAnythingWideInAPrivateCommunity(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	seat := town(t, tx, "basel", "public")
	o := opening("for members")
	o.Audience = item.Community
	made, err := discussion.NewStore(tx, now).Start(t.Context(), seat, o)
	if err != nil {
		t.Fatal(err)
	}
	insert := func(parent any, audience item.Audience, in community.Seat, number int) error {
		return postgres.InTx(t.Context(), tx, func(inner pgx.Tx) error {
			kind := "reply"
			if parent == nil {
				kind = "discussion"
			}
			_, err := inner.Exec(t.Context(), `insert into item (community_id, kind, number, parent_id, lang, audience, created_at, updated_at, active_at) values ($1, $2, $3, $4, 'en', $5, now(), now(), now())`, in.Community, kind, number, parent, audience)
			return err
		})
	}
	if err := insert(made.ID, item.Programme, seat, 1); !postgres.Violates(err, "item_audience_within_parent") {
		t.Errorf("a wider child: got %v", err)
	}
	if err := insert(made.ID, item.Community, seat, 2); err != nil {
		t.Errorf("a child of the same audience: got %v", err)
	}
	if err := insert(nil, item.Public, town(t, tx, "secret", "private"), 1); !postgres.Violates(err, "item_audience_within_community") {
		t.Errorf("public in a private community: got %v", err)
	}
	other := town(t, tx, "london", "public")
	if err := insert(made.ID, item.Community, other, 3); err == nil {
		t.Error("a child in another community than its parent was taken")
	}
}

func TestChildrenFollowANewAudience(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	seat := town(t, tx, "basel", "public")
	store := discussion.NewStore(tx, now)
	made, err := store.Start(t.Context(), seat, opening("open"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Reply(t.Context(), seat, made.Number, discussion.Answer{Body: "yes", Lang: locale.German, Request: uuid.New()}); err != nil {
		t.Fatal(err)
	}
	for _, audience := range []item.Audience{item.Community, item.Programme, item.Public} {
		revision := 0
		if err := tx.QueryRow(t.Context(), `select revision from item where id = $1`, made.ID).Scan(&revision); err != nil {
			t.Fatal(err)
		}
		if err := store.Revise(t.Context(), seat, made.Number, discussion.Edit{Revision: revision, Title: "open", Body: "words", Lang: locale.English, Audience: audience}); err != nil {
			t.Fatal(err)
		}
		var items, rows int
		if err := tx.QueryRow(t.Context(), `select (select count(*) from item where audience = $1), (select count(*) from item_search where audience = $1)`, audience).Scan(&items, &rows); err != nil || items != 2 || rows != 2 {
			t.Errorf("%s: %d items, %d index rows, %v", audience.Word(), items, rows, err)
		}
	}
}

func TestEveryItemHasItsIndexRowInItsOwnLanguage(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	seat := town(t, tx, "basel", "public")
	store := discussion.NewStore(tx, now)
	for lang, text := range map[locale.Lang]string{locale.German: "Hitzeinseln über Nacht", locale.French: "Les îlots de chaleur", locale.Greek: "Ανθρωπογενής θερμότητα", locale.English: "Urban heat islands"} {
		o := opening(text)
		o.Lang = lang
		if _, err := store.Start(t.Context(), seat, o); err != nil {
			t.Fatal(err)
		}
	}
	for query, config := range map[string]string{"hitzeinseln": "k_de", "ilots": "k_fr", "θερμοτητα": "k_el", "island": "k_en"} {
		var n int
		if err := tx.QueryRow(t.Context(), `select count(*) from item_search where search @@ plainto_tsquery($1::regconfig, $2)`, config, query).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d found, %v", query, n, err)
		}
	}
}

func TestQuotedWordsMustStandInTheSource(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"> one\n> two\n\nno": "one two", "no\n> later": "", ">  a   b": "a b", "": ""} {
		if got := item.QuotedWords(body); got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
	tx := testdb.Tx(t)
	seat := town(t, tx, "basel", "public")
	store := discussion.NewStore(tx, now)
	o := opening("source")
	o.Body = "The valley cools\nat night."
	made, err := store.Start(t.Context(), seat, o)
	if err != nil {
		t.Fatal(err)
	}
	zero := 0
	for body, want := range map[string]string{"> The valley cools at night.\n\nYes.": "The valley cools at night.", "> The valley burns.\n\nNo.": ""} {
		answer, err := store.Reply(t.Context(), seat, made.Number, discussion.Answer{Body: body, Lang: locale.English, Answers: &zero, Request: uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := tx.QueryRow(t.Context(), `select quote from item_link where from_id = $1 and relation = 'quotes'`, answer.ID).Scan(&got); err != nil || got != want {
			t.Errorf("%q: got %q, want %q, %v", body, got, want, err)
		}
	}
}
