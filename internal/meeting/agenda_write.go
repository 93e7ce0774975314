package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Limits of a point: characters, minutes, and points of one agenda.
const (
	MaxMaterial = 5000
	MaxMinutes  = 1440
	MaxPoints   = 100
	MaxLead     = 120
)

// PointText is a point as typed. Place is where it goes on the agenda: 0 is the end.
type PointText struct {
	Form     PointForm
	Title    string
	Lang     locale.Lang
	Body     string
	Minutes  int // less than 0: no number was typed
	Lead     int // number of a member; 0: none
	LeadName string
	Place    int
	Request  uuid.UUID
	Revision int
}

func (t PointText) check() error {
	var in fault.Invalid
	item.CheckTitle(&in, t.Title)
	in.Check(slices.Contains(PointForms, t.Form), "form", "choose")
	in.Check(t.Minutes >= 0 && t.Minutes <= MaxMinutes, "minutes", "between-none", "max", MaxMinutes)
	in.Check(t.Lead >= 0, "lead", "choose")
	checkWords(&in, "lead_name", t.LeadName, MaxLead)
	in.Check(t.Lead == 0 || t.LeadName == "", "lead_name", "lead-once")
	in.Check(utf8.RuneCountInString(t.Body) <= MaxMaterial, "body", "too-long", "max", MaxMaterial)
	in.Check(locale.Known(string(t.Lang)), "lang", "choose")
	return in.Err()
}

// args of a point; its lead has to be a member.
func (s Store) pointArgs(ctx context.Context, tx pgx.Tx, seat community.Seat, t PointText, names item.Names) (pgx.NamedArgs, error) {
	args := pgx.NamedArgs{"community": seat.Community, "me": seat.Account, "now": s.now(), "form": t.Form, "title": t.Title, "lang": t.Lang, "body": t.Body,
		"html": markup.Render(t.Body, names.Targets()), "minutes": t.Minutes, "lead": nil, "lead_name": t.LeadName}
	if t.Lead == 0 {
		return args, nil
	}
	lead, err := memberOf(ctx, tx, seat, t.Lead)
	if err != nil {
		return nil, err
	}
	if lead == 0 {
		return nil, fault.One("lead", "choose")
	}
	args["lead"] = lead
	return args, nil
}

// mustTakePoints is nil while the agenda can change: before the meeting and while its minutes are not closed.
func (p placed) mustTakePoints() error {
	if p.state.Ahead() || p.state == Held && (p.minutes == NoMinutes || p.minutes == DraftMinutes) {
		return nil
	}
	return fmt.Errorf("agenda of meeting %d: %w", p.number, fault.One("state", "meeting-state"))
}

// planning runs do while the seat, which may schedule, holds a meeting whose agenda can change.
func (s Store) planning(ctx context.Context, seat community.Seat, number int, do func(tx pgx.Tx, found placed) error) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.mustTakePoints(); err != nil {
			return err
		}
		return do(tx, found)
	})
}

// AddPoint puts one on the agenda. The same form sent again adds nothing.
func (s Store) AddPoint(ctx context.Context, seat community.Seat, number int, t PointText) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, t.named())
	if err != nil {
		return err
	}
	return s.planning(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		first, err := item.Once(ctx, tx, seat, t.Request, found.id, s.now())
		if err != nil || !first {
			return err
		}
		return s.addPoint(ctx, tx, seat, found, t, names, 0)
	})
}

// named is the text in which a point names items and people.
func (t PointText) named() string { return t.Title + "\n\n" + t.Body }

// addPoint is for a meeting that tx holds; carried is the earlier point that it goes on from, or 0.
func (s Store) addPoint(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, t PointText, names item.Names, carried PointID) error {
	args, err := s.pointArgs(ctx, tx, seat, t, names)
	if err != nil {
		return err
	}
	order, err := s.order(ctx, tx, seat, found)
	if err != nil {
		return err
	}
	if len(order) >= MaxPoints {
		return fault.One("title", "too-many", "max", MaxPoints)
	}
	args["meeting"], args["position"], args["carried"] = found.id, len(order)+1, carried
	var id PointID
	err = tx.QueryRow(ctx, `insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, html, minutes, lead_id, lead_name, proposed_at, carried_from)
		values (@community, @meeting, @position, 'accepted', @form, @title, @lang, @body, @html, @minutes, @lead, @lead_name, @now, nullif(@carried::bigint, 0)) returning id`, args).Scan(&id)
	if err != nil {
		return fmt.Errorf("point of meeting %d: %w", found.number, err)
	}
	if err := s.arrange(ctx, tx, seat, found, append(order, id), id, t.Place); err != nil {
		return err
	}
	return s.linkPoint(ctx, tx, seat, found, id, names)
}

