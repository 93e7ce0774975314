package meeting

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Choose settles on a date: the poll closes, the meeting takes its time and place over, is published, and everybody is invited. Choosing the same date again changes nothing.
func (s Store) Choose(ctx context.Context, seat community.Seat, number int, option OptionID) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		chosen, future := false, false
		err = tx.QueryRow(ctx, `select chosen, starts_at > $4 from date_option where community_id = $1 and meeting_id = $2 and id = $3`, seat.Community, found.id, option, s.now()).Scan(&chosen, &future)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("date %d of meeting %d: %w", option, number, fault.NotFound)
		}
		if err != nil {
			return fmt.Errorf("date %d of meeting %d: %w", option, number, err)
		}
		if chosen {
			return nil
		}
		if found.state != Finding {
			return fmt.Errorf("choose a date of meeting %d in %s: %w", number, found.state, fault.One("state", "meeting-state"))
		}
		if !future {
			return fault.One("option", "date-past")
		}
		if err := s.settle(ctx, tx, seat, found, option); err != nil {
			return err
		}
		return s.publish(ctx, tx, seat, found)
	})
}

// settle takes a date over into the meeting. A date with a place of its own, or online, says where; the address of another place goes.
func (s Store) settle(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, option OptionID) error {
	var lang locale.Lang
	var title, place, body string
	err := tx.QueryRow(ctx, `with chosen as (update date_option set chosen = true where community_id = @community and meeting_id = @id and id = @option returning *),
		there as (select o.starts_at, o.ends_at, o.place <> '' or o.online as own, case when o.place <> '' or o.online then o.place else m.place end as place,
			case when o.place <> '' or o.online then o.online or m.form = 'online' else m.online end as online from chosen o join meeting m on m.item_id = o.meeting_id)
		update meeting m set starts_at = there.starts_at, ends_at = there.ends_at, place = there.place, online = there.online, poll_closed_at = @now,
			address = case when there.place = m.place then m.address else '' end, map_url = case when there.place = m.place then m.map_url else '' end,
			access_note = case when there.place = m.place then m.access_note else '' end
		from there, item i, item_text x where m.community_id = @community and m.item_id = @id and i.id = m.item_id and x.item_id = m.item_id returning i.lang, i.title, m.place, x.body`,
		pgx.NamedArgs{"community": seat.Community, "id": found.id, "option": option, "now": s.now()}).Scan(&lang, &title, &place, &body)
	if err != nil {
		return fmt.Errorf("choose date %d of meeting %d: %w", option, found.number, err)
	}
	return search.Renew(ctx, tx, found.id, lang, title, place, body)
}

// ClosePoll ends the search for a date without one: the meeting is a draft again, and what people answered is kept. Closing twice is done once.
func (s Store) ClosePoll(ctx context.Context, seat community.Seat, number int) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		closed := false
		if err := tx.QueryRow(ctx, `select poll_closed_at is not null from meeting where community_id = $1 and item_id = $2`, seat.Community, found.id).Scan(&closed); err != nil {
			return fmt.Errorf("close poll of meeting %d: %w", number, err)
		}
		if found.state == Draft && closed {
			return nil
		}
		if found.state != Finding {
			return fmt.Errorf("close poll of meeting %d in %s: %w", number, found.state, fault.One("state", "meeting-state"))
		}
		if err := s.enter(ctx, tx, seat, found, Draft); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update meeting set poll_closed_at = $3 where community_id = $1 and item_id = $2`, seat.Community, found.id, s.now()); err != nil {
			return fmt.Errorf("close poll of meeting %d: %w", number, err)
		}
		if err := s.items.Widen(ctx, tx, seat, found.id, item.Draft); err != nil {
			return err
		}
		return s.tell(ctx, tx, seat, found.id, "meeting.close-poll")
	})
}

// Remind writes once more to those who did not answer: edition counts the reminders of a poll from 1, so that one asked for twice goes out once. It returns how many people are written to.
func (s Store) Remind(ctx context.Context, seat community.Seat, number, edition int) (told int, err error) {
	if err := seat.Must(community.Schedule); err != nil {
		return 0, err
	}
	return told, postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		sent, open := 0, false
		err = tx.QueryRow(ctx, `select (select count(*) from activity a where a.item_id = m.item_id and a.verb = 'meeting.remind'), m.state = 'finding' and m.poll_until > $3
			from meeting m where m.community_id = $1 and m.item_id = $2`, seat.Community, found.id, s.now()).Scan(&sent, &open)
		if err != nil {
			return fmt.Errorf("remind of meeting %d: %w", number, err)
		}
		if edition <= sent {
			return nil
		}
		who, err := silent(ctx, tx, seat, found)
		if err != nil {
			return err
		}
		var in fault.Invalid
		in.Check(open, "state", "poll-closed")
		in.Check(len(who) > 0, "remind", "nobody-silent")
		if err := in.Err(); err != nil {
			return err
		}
		told = len(who)
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "meeting.remind", Item: int64(found.id), Community: int64(seat.Community),
			Detail: map[string]any{"edition": sent + 1, "letters": told}})
	})
}
