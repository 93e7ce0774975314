package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/letters"
)

// sweepJob removes what has expired.
type sweepJob struct{}

// Kind of the job.
func (sweepJob) Kind() string { return "sweep" }

type sweeper struct {
	river.WorkerDefaults[sweepJob]
	accounts account.Store
	files    file.Store
	notices  notice.Store
}

// Work removes what has expired.
func (s *sweeper) Work(ctx context.Context, _ *river.Job[sweepJob]) error {
	return errors.Join(s.accounts.Sweep(ctx), s.files.Sweep(ctx), s.notices.Sweep(ctx))
}

// background is River with our workers, and the store of accounts that writes letters through it.
func background(c config, pool *postgres.Pool, log *slog.Logger) (*river.Client[pgx.Tx], account.Store, error) {
	transport, err := mail.NewTransport(c.SMTP, c.MailFrom, c.mailDir(), time.Now)
	if err != nil {
		return nil, account.Store{}, err
	}
	workers := river.NewWorkers()
	notices := notice.NewStore(pool, time.Now)
	sweep, writer := &sweeper{notices: notices}, &account.Writer{Compose: letters.Composer(c.BaseURL.String()), Send: transport.Send}
	communities := &steward{}
	river.AddWorker(workers, sweep)
	river.AddWorker(workers, communities)
	river.AddWorker(workers, &librarian{entries: practice.NewStore(pool, time.Now)})
	river.AddWorker(workers, &learner{search: search.NewStore(pool, time.Now)})
	writer.Register(workers)
	river.AddWorker(workers, &notice.Worker{Store: notices})
	river.AddWorker(workers, &settler{criteria: criterion.NewStore(pool, time.Now)})
	river.AddWorker(workers, &themer{harvest: harvest.NewStore(pool, time.Now)})
	courier := &meeting.Courier{Store: meeting.NewStore(pool, time.Now), Compose: letters.MeetingComposer(c.BaseURL.String(), c.MailFrom), Send: transport.Send}
	courier.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(pool.Pool), &river.Config{
		Logger: slog.New(quieter{log.Handler()}),
		// Telling has a queue of its own, so that a slow mail server holds nobody's inbox up. A look into each queue every second costs nothing worth
		// mentioning, and a trigger fills the second one, which wakes nobody.
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}, notice.Queue: {MaxWorkers: 4}, meeting.Queue: {MaxWorkers: 4}},
		FetchPollInterval: time.Second,
		Workers:           workers,
		PeriodicJobs: []*river.PeriodicJob{
			river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return sweepJob{}, nil }, nil),
			daily(communitiesJob{}),
			daily(libraryJob{}),
			learning(),
			settling(),
			daily(themesJob{}),
			meeting.Watching(),
		},
	})
	if err != nil {
		return nil, account.Store{}, fmt.Errorf("background work: %w", err)
	}
	store := account.NewStore(pool, client, c.SignUpOpen, time.Now)
	sweep.accounts, sweep.files, writer.Store = store, file.NewStore(pool, time.Now), store
	communities.communities = community.NewStore(pool, store, time.Now)
	return client, store, nil
}

// quieter passes warnings and errors only.
type quieter struct{ slog.Handler }

// Enabled from warnings on.
func (q quieter) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}
