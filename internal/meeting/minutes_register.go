package meeting

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// registered is a line with the decision or action that came of it.
type registered struct {
	id         int64
	n          int
	point      *int64
	form       LineForm
	body       string
	lang       locale.Lang
	why        string
	rejected   string
	due        *time.Time
	review     *time.Time
	ownerNames string
	owners     []int64
	removed    bool
	item       item.ID   // 0: none yet
	kind       item.Kind // of it
	withdrawn  bool
	hidden     bool // by a coordinator: it stays as it is
}

// kindOf is what stands on a register for a line; empty: nothing.
func (l registered) kindOf() item.Kind {
	switch {
	case l.removed:
		return ""
	case l.form == DecidedLine:
		return "decision"
	case l.form == TodoLine:
		return "action"
	}
	return ""
}

// part of the minutes that a trail leads to.
func (l registered) part() string { return "line-" + strconv.Itoa(l.n) }

const registeredSQL = `select l.id, l.n, l.point_id, l.form, l.body, l.lang, l.why, l.rejected, l.due, l.review_on, l.owner_names, array(select o.account_id from minute_line_owner o where o.line_id = l.id order by o.account_id),
	l.removed_at is not null, coalesce(l.item_id, 0), coalesce(i.kind, ''), i.removed_at is not null, i.hidden_at is not null from minute_line l left join item i on i.id = l.item_id where l.community_id = $1 and l.meeting_id = $2`

func scanRegistered(row pgx.CollectableRow) (registered, error) {
	var l registered
	err := row.Scan(&l.id, &l.n, &l.point, &l.form, &l.body, &l.lang, &l.why, &l.rejected, &l.due, &l.review, &l.ownerNames, &l.owners, &l.removed, &l.item, &l.kind, &l.withdrawn, &l.hidden)
	return l, err
}

