package meeting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/calendar"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
)

// Dated is a meeting as a calendar or a letter tells of it, for one reader.
type Dated struct {
	ID        item.ID
	UID       uuid.UUID
	Sequence  int
	Slug      string // of its community
	Community string // name, in the reader's language
	Number    int
	Title     string
	Lang      locale.Lang
	HTML      string
	State     State
	StartsAt  *time.Time
	EndsAt    *time.Time
	Zone      string
	Place     string
	Address   string
	Online    bool
	OnlineURL string // for who said yes alone
	Reason    string
	Mine      string    // the reader's answer
	Changed   time.Time // also by the reader's own answer
}

// datedColumns speak of item i, meeting m, community c, the reader's answer r, and @lang.
const datedColumns = `i.id, m.uid, m.sequence, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang),
		(select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as community,
	i.number, i.title, i.lang, x.html, m.state, m.starts_at, m.ends_at, m.zone, m.place, m.address, m.online, case when r.answer in ('in-person', 'online') then m.online_url else '' end as online_url,
	m.called_off_reason as reason, coalesce(r.answer, '') as mine, greatest(i.updated_at, m.state_at, r.at) as changed`

const datedTables = ` from meeting m join item i on i.id = m.item_id join community c on c.id = m.community_id join item_text x on x.item_id = i.id `

// inCalendars are the meetings that stand in calendars: those with a date that were shown to others.
const inCalendars = `m.starts_at is not null and m.state in ('published', 'held', 'closed', 'called-off') and i.audience < 3 and i.removed_at is null`

// MostDated is how many meetings one calendar holds, the latest.
const MostDated = 2000

// Dated are the meetings of a community that stand in the reader's calendar of it.
func (s Store) Dated(ctx context.Context, seat community.Seat, lang locale.Lang) ([]Dated, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	return s.dated(ctx, `m.community_id = @community and `+community.Visible, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "lang": lang}))
}

// DatedOne is one of them.
func (s Store) DatedOne(ctx context.Context, seat community.Seat, number int, lang locale.Lang) (Dated, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Dated{}, err
	}
	all, err := s.dated(ctx, `m.community_id = @community and i.id = @id and `+community.Visible, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "lang": lang}))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("date of meeting %d: %w", number, fault.NotFound)
	}
	if err != nil {
		return Dated{}, err
	}
	return all[0], nil
}

func (s Store) dated(ctx context.Context, where string, args pgx.NamedArgs) ([]Dated, error) {
	args["most"] = MostDated
	rows, err := s.db.Query(ctx, `select `+datedColumns+datedTables+` left join rsvp r on r.meeting_id = m.item_id and r.account_id = @me
		where `+where+` and `+inCalendars+` order by m.starts_at desc, i.id limit @most`, args)
	if err != nil {
		return nil, fmt.Errorf("dates: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Dated])
}

// Feed is the calendar of one person over all own communities.
type Feed struct {
	Lang     locale.Lang
	Meetings []Dated
}

// Feed reads the calendar behind a secret address, of one community or, without a slug, of all that the person belongs to.
// One that is unknown, or was replaced, is fault.NotFound; so is a community of others.
func (s Store) Feed(ctx context.Context, token, slug string) (Feed, error) {
	var f Feed
	var who int64
	mine := false
	err := s.db.QueryRow(ctx, `select a.id, a.lang, exists (select from membership o join community c on c.id = o.community_id where o.account_id = a.id and o.state = 'member' and (c.slug = $2 or $2 = ''))
		from feed_token f join account a on a.id = f.account_id where f.token_hash = $1`, hashToken(token), slug).Scan(&who, &f.Lang, &mine)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !mine && slug != "" {
		return f, fmt.Errorf("calendar: %w", fault.NotFound)
	}
	if err != nil {
		return f, fmt.Errorf("calendar: %w", err)
	}
	f.Meetings, err = s.dated(ctx, `(c.slug = @slug or @slug = '') and exists (select from account a join membership o on o.account_id = a.id and o.community_id = m.community_id and o.state = 'member'
			where a.id = @me and `+community.To("a", community.Visible)+`)`, pgx.NamedArgs{"me": who, "slug": slug, "lang": f.Lang})
	return f, err
}

// Location is the zone of the meeting.
func (d Dated) Location() *time.Location { return location(d.Zone) }

// Where is the place with its address on one line.
func (d Dated) Where() string {
	parts := []string{}
	for _, p := range append([]string{d.Place}, strings.Split(d.Address, "\n")...) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// About is the beginning of what the meeting is about.
func (d Dated) About() string { return markup.Excerpt(markup.Plain(d.HTML), 500) }

// Event is the meeting for a calendar of the site at base, in the reader's language; sender is the site's mail address.
func (d Dated) Event(lang locale.Lang, base, sender string) calendar.Event {
	e := calendar.Event{UID: d.UID.String() + "@" + host(base), Sequence: d.Sequence, Stamp: d.Changed, Start: *d.StartsAt, End: *d.EndsAt, Zone: d.Location(), Summary: d.Title, Lang: string(d.Lang),
		Location: d.Where(), URL: base + link.Meeting(d.Slug, d.Number), Cancelled: d.State == CalledOff, Organizer: calendar.Party{Name: d.Community, Address: sender}}
	if e.Location == "" && d.Online {
		e.Location = locale.In(lang, "letters.meeting.online")
	}
	var parts []string
	if d.Reason != "" {
		parts = append(parts, locale.In(lang, "letters.meeting.called-off", "reason", d.Reason))
	}
	if about := d.About(); about != "" {
		parts = append(parts, about)
	}
	if d.OnlineURL != "" {
		parts = append(parts, locale.In(lang, "letters.meeting.online")+": "+d.OnlineURL)
	}
	e.Description = strings.Join(append(parts, e.URL), "\n\n")
	return e
}

// host of a site's address, without a port.
func host(base string) string {
	name := base[strings.LastIndexByte(base, '/')+1:]
	name, _, _ = strings.Cut(name, ":")
	return name
}
