package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/postgres"
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
}

// Work removes what has expired.
func (s *sweeper) Work(ctx context.Context, _ *river.Job[sweepJob]) error {
	return s.accounts.Sweep(ctx)
}

// background is River with our workers, and the store of accounts that writes letters through it.
func background(c config, pool *postgres.Pool, log *slog.Logger) (*river.Client[pgx.Tx], account.Store, error) {
	transport, err := mail.NewTransport(c.SMTP, c.MailFrom, c.mailDir(), time.Now)
	if err != nil {
		return nil, account.Store{}, err
	}
	workers := river.NewWorkers()
	sweep, writer := &sweeper{}, &account.Writer{Compose: letters.Composer(c.BaseURL.String()), Send: transport.Send}
	river.AddWorker(workers, sweep)
	river.AddWorker(workers, &learner{search: search.NewStore(pool, time.Now)})
	writer.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(pool.Pool), &river.Config{
		Logger:       slog.New(quieter{log.Handler()}),
		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		Workers:      workers,
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return sweepJob{}, nil }, nil), learning()},
	})
	if err != nil {
		return nil, account.Store{}, fmt.Errorf("background work: %w", err)
	}
	store := account.NewStore(pool, client, c.SignUpOpen, time.Now)
	sweep.accounts, writer.Store = store, store
	return client, store, nil
}

// quieter passes warnings and errors only.
type quieter struct{ slog.Handler }

// Enabled from warnings on.
func (q quieter) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}
