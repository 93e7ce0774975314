package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Whole is a meeting with what its first page shows.
type Whole struct {
	Meeting
	Roles  []Role
	Agenda []Point
	Who    Glimpse
	Trail  []item.Step
	Dates  Glance
	// Unharvested are the lines caught as a criterion of which none was made yet, where the reader may read the minutes.
	Unharvested int
}

// Role is a duty at a meeting and who has it.
type Role struct {
	Role    string // "chair", "notes" or "time"
	Account account.ID
	Name    string
	Number  int // of the membership; 0 for a former member
}

const meetingColumns = `i.id, i.number, mt.form, mt.state, i.title, i.lang, x.html, i.audience, mt.opens_to, i.revision, mt.starts_at, mt.ends_at, mt.zone, mt.place, mt.address, mt.map_url, mt.access_note,
	mt.online, mt.online_url, coalesce(mt.capacity, 0), mt.answers_until, mt.sequence, coalesce(mt.series_id, 0), mt.called_off_reason, mt.minutes_state, mt.corrections_until,
	exists (select from meeting_role r where r.meeting_id = i.id and r.account_id = @me and r.role in ('chair', 'notes')),
	coalesce((select r.answer from rsvp r where r.meeting_id = i.id and r.account_id = @me), ''), mt.poll_until is not null`

func (m *Meeting) scan() []any {
	return []any{&m.ID, &m.Number, &m.Form, &m.State, &m.Title, &m.Lang, &m.HTML, &m.Audience, &m.OpensTo, &m.Revision, &m.StartsAt, &m.EndsAt, &m.Zone, &m.Place, &m.Address, &m.MapURL, &m.AccessNote,
		&m.Online, &m.OnlineURL, &m.Capacity, &m.AnswersBy, &m.Sequence, &m.SeriesID, &m.Reason, &m.Minutes, &m.Corrections, &m.Keeper, &m.Mine, &m.Sought}
}

// head queues the reading of a meeting itself.
func head(b *pgx.Batch, seat community.Seat, args pgx.NamedArgs, m *Meeting) {
	b.Queue(`select `+meetingColumns+`, `+item.VoiceColumns+` from item i join meeting mt on mt.item_id = i.id join item_text x on x.item_id = i.id `+item.VoiceJoins+`
		where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error {
		if err := row.Scan(append(m.scan(), m.Author.Scan()...)...); err != nil {
			return err
		}
		m.Keeper = seat.Can(community.Schedule) || m.Keeper && seat.Inside()
		if !m.Keeper && m.Mine != "in-person" && m.Mine != "online" {
			m.OnlineURL = ""
		}
		if !m.Keeper && m.Minutes == DraftMinutes {
			m.Minutes = NoMinutes
		}
		return nil
	})
}

// Head is a meeting itself, for the pages about a part of it, together with what besides asks in the same round trip.
func (s Store) Head(ctx context.Context, seat community.Seat, number int, besides ...postgres.Besides) (Meeting, error) {
	var m Meeting
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return m, err
	}
	b := &pgx.Batch{}
	head(b, seat, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id}), &m)
	for _, more := range besides {
		more(b)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return m, fmt.Errorf("meeting %d: %w", number, err)
	}
	return m, nil
}

// Read is a meeting with what its first page shows. What was removed is fault.Gone to those who could read it.
func (s Store) Read(ctx context.Context, seat community.Seat, number int) (Whole, error) {
	var w Whole
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return w, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	b := &pgx.Batch{}
	head(b, seat, args, &w.Meeting)
	queueAgenda(b, args, &w.Agenda)
	b.Queue(`select r.role, a.id as account, a.name, coalesce(m.number, 0) as number from meeting_role r join account a on a.id = r.account_id
		left join membership m on m.community_id = r.community_id and m.account_id = a.id and m.state = 'member'
		where r.community_id = @community and r.meeting_id = @id order by array_position(array['chair', 'notes', 'time'], r.role)`, args).Query(func(rows pgx.Rows) error {
		var err error
		w.Roles, err = pgx.CollectRows(rows, pgx.RowToStructByName[Role])
		return err
	})
	queueGlimpse(b, seat, found.id, args, &w.Who)
	b.Queue(item.TrailSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		w.Trail, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Step])
		return err
	})
	queueGlance(b, args, &w.Dates)
	b.Queue(`select count(*)::int from minute_line l join meeting m on m.item_id = l.meeting_id left join item x on x.id = l.item_id and x.removed_at is null
		where l.community_id = @community and l.meeting_id = @id and l.form = 'criterion' and l.removed_at is null and x.id is null and m.minutes_state in ('open', 'approved')`, args).
		QueryRow(func(row pgx.Row) error { return row.Scan(&w.Unharvested) })
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("meeting %d: %w", number, err)
	}
	return w, nil
}

// Planned is the plan of a meeting as it was typed, for a form; with like, as the start of a new one.
func (s Store) Planned(ctx context.Context, seat community.Seat, number int) (Plan, State, error) {
	var p Plan
	if err := seat.Must(community.Schedule); err != nil {
		return p, "", err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return p, "", err
	}
	var start, end *time.Time
	err = s.db.QueryRow(ctx, `select m.form, i.title, x.body, i.lang, m.opens_to, m.starts_at, m.ends_at, m.zone, m.place, m.address, m.map_url, m.access_note, m.online, m.online_url, coalesce(m.capacity, 0), i.revision
		from item i join meeting m on m.item_id = i.id join item_text x on x.item_id = i.id where i.community_id = $1 and i.id = $2`, seat.Community, found.id).
		Scan(&p.Form, &p.Title, &p.Body, &p.Lang, &p.OpensTo, &start, &end, &p.When.Zone, &p.Place, &p.Address, &p.MapURL, &p.AccessNote, &p.Online, &p.OnlineURL, &p.Capacity, &p.Revision)
	if err != nil {
		return p, "", fmt.Errorf("plan of meeting %d: %w", number, err)
	}
	if start != nil {
		p.When = Typed(*start, *end, p.When.Zone)
	}
	return p, found.state, nil
}
