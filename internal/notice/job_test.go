package notice_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestARealWorkerTellsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	p := here(t, pool)
	basel := p.town("basel", "public")
	asker, answerer := p.member("asker", basel), p.member("answerer", basel)
	thread := p.starts(asker, basel, item.Public, discussion.Conversation, "words")
	workers := river.NewWorkers()
	river.AddWorker(workers, &notice.Worker{Store: p.notices})
	client, err := river.NewClient(riverpgxv5.New(pool.Pool), &river.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Workers: workers,
		Queues: map[string]river.QueueConfig{notice.Queue: {MaxWorkers: 2}}, FetchPollInterval: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) }) // the test is over
	p.replies(answerer, basel, thread.Number, "yes")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if p.counts(asker) == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no notice came")
		}
	}
	var failed int
	if err := pool.QueryRow(t.Context(), `select count(*) from river_job where errors is not null`).Scan(&failed); err != nil || failed > 0 {
		t.Errorf("%d jobs failed, %v", failed, err)
	}
}

func TestWhatIsRolledBackIsNotTold(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	asker := p.member("asker", basel)
	undone := errors.New("undone")
	err := postgres.InTx(t.Context(), p.db, func(tx pgx.Tx) error {
		inner := here(t, tx)
		inner.starts(asker, basel, item.Public, discussion.Conversation, "words")
		if n := len(inner.waiting()); n != 1 {
			t.Errorf("%d jobs within the transaction, want 1", n)
		}
		return undone
	})
	if !errors.Is(err, undone) || len(p.waiting()) != 0 {
		t.Errorf("%d jobs wait, %v", len(p.waiting()), err)
	}
}

func TestOnlyWhatMayConcernSomebodyBecomesAJob(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	p := here(t, tx)
	basel := p.town("basel", "public")
	author, other := p.member("author", basel), p.member("other", basel)
	thread := p.starts(author, basel, item.Public, discussion.Conversation, "words")
	p.replies(other, basel, thread.Number, "yes")
	if n := len(p.waiting()); n != 2 {
		t.Errorf("%d jobs of a thread and a reply, want 2", n)
	}
	p.run(`delete from river_job`)
	if err := p.threads.Revise(t.Context(), p.seat(author, basel), thread.Number, discussion.Edit{Revision: 1, Title: "Changed", Body: "@author", Lang: locale.English}); err != nil {
		t.Fatal(err)
	}
	p.run(`insert into activity (at, actor_id, verb, community_id) values (now(), $1, 'community.describe', $2)`, author, basel)
	if err := activity.Silently(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	p.starts(author, basel, item.Public, discussion.Conversation, "@other")
	if n := len(p.waiting()); n != 0 {
		t.Errorf("%d jobs, want none", n)
	}
}

func TestManyAreToldInBatchesAndNobodyTwice(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	coordinator := p.person("coordinator")
	p.joins(coordinator, basel, "coordinator")
	p.run(`with a as (insert into account (handle, name, email, email_key, created_at) select 'm' || n, 'm' || n, 'm' || n || '@example.org', 'm' || n || '@example.org', now() from generate_series(1, 95) n returning id)
		insert into membership (community_id, account_id, number, state, perspective, asked_at, since) select $1, id, 100 + row_number() over (), 'member', 'scientist', now(), now() from a`, basel)
	p.run(`insert into follow (account_id, community_id, level, at) select account_id, $1, 'nothing', now() from membership where number in (150, 180)`, basel)
	p.starts(coordinator, basel, item.Public, discussion.Announcement, "news")
	id := p.waiting()[0]
	for _, news := range []int{93, 0} {
		statements, err := p.notices.TellInBatches(t.Context(), id, 10)
		if err != nil || statements != 10 {
			t.Fatalf("%d statements for 93 people, ten at a time, %v", statements, err)
		}
		var told, people, unread int
		if err := p.db.QueryRow(t.Context(), `select count(*), count(distinct account_id), count(*) filter (where read_at is null) from notice where why = 'announced'`).Scan(&told, &people, &unread); err != nil || told != 93 || people != 93 || unread != news {
			t.Errorf("%d notices to %d people, %d of them new, want 93 and %d; %v", told, people, unread, news, err)
		}
		p.run(`update notice set read_at = now()`)
	}
	p.run(`delete from notice where account_id % 2 = 0`) // as after a crash half-way
	if err := p.notices.Tell(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	var told int
	if err := p.db.QueryRow(t.Context(), `select count(*) from notice`).Scan(&told); err != nil || told != 93 {
		t.Errorf("%d notices, want 93, %v", told, err)
	}
}

func TestAnActivityThatIsGoneIsNoFailure(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	if err := p.notices.Tell(t.Context(), 4711); err != nil {
		t.Error(err)
	}
}