// order is the points of an agenda as they stand.
func (s Store) order(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) ([]PointID, error) {
	rows, err := tx.Query(ctx, `select id from agenda_point where community_id = $1 and meeting_id = $2 and state = 'accepted' order by position`, seat.Community, found.id)
	if err != nil {
		return nil, fmt.Errorf("agenda of meeting %d: %w", found.number, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[PointID])
}

// arrange numbers the points of an agenda from 1 on, with one of them at a place (out of range: at the end).
func (s Store) arrange(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, order []PointID, id PointID, place int) error {
	if at := slices.Index(order, id); at >= 0 {
		order = slices.Delete(slices.Clone(order), at, at+1)
		if place < 1 || place > len(order) {
			place = len(order) + 1
		}
		order = slices.Insert(order, place-1, id)
	}
	_, err := tx.Exec(ctx, `update agenda_point p set position = o.n from unnest($3::bigint[]) with ordinality o(id, n)
		where p.community_id = $1 and p.meeting_id = $2 and p.id = o.id and p.position is distinct from o.n`, seat.Community, found.id, order)
	if err != nil {
		return fmt.Errorf("order of meeting %d: %w", found.number, err)
	}
	return nil
}

// MovePoint puts a point of the agenda at a place: step is +1 or -1 from where it stands now, or 0 for a place of its own.
func (s Store) MovePoint(ctx context.Context, seat community.Seat, number int, id PointID, step, place int) error {
	return s.planning(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		order, err := s.order(ctx, tx, seat, found)
		if err != nil {
			return err
		}
		at := slices.Index(order, id)
		if at < 0 {
			return fmt.Errorf("point %d of meeting %d: %w", id, number, fault.NotFound)
		}
		if step != 0 {
			place = at + 1 + step
		}
		return s.arrange(ctx, tx, seat, found, order, id, min(max(place, 1), len(order)))
	})
}

// PlannedPoint is a point of the agenda as it was typed, for a form.
func (s Store) PlannedPoint(ctx context.Context, seat community.Seat, number int, id PointID) (PointText, error) {
	var t PointText
	if err := seat.Must(community.Schedule); err != nil {
		return t, err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return t, err
	}
	err = s.db.QueryRow(ctx, `select p.form, p.title, p.lang, p.body, p.minutes, coalesce(m.number, 0), case when m.number is null then coalesce(a.name, p.lead_name) else '' end, p.position, p.revision
		from agenda_point p left join account a on a.id = p.lead_id left join membership m on m.community_id = p.community_id and m.account_id = p.lead_id and m.state = 'member'
		where p.community_id = $1 and p.meeting_id = $2 and p.id = $3 and p.state = 'accepted'`, seat.Community, found.id, id).
		Scan(&t.Form, &t.Title, &t.Lang, &t.Body, &t.Minutes, &t.Lead, &t.LeadName, &t.Place, &t.Revision)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, fmt.Errorf("point %d of meeting %d: %w", id, number, fault.NotFound)
	}
	if err != nil {
		return t, fmt.Errorf("point %d of meeting %d: %w", id, number, err)
	}
	return t, nil
}

// RevisePoint changes a point of the agenda. A change that started from another revision is a fault.Conflict and stores nothing.
func (s Store) RevisePoint(ctx context.Context, seat community.Seat, number int, id PointID, t PointText) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, t.named())
	if err != nil {
		return err
	}
	return s.planning(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		if err := s.expect(ctx, tx, seat, found, id, t.Revision); err != nil {
			return err
		}
		args, err := s.pointArgs(ctx, tx, seat, t, names)
		if err != nil {
			return err
		}
		args["id"] = id
		_, err = tx.Exec(ctx, `update agenda_point set form = @form, title = @title, lang = @lang, body = @body, html = @html, minutes = @minutes, lead_id = @lead, lead_name = @lead_name, revision = revision + 1
			where community_id = @community and id = @id`, args)
		if err != nil {
			return fmt.Errorf("point %d: %w", id, err)
		}
		return s.linkPoint(ctx, tx, seat, found, id, names)
	})
}

