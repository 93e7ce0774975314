package criterion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Step is what is said when a criterion goes on in its life.
type Step struct {
	Reason  string
	On      time.Time // day of the agreement
	Meeting int       // number of the meeting in which it was agreed; 0: none
}

var movesTo = map[State][]State{
	Raised: {Agreed, Parked, Declined, Merged},
	Agreed: {Parked, Declined, Merged, Raised},
	Parked: {Agreed, Declined, Raised},
	// Whoever declined or merged it by mistake opens it again first.
	Declined: {Raised},
	Merged:   {Raised},
}

// May reports whether a criterion goes from s to next; to Raised it is opened again.
func (s State) May(next State) bool { return slices.Contains(movesTo[s], next) }

// stepTo is what the step into a state is called, and the verb of its activity.
var stepTo = map[State]struct{ step, verb string }{
	Agreed:   {"agreed", "criterion.agree"},
	Parked:   {"parked", "criterion.park"},
	Declined: {"declined", "criterion.decline"},
	Raised:   {"reopened", "criterion.reopen"},
}

func (on Step) check(to State) error {
	var in fault.Invalid
	in.Check(to != Agreed || !on.On.IsZero(), "on", "date")
	in.Check(on.Reason != "" || to == Agreed || to == Parked, "reason", "required")
	in.Check(utf8.RuneCountInString(on.Reason) <= MaxReason, "reason", "too-long", "max", MaxReason)
	return in.Err()
}

// Agree says that the community wants the criterion, since a day, and in which meeting it was settled.
func (s Store) Agree(ctx context.Context, seat community.Seat, number int, on Step) error {
	return s.move(ctx, seat, number, Agreed, on)
}

// Park puts a criterion aside for now.
func (s Store) Park(ctx context.Context, seat community.Seat, number int, on Step) error {
	return s.move(ctx, seat, number, Parked, on)
}

// Decline says that the community does not want the criterion, and why.
func (s Store) Decline(ctx context.Context, seat community.Seat, number int, on Step) error {
	return s.move(ctx, seat, number, Declined, on)
}

// Reopen puts a criterion up again, and says why. One that was merged stands for itself again.
func (s Store) Reopen(ctx context.Context, seat community.Seat, number int, on Step) error {
	return s.move(ctx, seat, number, Raised, on)
}

func (s Store) move(ctx context.Context, seat community.Seat, number int, to State, on Step) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.moveIn(ctx, tx, seat, number, to, on) })
}

// moveIn takes a criterion to another state inside a transaction, and tells those who asked. The same step sent again does nothing more; from a state
// that does not lead there it is a problem of "state". Raised opens it again; Merge leads to Merged.
func (s Store) moveIn(ctx context.Context, tx pgx.Tx, seat community.Seat, number int, to State, on Step) error {
	if err := seat.Must(community.Judge); err != nil {
		return err
	}
	if err := on.check(to); err != nil {
		return err
	}
	p, err := findIn(ctx, tx, seat, number, "")
	if err != nil {
		return err
	}
	parting := p.state == Merged && to == Raised // it stands for itself again
	if parting {
		if err := holdNeeds(ctx, tx); err != nil {
			return err
		}
	}
	if p, err = s.lock(ctx, tx, seat, number); err != nil {
		return err
	}
	if to != Agreed {
		on.On, on.Meeting = time.Time{}, 0
	}
	meeting, err := s.settledIn(ctx, tx, seat, on)
	if err != nil {
		return err
	}
	if said, err := on.saidLast(ctx, tx, p.id, to, meeting); err != nil || said {
		return err
	}
	if !p.state.May(to) || p.state == Merged && !parting { // merged only now: the needs are not held
		return fmt.Errorf("criterion %d from %s to %s: %w", number, p.state, to, fault.One("state", "life-state"))
	}
	return s.step(ctx, tx, seat, p, to, on, meeting)
}

