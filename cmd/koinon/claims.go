package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/criterion"
)

// claimsJob settles claims whose date is over.
type claimsJob struct{}

// Kind of the job.
func (claimsJob) Kind() string { return "claims" }

type settler struct {
	river.WorkerDefaults[claimsJob]
	criteria criterion.Store
}

// Timeout of settling all that waits, after the server stood still for long.
func (*settler) Timeout(*river.Job[claimsJob]) time.Duration { return 5 * time.Minute }

// Work settles the claims whose date is over, and writes down who kept silent. Run twice, it does it once.
func (s *settler) Work(ctx context.Context, _ *river.Job[claimsJob]) error {
	return s.criteria.SettleClaims(ctx)
}

// settling looks every hour for claims whose date is over.
func settling() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return claimsJob{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}
