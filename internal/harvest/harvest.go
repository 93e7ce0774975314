// Package harvest is the one place that writes in two content rooms: words said in one become a criterion or an entry of the repertoire in another, with the
// link and the credit.
package harvest

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
)

// Store makes criteria and entries out of what was said.
type Store struct {
	db          postgres.DB
	meetings    meeting.Store
	discussions discussion.Store
	criteria    criterion.Store
	entries     practice.Store
	now         func() time.Time
}

// NewStore harvests in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, meetings: meeting.NewStore(db, now), discussions: discussion.NewStore(db, now), criteria: criterion.NewStore(db, now), entries: practice.NewStore(db, now), now: now}
}

// On is the store inside a transaction.
func (s Store) On(db postgres.DB) Store { return NewStore(db, s.now) }

// FromLine makes a criterion of a line of the minutes: its words, its speaker and its point of the agenda are the source. A line becomes one
// criterion; who comes second, even at the same moment, gets the first.
func (s Store) FromLine(ctx context.Context, seat community.Seat, number, n int, c criterion.New) (made item.Made, err error) {
	if err := seat.Must(community.Raise); err != nil {
		return made, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		line, err := s.meetings.SaidIn(ctx, tx, seat, number, n)
		if err != nil {
			return err
		}
		if !line.AsksForCriterion() {
			return fault.NotFound
		}
		if line.Became != 0 {
			made = item.Made{Number: line.Became, Before: true}
			return nil
		}
		c.Source = ofLine(At{Meeting: number, Line: n}, line).criterionSource(criterion.FromMeeting, line.Words)
		if made, err = s.criteria.RaiseIn(ctx, tx, seat, c); err != nil || made.Before {
			return err
		}
		return s.meetings.Became(ctx, tx, seat, line, made.ID)
	})
	return made, err
}

// FromPost makes a criterion of words that stand in a reply, or in the opening (0), of a discussion. Its author is who asked, unless the author asked discreetly.
func (s Store) FromPost(ctx context.Context, seat community.Seat, number, reply int, words string, c criterion.New) (item.Made, error) {
	said, err := s.ForCriterion(ctx, seat, At{Discussion: number, Reply: reply})
	if err != nil {
		return item.Made{}, err
	}
	words = OnOneLine(words)
	var in fault.Invalid
	in.Check(words != "", "words", "required")
	in.Check(words == "" || said.Holds(words), "words", "not-said")
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	c.Source = said.criterionSource(criterion.FromDiscussion, words)
	return s.criteria.Raise(ctx, seat, c)
}

// criterionSource is where a criterion made of the words comes from. A name stands where there is no account.
func (s Said) criterionSource(form criterion.SourceForm, words string) *criterion.NewSource {
	source := &criterion.NewSource{Form: form, Item: s.Item, Point: s.Point, Part: s.Part, Words: words, Lang: s.Lang, Speaker: s.Speaker, SaidOn: s.On}
	if s.Speaker == 0 {
		source.SpeakerName = s.Name
	}
	return source
}
