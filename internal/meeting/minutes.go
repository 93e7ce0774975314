package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Limits of the minutes, in characters.
const (
	MaxMinute     = 50_000 // the text of one point
	MaxSpeaker    = 120
	MaxCorrection = 5000
	MaxAddendum   = 20_000
)

// Minutes are those of a meeting as a reader may see them: its keepers always, everybody else who may read the meeting once they are open.
type Minutes struct {
	Meeting
	Parts       []Part // the whole first, then the points in the order of the agenda
	Open        bool   // the reader may see what was written
	OpenedAt    *time.Time
	ApprovedAt  *time.Time
	ApprovedBy  string
	Writers     []Named
	Present     []Present
	Apologies   []string
	Away        int // who sent apologies
	Corrections []Correction
	Addenda     []Addendum
}

// Part is the minutes of one point, or of the meeting as a whole (Point 0).
type Part struct {
	Point    int64
	Position int    // on the agenda; 0: not any more
	Form     string // of the point
	Title    string
	Lang     locale.Lang
	Duration int // minutes; 0: no time of its own
	Lead     string
	Body     string
	HTML     string
	Revision int // 0: nothing written yet
	By       string
	Mine     bool // the reader wrote what stands
	At       *time.Time
	Lines    []MinuteLine `db:"-"`
}

// MinuteLine is one thing caught in the minutes.
type MinuteLine struct {
	ID         int64
	N          int // within the meeting; "line-3" in a trail
	Point      int64
	Form       LineForm
	Body       string
	Lang       locale.Lang
	Speaker    Named `db:"-"`
	Why        string
	Rejected   string
	Due        *time.Time
	Review     *time.Time
	OwnerNames string // of those without an account
	Owners     []Named
	Became     item.Kind // decision or action that the reader may open; empty: none
	Number     int
	Revision   int
	Removed    bool
}

// Named is a person in the minutes; the number is that of the membership, 0 without one.
type Named struct {
	Name   string
	Handle string
	Number int
}

// Present is somebody who was there; who left, or may not be named to the reader, has no name.
type Present struct {
	Name         string
	Number       int
	Perspective  community.Perspective
	Organisation string
	Online       bool
}

// Correction is what a member says is wrong in open minutes. Its sender and the keepers read it.
type Correction struct {
	ID     int64
	Point  int64
	By     string
	Mine   bool
	Body   string
	Lang   locale.Lang
	At     time.Time
	State  string // "open", "taken" or "declined"
	Answer string
}

// Addendum is what was added after the minutes were approved.
type Addendum struct {
	N    int
	Body string
	HTML string
	Lang locale.Lang
	By   string
	At   time.Time
}

// CorrectableOn reports whether members may still send corrections.
func (m Meeting) CorrectableOn(now time.Time) bool {
	return m.Minutes == OpenMinutes && m.Corrections != nil && !m.Corrections.Before(dayOn(now, m.Zone))
}

// dayOn is the day that a moment belongs to in a zone.
func dayOn(at time.Time, zone string) time.Time {
	at = at.In(location(zone))
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
}

// shows reports whether others than the keepers see what the minutes say.
func (s MinutesState) shows() bool { return s == OpenMinutes || s == ApprovedMinutes }

// Minutes of a meeting. Before they are open, who does not keep them gets the meeting alone, as if nothing were written. Besides is read in the same round trip.
func (s Store) Minutes(ctx context.Context, seat community.Seat, number int, besides ...postgres.Besides) (Minutes, error) {
	var m Minutes
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return m, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "keeper": found.keeper, "inside": seat.Inside()})
	b := &pgx.Batch{}
	head(b, seat, args, &m.Meeting)
	if m.Open = found.keeper || found.minutes.shows(); m.Open {
		queueMinutes(b, args, &m)
		for _, besides := range besides {
			besides(b)
		}
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return m, fmt.Errorf("minutes of meeting %d: %w", number, err)
	}
	return m, nil
}

// MustKeep is the minutes for who keeps them.
func (s Store) MustKeep(ctx context.Context, seat community.Seat, number int) (Minutes, error) {
	m, err := s.Minutes(ctx, seat, number)
	if err == nil && !m.Keeper {
		err = fmt.Errorf("keep the minutes of meeting %d: %w", number, fault.Forbidden)
	}
	return m, err
}

