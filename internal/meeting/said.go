package meeting

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Said is a line of the minutes, or a point of the agenda, that may become something of its own, with where it was said and by whom.
type Said struct {
	Meeting     item.ID
	Title       string
	TitleLang   locale.Lang
	Audience    item.Audience
	Unopened    bool       // only the keepers read these minutes yet
	On          *time.Time // day of the meeting
	Point       int64      // 0: said of the whole
	Position    int
	About       string // title of the point
	AboutLang   locale.Lang
	N           int      // 0: the point itself
	Form        LineForm // of a line
	Body        string   // of a point, as typed
	Words       string
	Lang        locale.Lang
	Speaker     account.ID // 0: nobody who belongs here
	Name        string
	Perspective community.Perspective
	Became      int // number of the criterion made of it; 0: none yet
}

// Part of the minutes that a trail leads to; none of a point.
func (s Said) Part() string {
	if s.N == 0 {
		return ""
	}
	return "line-" + strconv.Itoa(s.N)
}

// AsksForCriterion reports whether a criterion may be made of it.
func (s Said) AsksForCriterion() bool { return s.Form == CriterionLine || s.Form == SaidLine }

const saidSQL = `select m.title, m.lang, coalesce(l.point_id, 0), coalesce(p.position, 0), coalesce(p.title, ''), coalesce(p.lang, ''), l.form, l.body, l.lang, coalesce(k.account_id, 0), coalesce(a.name, l.speaker_name), coalesce(k.perspective, ''),
		case when i.kind = 'criterion' then i.number else 0 end
	from minute_line l join item m on m.id = l.meeting_id left join agenda_point p on p.id = l.point_id left join account a on a.id = l.speaker_id
		left join membership k on k.community_id = l.community_id and k.account_id = a.id and k.state = 'member' left join item i on i.id = l.item_id and i.removed_at is null
	where l.community_id = $1 and l.meeting_id = $2 and l.n = $3 and l.removed_at is null`

// Said is a line of minutes that the seat may read.
func (s Store) Said(ctx context.Context, seat community.Seat, number, n int) (Said, error) {
	return s.said(ctx, s.db, seat, number, n)
}

// SaidIn is Said for whoever makes something of it: nobody else does until tx ends.
func (s Store) SaidIn(ctx context.Context, tx pgx.Tx, seat community.Seat, number, n int) (Said, error) {
	// Locked before it is read: who waited sees what the first one made of it.
	if _, err := tx.Exec(ctx, `select from minute_line l join item m on m.id = l.meeting_id where l.community_id = $1 and m.kind = 'meeting' and m.number = $2 and m.parent_id is null and l.n = $3 for update of l`, seat.Community, number, n); err != nil {
		return Said{}, fmt.Errorf("line %d of meeting %d: %w", n, number, err)
	}
	return s.said(ctx, tx, seat, number, n)
}

func (s Store) said(ctx context.Context, db postgres.DB, seat community.Seat, number, n int) (Said, error) {
	found, err := findIn(ctx, db, seat, number, "")
	if err != nil {
		return Said{}, err
	}
	l := Said{Meeting: found.id, Audience: found.audience, Unopened: !found.minutes.shows(), N: n}
	if l.Unopened && !found.keeper {
		return Said{}, fmt.Errorf("line %d of meeting %d: %w", n, number, fault.NotFound)
	}
	if day := found.day(); !day.IsZero() {
		l.On = &day
	}
	err = db.QueryRow(ctx, saidSQL, seat.Community, found.id, n).
		Scan(&l.Title, &l.TitleLang, &l.Point, &l.Position, &l.About, &l.AboutLang, &l.Form, &l.Words, &l.Lang, &l.Speaker, &l.Name, &l.Perspective, &l.Became)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return Said{}, fmt.Errorf("line %d of meeting %d: %w", n, number, err)
	}
	return l, nil
}

// Became notes what was made of a line that SaidIn gave.
func (s Store) Became(ctx context.Context, tx pgx.Tx, seat community.Seat, l Said, made item.ID) error {
	if _, err := tx.Exec(ctx, `update minute_line set item_id = $4 where community_id = $1 and meeting_id = $2 and n = $3`, seat.Community, l.Meeting, l.N, made); err != nil {
		return fmt.Errorf("what became of line %d: %w", l.N, err)
	}
	return nil
}

// SaidPoint is a point on the agenda of a meeting that the seat may read, with who proposed it.
func (s Store) SaidPoint(ctx context.Context, seat community.Seat, number int, point int64) (Said, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Said{}, err
	}
	l := Said{Meeting: found.id, Audience: found.audience, Point: point}
	if day := found.day(); !day.IsZero() {
		l.On = &day
	}
	var html string
	err = s.db.QueryRow(ctx, `select m.title, m.lang, coalesce(p.position, 0), p.title, p.lang, p.body, p.html, coalesce(k.account_id, 0), coalesce(a.name, ''), coalesce(k.perspective, '')
		from agenda_point p join item m on m.id = p.meeting_id left join account a on a.id = p.proposed_by
			left join membership k on k.community_id = p.community_id and k.account_id = a.id and k.state = 'member'
		where p.community_id = $1 and p.meeting_id = $2 and p.id = $3 and p.state = 'accepted'`, seat.Community, found.id, point).
		Scan(&l.Title, &l.TitleLang, &l.Position, &l.About, &l.Lang, &l.Body, &html, &l.Speaker, &l.Name, &l.Perspective)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return Said{}, fmt.Errorf("point %d of meeting %d: %w", point, number, err)
	}
	l.AboutLang, l.Words = l.Lang, markup.Plain(html)
	if l.Words == "" {
		l.Body, l.Words = l.About, l.About
	}
	return l, nil
}
