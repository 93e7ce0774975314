package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/community"
)

// renewalJob asks members whose year is nearly over whether their commitment is still true.
type renewalJob struct{}

// Kind of the job.
func (renewalJob) Kind() string { return "renewals" }

type renewalLetters struct {
	river.WorkerDefaults[renewalJob]
	communities community.Store
}

// Work writes the letters that are due; nobody gets two in a year.
func (r *renewalLetters) Work(ctx context.Context, _ *river.Job[renewalJob]) error {
	return r.communities.RemindRenewals(ctx)
}

// daily does a job once a day, and at the start, because a server that restarts every night would never come to it.
func daily(job river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour), func() (river.JobArgs, *river.InsertOpts) { return job, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}
