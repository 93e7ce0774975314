package meeting

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Offer is one date as typed, in the zone of its When. Row is the line of the form on which it stands, for what is wrong with it.
type Offer struct {
	Row    int
	When   When
	Place  string
	Online bool
}

// Opening is what a poll asks: the dates to add, and until when one may answer, both as typed in the meeting's zone.
type Opening struct {
	Offers   []Offer
	UntilDay string
	UntilAt  string
	Request  uuid.UUID
}

// moments judges the dates at the fields day-1, from-1, … and reads them in zone.
func (o Opening) moments(now time.Time, zone string) (options []Option, until time.Time, err error) {
	var in fault.Invalid
	seen := map[Option]bool{}
	for _, offer := range o.Offers {
		suffix := "-" + strconv.Itoa(offer.Row)
		before := len(in.Problems)
		offer.When.Zone = zone
		start, end := offer.When.Span(&in, suffix)
		field := "place" + suffix
		in.Check(utf8.RuneCountInString(offer.Place) <= MaxPlace, field, "too-long", "max", MaxPlace)
		if len(in.Problems) > before {
			continue
		}
		field = "day" + suffix
		in.Check(start.After(now), field, "date-past")
		one := Option{StartsAt: start.UTC(), EndsAt: end.UTC(), Place: offer.Place, Online: offer.Online}
		in.Check(!seen[one], field, "date-doubled")
		seen[one] = true
		options = append(options, one)
	}
	day := dayOf(&in, o.UntilDay, "until_day")
	until, sound := momentOf(&in, day, o.UntilAt, "until_at", location(zone))
	if sound {
		in.Check(until.After(now), "until_day", "date-past")
	}
	return options, until, in.Err()
}

// OpenPoll lets members and guests say when they could come; a date that the meeting had is given up. The same form sent again opens nothing twice.
func (s Store) OpenPoll(ctx context.Context, seat community.Seat, number int, o Opening) error {
	return s.offering(ctx, seat, number, o, func(tx pgx.Tx, found placed) error {
		if err := s.enter(ctx, tx, seat, found, Finding); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update meeting set starts_at = null, ends_at = null, poll_closed_at = null where community_id = $1 and item_id = $2`, seat.Community, found.id); err != nil {
			return fmt.Errorf("open poll of meeting %d: %w", number, err)
		}
		if err := s.items.Widen(ctx, tx, seat, found.id, found.opensTo); err != nil {
			return err
		}
		return s.tell(ctx, tx, seat, found.id, "meeting.find-date")
	})
}

// OfferDates adds dates to a poll that runs, and moves its end.
func (s Store) OfferDates(ctx context.Context, seat community.Seat, number int, o Opening) error {
	return s.offering(ctx, seat, number, o, func(tx pgx.Tx, found placed) error {
		if found.state != Finding {
			return fmt.Errorf("dates of meeting %d in %s: %w", number, found.state, fault.One("state", "meeting-state"))
		}
		return s.tell(ctx, tx, seat, found.id, "meeting.offer-dates")
	})
}

func (s Store) offering(ctx context.Context, seat community.Seat, number int, o Opening, do func(pgx.Tx, placed) error) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if again, err := s.claimed(ctx, tx, seat, o.Request, found.id); again || err != nil {
			return err
		}
		options, until, err := o.moments(s.now(), found.zone)
		if err != nil {
			return err
		}
		if err := do(tx, found); err != nil {
			return err
		}
		return s.offer(ctx, tx, seat, found, options, until)
	})
}

// claimed reports whether the same form did its work before.
func (s Store) claimed(ctx context.Context, tx pgx.Tx, seat community.Seat, request uuid.UUID, meeting item.ID) (again bool, err error) {
	tag, err := tx.Exec(ctx, `insert into request (account_id, id, item_id, at) values ($1, $2, $3, $4) on conflict do nothing`, seat.Account, request, meeting, s.now())
	if err != nil {
		return false, fmt.Errorf("claim request: %w", err)
	}
	return tag.RowsAffected() == 0, nil
}

func (s Store) offer(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, options []Option, until time.Time) error {
	for _, o := range options {
		if _, err := tx.Exec(ctx, `insert into date_option (community_id, meeting_id, starts_at, ends_at, place, online, added_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
			seat.Community, found.id, o.StartsAt, o.EndsAt, o.Place, o.Online, s.now()); err != nil {
			return fmt.Errorf("offer a date of meeting %d: %w", found.number, err)
		}
	}
	n := 0
	err := tx.QueryRow(ctx, `with until as (update meeting set poll_until = $3 where community_id = $1 and item_id = $2) select count(*) from date_option where community_id = $1 and meeting_id = $2`,
		seat.Community, found.id, until).Scan(&n)
	if err != nil {
		return fmt.Errorf("dates of meeting %d: %w", found.number, err)
	}
	var in fault.Invalid
	field := "day-1" // the first row of the form
	in.Check(n > 0, field, "dates-none")
	in.Check(n <= MaxOptions, field, "dates-many", "max", MaxOptions)
	return in.Err()
}

// TakeOff takes a date off the poll, with the answers to it: knowing is how many answers the coordinator was told of. When more came since, it is a problem of "option".
func (s Store) TakeOff(ctx context.Context, seat community.Seat, number int, option OptionID, knowing int) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		answers, others := 0, 0
		err = tx.QueryRow(ctx, `select (select count(*) from date_answer d where d.option_id = o.id), (select count(*) from date_option x where x.meeting_id = o.meeting_id and x.id <> o.id)
			from date_option o where o.community_id = $1 and o.meeting_id = $2 and o.id = $3`, seat.Community, found.id, option).Scan(&answers, &others)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("date %d of meeting %d: %w", option, number, fault.NotFound)
		}
		if err != nil {
			return fmt.Errorf("date %d of meeting %d: %w", option, number, err)
		}
		var in fault.Invalid
		in.Check(found.state == Finding, "state", "meeting-state")
		in.Check(answers <= knowing, "option", "date-answered")
		in.Check(others > 0, "option", "date-last")
		if err := in.Err(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from date_option where community_id = $1 and meeting_id = $2 and id = $3`, seat.Community, found.id, option); err != nil {
			return fmt.Errorf("take date %d off meeting %d: %w", option, number, err)
		}
		return nil
	})
}