// settledIn is the meeting of an agreement; a day still to come, or a meeting that was not held by then, is a problem of its field.
func (s Store) settledIn(ctx context.Context, tx pgx.Tx, seat community.Seat, on Step) (*item.ID, error) {
	if on.On.IsZero() {
		return nil, nil
	}
	ahead := false
	if err := tx.QueryRow(ctx, `select $2::date > ($3::timestamptz at time zone zone)::date from community where id = $1`, seat.Community, on.day(), s.now()).Scan(&ahead); err != nil {
		return nil, fmt.Errorf("day of an agreement: %w", err)
	}
	if ahead {
		return nil, fault.One("on", "life-ahead")
	}
	if on.Meeting == 0 {
		return nil, nil
	}
	var id item.ID
	held := false
	err := tx.QueryRow(ctx, `select i.id, m.state in ('published', 'held', 'closed') and coalesce((m.starts_at at time zone m.zone)::date <= @day::date, false)
		from item i join meeting m on m.item_id = i.id
		where i.community_id = @community and i.kind = 'meeting' and i.number = @number and i.parent_id is null and i.removed_at is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": on.Meeting, "day": on.day()})).Scan(&id, &held)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, fault.One("meeting", "no-meeting")
	case err != nil:
		return nil, fmt.Errorf("meeting %d of an agreement: %w", on.Meeting, err)
	case !held:
		return nil, fault.One("meeting", "life-meeting")
	}
	return &id, nil
}

// day of the agreement as the database keeps it.
func (on Step) day() *string {
	if on.On.IsZero() {
		return nil
	}
	day := on.On.Format(time.DateOnly)
	return &day
}

// saidLast reports whether the last step of the criterion was the very same one.
func (on Step) saidLast(ctx context.Context, tx pgx.Tx, id item.ID, to State, meeting *item.ID) (bool, error) {
	said := false
	err := tx.QueryRow(ctx, `select coalesce((select s.step = $2 and s.reason = $3 and s.on_day is not distinct from $4::date and s.meeting_id is not distinct from $5::bigint
		from criterion_step s where s.criterion_id = $1 order by s.id desc limit 1), false)`, id, stepTo[to].step, on.Reason, on.day(), meeting).Scan(&said)
	if err != nil {
		return false, fmt.Errorf("last step of criterion %d: %w", id, err)
	}
	return said, nil
}

func (s Store) step(ctx context.Context, tx pgx.Tx, seat community.Seat, p placed, to State, on Step, meeting *item.ID) error {
	who, err := askers(ctx, tx, p.id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `with stepped as (insert into criterion_step (community_id, criterion_id, step, reason, on_day, meeting_id, by_id, at)
			values (@community, @id, @step, @reason, @day::date, @meeting, @me, @now))
		update criterion set state = @state, state_at = @now, agreed_on = @day::date, agreed_at = @meeting, merged_into = null where community_id = @community and item_id = @id`,
		pgx.NamedArgs{"community": seat.Community, "id": p.id, "step": stepTo[to].step, "reason": on.Reason, "day": on.day(), "meeting": meeting, "me": seat.Account, "now": s.now(), "state": to})
	if err != nil {
		return fmt.Errorf("criterion %d to %s: %w", p.number, to, err)
	}
	if p.state == Merged {
		if err := s.partNeeds(ctx, tx, p.id); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, seat, p.id, stepTo[to].verb, who, nil)
}

// Past is one step of a criterion's life.
type Past struct {
	Step         string // "raised", "agreed", "parked", "declined", "merged", "reopened": the message "criteria.life.step.<step>" says each
	Reason       string
	On           *time.Time // day of the agreement
	At           time.Time
	By           string // empty: somebody who has left
	ByNumber     int    // of the membership here; 0 without one
	Meeting      int    // number; 0: none that the reader may open
	MeetingTitle string
	MeetingLang  string
	Into         int // number of the one it was merged into; 0: none that the reader may open
}

// queueLife queues the reading of the life of criterion @id, from its beginning.
func queueLife(b *pgx.Batch, args pgx.NamedArgs, all *[]Past) {
	b.Queue(`select s.step, s.reason, s.on_day as "on", s.at, coalesce(a.name, '') as "by", case when m.state = 'member' then m.number else 0 end as by_number,
			coalesce(t.number, 0) as meeting, coalesce(t.title, '') as meeting_title, coalesce(t.lang, '') as meeting_lang,
			coalesce((select i.number from item i where i.id = s.into_id and i.removed_at is null and `+community.Visible+`), 0) as "into"
		from criterion_step s left join account a on a.id = s.by_id left join membership m on m.community_id = s.community_id and m.account_id = a.id
			left join lateral (select i.number, i.title, i.lang from item i where i.id = s.meeting_id and i.removed_at is null and `+community.Visible+`) t on true
		where s.community_id = @community and s.criterion_id = @id order by s.id`, args).Query(func(rows pgx.Rows) error {
		var err error
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Past])
		return err
	})
}
