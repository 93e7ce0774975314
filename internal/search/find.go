package search

import (
	"context"
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// How much a search looks at. Fewer matches than "many" are all ranked; of more, the newest, because to rank all takes half a second.
const (
	many      = 20_000
	newest    = 500
	walked    = 40_000 // index rows that are looked at, at most, to find the newest
	reachable = 100    // hits that can be opened; who wants more says more
	few       = 3      // hits under which a search tries harder
	PerPage   = 20     // threads and other items on one page
	MaxCount  = 1000
	patience  = 5 * time.Second
)

// Found is what a search found, of what the reader may see and of nothing else.
type Found struct {
	Query   Query
	Hits    []Hit
	Count   int      // of items
	AtLeast bool     // there are more, uncounted
	Newest  bool     // there were so many that only the newest were ranked
	Partly  bool     // nothing holds all the words
	Others  []string // other forms and words that were sought, and occur in what was found
	Facets  Facets
	Places  []Place
	Page    int
	Pages   int
	Cut     bool // there is more than can be opened
	Unknown string
}

// Facets count what was found by kind, city and language; the counts are of what was ranked.
type Facets struct{ Kinds, Cities, Langs []Facet }

// Facet is a value with how many items have it.
type Facet struct {
	Value string
	Count int
}

// Place is a community that exists for the reader.
type Place struct {
	ID    int64
	Slug  string
	Name  string   // in the reader's language, or the community's own
	Names []string // in every language
}

// plan is a query in PostgreSQL's words.
type plan struct {
	reach   community.Reach
	words   []sought
	phrases []string // tsqueries
	not     []string
	filter  Filter
	city    int64
}

// Find answers a query with one page of what the reader may see.
func (s Store) Find(ctx context.Context, reach community.Reach, q Query, l locale.Lang, page int) (Found, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f := Found{Query: q, Page: max(1, page)}
	var err error
	if f.Places, err = s.places(ctx, reach, l); err != nil {
		return f, err
	}
	p := plan{reach: reach, filter: q.Filter, city: f.city()}
	if p.city < 0 {
		f.Query.Hints = append(f.Query.Hints, Hint{"city", q.City})
		f.Query.City, p.city = "", 0
	}
	if f.Query.Empty() {
		return f, nil
	}
	if p.words, err = s.expand(ctx, q.Words); err != nil {
		return f, err
	}
	if p.phrases, p.not, err = s.phrases(ctx, q); err != nil {
		return f, err
	}
	c, err := s.harder(ctx, &p)
	if err != nil {
		return f, err
	}
	f.Newest, f.Partly, f.Count, f.AtLeast, f.Cut = c.newest, c.partly, min(c.count, MaxCount), c.more || c.count > MaxCount, c.more || c.count > len(c.top)
	f.Facets = c.facets(f.Places)
	return f, s.show(ctx, p, c, &f)
}

// harder looks for all the words; finding little, for near words in place of those that are nowhere; and then for some of the words.
func (s Store) harder(ctx context.Context, p *plan) (candidates, error) {
	c, err := s.candidates(ctx, *p, false)
	if err != nil || c.count >= few || len(p.words) == 0 {
		return c, err
	}
	missing, err := s.nowhere(ctx, *p)
	if err != nil {
		return c, err
	}
	if len(missing) > 0 {
		found, err := s.nearest(ctx, p.words, missing)
		if err != nil {
			return c, err
		}
		if found {
			if c, err = s.candidates(ctx, *p, false); err != nil || c.count >= few {
				return c, err
			}
		}
	}
	if len(p.words) < 2 {
		return c, nil
	}
	some, err := s.candidates(ctx, *p, true)
	if err != nil {
		return c, err
	}
	some.some, some.partly = true, c.count == 0
	return some, nil
}

func (s Store) places(ctx context.Context, reach community.Reach, l locale.Lang) ([]Place, error) {
	rows, err := s.db.Query(ctx, `select c.id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
			array(select t.name from community_text t where t.community_id = c.id)
		from community c where c.visibility = 'public' or c.id = any(@mine) or @everywhere order by c.kind = 'umbrella', 3`, reach.Args(pgx.NamedArgs{"lang": l}))
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
}

// city is the id of the community that the query names; 0 when it names none, -1 when none that exists for the reader is called so.
func (f Found) city() int64 {
	if f.Query.City == "" {
		return 0
	}
	want := Fold(f.Query.City)
	for _, p := range f.Places {
		if Fold(p.Slug) == want {
			return p.ID
		}
		for _, name := range p.Names {
			if Fold(name) == want {
				return p.ID
			}
		}
	}
	return -1
}

const phraseSQL = `select (phraseto_tsquery('public.k_en', w) || phraseto_tsquery('public.k_de', w) || phraseto_tsquery('public.k_fr', w) || phraseto_tsquery('public.k_el', w))::text
	from unnest($1::text[]) with ordinality u(w, n) order by n`

// phrases of a query, sought and excluded, as tsqueries.
func (s Store) phrases(ctx context.Context, q Query) (wanted, not []string, err error) {
	if len(q.Phrases)+len(q.Not) == 0 {
		return nil, nil, nil
	}
	rows, err := s.db.Query(ctx, phraseSQL, append(append([]string{}, q.Phrases...), q.Not...))
	if err != nil {
		return nil, nil, fmt.Errorf("phrases: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, nil, fmt.Errorf("phrases: %w", err)
	}
	for n, query := range all {
		switch {
		case query == "":
		case n < len(q.Phrases):
			wanted = append(wanted, "("+query+")")
		default:
			not = append(not, "!("+query+")")
		}
	}
	return wanted, not, nil
}

// query is the plan as one tsquery; strong takes the words' own stems only, some is content with any word.
func (p plan) query(strong, some bool) string {
	var words []string
	for _, w := range p.words {
		piece := w.query()
		if strong {
			piece = either(w.strong)
		}
		if piece != "" {
			words = append(words, piece)
		}
	}
	var all []string
	if some && len(words) > 0 {
		all = append(all, "("+strings.Join(words, " | ")+")")
	} else {
		all = words
	}
	return strings.Join(append(append(all, p.phrases...), p.not...), " & ")
}

// where is the condition on index row i, and its arguments.
func (p plan) where(query string) (string, pgx.NamedArgs) {
	args := p.reach.Args(pgx.NamedArgs{"query": query})
	sql := "not i.removed and " + community.Visible
	add := func(ok bool, name string, value any, condition string) {
		if ok {
			sql += " and " + condition
			args[name] = value
		}
	}
	add(query != "", "query", query, "i.search @@ @query::tsquery")
	add(p.city != 0, "city", p.city, "i.community_id = @city")
	add(p.filter.Kind != "", "kind", p.filter.Kind, "i.kind = @kind")
	add(p.filter.Lang != "", "lang", p.filter.Lang, "i.lang = @lang")
	add(!p.filter.Before.IsZero(), "before", p.filter.Before, "i.at < @before")
	add(!p.filter.After.IsZero(), "after", p.filter.After, "i.at >= @after")
	add(p.filter.Tag != "", "tag", strings.ToLower(p.filter.Tag), `i.item_id in (with tagged as (select it.item_id from tag t join item_tag it on it.tag_id = t.id where t.key = @tag)
		select item_id from tagged union select k.id from tagged join item k on k.parent_id = tagged.item_id)`)
	if mine := mine[Fold(p.filter.By)]; mine && p.reach.Me != 0 {
		add(true, "by", p.reach.Me, "i.item_id in (select w.id from item w where w.author_id = @by)")
	} else {
		add(p.filter.By != "", "by", "%"+likely.Replace(strings.ToLower(p.filter.By))+"%", `i.item_id in (select w.id from account a join item w on w.author_id = a.id
			where lower(unaccent(a.name)) like unaccent(@by) or a.handle like @by)`)
	}
	return sql, args
}

// mine are the words for oneself in "by:me".
var mine = map[string]bool{"me": true, "mich": true, "mir": true, "ich": true, "moi": true, "emena": true, "myself": true}

// likely makes a text harmless within a LIKE pattern.
var likely = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// indexed is the index row as community.Visible wants it. The author is looked up only where the condition asks: for drafts.
func indexed(of string) string {
	return `(select s.item_id, s.community_id, s.audience, s.kind, s.lang, s.at, s.search, s.removed, (select a.author_id from item a where a.id = s.item_id) as author_id from ` + of + ` s) i`
}

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
		best as (select item_id, `+p.score(query, some)+` as score, `+p.mask(args, some)+` as mask, at from found)
		(select 0 as part, item_id, score::float8, mask::bigint, '' as kind, '' as lang, 0::bigint as city from best order by `+popular(some)+`score desc, at desc, item_id desc limit @reachable)
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

// score is what a match is worth before its words are read: title above summary above body, the words themselves above what stands for them.
func (p plan) score(query string, some bool) string {
	if query == "" || len(p.words)+len(p.phrases) == 0 {
		return "0"
	}
	wide := "ts_rank('{0.1, 0.2, 0.4, 1}', search, @query::tsquery, 1)"
	if strong := p.query(true, some); strong != "" && strong != query {
		return "case when search @@ @strong::tsquery then 1 + ts_rank('{0.1, 0.2, 0.4, 1}', search, @strong::tsquery, 1) else " + wide + " end"
	}
	return wide
}

// mask says which words a match holds; each is asked only where not all are held anyway.
func (p plan) mask(args pgx.NamedArgs, some bool) string {
	if !some {
		return strconv.FormatInt(1<<len(p.words)-1, 10)
	}
	sql := "0"
	for n, w := range p.words {
		name := "word" + strconv.Itoa(n)
		args[name] = w.query()
		sql += fmt.Sprintf(" | case when search @@ @%s::tsquery then %d else 0 end", name, 1<<n)
	}
	return "(" + sql + ")"
}

func popular(some bool) string {
	if some {
		return "bit_count(mask::bit(16)) desc, "
	}
	return ""
}

// nowhere are the words that nothing visible holds.
func (s Store) nowhere(ctx context.Context, p plan) ([]int, error) {
	var columns []string
	args := p.reach.Args(nil)
	for n := range p.words {
		name := "word" + strconv.Itoa(n)
		args[name] = p.words[n].query()
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

func (c candidates) facets(places []Place) Facets {
	slugs := map[int64]string{}
	for _, p := range places {
		slugs[p.ID] = p.Slug
	}
	kinds, cities, langs := map[string]int{}, map[string]int{}, map[string]int{}
	for _, g := range c.groups {
		kinds[g.kind] += g.n
		langs[g.lang] += g.n
		cities[slugs[g.city]] += g.n
	}
	return Facets{Kinds: ordered(kinds), Cities: ordered(cities), Langs: ordered(langs)}
}

func held(mask int64) int { return bits.OnesCount64(uint64(mask)) }
