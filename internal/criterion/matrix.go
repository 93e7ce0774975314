package criterion

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// PerMatrix is how many needs stand on one page of the matrix.
const PerMatrix = 30

// Shares of a need: common to two cities or more, or local to one.
var Shares = []string{"common", "local"}

// Compared says which needs the matrix shows. A need is shown with all its criteria when one of them fits.
type Compared struct {
	Category   string
	Share      string // one of Shares; empty: both
	Fulfilment Fulfilment
	State      State
	After      string // cursor that a page gave
	Most       int    // needs; 0: PerMatrix
}

// fits reports whether a criterion is one that is looked for.
func (f Compared) fits(c Cell) bool {
	return (f.Category == "" || f.Category == c.Category) && (f.Fulfilment == "" || f.Fulfilment == c.Fulfilment) && (f.State == "" || f.State == c.State)
}

// Cell is a criterion in the matrix.
type Cell struct {
	ID         item.ID
	Slug       string
	Number     int
	Statement  string
	Lang       locale.Lang
	State      State
	Fulfilment Fulfilment
	Category   string
	Importance Importance
	Marks      []Mark
	need       item.ID
	mergedInto item.ID
}

// Mark says that a criterion is narrower than another one, or in conflict with it.
type Mark struct {
	Relation Relation
	Slug     string
	Number   int
}

// Need is what one or several cities ask for; the first criterion gives it its title.
type Need struct{ Cells []Cell }

// In are the criteria of a community that ask for it.
func (n Need) In(slug string) []Cell {
	var some []Cell
	for _, c := range n.Cells {
		if c.Slug == slug {
			some = append(some, c)
		}
	}
	return some
}

// Common reports whether two communities or more ask for it.
func (n Need) Common() bool {
	for _, c := range n.Cells {
		if c.Slug != n.Cells[0].Slug {
			return true
		}
	}
	return false
}

// Gap is two criteria that are the same need, and by how much the one is more important where it stands.
type Gap struct {
	Statement     string
	Lang          locale.Lang
	More, Less    string // slugs
	High, Low     float64
	Number, Other int
}

// Matrix compares what the communities ask, as far as the reader can open it.
type Matrix struct {
	Cities   []City // the umbrella last
	Needs    []Need
	After    string // cursor of the next page; empty: this is the last
	Criteria int    // all that the reader can open and that stand for themselves
	Shared   int    // needs that are common
	Gaps     []Gap  // where cities differ most, the widest first
}

// Matrix of needs and communities. How many questions it asks does not depend on what stands in it.
func (s Store) Matrix(ctx context.Context, reach community.Reach, lang locale.Lang, f Compared) (Matrix, error) {
	var m Matrix
	args := reach.Args(pgx.NamedArgs{"community": 0, "lang": lang, "category": f.Category, "fulfilment": f.Fulfilment, "state": f.State, "share": f.Share, "cities": 1 << 30, "after": 0, "limit": f.most() + 1})
	if f.After != "" {
		cities, need, ok := readNeedCursor(f.After)
		if !ok {
			return m, fmt.Errorf("cursor %q: %w", f.After, fault.NotFound)
		}
		args["cities"], args["after"] = cities, need
	}
	var page []needRow
	b := &pgx.Batch{}
	b.Queue(citiesSQL, args).Query(collect(&m.Cities, pgx.RowToStructByPos[City]))
	b.Queue(needsSQL, args).Query(collect(&page, pgx.RowToStructByPos[needRow]))
	b.Queue(sharedSQL, args).QueryRow(func(row pgx.Row) error { return row.Scan(&m.Criteria, &m.Shared) })
	b.Queue(gapsSQL, args).Query(collect(&m.Gaps, pgx.RowToStructByPos[Gap]))
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return m, fmt.Errorf("needs of the communities: %w", err)
	}
	if len(page) > f.most() {
		page = page[:f.most()]
		last := page[len(page)-1]
		m.After = needCursor(last)
	}
	var err error
	m.Needs, err = s.needs(ctx, reach, page, f)
	return m, err
}

func collect[T any](all *[]T, row pgx.RowToFunc[T]) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*all, err = pgx.CollectRows(rows, row)
		return err
	}
}

func (f Compared) most() int {
	if f.Most > 0 {
		return f.Most
	}
	return PerMatrix
}

// needRow is a need in its order: what most cities ask first, then the oldest.
type needRow struct {
	ID     item.ID
	Cities int
}

func needCursor(n needRow) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(n.Cities) + "." + strconv.FormatInt(int64(n.ID), 10)))
}

func readNeedCursor(text string) (cities int, need int64, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, 0, false
	}
	first, second, _ := strings.Cut(string(raw), ".")
	many, err := strconv.ParseInt(first, 10, 32)
	if err != nil {
		return 0, 0, false
	}
	need, err = strconv.ParseInt(second, 10, 64)
	return int(many), need, err == nil
}

// tiedSQL are the links between cities that say "the same need", as far as the reader can open both ends. Only they make a need common: what is hidden from
// the reader joins nothing.
const tiedSQL = `tied as materialized (select a.need_id, l.from_id, l.to_id from item_link l join criterion a on a.item_id = l.from_id join criterion z on z.item_id = l.to_id
		where l.relation = 'same-need' and a.community_id <> z.community_id
			and exists (select from item i where i.id = l.from_id and i.removed_at is null and ` + community.Visible + `)
			and exists (select from item i where i.id = l.to_id and i.removed_at is null and ` + community.Visible + `))`

const standsSQL = `from criterion c join item i on i.id = c.item_id left join criterion_category k on k.id = c.category_id
	where c.state <> 'merged' and i.removed_at is null and ` + community.Visible

// needsSQL selects the needs of a page.
const needsSQL = `with ` + tiedSQL + `, common as (select distinct need_id from tied),
	needs as (select c.need_id, count(distinct c.community_id)::int as cities,
			bool_or((@category = '' or k.key = @category) and (@fulfilment = '' or c.fulfilment = @fulfilment) and (@state = '' or c.state = @state)) as fits
		` + standsSQL + ` group by c.need_id)
	select n.need_id, n.cities from needs n left join common on common.need_id = n.need_id
	where n.fits and (@share = '' or (@share = 'common') = (common.need_id is not null)) and (n.cities < @cities or n.cities = @cities and n.need_id > @after)
	order by n.cities desc, n.need_id limit @limit`

const sharedSQL = `with ` + tiedSQL + ` select (select count(*)::int ` + standsSQL + `), (select count(distinct need_id)::int from tied)`

// gapsSQL selects where two cities that share a need find it least equally important, by two points or more.
const gapsSQL = `with ` + tiedSQL + `,
	rated as (select c.item_id, i.number, i.title, i.lang, o.slug, ` + importanceOverall + ` as overall from criterion c join item i on i.id = c.item_id join community o on o.id = c.community_id` + importanceJoins + `
		where c.state in ('raised', 'agreed') and c.item_id in (select from_id from tied union select to_id from tied)),
	gaps as (select a.title, a.lang, a.slug as more, z.slug as less, a.overall as high, z.overall as low, a.number, z.number as other
		from tied t join rated a on a.item_id in (t.from_id, t.to_id) join rated z on z.item_id in (t.from_id, t.to_id) and z.item_id <> a.item_id
		where a.overall >= z.overall + 2)
	select title, lang, more, less, high, low, number, other from gaps order by high - low desc, more, number, less, other limit 3`
