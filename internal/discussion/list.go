package discussion

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
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// PerList is how many discussions stand on one page of the list.
const PerList = 30

// Filter says which discussions a list shows; empty fields filter nothing.
type Filter struct {
	Form   string
	State  string // of help requests: one of theirs, or OpenHelp
	Tag    string // its key
	Lang   string
	Unread bool // by the reader
	Mine   bool // started or answered by the reader
	Before string
	After  string // cursors that a List gave
	Most   int    // rows on a page; 0: PerList
}

// Row is a discussion in a list.
type Row struct {
	ID        item.ID
	Number    int
	Title     string
	Lang      locale.Lang
	Form      string
	Audience  item.Audience
	CreatedAt time.Time
	ActiveAt  time.Time
	Replies   int
	Last      int
	Read      int  // number of the last reply read; -1: never opened
	Unread    bool // something in it is new to the reader
	Author    item.Voice
	LastBy    string // empty when the last to speak left, or spoke discreetly
	Help      string // state of a help request
	Tags      []string
	Excerpt   string
	Pinned    bool
	Locked    bool
}

// New replies since the reader's last visit.
func (r Row) New() int {
	if !r.Unread || r.Read < 0 {
		return 0
	}
	return r.Last - r.Read
}

// Page is one page of a list, the most recently active first.
type Page struct {
	Pinned []Row // on the first page of the whole list only
	Rows   []Row
	Newer  string // cursor for Filter.After; empty on the first page
	Older  string // cursor for Filter.Before; empty on the last page
}

// All are the rows of the page, those that stand before the list first.
func (p Page) All() []Row { return append(slices.Clone(p.Pinned), p.Rows...) }

const unread = `(@me <> 0 and coalesce(d.last_number > r.number, i.active_at > coalesce((select s.since from membership s where s.community_id = i.community_id and s.account_id = @me and s.state = 'member'), 'infinity')))`

const listed = `select i.id, i.number, i.title, i.lang, d.form, i.audience, i.created_at, i.active_at, d.replies, d.last_number, coalesce(r.number, -1), ` + unread + `,
		coalesce((select l.name from account l where l.id = d.last_author_id), ''),
		array(select t.name from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id order by t.key),
		left(x.html, 1200), d.pinned_at is not null, d.locked_at is not null, coalesce(h.state, ''), ` + item.VoiceColumns + `
	from unnest(@ids::bigint[]) with ordinality chosen(id, place) join item i on i.id = chosen.id join discussion d on d.item_id = i.id join item_text x on x.item_id = i.id
		left join help_request h on h.item_id = i.id left join read_mark r on r.item_id = i.id and r.account_id = @me ` + item.VoiceJoins + `
	where i.community_id = @community and i.removed_at is null and ` + community.Visible + ` order by chosen.place`

// List is a page of the discussions of a community: first it chooses which, then it reads those.
func (s Store) List(ctx context.Context, seat community.Seat, f Filter) (Page, error) {
	if err := seat.MaySee(); err != nil {
		return Page{}, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community})
	c, err := s.choose(ctx, f, args)
	if err != nil {
		return Page{}, err
	}
	args["ids"] = append(slices.Clone(c.pinned), c.ids...)
	rows, err := s.db.Query(ctx, listed, args)
	if err != nil {
		return Page{}, fmt.Errorf("discussions: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return Page{}, fmt.Errorf("discussions: %w", err)
	}
	n := 0
	for n < len(found) && slices.Contains(c.pinned, found[n].ID) {
		n++
	}
	p := f.page(found[n:], c.end)
	p.Pinned = found[:n:n]
	return p, nil
}

// whole reports whether the list leaves nothing out: pinned discussions then stand before its first page, and nowhere else in it.
func (f Filter) whole() bool {
	return f.Form == "" && f.Tag == "" && f.Lang == "" && f.State == "" && !f.Unread && !f.Mine
}

func scanRow(row pgx.CollectableRow) (Row, error) {
	var r Row
	err := row.Scan(append([]any{&r.ID, &r.Number, &r.Title, &r.Lang, &r.Form, &r.Audience, &r.CreatedAt, &r.ActiveAt, &r.Replies, &r.Last, &r.Read, &r.Unread, &r.LastBy, &r.Tags, &r.Excerpt, &r.Pinned, &r.Locked, &r.Help}, r.Author.Scan()...)...)
	r.Excerpt = excerpt(r.Excerpt)
	return r, err
}

func (f Filter) per() int {
	if f.Most > 0 {
		return f.Most
	}
	return PerList
}

// page cuts the row that only tells that there is more, and sets the cursors. End is where the search for rows stopped for now; empty: nowhere.
func (f Filter) page(rows []Row, end string) Page {
	more := len(rows) > f.per()
	if more {
		rows = rows[:f.per()]
	}
	newer, older := f.Before != "", more
	if f.After != "" {
		slices.Reverse(rows)
		newer, older = more, true
	}
	p := Page{Rows: rows}
	if len(rows) > 0 && newer {
		p.Newer = rows[0].cursor()
	}
	if len(rows) > 0 && older {
		p.Older = rows[len(rows)-1].cursor()
	}
	switch {
	case end == "" || more:
	case f.After != "":
		p.Newer = end
	default:
		p.Older = end
	}
	return p
}

func (r Row) cursor() string { return cursor(r.ActiveAt, r.ID) }

func cursor(at time.Time, id item.ID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d.%d", at.UnixMicro(), id)))
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

// CountUnread counts the discussions with something new to the reader, up to 100, among the newest of the reader's own communities.
func (s Store) CountUnread(ctx context.Context, reach community.Reach) (int, error) {
	var n int
	err := s.db.QueryRow(ctx, `select count(*)::int from (select from unnest(@mine::bigint[]) c(id) cross join lateral (
			select i.id, i.community_id, i.audience, i.author_id, i.active_at from item i where i.community_id = c.id and i.kind = 'discussion' and i.parent_id is null and i.removed_at is null
			order by i.active_at desc, i.id desc limit 300) i
		join discussion d on d.item_id = i.id left join read_mark r on r.item_id = i.id and r.account_id = @me
		where i.active_at > now() - interval '60 days' and `+community.Visible+` and `+unread+` limit 100) news`,
		reach.Args(nil)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("unread discussions: %w", err)
	}
	return n, nil
}
