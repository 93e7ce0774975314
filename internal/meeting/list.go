package meeting

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// PerList is how many meetings stand on one page of past ones.
const PerList = 30

// Row is a meeting in a list.
type Row struct {
	ID       item.ID
	Slug     string // of its community
	City     string // the community's name, in its own language
	Number   int
	Form     Form
	State    State
	Title    string
	Lang     locale.Lang
	Audience item.Audience
	StartsAt *time.Time
	EndsAt   *time.Time
	Zone     string
	Place    string
	Online   bool
	Minutes  MinutesState
	Coming   int    // who said yes, in the room or online
	Came     int    // who was there
	Mine     string // the reader's answer
	SortedAt time.Time
}

// Location is the zone of the meeting.
func (r Row) Location() *time.Location { return location(r.Zone) }

const rowColumns = `i.id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as city, i.number, m.form, m.state, i.title, i.lang, i.audience, m.starts_at, m.ends_at, m.zone, m.place, m.online, m.minutes_state as minutes,
	(select count(*) from rsvp r where r.meeting_id = m.item_id and r.answer in ('in-person', 'online'))::int as coming,
	(select count(*) from attendance a where a.meeting_id = m.item_id)::int as came,
	coalesce((select r.answer from rsvp r where r.meeting_id = m.item_id and r.account_id = @me), '') as mine, coalesce(m.starts_at, m.state_at) as sorted_at`

const rowTables = ` from meeting m join item i on i.id = m.item_id join community c on c.id = i.community_id`

// Coming are the meetings of a community that are not over: those whose date is sought or open first, then by their start.
func (s Store) Coming(ctx context.Context, seat community.Seat) ([]Row, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `select `+rowColumns+rowTables+` where m.community_id = @community and m.state in ('draft', 'finding', 'published')
			and (m.ends_at is null or m.ends_at > @now) and i.removed_at is null and `+community.Visible+`
		order by m.starts_at nulls first, i.id limit 200`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "now": s.now()}))
	if err != nil {
		return nil, fmt.Errorf("coming meetings: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Row])
}

// Next are the next published meetings of a community (0: of all) that the reader may see, the soonest first; those whose date is sought stand at the end.
func (s Store) Next(ctx context.Context, reach community.Reach, in community.ID, most int) ([]Row, error) {
	where := ""
	if in != 0 {
		where = " and m.community_id = @community"
	}
	rows, err := s.db.Query(ctx, `select `+rowColumns+rowTables+` where m.state in ('finding', 'published') and (m.ends_at is null or m.ends_at > @now)`+where+` and i.removed_at is null and `+community.Visible+`
		order by m.starts_at nulls last, i.id limit @most`, reach.Args(pgx.NamedArgs{"community": in, "now": s.now(), "most": most}))
	if err != nil {
		return nil, fmt.Errorf("next meetings: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Row])
}

// Page is one page of past meetings, the latest first.
type Page struct {
	Rows  []Row
	Older string // cursor; empty on the last page
}

// Past are the meetings of a community that are over or were called off, the latest first; before is a cursor that a page gave.
func (s Store) Past(ctx context.Context, seat community.Seat, before string) (Page, error) {
	if err := seat.MaySee(); err != nil {
		return Page{}, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "now": s.now(), "limit": PerList + 1})
	where := ""
	if before != "" {
		at, id, ok := readCursor(before)
		if !ok {
			return Page{}, fmt.Errorf("cursor %q: %w", before, fault.NotFound)
		}
		args["at"], args["id"] = at, id
		where = " and (coalesce(m.starts_at, m.state_at), i.id) < (@at, @id)"
	}
	rows, err := s.db.Query(ctx, `select `+rowColumns+rowTables+` where m.community_id = @community and i.removed_at is null
			and (m.state in ('held', 'closed', 'called-off') or m.ends_at <= @now) and `+community.Visible+where+`
		order by coalesce(m.starts_at, m.state_at) desc, i.id desc limit @limit`, args)
	if err != nil {
		return Page{}, fmt.Errorf("past meetings: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return Page{}, fmt.Errorf("past meetings: %w", err)
	}
	p := Page{Rows: found}
	if len(found) > PerList {
		p.Rows = slices.Clip(found[:PerList])
		p.Older = p.Rows[PerList-1].cursor()
	}
	return p, nil
}

func (r Row) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d.%d", r.SortedAt.UnixMicro(), r.ID)))
}

func readCursor(s string) (at time.Time, id int64, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return at, 0, false
	}
	micro, rest, found := strings.Cut(string(raw), ".")
	m, err1 := strconv.ParseInt(micro, 10, 64)
	id, err2 := strconv.ParseInt(rest, 10, 64)
	return time.UnixMicro(m).UTC(), id, found && err1 == nil && err2 == nil
}
