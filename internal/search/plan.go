package search

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
)

// plan is a query in PostgreSQL's words.
type plan struct {
	reach   community.Reach
	words   []sought
	phrases []string // tsqueries
	not     []string
	filter  Filter
	city    int64
	authors []int64
	weeks   []string // marks of the weeks that are looked at; none: all
	ranks   int      // how many candidates are wanted, if more than can be opened
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
			not = append(not, "("+query+")")
		}
	}
	return wanted, not, nil
}

// query is the plan as one tsquery; strong takes the words' own stems only, some is content with any word.
func (p plan) query(strong, some bool) string {
	var words []string
	for n := 0; n < len(p.words); n++ {
		w, piece := p.words[n], ""
		switch {
		case strong:
			piece = either(w.strong, maxNarrow)
		case !some && w.term.length > 1:
			piece = p.term(w.term)
			n = w.term.from + w.term.length - 1
		default:
			piece = w.query(p.pieces(some))
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
	return strings.Join(append(all, p.phrases...), " & ")
}

// term is the query for words that name a term together: all of them, or what else the term is called, said once.
func (p plan) term(at span) string {
	var words, names []string
	for _, w := range p.words[at.from : at.from+at.length] {
		names = w.terms
		w.terms = nil
		if piece := w.query(maxWide); piece != "" {
			words = append(words, piece)
		}
	}
	if len(words) > 0 {
		names = append([]string{"(" + strings.Join(words, " & ") + ")"}, names...)
	}
	return either(names, maxWide)
}

// pieces are how many may stand for one word: fewer, where there are many words.
func (p plan) pieces(some bool) int {
	switch {
	case some || len(p.words) > 3:
		return maxNarrow
	case len(p.words) > 1:
		return (maxWide + maxNarrow) / 2
	}
	return maxWide
}

// where is the condition on index row i, and its arguments.
func (p plan) where(query string) (string, pgx.NamedArgs) {
	sql, args := p.indexed(query)
	sql += " and " + community.VisibleInIndex
	add := func(ok bool, name string, value any, condition string) {
		if ok {
			sql += " and " + condition
			args[name] = value
		}
	}
	add(p.reach.NoProducts, "noproducts", true, community.Offered)
	// Apart from the query: within it the index would read all that holds the excluded word.
	add(len(p.not) > 0, "not", strings.Join(p.not, " | "), "not i.search @@ @not::tsquery")
	add(p.city != 0, "city", p.city, "i.community_id = @city")
	add(p.filter.Kind != "", "kind", p.filter.Kind, "i.kind = @kind")
	add(p.filter.Lang != "", "lang", p.filter.Lang, "i.lang = @lang")
	add(p.filter.By != "", "authors", p.authors, "i.author_id = any(@authors)")
	add(!p.filter.Before.IsZero(), "before", p.filter.Before, "i.at < @before")
	add(!p.filter.After.IsZero(), "after", p.filter.After, "i.at >= @after")
	add(p.filter.Tag != "", "tag", strings.ToLower(p.filter.Tag), `i.item_id in (with tagged as (select it.item_id from tag t join item_tag it on it.tag_id = t.id where t.key = @tag)
		select item_id from tagged union select k.id from tagged join item k on k.parent_id = tagged.item_id)`)
	return sql, args
}

// sieved reports whether most rows that the index brings may yet fall out: for the order of their words, their tag, day or author.
func (p plan) sieved() bool {
	return len(p.phrases) > 0 || p.filter.Tag != "" || !p.filter.Before.IsZero() || !p.filter.After.IsZero() || len(p.authors) > maxAuthors
}

// authors are the accounts that "by:" may mean.
func (s Store) authors(ctx context.Context, p plan) ([]int64, error) {
	if p.filter.By == "" {
		return nil, nil
	}
	if mine[Fold(p.filter.By)] && p.reach.Me != 0 {
		return []int64{int64(p.reach.Me)}, nil
	}
	rows, err := s.db.Query(ctx, `select id from account where lower(unaccent(name)) like unaccent($1) or handle like $1`, "%"+likely.Replace(strings.ToLower(p.filter.By))+"%")
	if err != nil {
		return nil, fmt.Errorf("authors: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("authors: %w", err)
	}
	return append([]int64{}, ids...), nil
}

// mine are the words for oneself in "by:me".
var mine = map[string]bool{"me": true, "mich": true, "mir": true, "ich": true, "moi": true, "emena": true, "myself": true}

// likely makes a text harmless within a LIKE pattern.
var likely = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

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

// weighed are the columns by which matches are compared: which words they hold, and what they are worth. Where not all words are held, that
// is worked out for the fullest alone.
func (p plan) weighed(query string, args pgx.NamedArgs, some bool) string {
	args["strong"] = p.query(true, some)
	if some {
		return p.mask(args) + " as mask"
	}
	return strconv.Itoa(1<<len(p.words)-1) + " as mask, " + p.score(query, some) + " as score"
}

// best is the statement's part that weighs what was found.
func (p plan) best(query string, some bool) string {
	if some {
		return `best as (select item_id, ` + p.score(query, some) + ` as score, mask, at
			from (select f.item_id, f.mask, f.at, s.search from (select item_id, mask, at from found order by bit_count(mask::bit(16)) desc, at desc, item_id desc limit 300) f join item_search s on s.item_id = f.item_id) h)`
	}
	return `best as (select item_id, score, mask, at from found)`
}

// mask says which words a match holds; each is asked only where not all are held anyway.
func (p plan) mask(args pgx.NamedArgs) string {
	sql := "0"
	for n, w := range p.words {
		name := "word" + strconv.Itoa(n)
		args[name] = w.query(maxNarrow)
		sql += fmt.Sprintf(" | case when search @@ @%s::tsquery then %d else 0 end", name, 1<<n)
	}
	return "(" + sql + ")"
}

// looser is the query for some of the words: for the rare ones, as many as can be read whole. What is everywhere does no more than lift what
// holds a rarer word; if all words are, the rarest must stand with another.
func (s Store) looser(ctx context.Context, p plan) (string, error) {
	type counted struct {
		query string
		rows  int
	}
	var words []counted
	for _, w := range p.words {
		query := w.query(maxNarrow)
		if query == "" {
			continue
		}
		rows, err := s.estimate(ctx, p, strings.Join(append([]string{query}, p.phrases...), " & "))
		if err != nil {
			return "", err
		}
		words = append(words, counted{query, rows})
	}
	slices.SortStableFunc(words, func(a, b counted) int { return a.rows - b.rows })
	var rare, others []string
	sum := 0
	for _, w := range words {
		if sum += w.rows; sum <= loosely || len(rare) == 0 {
			rare = append(rare, w.query)
		} else {
			others = append(others, w.query)
		}
	}
	query := either(rare, maxWords)
	if len(others) > 0 && words[0].rows > loosely {
		query += " & " + either(others, maxWords)
	}
	return strings.Join(append([]string{query}, p.phrases...), " & "), nil
}
