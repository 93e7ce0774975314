package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Open shows the minutes to all who may read the meeting: members may correct them until a day. What was decided and what is to do
// stands on the registers from then on, all in one transaction. Of open minutes it changes the day.
func (s Store) Open(ctx context.Context, seat community.Seat, number int, until time.Time) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.mustWrite(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := s.checkUntil(found, until); err != nil {
			return err
		}
		fresh := found.minutes == DraftMinutes
		if _, err := tx.Exec(ctx, `update meeting set minutes_state = 'open', opened_at = coalesce(opened_at, $3), corrections_until = $4 where community_id = $1 and item_id = $2`, seat.Community, found.id, s.now(), until); err != nil {
			return fmt.Errorf("open the minutes of meeting %d: %w", number, err)
		}
		if !fresh {
			return nil
		}
		if err := s.liftAll(ctx, tx, seat, found); err != nil {
			return err
		}
		found.minutes = OpenMinutes
		if err := s.registerAll(ctx, tx, seat, found); err != nil {
			return err
		}
		if err := s.indexMinutes(ctx, tx, seat, found); err != nil {
			return err
		}
		return s.tellThere(ctx, tx, seat, found, "minutes.open")
	})
}

// liftAll takes the lines out that still stand in texts which were saved by themselves alone.
func (s Store) liftAll(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	rows, err := tx.Query(ctx, `select coalesce(t.point_id, 0) as point, t.body, t.revision from minute t left join agenda_point p on p.id = t.point_id
		where t.community_id = $1 and t.meeting_id = $2 order by t.point_id is not null, p.position, t.point_id`, seat.Community, found.id)
	if err != nil {
		return fmt.Errorf("texts of meeting %d: %w", found.number, err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Wording])
	if err != nil {
		return fmt.Errorf("texts of meeting %d: %w", found.number, err)
	}
	for _, t := range texts {
		if err := s.wordAndCatch(ctx, tx, seat, found, t, true, map[int64]int{}); err != nil {
			return err
		}
	}
	return nil
}

func (s Store) checkUntil(found placed, until time.Time) error {
	if found.minutes == NoMinutes {
		return fault.One("state", "minutes-empty")
	}
	if found.state != Held {
		return fault.One("state", "meeting-state")
	}
	var in fault.Invalid
	today := dayOn(s.now(), found.zone)
	in.Check(!until.IsZero(), "until", "date")
	in.Check(until.IsZero() || !until.Before(today), "until", "past")
	in.Check(until.Before(today.AddDate(1, 0, 1)), "until", "too-far")
	return in.Err()
}

// tellThere tells who was at a meeting, or had said so, and moves it up among what is new.
func (s Store) tellThere(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, verb string) error {
	rows, err := tx.Query(ctx, `with moved as (update item set active_at = $3 where community_id = $1 and id = $2)
		select account_id from attendance where community_id = $1 and meeting_id = $2 and account_id is not null
		union select account_id from rsvp where community_id = $1 and meeting_id = $2 and account_id is not null and answer <> 'no'`, seat.Community, found.id, s.now())
	if err != nil {
		return fmt.Errorf("%s of meeting %d: %w", verb, found.number, err)
	}
	who, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	if err != nil {
		return fmt.Errorf("%s of meeting %d: %w", verb, found.number, err)
	}
	return s.note(ctx, tx, seat, found, verb, who)
}

// note writes what happened to the minutes, and whom it concerns.
func (s Store) note(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, verb string, who []account.ID) error {
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Item: int64(found.id), Community: int64(seat.Community), Concerned: who})
}

// Approve freezes the minutes and closes the meeting. No correction may wait for an answer.
func (s Store) Approve(ctx context.Context, seat community.Seat, number int) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if found.minutes != OpenMinutes {
			return fault.One("state", "minutes-not-open")
		}
		waiting := false
		if err := tx.QueryRow(ctx, `select exists (select from minute_correction where community_id = $1 and meeting_id = $2 and state = 'open')`, seat.Community, found.id).Scan(&waiting); err != nil {
			return fmt.Errorf("approve the minutes of meeting %d: %w", number, err)
		}
		if waiting {
			return fault.One("state", "corrections-wait")
		}
		if err := s.enter(ctx, tx, seat, found, Closed); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update meeting set minutes_state = 'approved', approved_at = $3, approved_by = $4 where community_id = $1 and item_id = $2`, seat.Community, found.id, s.now(), seat.Account); err != nil {
			return fmt.Errorf("approve the minutes of meeting %d: %w", number, err)
		}
		return s.note(ctx, tx, seat, found, "minutes.approve", nil)
	})
}
