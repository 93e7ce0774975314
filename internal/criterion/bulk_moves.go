package criterion

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
)

// Step is what is said when a criterion goes on in its life.
type Step struct {
	Reason  string
	On      time.Time // day of the agreement
	Meeting int       // number of the meeting in which it was agreed; 0: none
}

// May reports whether a criterion goes from s to next.
func (s State) May(next State) bool {
	return slices.Contains(map[State][]State{Raised: {Agreed, Parked, Declined}, Agreed: {Parked, Declined}, Parked: {Agreed, Declined}}[s], next)
}

// moveIn takes a criterion to another state inside a transaction, and tells those who asked.
func (s Store) moveIn(ctx context.Context, tx pgx.Tx, seat community.Seat, number int, to State, on Step) error {
	if err := seat.Must(community.Judge); err != nil {
		return err
	}
	p, err := s.lock(ctx, tx, seat, number)
	if err != nil {
		return err
	}
	var meeting *int64
	if on.Meeting != 0 {
		err := tx.QueryRow(ctx, `select min(i.id) from item i where i.community_id = @community and i.kind = 'meeting' and i.number = @number and i.removed_at is null and `+community.Visible,
			seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": on.Meeting})).Scan(&meeting)
		if err != nil {
			return fmt.Errorf("meeting %d: %w", on.Meeting, err)
		}
		if meeting == nil {
			return fault.One("meeting", "no-meeting")
		}
	}
	var day *time.Time
	if !on.On.IsZero() {
		day = &on.On
	}
	step := map[State]string{Agreed: "criterion.agree", Parked: "criterion.park", Declined: "criterion.decline"}
	_, err = tx.Exec(ctx, `with stepped as (insert into criterion_step (community_id, criterion_id, step, reason, on_day, meeting_id, by_id, at) values (@community, @id, @state, @reason, @day::date, @meeting::bigint, @me, @now))
		update criterion set state = @state, state_at = @now, agreed_on = @day::date, agreed_at = @meeting::bigint where community_id = @community and item_id = @id`,
		pgx.NamedArgs{"community": seat.Community, "id": p.id, "state": to, "reason": on.Reason, "day": day, "meeting": meeting, "me": seat.Account, "now": s.now()})
	if err != nil {
		return fmt.Errorf("criterion %d to %s: %w", number, to, err)
	}
	who, err := askers(ctx, tx, p.id)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, seat, p.id, step[to], who, nil)
}
