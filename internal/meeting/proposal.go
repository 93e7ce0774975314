package meeting

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// inBacklog holds for a point p that waits for a meeting.
const inBacklog = `(p.state = 'later' or p.state = 'proposed' and p.meeting_id is null)`

// mustBeInside is nil for members and for who administers the programme.
func mustBeInside(seat community.Seat) error {
	if seat.Inside() {
		return nil
	}
	return seat.Must(community.ProposePoint)
}

// Propose suggests a point for a meeting, or (number 0) for one of the next. The coordinators are told. The same form sent again proposes nothing.
func (s Store) Propose(ctx context.Context, seat community.Seat, number int, t PointText) error {
	if err := seat.Must(community.ProposePoint); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, t.Body)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var found placed
		if number > 0 {
			if found, err = s.lock(ctx, tx, seat, number); err != nil {
				return err
			}
			if !found.state.Ahead() {
				return fmt.Errorf("proposal for meeting %d: %w", number, fault.One("state", "meeting-state"))
			}
		}
		first, err := item.Once(ctx, tx, seat, t.Request, found.id, s.now())
		if err != nil || !first {
			return err
		}
		args, err := s.pointArgs(ctx, tx, seat, t, names)
		if err != nil {
			return err
		}
		args["meeting"] = found.id
		_, err = tx.Exec(ctx, `insert into agenda_point (community_id, meeting_id, state, form, title, lang, body, html, minutes, lead_id, lead_name, proposed_by, proposed_at)
			values (@community, nullif(@meeting::bigint, 0), 'proposed', @form, @title, @lang, @body, @html, @minutes, @lead, @lead_name, @me, @now)`, args)
		if err != nil {
			return fmt.Errorf("propose a point: %w", err)
		}
		return s.tellOf(ctx, tx, seat, found.id, "agenda.propose", `array(select account_id from membership where community_id = @community and state = 'member' and role = 'coordinator')`, 0)
	})
}

// tellOf writes what happened to a point, on its meeting or (0) on the community; who is SQL for an array of the accounts concerned.
func (s Store) tellOf(ctx context.Context, tx pgx.Tx, seat community.Seat, meeting item.ID, verb, who string, point PointID) error {
	_, err := tx.Exec(ctx, `insert into activity (at, actor_id, verb, item_id, community_id, concerned) select @now, @me, @verb, nullif(@meeting::bigint, 0), @community, `+who,
		pgx.NamedArgs{"now": s.now(), "me": seat.Account, "verb": verb, "meeting": meeting, "community": seat.Community, "point": point})
	if err != nil {
		return fmt.Errorf("activity %s: %w", verb, err)
	}
	return nil
}

// proposer is who suggested point @point.
const proposer = `array(select proposed_by from agenda_point where community_id = @community and id = @point and proposed_by is not null)`

// waiting is a point that waits for an answer or for a meeting, held by tx.
type waiting struct {
	id      PointID
	state   PointState
	meeting item.ID
	number  int
	mine    bool
	text    PointText
}

// holdPoint finds a point that waits. One that belongs to a meeting which the seat may not read is not there. Its meeting is locked first,
// as everybody does.
func (s Store) holdPoint(ctx context.Context, tx pgx.Tx, seat community.Seat, id PointID) (waiting, placed, error) {
	w := waiting{id: id}
	var found placed
	if err := mustBeInside(seat); err != nil {
		return w, found, err
	}
	read := func(locking string) error {
		err := tx.QueryRow(ctx, `select p.state, coalesce(p.meeting_id, 0), coalesce(i.number, 0), coalesce(p.proposed_by = $3, false), p.title, p.body
			from agenda_point p left join item i on i.id = p.meeting_id where p.community_id = $1 and p.id = $2`+locking, seat.Community, id, seat.Account).
			Scan(&w.state, &w.meeting, &w.number, &w.mine, &w.text.Title, &w.text.Body)
		if errors.Is(err, pgx.ErrNoRows) {
			err = fault.NotFound
		}
		if err != nil {
			return fmt.Errorf("point %d: %w", id, err)
		}
		return nil
	}
	if err := read(""); err != nil {
		return w, found, err
	}
	if w.number > 0 {
		var err error
		if found, err = s.lock(ctx, tx, seat, w.number); err != nil {
			return w, found, err
		}
	}
	before := w.meeting
	if err := read(" for update of p"); err != nil {
		return w, found, err
	}
	if w.meeting != before || w.state != Proposed && w.state != Later {
		return w, found, fmt.Errorf("point %d: %w", id, fault.One("point", "point-settled"))
	}
	return w, found, nil
}

