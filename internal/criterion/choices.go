package criterion

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Gathering is a meeting to choose as a source.
type Gathering struct {
	ID       item.ID
	Number   int
	Title    string
	Lang     locale.Lang
	Audience item.Audience
	StartsAt *time.Time
	Zone     string
	Points   []Point // of its agenda
}

// Point of a meeting's agenda to choose.
type Point struct {
	ID    int64
	Title string
}

// Location is the zone of the meeting.
func (g Gathering) Location() *time.Location { return community.Community{Zone: g.Zone}.Location() }

// Choices are what a source may name.
type Choices struct {
	Meetings []Gathering // the newest first
	Members  []string    // by name
}

// Gathering of a number; nil when there is none to choose.
func (c Choices) Gathering(number int) *Gathering {
	for n := range c.Meetings {
		if c.Meetings[n].Number == number {
			return &c.Meetings[n]
		}
	}
	return nil
}

// withAgenda is how many meetings are offered with the points of their agenda.
const withAgenda = 12

// Choices of a seat that may raise criteria: the newest meetings, and one that is asked for (0: none), with their agendas; and the members.
func (s Store) Choices(ctx context.Context, seat community.Seat, meeting int) (Choices, error) {
	var c Choices
	if err := seat.Must(community.Raise); err != nil {
		return c, err
	}
	type pointed struct {
		of int
		Point
	}
	var points []pointed
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "meeting": meeting, "agendas": withAgenda})
	const meetings = `select i.id, i.number, i.title, i.lang, i.audience, m.starts_at, m.zone, row_number() over (order by i.number = @meeting desc, m.starts_at desc nulls first, i.number desc) as place
		from meeting m join item i on i.id = m.item_id where m.community_id = @community and i.removed_at is null and ` + community.Visible
	b := &pgx.Batch{}
	b.Queue(`select id, number, title, lang, audience, starts_at, zone from (`+meetings+`) m where place <= 100 order by place`, args).Query(func(rows pgx.Rows) error {
		var err error
		c.Meetings, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (g Gathering, err error) {
			return g, row.Scan(&g.ID, &g.Number, &g.Title, &g.Lang, &g.Audience, &g.StartsAt, &g.Zone)
		})
		return err
	})
	b.Queue(`select m.number, p.id, p.title from (`+meetings+`) m join agenda_point p on p.community_id = @community and p.meeting_id = m.id and p.state = 'accepted' where m.place <= @agendas order by p.position`, args).Query(func(rows pgx.Rows) error {
		var err error
		points, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p pointed, err error) { return p, row.Scan(&p.of, &p.ID, &p.Title) })
		return err
	})
	b.Queue(`select a.name from membership m join account a on a.id = m.account_id where m.community_id = @community and m.state = 'member' order by lower(a.name), a.id limit 1000`, args).Query(func(rows pgx.Rows) error {
		var err error
		c.Members, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return c, fmt.Errorf("what a source may name: %w", err)
	}
	for _, p := range points {
		if g := c.Gathering(p.of); g != nil {
			g.Points = append(g.Points, p.Point)
		}
	}
	return c, nil
}

// Meeting of a number, when the seat may read it.
func (s Store) Meeting(ctx context.Context, seat community.Seat, number int) (item.ID, error) {
	return s.named(ctx, seat, "meeting", "no-meeting", `i.community_id = @community and i.kind = 'meeting' and i.number = @number and i.parent_id is null`,
		pgx.NamedArgs{"community": seat.Community, "number": number})
}

// Conversation is a discussion by number in a community (empty: that of the seat), or a reply in it, when the seat may read it.
func (s Store) Conversation(ctx context.Context, seat community.Seat, slug string, number, reply int) (item.ID, error) {
	if slug == "" {
		slug = seat.Slug
	}
	return s.named(ctx, seat, "discussion", "no-discussion", `i.id = (select coalesce(r.id, case when @reply = 0 then d.id end) from item d join community c on c.id = d.community_id left join item r on r.parent_id = d.id and r.kind = 'reply' and r.number = @reply
		where c.slug = @slug and d.kind = 'discussion' and d.number = @number and d.parent_id is null and d.removed_at is null)`, pgx.NamedArgs{"slug": slug, "number": number, "reply": reply})
}

func (s Store) named(ctx context.Context, seat community.Seat, field, problem, where string, args pgx.NamedArgs) (item.ID, error) {
	var id item.ID
	err := s.db.QueryRow(ctx, `select i.id from item i where `+where+` and i.removed_at is null and `+community.Visible, seat.Reach.Args(args)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.One(field, problem)
	}
	if err != nil {
		return 0, fmt.Errorf("%s of a source: %w", field, err)
	}
	return id, nil
}

// Speaker is the member that somebody means by a name or by @handle; whoever is no member stays a name.
func (s Store) Speaker(ctx context.Context, seat community.Seat, typed string) (account.ID, string, error) {
	key := strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(typed, "@")), " "))
	if key == "" || seat.Must(community.Raise) != nil {
		return 0, typed, nil
	}
	rows, err := s.db.Query(ctx, `select a.id from membership m join account a on a.id = m.account_id
		where m.community_id = $1 and m.state = 'member' and (lower(a.handle) = $2 or lower(a.name) = $2 and not $3) order by lower(a.handle) = $2 desc, a.id limit 2`, seat.Community, key, strings.HasPrefix(typed, "@"))
	if err != nil {
		return 0, "", fmt.Errorf("who asked: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	switch {
	case err != nil:
		return 0, "", fmt.Errorf("who asked: %w", err)
	case len(found) > 1:
		return 0, "", fault.One("speaker", "two-of-that-name")
	case len(found) == 1:
		return found[0], "", nil
	}
	return 0, typed, nil
}

// Noted is a criterion that somebody has just logged.
type Noted struct {
	Number    int
	Statement string
	Lang      locale.Lang
	State     State
	Complete  bool // says more than the statement
	At        time.Time
}

// JustLogged are what the seat logged in the last half day, the newest first.
func (s Store) JustLogged(ctx context.Context, seat community.Seat) ([]Noted, error) {
	if err := seat.Must(community.Raise); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `select i.number, i.title, i.lang, c.state, c.category_id is not null and (c.measure <> '' or c.comparator <> '') and x.body <> '', i.created_at
		from item i join criterion c on c.item_id = i.id join item_text x on x.item_id = i.id
		where i.community_id = @community and i.kind = 'criterion' and i.author_id = @me and i.created_at > @since and i.removed_at is null and `+community.Visible+` order by i.created_at desc, i.id desc limit 40`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "since": s.now().Add(-12 * time.Hour)}))
	if err != nil {
		return nil, fmt.Errorf("criteria just logged: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Noted])
}
