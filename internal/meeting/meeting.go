// Package meeting is the backbone of a community: finding a date, the agenda, who comes and came, the minutes, and what was settled and promised there.
package meeting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Form of a meeting. The message "meetings.form.<form>" says each.
type Form string

// The five forms.
const (
	Regular   Form = "regular"
	Workshop  Form = "workshop"
	SiteVisit Form = "site-visit"
	Online    Form = "online"
	OpenDay   Form = "open-day"
)

// Forms in the order in which people choose among them.
var Forms = []Form{Regular, Workshop, SiteVisit, Online, OpenDay}

// Store keeps meetings with all that belongs to them.
type Store struct {
	db    postgres.DB
	items item.Store
	now   func() time.Time
}

// NewStore keeps meetings in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, items: item.NewStore(db, now), now: now}
}

// On is the same store inside a transaction of somebody else, or on another database.
func (s Store) On(db postgres.DB) Store { return NewStore(db, s.now) }

// Person takes part in a meeting: a member by account, or a guest of this meeting who has none.
type Person struct {
	Account account.ID
	Guest   GuestID
}

// GuestID of somebody without an account, at one meeting.
type GuestID int64

// Meeting is one, as read.
type Meeting struct {
	ID          item.ID
	Number      int
	Form        Form
	State       State
	Title       string
	Lang        locale.Lang
	HTML        string // what it is about
	Audience    item.Audience
	OpensTo     item.Audience // audience once it is no draft any more
	Author      item.Voice
	Revision    int
	StartsAt    *time.Time // nil while a date is sought, or not yet set
	EndsAt      *time.Time
	Zone        string
	Place       string
	Address     string
	MapURL      string
	AccessNote  string
	Online      bool
	OnlineURL   string // for those who said yes, the coordinators and the note taker alone
	Capacity    int    // in the room; 0: as many as come
	AnswersBy   *time.Time
	Sequence    int
	SeriesID    int64 // 0: stands alone
	Reason      string
	Minutes     MinutesState
	Corrections *time.Time // day until which members may correct the minutes
	Keeper      bool       // the reader takes notes or chairs here, or may schedule: may keep minutes and attendance
	Mine        string     // the reader's answer; empty: none yet
	Sought      bool       // a date is sought by a poll, or was
}

// MinutesState is how far the minutes are.
type MinutesState string

// The states of minutes: nobody wrote any, their keepers write, members may correct, approved.
const (
	NoMinutes       MinutesState = "none"
	DraftMinutes    MinutesState = "draft"
	OpenMinutes     MinutesState = "open"
	ApprovedMinutes MinutesState = "approved"
)

// Location is the zone of the meeting.
func (m Meeting) Location() *time.Location { return location(m.Zone) }

// Over reports whether its end has passed.
func (m Meeting) Over(now time.Time) bool { return m.EndsAt != nil && m.EndsAt.Before(now) }

// InRoom reports whether one may come in person.
func (m Meeting) InRoom() bool { return m.Form != Online }

// placed is a meeting as the store found it, for those who may do something with it.
type placed struct {
	id       item.ID
	number   int
	state    State
	minutes  MinutesState
	audience item.Audience
	opensTo  item.Audience
	revision int
	starts   *time.Time
	ends     *time.Time
	zone     string
	lang     locale.Lang
	capacity int
	sequence int
	keeper   bool // takes notes or chairs, or may schedule
}

// find is where a meeting stands, when the seat may read it.
func (s Store) find(ctx context.Context, seat community.Seat, number int) (placed, error) {
	return findIn(ctx, s.db, seat, number, "")
}

// lock is find for a change: nobody else changes the meeting until tx ends.
func (s Store) lock(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (placed, error) {
	return findIn(ctx, tx, seat, number, " for update of i, m")
}

func findIn(ctx context.Context, db postgres.DB, seat community.Seat, number int, locking string) (placed, error) {
	p := placed{number: number}
	if err := seat.MaySee(); err != nil {
		return p, err
	}
	removed := false
	err := db.QueryRow(ctx, `select i.id, m.state, m.minutes_state, i.audience, m.opens_to, i.revision, m.starts_at, m.ends_at, m.zone, i.lang, coalesce(m.capacity, 0), m.sequence,
			exists (select from meeting_role r where r.meeting_id = m.item_id and r.account_id = @me and r.role in ('chair', 'notes')), i.removed_at is not null
		from item i join meeting m on m.item_id = i.id
		where i.community_id = @community and i.kind = 'meeting' and i.number = @number and i.parent_id is null and `+community.Visible+locking,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number})).
		Scan(&p.id, &p.state, &p.minutes, &p.audience, &p.opensTo, &p.revision, &p.starts, &p.ends, &p.zone, &p.lang, &p.capacity, &p.sequence, &p.keeper, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, fmt.Errorf("meeting %d: %w", number, fault.NotFound)
	case err != nil:
		return p, fmt.Errorf("meeting %d: %w", number, err)
	case removed:
		return p, fmt.Errorf("meeting %d: %w", number, fault.Gone)
	}
	p.keeper = seat.Can(community.Schedule) || p.keeper && seat.Inside()
	return p, nil
}

// mustKeep is nil for who keeps minutes and attendance of the meeting: its chair, its note taker, and whoever may schedule.
func (p placed) mustKeep(seat community.Seat) error {
	if p.keeper {
		return nil
	}
	return fmt.Errorf("keep the minutes of meeting %d: %w", p.number, fault.Forbidden)
}