// Accept puts a proposal, or a point from the backlog, on the agenda of a meeting that is still to come (0: of the one for which it was proposed). Who proposed it is told.
func (s Store) Accept(ctx context.Context, seat community.Seat, id PointID, number, place int) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		w, found, err := s.holdPoint(ctx, tx, seat, id)
		if err != nil {
			return err
		}
		if number > 0 && number != w.number {
			if found, err = s.lock(ctx, tx, seat, number); err != nil {
				return err
			}
		}
		if found.id == 0 {
			return fault.One("meeting", "choose")
		}
		if err := found.mustTakePoints(); err != nil {
			return err
		}
		names, err := s.On(tx).items.Resolve(ctx, seat, w.text.named())
		if err != nil {
			return err
		}
		order, err := s.order(ctx, tx, seat, found)
		if err != nil {
			return err
		}
		if len(order) >= MaxPoints {
			return fault.One("meeting", "too-many", "max", MaxPoints)
		}
		if _, err := tx.Exec(ctx, `update agenda_point set state = 'accepted', meeting_id = $3, position = $4, reason = '', settled_by = $5, settled_at = $6 where community_id = $1 and id = $2`,
			seat.Community, id, found.id, len(order)+1, seat.Account, s.now()); err != nil {
			return fmt.Errorf("accept point %d: %w", id, err)
		}
		if err := s.arrange(ctx, tx, seat, found, append(order, id), id, place); err != nil {
			return err
		}
		if err := s.linkPoint(ctx, tx, seat, found, id, names); err != nil {
			return err
		}
		return s.tellOf(ctx, tx, seat, found.id, "agenda.accept", proposer, id)
	})
}

func checkReason(reason string) error {
	var in fault.Invalid
	in.Check(reason != "", "reason", "required")
	in.Check(utf8.RuneCountInString(reason) <= MaxReason, "reason", "too-long", "max", MaxReason)
	return in.Err()
}

// PutOff keeps a proposal for a later meeting, in the backlog. Who proposed it is told, with the reason.
func (s Store) PutOff(ctx context.Context, seat community.Seat, id PointID, reason string) error {
	return s.settleProposal(ctx, seat, id, Later, "agenda.later", reason)
}

// Decline says that a point comes on no agenda, and why. Who proposed it is told.
func (s Store) Decline(ctx context.Context, seat community.Seat, id PointID, reason string) error {
	return s.settleProposal(ctx, seat, id, Declined, "agenda.decline", reason)
}

func (s Store) settleProposal(ctx context.Context, seat community.Seat, id PointID, to PointState, verb, reason string) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		w, _, err := s.holdPoint(ctx, tx, seat, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update agenda_point set state = $3, meeting_id = case when $3 = 'later' then null else meeting_id end, reason = $4, settled_by = $5, settled_at = $6
			where community_id = $1 and id = $2`, seat.Community, id, to, reason, seat.Account, s.now()); err != nil {
			return fmt.Errorf("%s point %d: %w", to, id, err)
		}
		return s.tellOf(ctx, tx, seat, w.meeting, verb, proposer, id)
	})
}

// Shelve takes a point off the agenda into the backlog, with the reason, unless minutes hang on it. Who proposed it is told.
func (s Store) Shelve(ctx context.Context, seat community.Seat, number int, id PointID, reason string) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	return s.planning(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		if err := s.free(ctx, tx, seat, found, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update agenda_point set state = 'later', meeting_id = null, position = null, reason = $3, settled_by = $4, settled_at = $5 where community_id = $1 and id = $2`,
			seat.Community, id, reason, seat.Account, s.now()); err != nil {
			return fmt.Errorf("shelve point %d: %w", id, err)
		}
		if err := s.close(ctx, tx, seat, found); err != nil {
			return err
		}
		return s.tellOf(ctx, tx, seat, found.id, "agenda.later", proposer, id)
	})
}