// register lets the registers say what a line says, once the minutes are open.
func (s Store) register(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, n int) error {
	if found.minutes != OpenMinutes {
		return nil
	}
	rows, err := tx.Query(ctx, registeredSQL+` and l.n = $3`, seat.Community, found.id, n)
	if err != nil {
		return fmt.Errorf("line %d of meeting %d: %w", n, found.number, err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanRegistered)
	if err != nil {
		return fmt.Errorf("line %d of meeting %d: %w", n, found.number, err)
	}
	return s.settleLine(ctx, tx, seat, found, l)
}

// registerAll makes what was decided and what is to do stand on its register.
func (s Store) registerAll(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	rows, err := tx.Query(ctx, registeredSQL+` and l.removed_at is null and l.form in ('decided', 'todo') order by l.n`, seat.Community, found.id)
	if err != nil {
		return fmt.Errorf("lines of meeting %d: %w", found.number, err)
	}
	lines, err := pgx.CollectRows(rows, scanRegistered)
	if err != nil {
		return fmt.Errorf("lines of meeting %d: %w", found.number, err)
	}
	for _, l := range lines {
		if err := s.settleLine(ctx, tx, seat, found, l); err != nil {
			return err
		}
	}
	return nil
}

func (s Store) settleLine(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, l registered) error {
	kind := l.kindOf()
	if l.kind == "criterion" {
		if kind == "" {
			return nil // it stands for itself, whatever becomes of the line
		}
		l.item, l.kind, l.withdrawn, l.hidden = 0, "", false, false
	}
	if l.item != 0 && l.kind != kind && !l.withdrawn {
		if err := s.withdraw(ctx, tx, seat, l.item, true); err != nil {
			return err
		}
	}
	switch {
	case kind == "", l.kind == kind && l.hidden:
		return nil
	case l.item == 0 || l.kind != kind:
		return s.make(ctx, tx, seat, found, l, kind)
	case l.withdrawn:
		if err := s.withdraw(ctx, tx, seat, l.item, false); err != nil {
			return err
		}
	}
	return s.amend(ctx, tx, seat, found, l, kind)
}

// withdraw takes the item of a line away, or brings it back.
func (s Store) withdraw(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, away bool) error {
	verb, at, by := "item.restore", (*time.Time)(nil), (*account.ID)(nil)
	if away {
		now := s.now()
		verb, at, by = "item.remove", &now, &seat.Account
	}
	if _, err := tx.Exec(ctx, `update item set withdrawn_at = $3, removed_at = $3, removed_by = $4 where community_id = $1 and id = $2`, seat.Community, id, at, by); err != nil {
		return fmt.Errorf("%s %d: %w", verb, id, err)
	}
	return s.tell(ctx, tx, seat, id, verb)
}

func (l registered) decision(found placed) NewDecision {
	return NewDecision{Text: l.body, Why: l.why, Rejected: l.rejected, On: found.day(), Review: l.review, Lang: l.lang, Point: l.point, Part: l.part(), Request: uuid.New()}
}

func (l registered) action() NewAction {
	owners := make([]account.ID, len(l.owners))
	for i, id := range l.owners {
		owners[i] = account.ID(id)
	}
	return NewAction{Text: l.body, Owners: owners, OwnerNames: l.ownerNames, Due: l.due, Lang: l.lang, Point: l.point, Part: l.part(), Request: uuid.New()}
}

// make puts a line on its register.
func (s Store) make(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, l registered, kind item.Kind) (err error) {
	var made item.Made
	if kind == "decision" {
		made, err = s.record(ctx, tx, seat, found, l.decision(found))
	} else {
		made, err = s.give(ctx, tx, seat, found, l.action())
	}
	if err == nil {
		_, err = tx.Exec(ctx, `update minute_line set item_id = $2 where id = $1`, l.id, made.ID)
	}
	if err != nil {
		return fmt.Errorf("line %d of meeting %d: %w", l.n, found.number, err)
	}
	return nil
}

// amend lets what stands on a register follow its line, with the words of the trail.
func (s Store) amend(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, l registered, kind item.Kind) (err error) {
	if kind == "decision" {
		err = s.amendDecision(ctx, tx, seat, l.item, l.decision(found))
	} else {
		err = s.amendAction(ctx, tx, seat, l.item, l.action())
	}
	if err != nil {
		return fmt.Errorf("line %d of meeting %d: %w", l.n, found.number, err)
	}
	b := &pgx.Batch{}
	b.Queue(`update item_link set quote = left($3, 2000) where from_id = $1 and to_id = $2 and relation = 'from'`, l.item, found.id, l.body)
	b.Queue(`update decision set point_id = $2 where item_id = $1`, l.item, l.point)
	b.Queue(`update action set point_id = $2 where item_id = $1`, l.item, l.point)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("line %d of meeting %d: %w", l.n, found.number, err)
	}
	return nil
}

// indexMinutes lets search find a meeting by its minutes as well, once they are open.
func (s Store) indexMinutes(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	if !found.minutes.shows() {
		return nil
	}
	var title, place, text string
	err := tx.QueryRow(ctx, `select i.title, m.place, concat_ws(E'\n\n', x.body,
			(select string_agg(t.body, E'\n\n' order by t.id) from minute t where t.community_id = $1 and t.meeting_id = $2),
			(select string_agg(concat_ws(E'\n', l.body, l.why, l.rejected), E'\n\n' order by l.n) from minute_line l where l.community_id = $1 and l.meeting_id = $2 and l.removed_at is null),
			(select string_agg(d.body, E'\n\n' order by d.n) from minute_addendum d where d.community_id = $1 and d.meeting_id = $2))
		from item i join meeting m on m.item_id = i.id join item_text x on x.item_id = i.id where i.community_id = $1 and i.id = $2`, seat.Community, found.id).Scan(&title, &place, &text)
	if err != nil {
		return fmt.Errorf("index meeting %d: %w", found.number, err)
	}
	return search.Renew(ctx, tx, found.id, found.lang, title, place, text)
}
