package search

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
)

// glossarySQL finds what else the terms are called that a query names, with the phrase as a tsquery of its own language.
const glossarySQL = `select k.n::int, w.lang, w.word, w.key, phraseto_tsquery(('public.k_' || w.lang)::regconfig, w.word)::text
	from unnest($1::text[], $2::text[]) with ordinality k(lang, key, n) join glossary_word g on g.key = k.key and g.lang = k.lang
	join glossary_word w on w.term_id = g.term_id order by k.n, w.lang, w.position limit 200`

// span of a query's words that may be a term: from word, how many.
type span struct{ from, length int }

// maxTerm is how many content words a term of the glossary may have to be found as one.
const maxTerm = 4

// spansOf are the stretches of a query that may be terms, the longest first, with their keys in each language.
func spansOf(all []sought) (spans []span, langs, keys []string) {
	for length := min(maxTerm, len(all)); length >= 1; length-- {
		for from := 0; from+length <= len(all); from++ {
			for _, l := range locale.All {
				var roots []string
				for _, w := range all[from : from+length] {
					roots = append(roots, w.roots[l])
				}
				spans, langs, keys = append(spans, span{from, length}), append(langs, string(l)), append(keys, strings.Join(roots, " "))
			}
		}
	}
	return spans, langs, keys
}

// readGlossary puts the other names of a term beside the words that name it; a longer term leaves nothing to a shorter one within it.
func readGlossary(results pgx.BatchResults, all []sought, spans []span) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	covered := make([]span, len(all))
	var n int
	var a alike
	var key, query string
	_, err = pgx.ForEachRow(rows, []any{&n, &a.lang, &a.phrase, &key, &query}, func() error {
		at := spans[n-1]
		for i := at.from; i < at.from+at.length; i++ {
			if covered[i].length > 0 && covered[i] != at {
				return nil
			}
		}
		for i := at.from; i < at.from+at.length; i++ {
			covered[i], all[i].term = at, at
			if query != "" {
				all[i].terms = append(all[i].terms, "("+query+")")
			}
			a.keys = strings.Fields(key)
			all[i].alike = append(all[i].alike, a)
		}
		if Fold(a.phrase) != all[at.from].folded {
			all[at.from].others = append(all[at.from].others, other{a.phrase, meaning})
		}
		return nil
	})
	return err
}
