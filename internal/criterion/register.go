package criterion

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// PerRegister is how many criteria stand on one page of the register.
const PerRegister = 50

// What a page of the register shows beside one of States: those that stand (raised or agreed), or all.
const (
	ShowStanding = ""
	ShowAll      = "all"
)

// NoCategory asks for the criteria that nobody sorted yet.
const NoCategory = "none"

// Sorts of the register: the newest first, the most important, where stakeholders and scientists differ most, what changed last.
var Sorts = []string{"", "importance", "gap", "changed"}

// Register says which criteria a page shows, and in which order.
type Register struct {
	Show        string // ShowStanding, ShowAll, or one of States
	Category    string // key, or NoCategory
	Product     string // slug
	Perspective community.Perspective
	Meeting     int // number of the meeting that one of its sources is
	Least       int // importance, 1 to 9; what is hidden is not found
	Fulfilment  Fulfilment
	Words       string // each stands in statement or measure
	Unsourced   bool
	Sort        string
	Before      string // cursor that a page gave
	Most        int    // rows on the page; 0: PerRegister
}

// Narrowed reports whether the page shows less than one of its tabs would.
func (f Register) Narrowed() bool {
	f.Show, f.Sort, f.Before, f.Most = "", "", "", 0
	return f != Register{}
}

// Origin is the first source of a criterion, as far as the reader may know it.
type Origin struct {
	Form     SourceForm // empty: none
	Kind     item.Kind  // of what it stands in; empty where that may not be opened
	Number   int        // of the meeting or thread
	Reply    int        // in the thread; 0: the thread itself
	Title    string
	Lang     locale.Lang
	Document string
	URL      string
	More     int // further sources
}

// RegisterRow is a criterion in the register.
type RegisterRow struct {
	ID         item.ID
	Number     int
	Statement  string
	Lang       locale.Lang
	Audience   item.Audience
	Revision   int
	State      State
	Category   string
	Target     Target
	Fulfilment Fulfilment
	AgreedOn   *time.Time
	ActiveAt   time.Time
	Importance Importance
	Asked      []community.Perspective // of those who asked, each once
	Products   []string                // slugs
	Origin     Origin
	sorted     *float64
}

// RegisterPage is one page of the register.
type RegisterPage struct {
	Rows     []RegisterRow
	Older    string
	Counts   map[State]int   // of what the same filters find in each state
	Meetings []SourceMeeting // that criteria come from
}

// SourceMeeting is a meeting in which criteria were raised.
type SourceMeeting struct {
	Number   int
	Title    string
	Lang     locale.Lang
	StartsAt *time.Time
}

// Register is one page of what a community asks of end products, as far as the seat may read it.
func (s Store) Register(ctx context.Context, seat community.Seat, f Register) (RegisterPage, error) {
	page := RegisterPage{Counts: map[State]int{}}
	if err := seat.MaySee(); err != nil {
		return page, err
	}
	args, where := f.where(seat)
	sql, err := f.pageSQL(args, where)
	if err != nil {
		return page, err
	}
	b := &pgx.Batch{}
	b.Queue(sql, args).Query(func(rows pgx.Rows) error {
		page.Rows, err = pgx.CollectRows(rows, scanRegisterRow)
		return err
	})
	b.Queue(`select c.state, count(*) from `+registerTables+` where `+where+` group by c.state`, args).Query(func(rows pgx.Rows) error {
		var state State
		n := 0
		_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error { page.Counts[state] = n; return nil })
		return err
	})
	b.Queue(meetingsSQL, args).Query(func(rows pgx.Rows) error {
		page.Meetings, err = pgx.CollectRows(rows, pgx.RowToStructByPos[SourceMeeting])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return page, fmt.Errorf("register of criteria: %w", err)
	}
	if len(page.Rows) > f.most() {
		page.Rows = page.Rows[:f.most()]
		page.Older = f.cursor(page.Rows[len(page.Rows)-1])
	}
	return page, nil
}

const registerTables = `item i join criterion c on c.item_id = i.id left join criterion_category k on k.id = c.category_id` + importanceJoins

const meetingsSQL = `with heard as (select distinct so.item_id from item i join criterion_source so on so.criterion_id = i.id
		where i.community_id = @community and so.community_id = @community and i.kind = 'criterion' and i.removed_at is null and so.form = 'meeting' and ` + community.Visible + `)
	select i.number, i.title, i.lang, m.starts_at from heard join item i on i.id = heard.item_id join meeting m on m.item_id = i.id
	where i.community_id = @community and i.removed_at is null and ` + community.Visible + ` order by m.starts_at desc nulls last, i.id desc limit 100`

// askedOpenly holds for a source so whose perspective the reader may know: not denied, and not asked discreetly.
const askedOpenly = `so.perspective <> '' and so.answer <> 'denied'
	and (so.community_id = any(@coordinated) or not exists (select from discreet_author q where q.item_id = so.item_id and q.account_id = so.speaker_id))`

func (f Register) most() int {
	if f.Most > 0 {
		return f.Most
	}
	return PerRegister
}

// where is what holds for every row, whatever its state. Importance that is hidden is null here, and so finds nothing.
func (f Register) where(seat community.Seat) (pgx.NamedArgs, string) {
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "limit": f.most() + 1, "category": f.Category, "product": f.Product, "perspective": f.Perspective, "meeting": f.Meeting,
		"least": f.Least, "fulfilment": f.Fulfilment, "states": f.states()})
	parts := []string{`i.community_id = @community and c.community_id = @community and i.kind = 'criterion' and i.removed_at is null and ` + community.Visible}
	also := func(wanted bool, condition string) {
		if wanted {
			parts = append(parts, condition)
		}
	}
	also(f.Category == NoCategory, `c.category_id is null`)
	also(f.Category != "" && f.Category != NoCategory, `k.key = @category`)
	also(f.Product != "", `exists (select from criterion_product cp join product p on p.item_id = cp.product_id join item i on i.id = p.item_id
		where cp.criterion_id = c.item_id and p.slug = @product and i.removed_at is null and `+community.Visible+`)`)
	also(f.Perspective != "", `exists (select from criterion_source so where so.criterion_id = c.item_id and so.perspective = @perspective and `+askedOpenly+`)`)
	also(f.Meeting > 0, `exists (select from criterion_source so join item i on i.id = so.item_id
		where so.criterion_id = c.item_id and i.community_id = @community and i.kind = 'meeting' and i.number = @meeting and i.removed_at is null and `+community.Visible+`)`)
	also(f.Least > 0, importanceOverall+` >= @least`)
	also(f.Fulfilment != "", `c.fulfilment = @fulfilment`)
	also(f.Unsourced, `not exists (select from criterion_source so where so.criterion_id = c.item_id)`)
	if words := strings.Fields(f.Words); len(words) > 0 {
		for n, word := range words {
			words[n] = "%" + likeLiteral.Replace(word) + "%"
		}
		args["words"] = words
		parts = append(parts, `(i.title || ' ' || c.measure || ' C-' || i.number) ilike all(@words::text[])`)
	}
	return args, strings.Join(parts, "\n\t\tand ")
}

var likeLiteral = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// states that the page shows.
func (f Register) states() []State {
	switch {
	case f.Show == ShowAll:
		return States
	case slices.Contains(States, State(f.Show)):
		return []State{State(f.Show)}
	}
	return []State{Raised, Agreed}
}
