package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/harvest"
)

// themesJob looks for what several people said in their own words.
type themesJob struct{}

// Kind of the job.
func (themesJob) Kind() string { return "themes" }

type themer struct {
	river.WorkerDefaults[themesJob]
	harvest harvest.Store
}

// Timeout of looking at all communities; at most 2,000 sayings of each are looked at.
func (*themer) Timeout(*river.Job[themesJob]) time.Duration { return 5 * time.Minute }

// Work finds the themes. Run twice, it does it once.
func (t *themer) Work(ctx context.Context, _ *river.Job[themesJob]) error {
	return t.harvest.FindThemes(ctx)
}
