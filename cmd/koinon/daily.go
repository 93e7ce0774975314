package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/practice"
)

// communitiesJob is what communities do once a day.
type communitiesJob struct{}

// Kind of the job.
func (communitiesJob) Kind() string { return "communities" }

type steward struct {
	river.WorkerDefaults[communitiesJob]
	communities community.Store
}

// Work asks members whose year is nearly over whether their commitment is still true, and forgets old invitations. Run twice, it does it once.
func (s *steward) Work(ctx context.Context, _ *river.Job[communitiesJob]) error {
	if err := s.communities.ForgetInvitations(ctx); err != nil {
		return err
	}
	return s.communities.RemindRenewals(ctx)
}

// libraryJob is what the library does once a day.
type libraryJob struct{}

// Kind of the job.
func (libraryJob) Kind() string { return "library" }

type librarian struct {
	river.WorkerDefaults[libraryJob]
	entries practice.Store
}

// Work looks how old the entries of the repertoire have become. Run twice, it does it once.
func (l *librarian) Work(ctx context.Context, _ *river.Job[libraryJob]) error {
	return l.entries.TidyLibrary(ctx)
}

// daily does a job once a day, and at the start, because a server that restarts every night would never come to it.
func daily(job river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour), func() (river.JobArgs, *river.InsertOpts) { return job, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}