// Withdraw takes one's own proposal back while it waits.
func (s Store) Withdraw(ctx context.Context, seat community.Seat, id PointID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		w, _, err := s.holdPoint(ctx, tx, seat, id)
		if err != nil {
			return err
		}
		if !w.mine {
			return fmt.Errorf("withdraw point %d: %w", id, fault.Forbidden)
		}
		if _, err := tx.Exec(ctx, `delete from agenda_point where community_id = $1 and id = $2`, seat.Community, id); err != nil {
			return fmt.Errorf("withdraw point %d: %w", id, err)
		}
		return nil
	})
}

// Backlog is what waits for a meeting, and what became of the reader's own proposals.
type Backlog struct {
	Points []Point
	Mine   []Point
	Coming []Coming // meetings that take points
}

// Coming is a meeting that takes points.
type Coming struct {
	Number int
	Title  string
	Lang   locale.Lang
}

const comingSQL = `select i.number, i.title, i.lang from meeting m join item i on i.id = m.item_id where m.community_id = @community and m.state in ('draft', 'finding', 'published')
	and (m.ends_at is null or m.ends_at > @now) and i.removed_at is null and ` + community.Visible + ` order by m.starts_at nulls last, i.id limit 50`

func queueComing(b *pgx.Batch, args pgx.NamedArgs, coming *[]Coming) {
	b.Queue(comingSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		*coming, err = pgx.CollectRows(rows, pgx.RowToStructByName[Coming])
		return err
	})
}

// Backlog of a community, for its members.
func (s Store) Backlog(ctx context.Context, seat community.Seat) (Backlog, error) {
	var all Backlog
	if err := mustBeInside(seat); err != nil {
		return all, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "now": s.now()})
	b := &pgx.Batch{}
	queuePoints(b, args, &all.Points, inBacklog+` order by p.proposed_at, p.id limit 200`)
	queuePoints(b, args, &all.Mine, `p.proposed_by = @me order by p.proposed_at desc, p.id desc limit 30`)
	if seat.Can(community.Schedule) {
		queueComing(b, args, &all.Coming)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return all, fmt.Errorf("backlog: %w", err)
	}
	return all, nil
}

// Answering is a point that waits for an answer, with what a coordinator chooses among.
type Answering struct {
	Point  Point
	Coming []Coming
	Agenda []Point // of the meeting for which it was proposed
}

// Answering reads a point that waits.
func (s Store) Answering(ctx context.Context, seat community.Seat, id PointID) (Answering, error) {
	var a Answering
	if err := seat.Must(community.Schedule); err != nil {
		return a, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "point": id, "now": s.now()})
	var points []Point
	b := &pgx.Batch{}
	queuePoints(b, args, &points, `p.id = @point and p.state in ('proposed', 'later')`)
	queueComing(b, args, &a.Coming)
	queuePoints(b, args, &a.Agenda, `p.state = 'accepted' and p.meeting_id = (select o.meeting_id from agenda_point o where o.community_id = @community and o.id = @point) order by p.position`)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return a, fmt.Errorf("point %d: %w", id, err)
	}
	if len(points) == 0 {
		return a, fmt.Errorf("point %d: %w", id, fault.NotFound)
	}
	a.Point = points[0]
	return a, nil
}
