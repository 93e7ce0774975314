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

// estimate is how many index rows match, as the planner guesses; it takes a third of a millisecond.
func (s Store) estimate(ctx context.Context, query string) (int, error) {
	if query == "" {
		return many + 1, nil
	}
	rows, err := s.db.Query(ctx, `explain select from item_search s where s.search @@ $1::tsquery`, pgx.QueryExecModeSimpleProtocol, query)
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

// candidates ranks all matches when there are not many, else the newest. Where those are too few or too far back, all are looked at after all.
func (s Store) candidates(ctx context.Context, p plan, some bool) (candidates, error) {
	guess, err := s.estimate(ctx, p.query(false, some))
	if err != nil {
		return candidates{}, err
	}
	if guess <= many {
		return s.match(ctx, p, some, false)
	}
	c, err := s.match(ctx, p, some, true)
	if err == nil && c.count < PerPage {
		return s.match(ctx, p, some, false)
	}
	return c, err
}

// match reads the index. The simple protocol lets the planner see the query's own words.
func (s Store) match(ctx context.Context, p plan, some, latest bool) (candidates, error) {
	var c candidates
	query := p.query(false, some)
	where, args := p.where(query)
	from, limit := indexed("item_search"), many*2
	if latest {
		inCity := ""
		if p.city != 0 {
			inCity = " where community_id = @city"
		}
		from, limit = indexed("(select * from item_search"+inCity+" order by at desc, item_id desc limit "+strconv.Itoa(walked)+")"), newest
	}
	args["limit"], args["reachable"], args["strong"] = limit, reachable, p.query(true, some)
	rows, err := s.db.Query(ctx, `with found as materialized (select i.item_id, i.community_id, i.kind, i.lang, i.at, i.search from `+from+` where `+where+` limit @limit),
		held as materialized (select * from (select item_id, at, search, `+p.mask(args, some)+` as mask from found) f`+fullest(some)+`),
		best as (select item_id, `+p.score(query, some)+` as score, mask, at from held)
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
	c.more = c.count >= limit
	c.newest = latest && c.more && query != ""
	return c, nil
}

// nowhere are the words that nothing visible holds.
func (s Store) nowhere(ctx context.Context, p plan) ([]int, error) {
	var columns []string
	args := p.reach.Args(nil)
	for n := range p.words {
		name := "word" + strconv.Itoa(n)
		args[name] = p.words[n].query(maxWide)
		columns = append(columns, `exists (select from `+indexed("item_search")+` where not i.removed and i.search @@ @`+name+`::tsquery and `+community.Visible+`)`)
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

// fullest keeps what holds most of the words, where not all are held: only that is worth ranking.
func fullest(some bool) string {
	if some {
		return " order by bit_count(mask::bit(16)) desc, at desc limit 300"
	}
	return ""
}
