package search

import (
	"context"
	"fmt"
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
	for _, w := range p.words {
		piece := w.query(pieces(some))
		if strong {
			piece = either(w.strong, maxNarrow)
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

func pieces(some bool) int {
	if some {
		return maxNarrow
	}
	return maxWide
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
	// Apart from the query: within it the index would read all that holds the excluded word.
	add(len(p.not) > 0, "not", strings.Join(p.not, " | "), "not i.search @@ @not::tsquery")
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
		args[name] = w.query(maxNarrow)
		sql += fmt.Sprintf(" | case when search @@ @%s::tsquery then %d else 0 end", name, 1<<n)
	}
	return "(" + sql + ")"
}
