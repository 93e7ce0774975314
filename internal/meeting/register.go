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

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// PerRegister is how many decisions or actions stand on one page.
const PerRegister = 50

// Register says which decisions or actions a page shows. Show is one of DecisionViews or ActionViews.
type Register struct {
	Show   string
	Before string // cursor that a page gave
	Most   int    // rows on the page; 0: PerRegister
}

// DecisionViews are what a page of the register of decisions shows: those in force, those to be looked at again within a month, those superseded, all.
var DecisionViews = []string{"", "review", "superseded", "all"}

// ActionViews are what a page of the register of actions shows: what is to do, what the reader does, what is overdue, what is over.
var ActionViews = []string{"", "mine", "overdue", "over"}

// DecisionRow is a decision in a list.
type DecisionRow struct {
	ID           item.ID
	Number       int
	Title        string
	Lang         locale.Lang
	Audience     item.Audience
	DecidedOn    time.Time
	ReviewOn     *time.Time
	Who          string
	SupersededBy int // number; 0: in force
	Meeting      int
	MeetingTitle string
	SortedAt     time.Time
}

// Decisions is one page of the register, the latest first.
type Decisions struct {
	Rows  []DecisionRow
	Older string
}

const sourceColumns = `coalesce((select i.number from item i where i.id = r.meeting_id and i.removed_at is null and ` + community.Visible + `), 0) as meeting,
	coalesce((select i.title from item i where i.id = r.meeting_id and i.removed_at is null and ` + community.Visible + `), '') as meeting_title`

// Decisions are what a community settled, as far as the seat may read it.
func (s Store) Decisions(ctx context.Context, seat community.Seat, f Register) (Decisions, error) {
	var page Decisions
	if err := seat.MaySee(); err != nil {
		return page, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "soon": s.now().AddDate(0, 1, 0), "limit": f.most() + 1})
	where := map[string]string{"": " and r.superseded_by is null", "review": " and r.superseded_by is null and r.review_on <= @soon", "superseded": " and r.superseded_by is not null", "all": ""}[f.Show]
	more, err := f.before(args, "(r.decided_on::timestamptz, i.id) < (@at, @id)")
	if err != nil {
		return page, err
	}
	rows, err := s.db.Query(ctx, `select i.id, i.number, i.title, i.lang, i.audience, r.decided_on, r.review_on, r.who,
			coalesce((select n.number from item n where n.id = r.superseded_by), 0) as superseded_by, `+sourceColumns+`, r.decided_on::timestamptz as sorted_at
		from decision r join item i on i.id = r.item_id
		where r.community_id = @community and i.removed_at is null and `+community.Visible+where+more+` order by r.decided_on desc, i.id desc limit @limit`, args)
	if err != nil {
		return page, fmt.Errorf("decisions: %w", err)
	}
	if page.Rows, err = pgx.CollectRows(rows, pgx.RowToStructByName[DecisionRow]); err != nil {
		return page, fmt.Errorf("decisions: %w", err)
	}
	if len(page.Rows) > f.most() {
		page.Rows = page.Rows[:f.most()]
		last := page.Rows[len(page.Rows)-1]
		page.Older = cursor(last.SortedAt, last.ID)
	}
	return page, nil
}

func (f Register) most() int {
	if f.Most > 0 {
		return f.Most
	}
	return PerRegister
}

func (f Register) before(args pgx.NamedArgs, condition string) (string, error) {
	if f.Before == "" {
		return "", nil
	}
	at, id, ok := readCursor(f.Before)
	if !ok {
		return "", fmt.Errorf("cursor %q: %w", f.Before, fault.NotFound)
	}
	args["at"], args["id"] = at, id
	return " and " + condition, nil
}

func cursor(at time.Time, id item.ID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at.UnixMicro(), 10) + "." + strconv.FormatInt(int64(id), 10)))
}

// Decision is one, as read.
type Decision struct {
	DecisionRow
	HTML         string
	Why          string // rendered
	Rejected     string // rendered
	Supersedes   []int  // numbers of those whose place it took
	At           time.Time
	Trail        []item.Step
	RecordedBy   item.Voice
	RecordedHere bool // by hand, not from minutes
}