// expect is nil when a point on the agenda still has the revision that a change started from.
func (s Store) expect(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, id PointID, revision int) error {
	var stands int
	err := tx.QueryRow(ctx, `select revision from agenda_point where community_id = $1 and meeting_id = $2 and id = $3 and state = 'accepted'`, seat.Community, found.id, id).Scan(&stands)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("point %d of meeting %d: %w", id, found.number, fault.NotFound)
	case err != nil:
		return fmt.Errorf("point %d of meeting %d: %w", id, found.number, err)
	case stands != revision:
		return fmt.Errorf("point %d: %w", id, &fault.Conflict{Revision: stands})
	}
	return nil
}

// linkPoint keeps the links from a point to the items that it names, as links of its meeting.
func (s Store) linkPoint(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, id PointID, names item.Names) error {
	targets := []int64{}
	for _, to := range names.Items {
		if to.ID != found.id && !slices.Contains(targets, int64(to.ID)) {
			targets = append(targets, int64(to.ID))
		}
	}
	b := &pgx.Batch{}
	b.Queue(`delete from item_link where from_id = $1 and from_part = $2`, found.id, id.part())
	b.Queue(`insert into item_link (from_id, from_part, to_id, relation, by_id, at) select $1, $2, target, 'mentions', $3, $4 from unnest($5::bigint[]) target on conflict do nothing`,
		found.id, id.part(), seat.Account, s.now(), targets)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("links of point %d: %w", id, err)
	}
	return nil
}

// part of the meeting that a point is, in a trail and on a page.
func (id PointID) part() string { return fmt.Sprintf("point-%d", id) }

// RemovePoint takes one off the agenda for good, unless minutes, decisions or actions hang on it.
func (s Store) RemovePoint(ctx context.Context, seat community.Seat, number int, id PointID) error {
	return s.planning(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		if err := s.free(ctx, tx, seat, found, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from agenda_point where community_id = $1 and meeting_id = $2 and id = $3`, seat.Community, found.id, id); err != nil {
			return fmt.Errorf("remove point %d: %w", id, err)
		}
		return s.close(ctx, tx, seat, found)
	})
}

// free takes what prepares a point off it, so that it can leave the agenda; the questions stay with the meeting. Nothing said there may be lost.
func (s Store) free(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, id PointID) error {
	var there, recorded bool
	err := tx.QueryRow(ctx, `select exists (select from agenda_point where community_id = $1 and meeting_id = $2 and id = $3 and state = 'accepted'),
			exists (select from minute where meeting_id = $2 and point_id = $3) or exists (select from minute_line where meeting_id = $2 and point_id = $3)
			or exists (select from minute_correction where meeting_id = $2 and point_id = $3) or exists (select from decision where meeting_id = $2 and point_id = $3)
			or exists (select from action where meeting_id = $2 and point_id = $3)`, seat.Community, found.id, id).Scan(&there, &recorded)
	switch {
	case err != nil:
		return fmt.Errorf("point %d of meeting %d: %w", id, found.number, err)
	case !there:
		return fmt.Errorf("point %d of meeting %d: %w", id, found.number, fault.NotFound)
	case recorded:
		return fault.One("point", "point-recorded")
	}
	if _, err := tx.Exec(ctx, `update meeting_question set point_id = null where community_id = $1 and meeting_id = $2 and point_id = $3`, seat.Community, found.id, id); err != nil {
		return fmt.Errorf("questions about point %d: %w", id, err)
	}
	return s.linkPoint(ctx, tx, seat, found, id, item.Names{})
}

// close lets the points of an agenda follow one another without a gap.
func (s Store) close(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	order, err := s.order(ctx, tx, seat, found)
	if err != nil {
		return err
	}
	return s.arrange(ctx, tx, seat, found, order, 0, 0)
}
