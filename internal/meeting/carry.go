package meeting

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Open is something left over from last time: a point that was not reached, words that were parked, or an action that is not done.
type Open struct {
	Kind  string // "point", "parked" or "action"
	Key   string // for a form: "point-5", "parked-12", "action-44"
	Form  PointForm
	Title string
	Lang  locale.Lang
	Body  string // of an action: its code, so that it is linked
	Point PointID
}

// openSQL selects what is open after the meeting @last and is not on the agenda of @id yet.
const openSQL = `select * from (
	select 'point' as kind, 'point-' || p.id as key, p.form, p.title, p.lang, p.body, p.id as point, 1 as rank, p.position::bigint as n
	from agenda_point p where p.community_id = @community and p.meeting_id = @last and p.state = 'accepted'
		and not exists (select from minute x where x.meeting_id = @last and x.point_id = p.id and x.body <> '') and not exists (select from minute_line x where x.meeting_id = @last and x.point_id = p.id and x.removed_at is null)
		and exists (select from meeting m where m.item_id = @last and m.minutes_state <> 'none')
		and not exists (select from agenda_point c where c.meeting_id = @id and c.carried_from = p.id)
	union all
	select 'parked', 'parked-' || x.id, coalesce(p.form, 'discussion'), left(regexp_replace(x.body, '\s+', ' ', 'g'), 200), x.lang, '', coalesce(x.point_id, 0), 2, x.n
	from minute_line x left join agenda_point p on p.id = x.point_id where x.community_id = @community and x.meeting_id = @last and x.form = 'parked' and x.removed_at is null
		and not exists (select from agenda_point c where c.meeting_id = @id and c.carried_from is not distinct from x.point_id and c.title = left(regexp_replace(x.body, '\s+', ' ', 'g'), 200))
	union all
	select 'action', 'action-' || i.number, 'information', left('A-' || i.number || ' ' || i.title, 200), i.lang, 'A-' || i.number, 0, 3, row_number() over (order by r.due nulls last, i.number)
	from action r join item i on i.id = r.item_id where r.community_id = @community and r.state in ('open', 'in-hand') and i.removed_at is null and ` + community.Visible + `
		and not exists (select from item_link l where l.from_id = @id and l.from_part like 'point-%' and l.to_id = i.id)
	) o order by rank, n limit 60`

// openAfter reads what is open on db for a meeting that was found.
func (s Store) openAfter(ctx context.Context, db postgres.DB, seat community.Seat, found placed) ([]Open, int, error) {
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "now": s.now(), "starts": found.starts})
	var last item.ID
	var lastNumber int
	err := db.QueryRow(ctx, `select coalesce(max(t.id), 0), coalesce(max(t.number), 0) from (select i.id, i.number from meeting m join item i on i.id = m.item_id
		where m.community_id = @community and m.item_id <> @id and m.state in ('held', 'closed') and m.starts_at < coalesce(@starts::timestamptz, @now) and i.removed_at is null and `+community.Visible+`
		order by m.starts_at desc, i.id desc limit 1) t`, args).Scan(&last, &lastNumber)
	if err != nil {
		return nil, 0, fmt.Errorf("meeting before %d: %w", found.number, err)
	}
	args["last"] = last
	rows, err := db.Query(ctx, openSQL, args)
	if err != nil {
		return nil, 0, fmt.Errorf("open after meeting %d: %w", lastNumber, err)
	}
	open, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Open, error) {
		var o Open
		var rank int
		var n int64
		return o, row.Scan(&o.Kind, &o.Key, &o.Form, &o.Title, &o.Lang, &o.Body, &o.Point, &rank, &n)
	})
	return open, lastNumber, err
}

// OpenPoints are what the last meeting before this one left open and this agenda does not hold yet, with that meeting's number (0: there was none).
func (s Store) OpenPoints(ctx context.Context, seat community.Seat, number int) ([]Open, int, error) {
	if err := seat.Must(community.Schedule); err != nil {
		return nil, 0, err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return nil, 0, err
	}
	if found.mustTakePoints() != nil || !found.state.Ahead() {
		return nil, 0, nil
	}
	return s.openAfter(ctx, s.db, seat, found)
}

// CarryOn puts what was left open, by its keys, at the end of an agenda. What stands there already is not put there again.
func (s Store) CarryOn(ctx context.Context, seat community.Seat, number int, keys []string, request uuid.UUID) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	if len(keys) == 0 {
		return fault.One("open", "choose-some")
	}
	return s.planning(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		first, err := item.Once(ctx, tx, seat, request, found.id, s.now())
		if err != nil || !first {
			return err
		}
		open, _, err := s.openAfter(ctx, tx, seat, found)
		if err != nil {
			return err
		}
		for _, o := range open {
			if !slices.Contains(keys, o.Key) {
				continue
			}
			t := PointText{Form: o.Form, Title: o.Title, Lang: o.Lang, Body: o.Body}
			names, err := s.On(tx).items.Resolve(ctx, seat, t.named())
			if err != nil {
				return err
			}
			if err := s.addPoint(ctx, tx, seat, found, t, names, o.Point); err != nil {
				return err
			}
		}
		return nil
	})
}