// Decision reads one with its trail, in one round trip more than finding it. What was removed is fault.Gone to those who could read it.
func (s Store) Decision(ctx context.Context, seat community.Seat, number int) (Decision, error) {
	var d Decision
	id, err := s.seek(ctx, seat, "decision", number)
	if err != nil {
		return d, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id})
	b := &pgx.Batch{}
	b.Queue(`select i.id, i.number, i.title, i.lang, i.audience, r.decided_on, r.review_on, r.who, coalesce((select n.number from item n where n.id = r.superseded_by), 0),
			`+sourceColumns+`, x.html, r.why_html, r.rejected_html, array(select n.number from decision o join item n on n.id = o.item_id where o.superseded_by = i.id order by n.number), i.created_at, r.meeting_id is null, `+item.VoiceColumns+`
		from item i join decision r on r.item_id = i.id join item_text x on x.item_id = i.id `+item.VoiceJoins+` where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(append([]any{&d.ID, &d.Number, &d.Title, &d.Lang, &d.Audience, &d.DecidedOn, &d.ReviewOn, &d.Who, &d.SupersededBy, &d.Meeting, &d.MeetingTitle, &d.HTML, &d.Why, &d.Rejected,
			&d.Supersedes, &d.At, &d.RecordedHere}, d.RecordedBy.Scan()...)...)
	})
	queueTrail(b, args, &d.Trail)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return d, fmt.Errorf("decision %d: %w", number, err)
	}
	return d, nil
}

func queueTrail(b *pgx.Batch, args pgx.NamedArgs, trail *[]item.Step) {
	b.Queue(item.TrailSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		*trail, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Step])
		return err
	})
}

// seek is settled outside a transaction that changes anything.
func (s Store) seek(ctx context.Context, seat community.Seat, kind string, number int) (item.ID, error) {
	if err := seat.MaySee(); err != nil {
		return 0, err
	}
	rows, err := s.db.Query(ctx, `select i.id, i.removed_at is not null from item i where i.community_id = @community and i.kind = @kind and i.number = @number and i.parent_id is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "kind": kind, "number": number}))
	if err != nil {
		return 0, fmt.Errorf("%s %d: %w", kind, number, err)
	}
	var id item.ID
	removed := false
	if _, err := pgx.ForEachRow(rows, []any{&id, &removed}, func() error { return nil }); err != nil {
		return 0, fmt.Errorf("%s %d: %w", kind, number, err)
	}
	switch {
	case id == 0:
		return 0, fmt.Errorf("%s %d: %w", kind, number, fault.NotFound)
	case removed:
		return 0, fmt.Errorf("%s %d: %w", kind, number, fault.Gone)
	}
	return id, nil
}

// ActionRow is an action in a list.
type ActionRow struct {
	ID           item.ID
	Number       int
	Title        string
	Lang         locale.Lang
	Audience     item.Audience
	Due          *time.Time
	State        ActionState
	StateAt      time.Time
	Reason       string
	OwnerIDs     []int64
	Owners       []string // names
	OwnerPlaces  []int    // numbers of their memberships; 0 for former members
	OwnerNames   string   // who has no account
	Mine         bool
	Overdue      bool
	Meeting      int
	MeetingTitle string
	SortedAt     time.Time
}

// Actions is one page of the register: what is to do by its day, what is over by when it ended.
type Actions struct {
	Rows  []ActionRow
	Older string
}

const actionColumns = `i.id, i.number, i.title, i.lang, i.audience, r.due, r.state, r.state_at, r.reason,
	array(select o.account_id from action_owner o where o.action_id = i.id order by o.account_id) as owner_ids,
	array(select a.name from action_owner o join account a on a.id = o.account_id where o.action_id = i.id order by o.account_id) as owners,
	array(select case when m.state = 'member' then m.number else 0 end from action_owner o left join membership m on m.community_id = i.community_id and m.account_id = o.account_id where o.action_id = i.id order by o.account_id) as owner_places,
	r.owner_names, exists (select from action_owner o where o.action_id = i.id and o.account_id = @me) as mine, coalesce(r.state in ('open', 'in-hand') and r.due < @today::date, false) as overdue, ` + sourceColumns

// byDue sorts what has no day after what has one.
const byDue = `coalesce(r.due::timestamptz, '9999-12-31')`

