package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/mail"
)

// Queue of the jobs that write letters about meetings.
const Queue = "meeting"

// Occasion of a letter about a meeting. The messages "letters.meeting.<occasion>.…" put each into words.
type Occasion string

// The occasions.
const (
	ForPoll         Occasion = "poll" // a date is sought
	ForPollReminder Occasion = "poll-reminder"
	ForInvitation   Occasion = "invitation"
	ForSeries       Occasion = "series" // several meetings at once
	ForChange       Occasion = "change"
	ForCancellation Occasion = "cancellation"
	ForReminder     Occasion = "reminder" // a day before
	ForMinutes      Occasion = "minutes"
)

// occasions are what activities give occasion to.
var occasions = map[string]Occasion{"meeting.find-date": ForPoll, "meeting.remind": ForPollReminder, "meeting.publish": ForInvitation, "series.publish": ForSeries, "meeting.call-off": ForCancellation,
	"minutes.open": ForMinutes, "minutes.approve": ForMinutes}

// Round is a job: everybody whom an activity, a change, a guest's invitation or the clock concerns gets a letter.
type Round struct {
	Activity int64    `json:"activity,omitempty"`
	Guest    GuestID  `json:"guest,omitempty"`
	Meeting  item.ID  `json:"meeting,omitempty"`
	Occasion Occasion `json:"occasion,omitempty"`
	Was      *Was     `json:"was,omitempty"`
}

// Kind of the job.
func (Round) Kind() string { return "meeting-letters" }

// Errand is a job: one letter to one person. It stands in the queue from the moment on at which the person is noted as having got it.
type Errand struct {
	Meeting  item.ID  `json:"meeting"`
	Occasion Occasion `json:"occasion"`
	Edition  int      `json:"edition"`
	Account  int64    `json:"account,omitempty"`
	Guest    GuestID  `json:"guest,omitempty"`
	Was      *Was     `json:"was,omitempty"`
}

// Kind of the job.
func (Errand) Kind() string { return "meeting-letter" }

// Watch is a job that runs again and again: who should be reminded of a meeting within a day?
type Watch struct{}

// Kind of the job.
func (Watch) Kind() string { return "meeting-watch" }

// Courier writes letters about meetings and sends them. Compose puts them into words: the pages' side sets it.
type Courier struct {
	Store   Store
	Compose func(ctx context.Context, l Letter) (mail.Message, error)
	Send    func(ctx context.Context, m mail.Message) error
}

type (
	rounds struct {
		river.WorkerDefaults[Round]
		*Courier
	}
	errands struct {
		river.WorkerDefaults[Errand]
		*Courier
	}
	watches struct {
		river.WorkerDefaults[Watch]
		*Courier
	}
)

// Timeout of one round: a change for the largest community.
func (rounds) Timeout(*river.Job[Round]) time.Duration { return 5 * time.Minute }

// Work notes for whom there is a letter. Run twice, it notes nobody twice.
func (w rounds) Work(ctx context.Context, job *river.Job[Round]) error {
	return w.Store.Call(ctx, job.Args)
}

// Work writes and sends one letter.
func (w errands) Work(ctx context.Context, job *river.Job[Errand]) error {
	return w.Deliver(ctx, job.Args)
}

// Work calls a round for each meeting that is near.
func (w watches) Work(ctx context.Context, _ *river.Job[Watch]) error {
	return w.Store.Watch(ctx)
}

// Register lets River's workers write letters.
func (c *Courier) Register(workers *river.Workers) {
	river.AddWorker(workers, rounds{Courier: c})
	river.AddWorker(workers, errands{Courier: c})
	river.AddWorker(workers, watches{Courier: c})
}

// Watching looks every quarter of an hour for meetings that are near.
func Watching() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(15*time.Minute), func() (river.JobArgs, *river.InsertOpts) {
		return Watch{}, &river.InsertOpts{Queue: Queue, MaxAttempts: 1}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// Deliver writes and sends one letter now. What is not true any more is not sent. Should the sending be told as failed although it did not,
// the second letter has the first one's Message-ID.
func (c *Courier) Deliver(ctx context.Context, e Errand) error {
	l, err := c.Store.write(ctx, e)
	if err != nil || l.To == "" {
		return err
	}
	message, err := c.Compose(ctx, l)
	if err != nil {
		return fmt.Errorf("letter about meeting %d: %w", e.Meeting, err)
	}
	return c.Send(ctx, message)
}