// minuted holds for agenda points p under which one writes: those on the agenda, and those that left it with words beneath them.
const minuted = `(p.state = 'accepted' or exists (select from minute t where t.meeting_id = p.meeting_id and t.point_id = p.id) or exists (select from minute_line l where l.meeting_id = p.meeting_id and l.point_id = p.id))`

func collect[T any](b *pgx.Batch, into *[]T, sql string, args pgx.NamedArgs) {
	b.Queue(sql, args).Query(func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	})
}

func queueMinutes(b *pgx.Batch, args pgx.NamedArgs, m *Minutes) {
	b.Queue(`select m.opened_at, m.approved_at, coalesce(a.name, '') from meeting m left join account a on a.id = m.approved_by where m.community_id = @community and m.item_id = @id`, args).
		QueryRow(func(row pgx.Row) error { return row.Scan(&m.OpenedAt, &m.ApprovedAt, &m.ApprovedBy) })
	collect(b, &m.Parts, `with place as (
			select null::bigint as id, 0 as position, '' as form, '' as title, '' as lang, 0 as minutes, '' as lead
			union all
			select p.id, coalesce(p.position, 0), p.form, p.title, p.lang, p.minutes, coalesce(l.name, p.lead_name) from agenda_point p left join account l on l.id = p.lead_id
				where p.community_id = @community and p.meeting_id = @id and `+minuted+`)
		select coalesce(p.id, 0) as point, p.position, p.form, p.title, p.lang, p.minutes as duration, p.lead, coalesce(t.body, '') as body, coalesce(t.html, '') as html,
			coalesce(t.revision, 0) as revision, coalesce(w.name, '') as by, coalesce(t.by_id = @me, false) as mine, t.at
		from place p left join minute t on t.community_id = @community and t.meeting_id = @id and t.point_id is not distinct from p.id left join account w on w.id = t.by_id order by p.id is not null, p.position = 0, p.position, p.id`, args)
	b.Queue(linesSQL, args).Query(m.takeLines)
	collect(b, &m.Writers, `select a.name, a.handle, coalesce(k.number, 0) as number from account a left join membership k on k.community_id = @community and k.account_id = a.id and k.state = 'member'
		where a.id in (select by_id from minute where community_id = @community and meeting_id = @id union select r.by_id from minute_revision r join minute t on t.id = r.minute_id where t.community_id = @community and t.meeting_id = @id
			union select by_id from minute_line where community_id = @community and meeting_id = @id and removed_at is null) order by a.name, a.id`, args)
	collect(b, &m.Present, `select case when @inside then coalesce(a.name, g.name, '') else '' end as name, case when @inside then coalesce(k.number, 0) else 0 end as number, t.perspective, t.organisation, t.way = 'online' as online
		from attendance t left join account a on a.id = t.account_id left join meeting_guest g on g.id = t.guest_id left join membership k on k.community_id = t.community_id and k.account_id = a.id and k.state = 'member'
		where t.community_id = @community and t.meeting_id = @id order by coalesce(a.name, g.name) nulls last, t.id`, args)
	b.Queue(`select coalesce(array_agg(coalesce(a.name, g.name) order by coalesce(a.name, g.name)) filter (where @inside), '{}'), count(*)::int
		from rsvp r left join account a on a.id = r.account_id left join meeting_guest g on g.id = r.guest_id where r.community_id = @community and r.meeting_id = @id and r.answer = 'no'
			and not exists (select from attendance t where t.meeting_id = r.meeting_id and (t.account_id = r.account_id or t.guest_id = r.guest_id))`, args).
		QueryRow(func(row pgx.Row) error { return row.Scan(&m.Apologies, &m.Away) })
	collect(b, &m.Corrections, `select c.id, coalesce(c.point_id, 0) as point, coalesce(a.name, '') as by, coalesce(c.account_id = @me, false) as mine, c.body, c.lang, c.at, c.state, c.answer
		from minute_correction c left join account a on a.id = c.account_id where c.community_id = @community and c.meeting_id = @id and (@keeper or c.account_id = @me) order by c.state = 'open' desc, c.at, c.id`, args)
	collect(b, &m.Addenda, `select d.n, d.body, d.html, d.lang, coalesce(a.name, '') as by, d.at from minute_addendum d left join account a on a.id = d.by_id
		where d.community_id = @community and d.meeting_id = @id order by d.n`, args)
}