// Actions are what is to do in a community, as far as the seat may read it.
func (s Store) Actions(ctx context.Context, seat community.Seat, f Register) (Actions, error) {
	var page Actions
	if err := seat.MaySee(); err != nil {
		return page, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "today": s.now(), "limit": f.most() + 1})
	const toDo = " and r.state in ('open', 'in-hand')"
	where := map[string]string{"": toDo, "mine": toDo + " and exists (select from action_owner o where o.action_id = i.id and o.account_id = @me)",
		"overdue": toDo + " and r.due < @today::date", "over": " and r.state in ('done', 'dropped')"}[f.Show]
	sorted, order, condition := byDue, " order by "+byDue+", i.id", "("+byDue+", i.id) > (@at, @id)"
	if f.Show == "over" {
		sorted, order, condition = "r.state_at", " order by r.state_at desc, i.id desc", "(r.state_at, i.id) < (@at, @id)"
	}
	more, err := f.before(args, condition)
	if err != nil {
		return page, err
	}
	rows, err := s.db.Query(ctx, `select `+actionColumns+`, `+sorted+` as sorted_at from action r join item i on i.id = r.item_id
		where r.community_id = @community and i.removed_at is null and `+community.Visible+where+more+order+` limit @limit`, args)
	if err != nil {
		return page, fmt.Errorf("actions: %w", err)
	}
	if page.Rows, err = pgx.CollectRows(rows, pgx.RowToStructByName[ActionRow]); err != nil {
		return page, fmt.Errorf("actions: %w", err)
	}
	if len(page.Rows) > f.most() {
		page.Rows = page.Rows[:f.most()]
		last := page.Rows[len(page.Rows)-1]
		page.Older = cursor(last.SortedAt, last.ID)
	}
	return page, nil
}

// Action is one, as read.
type Action struct {
	ActionRow
	HTML    string
	At      time.Time
	StateBy string
	Trail   []item.Step
}

// Action reads one with its trail. What was removed is fault.Gone to those who could read it.
func (s Store) Action(ctx context.Context, seat community.Seat, number int) (Action, error) {
	var a Action
	id, err := s.seek(ctx, seat, "action", number)
	if err != nil {
		return a, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id, "today": s.now()})
	b := &pgx.Batch{}
	b.Queue(`select `+actionColumns+`, r.state_at as sorted_at from action r join item i on i.id = r.item_id where i.community_id = @community and i.id = @id`, args).Query(func(rows pgx.Rows) error {
		var err error
		a.ActionRow, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ActionRow])
		return err
	})
	b.Queue(`select x.html, i.created_at, coalesce((select p.name from account p where p.id = r.state_by), '') from item i join action r on r.item_id = i.id join item_text x on x.item_id = i.id
		where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&a.HTML, &a.At, &a.StateBy) })
	queueTrail(b, args, &a.Trail)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return a, fmt.Errorf("action %d: %w", number, err)
	}
	return a, nil
}

// Owners reads a list of names with commas between them: members by @handle or by their whole name, and whoever else is named.
func (s Store) Owners(ctx context.Context, seat community.Seat, typed string) (who []account.ID, others string, err error) {
	var pieces, keys, left []string
	for _, piece := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if piece = strings.Join(strings.Fields(piece), " "); piece != "" {
			pieces, keys = append(pieces, piece), append(keys, strings.ToLower(strings.TrimPrefix(piece, "@")))
		}
	}
	if len(pieces) == 0 {
		return nil, "", nil
	}
	found := map[string]account.ID{}
	rows, err := s.db.Query(ctx, `select a.id, lower(a.handle), lower(a.name) from membership m join account a on a.id = m.account_id
		where m.community_id = $1 and m.state = 'member' and (lower(a.handle) = any($2) or lower(a.name) = any($2)) order by a.id desc`, seat.Community, keys)
	if err != nil {
		return nil, "", fmt.Errorf("owners: %w", err)
	}
	var id account.ID
	var handle, name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &handle, &name}, func() error { found[name] = id; found[handle] = id; return nil }); err != nil {
		return nil, "", fmt.Errorf("owners: %w", err)
	}
	for n, key := range keys {
		switch id, ok := found[key]; {
		case ok && !slices.Contains(who, id):
			who = append(who, id)
		case !ok:
			left = append(left, strings.TrimPrefix(pieces[n], "@"))
		}
	}
	return who, strings.Join(left, ", "), nil
}
