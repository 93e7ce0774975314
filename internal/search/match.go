package search

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
)

// candidates are the items that match, the best of them in order.
type candidates struct {
	top    []candidate
	count  int
	more   bool // and more that were not counted
	newest bool
	some   bool // some of the words were enough
	partly bool // nothing holds them all
	groups []counted
}

type candidate struct {
	id    item.ID
	score float64
	mask  int64 // which words it holds
}

type counted struct {
	kind, lang string
	city       int64
	n          int
}

var estimated = regexp.MustCompile(`rows=(\d+)`)

// estimate is how many index rows the index would bring, as the planner guesses; it takes a third of a millisecond.
func (s Store) estimate(ctx context.Context, p plan, query string) (int, error) {
	sql, args := p.indexed(query)
	rows, err := s.db.Query(ctx, `explain select from item_search i where `+sql, pgx.QueryExecModeSimpleProtocol, args)
	if err != nil {
		return 0, fmt.Errorf("estimate: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(lines) == 0 {
		return 0, fmt.Errorf("estimate: %w", err)
	}
	m := estimated.FindStringSubmatch(lines[0])
	if m == nil {
		return 0, nil
	}
	n, _ := strconv.Atoi(m[1]) // digits
	return n, nil
}

// candidates ranks all matches when there are not many, else the newest: it goes back as far as so many should have been made, then as
// far as what it met suggests, and in the end to the first.
func (s Store) candidates(ctx context.Context, p plan, query string, some bool) (candidates, error) {
	guess, err := s.estimate(ctx, p, query)
	if err != nil {
		return candidates{}, err
	}
	if guess <= many {
		return s.match(ctx, p, query, some)
	}
	ages, err := s.ages(ctx)
	if err != nil {
		return candidates{}, err
	}
	rows := float64(MaxCount * 3 / 2)
	switch {
	case p.sieved():
		rows = many
	case len(p.not) > 0:
		rows = many / 2
	}
	for range 3 {
		if p.weeks = lately(ages, rows/float64(guess)); p.weeks == nil {
			break
		}
		c, err := s.match(ctx, p, query, some)
		if err != nil || c.count >= MaxCount || c.count >= PerPage && rows >= many {
			return c, err
		}
		rows *= min(6, 1.3*MaxCount/float64(max(1, c.count)))
	}
	p.weeks = nil
	return s.match(ctx, p, query, some)
}

// match reads the index. The simple protocol lets the planner see the query's own words.
func (s Store) match(ctx context.Context, p plan, query string, some bool) (candidates, error) {
	var c candidates
	where, args := p.where(query)
	bound, most := "", wrong
	if p.weeks != nil {
		bound, most = " order by i.at desc, i.item_id desc", MaxCount
	}
	args["reachable"], args["most"] = max(reachable, p.ranks), most
	rows, err := s.db.Query(ctx, `with found as materialized (select item_id, community_id, kind, lang, at, `+p.weighed(query, args, some)+` from (
			select i.item_id, i.community_id, i.kind, i.lang, i.at, i.search from item_search i where `+where+bound+` limit @most) m),
		`+p.best(query, some)+`
		(select 0 as part, item_id, score::float8, mask::bigint, '' as kind, '' as lang, 0::bigint as city from best order by bit_count(mask::bit(16)) desc, score desc, at desc, item_id desc limit @reachable)
		union all select 1, count(*), 0, 0, kind, lang, community_id from found group by kind, lang, community_id`, pgx.QueryExecModeSimpleProtocol, args)
	if err != nil {
		return c, fmt.Errorf("search: %w", err)
	}
	var part int
	var id int64
	var one candidate
	var g counted
	_, err = pgx.ForEachRow(rows, []any{&part, &id, &one.score, &one.mask, &g.kind, &g.lang, &g.city}, func() error {
		if part == 0 {
			one.id = item.ID(id)
			c.top = append(c.top, one)
			return nil
		}
		g.n = int(id)
		c.count += g.n
		c.groups = append(c.groups, g)
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("search: %w", err)
	}
	c.more = p.weeks != nil || c.count >= most
	c.newest = p.weeks != nil && query != ""
	return c, nil
}

// nowhere are the words that nothing visible holds. Most are met in the newest weeks already, as they were typed.
func (s Store) nowhere(ctx context.Context, p plan) ([]int, error) {
	ages, err := s.ages(ctx)
	if err != nil {
		return nil, err
	}
	newest, args := plan{reach: p.reach, weeks: lately(ages, .005)}.indexed("")
	ever, _ := plan{reach: p.reach}.indexed("")
	// As a whole and not just until the first is met: the planner would go through the rows one by one, and a word may be in none of them.
	met := func(name, query, among string) string {
		args[name] = query
		return `exists (with met as materialized (select i.item_id from item_search i where i.search @@ @` + name + `::tsquery and ` + among + ` and ` + community.VisibleInIndex + `) select from met)`
	}
	var columns []string
	for n, w := range p.words {
		column := met("word"+strconv.Itoa(n), w.query(maxWide), ever)
		if typed := either(w.strong, maxNarrow); typed != "" {
			column = met("typed"+strconv.Itoa(n), typed, newest) + " or " + column
		}
		columns = append(columns, column)
	}
	there := make([]bool, len(p.words))
	targets := make([]any, len(there))
	for n := range there {
		targets[n] = &there[n]
	}
	if err := s.db.QueryRow(ctx, `select `+strings.Join(columns, ", "), pgx.QueryExecModeSimpleProtocol, args).Scan(targets...); err != nil {
		return nil, fmt.Errorf("words that are nowhere: %w", err)
	}
	var missing []int
	for n, is := range there {
		if !is {
			missing = append(missing, n)
		}
	}
	return missing, nil
}
