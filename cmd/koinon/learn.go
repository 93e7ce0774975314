package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"urbanfluxes.eu/koinon/internal/search"
)

// learnEvery is how soon the search knows the words of a new text in all their forms; the text itself is found at once.
const learnEvery = 30 * time.Second

// learnJob takes the words of new texts into the vocabulary of the search.
type learnJob struct{}

// Kind of the job.
func (learnJob) Kind() string { return "learn" }

type learner struct {
	river.WorkerDefaults[learnJob]
	search search.Store
}

// Timeout of the job: the first run after an import meets every text.
func (l *learner) Timeout(*river.Job[learnJob]) time.Duration { return 10 * time.Minute }

// Work learns.
func (l *learner) Work(ctx context.Context, _ *river.Job[learnJob]) error { return l.search.Learn(ctx) }

// learning is the periodic job; one waits or runs at a time.
func learning() *river.PeriodicJob {
	once := &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
	return river.NewPeriodicJob(river.PeriodicInterval(learnEvery), func() (river.JobArgs, *river.InsertOpts) { return learnJob{}, once }, &river.PeriodicJobOpts{RunOnStart: true})
}
