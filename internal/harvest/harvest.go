// Package harvest is the one place that writes in two content rooms: words said in one become a criterion in another, with the link and the credit.
package harvest

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Store makes criteria out of what was said.
type Store struct {
	db          postgres.DB
	meetings    meeting.Store
	discussions discussion.Store
	criteria    criterion.Store
}

// NewStore harvests in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, meetings: meeting.NewStore(db, now), discussions: discussion.NewStore(db, now), criteria: criterion.NewStore(db, now)}
}

// Line is a line of minutes for somebody who may make a criterion of it.
func (s Store) Line(ctx context.Context, seat community.Seat, number, n int) (meeting.Said, error) {
	if err := seat.Must(community.Raise); err != nil {
		return meeting.Said{}, err
	}
	return s.meetings.Said(ctx, seat, number, n)
}

// Post is a reply, or the opening (0) of a discussion, for somebody who may make a criterion of it.
func (s Store) Post(ctx context.Context, seat community.Seat, number, reply int) (discussion.Said, error) {
	if err := seat.Must(community.Raise); err != nil {
		return discussion.Said{}, err
	}
	return s.discussions.Said(ctx, seat, number, reply)
}

// FromLine makes a criterion of a line of the minutes: its words, its speaker and its point of the agenda are the source. A line becomes one
// criterion; who comes second, even at the same moment, gets the first.
func (s Store) FromLine(ctx context.Context, seat community.Seat, number, n int, c criterion.New) (made item.Made, err error) {
	if err := seat.Must(community.Raise); err != nil {
		return made, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		said, err := s.meetings.SaidIn(ctx, tx, seat, number, n)
		if err != nil {
			return err
		}
		if said.Became != 0 {
			made = item.Made{Number: said.Became, Before: true}
			return nil
		}
		c.Source = &criterion.NewSource{Form: criterion.FromMeeting, Item: said.Meeting, Point: said.Point, Part: said.Part(), Words: said.Words, Lang: said.Lang, Speaker: said.Speaker, SaidOn: said.On}
		if said.Speaker == 0 {
			c.Source.SpeakerName = said.Name
		}
		if made, err = s.criteria.RaiseIn(ctx, tx, seat, c); err != nil || made.Before {
			return err
		}
		return s.meetings.Became(ctx, tx, seat, said, made.ID)
	})
	return made, err
}

// FromPost makes a criterion of words that stand in a reply, or in the opening (0), of a discussion. Its author is who asked, unless the author asked discreetly.
func (s Store) FromPost(ctx context.Context, seat community.Seat, number, reply int, words string, c criterion.New) (item.Made, error) {
	said, err := s.Post(ctx, seat, number, reply)
	if err != nil {
		return item.Made{}, err
	}
	words = strings.Join(strings.Fields(words), " ")
	var in fault.Invalid
	in.Check(words != "", "words", "required")
	in.Check(words == "" || said.Holds(words), "words", "not-said")
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	on := said.At
	c.Source = &criterion.NewSource{Form: criterion.FromDiscussion, Item: said.ID, Words: words, Lang: said.Lang, Speaker: said.Speaker, SaidOn: &on}
	if said.Speaker == 0 {
		c.Source.SpeakerName = said.Name
	}
	return s.criteria.Raise(ctx, seat, c)
}