// linesSQL are the lines with what became of them; removed ones are for the keepers.
const linesSQL = `select l.id, l.n, coalesce(l.point_id, 0) as point, l.form, l.body, l.lang, l.why, l.rejected, l.due, l.review_on as review, l.owner_names,
		coalesce(s.name, l.speaker_name), coalesce(s.handle, ''), coalesce(k.number, 0), case when i.id is not null then i.kind else '' end, coalesce(i.number, 0), l.revision, l.removed_at is not null,
		coalesce((select json_agg(json_build_object('Name', a.name, 'Handle', a.handle, 'Number', coalesce(n.number, 0)) order by a.name, a.id)
			from minute_line_owner o join account a on a.id = o.account_id left join membership n on n.community_id = l.community_id and n.account_id = a.id and n.state = 'member' where o.line_id = l.id), '[]')
	from minute_line l left join account s on s.id = l.speaker_id left join membership k on k.community_id = l.community_id and k.account_id = s.id and k.state = 'member'
		left join item i on i.id = l.item_id and i.removed_at is null and ` + community.Visible + `
	where l.community_id = @community and l.meeting_id = @id and (l.removed_at is null or @keeper) order by l.n`

func (m *Minutes) takeLines(rows pgx.Rows) error {
	var l MinuteLine
	_, err := pgx.ForEachRow(rows, []any{&l.ID, &l.N, &l.Point, &l.Form, &l.Body, &l.Lang, &l.Why, &l.Rejected, &l.Due, &l.Review, &l.OwnerNames,
		&l.Speaker.Name, &l.Speaker.Handle, &l.Speaker.Number, &l.Became, &l.Number, &l.Revision, &l.Removed, &l.Owners}, func() error {
		for i := range m.Parts {
			if m.Parts[i].Point == l.Point {
				m.Parts[i].Lines = append(m.Parts[i].Lines, l)
			}
		}
		l.Due, l.Review, l.Owners = nil, nil, nil // the next row keeps nothing of this one
		return nil
	})
	return err
}

// Line of the minutes by its number, for its keepers.
func (m Minutes) Line(n int) (MinuteLine, error) {
	for _, p := range m.Parts {
		for _, l := range p.Lines {
			if l.N == n {
				return l, nil
			}
		}
	}
	return MinuteLine{}, fmt.Errorf("line %d of meeting %d: %w", n, m.Number, fault.NotFound)
}

// Wrote is a state that the text of a point had.
type Wrote struct {
	Revision int
	Body     string
	By       string
	At       time.Time
}

// MinuteHistory are the states of the text of a point (0: the whole), the newest first, for who keeps the minutes.
func (s Store) MinuteHistory(ctx context.Context, seat community.Seat, number int, point int64) ([]Wrote, error) {
	found, err := s.find(ctx, seat, number)
	if err == nil {
		err = found.mustKeep(seat)
	}
	if err != nil {
		return nil, err
	}
	all, err := postgres.All[Wrote](ctx, s.db, `select w.revision, w.body, coalesce(a.name, '') as by, w.at from (
			select t.revision, t.body, t.by_id, t.at from minute t where t.community_id = $1 and t.meeting_id = $2 and t.point_id is not distinct from nullif($3::bigint, 0)
			union all
			select r.revision, r.body, r.by_id, r.at from minute_revision r join minute t on t.id = r.minute_id where t.community_id = $1 and t.meeting_id = $2 and t.point_id is not distinct from nullif($3::bigint, 0)) w
		left join account a on a.id = w.by_id order by w.revision desc limit 200`, seat.Community, found.id, point)
	if err != nil {
		return nil, fmt.Errorf("history of the minutes of meeting %d: %w", number, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("history of the minutes of meeting %d: %w", number, fault.NotFound)
	}
	return all, nil
}
