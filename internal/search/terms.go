package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
)

const termSQL = `select t.slug, t.source, t.revision, t.updated_at, coalesce(a.name, ''), l.lang,
		array(select w.word from glossary_word w where w.term_id = t.id and w.lang = l.lang order by w.position), coalesce((select d.text from glossary_definition d where d.term_id = t.id and d.lang = l.lang), '')
	from glossary_term t left join account a on a.id = t.updated_by, unnest(array['en', 'de', 'fr', 'el']) l(lang)`

// Term of the glossary.
func (s Store) Term(ctx context.Context, slug string) (Term, error) {
	terms, err := s.terms(ctx, termSQL+` where t.slug = $1`, slug)
	if err != nil {
		return Term{}, fmt.Errorf("term %s: %w", slug, err)
	}
	if len(terms) == 0 {
		return Term{}, fmt.Errorf("term %s: %w", slug, fault.NotFound)
	}
	return terms[0], nil
}

// Terms are all of the glossary, in the order of their names in l.
func (s Store) Terms(ctx context.Context, l locale.Lang) ([]Term, error) {
	terms, err := s.terms(ctx, termSQL+` order by t.id`)
	if err != nil {
		return nil, fmt.Errorf("glossary: %w", err)
	}
	slices.SortFunc(terms, func(a, b Term) int {
		return strings.Compare(Fold(a.Name(l))+a.Slug, Fold(b.Name(l))+b.Slug)
	})
	return terms, nil
}

func (s Store) terms(ctx context.Context, sql string, args ...any) ([]Term, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	var all []Term
	var t Term
	var l locale.Lang
	var sense Sense
	_, err = pgx.ForEachRow(rows, []any{&t.Slug, &t.Source, &t.Revision, &t.UpdatedAt, &t.UpdatedBy, &l, &sense.Words, &sense.Definition}, func() error {
		if len(all) == 0 || all[len(all)-1].Slug != t.Slug {
			t.Senses = map[locale.Lang]Sense{}
			all = append(all, t)
		}
		sense.Words = slices.Clone(sense.Words)
		all[len(all)-1].Senses[l] = sense
		return nil
	})
	return all, err
}

// About are the terms that a query names, for showing what they mean beside what was found.
func (s Store) About(ctx context.Context, q Query) ([]Term, error) {
	var all []sought
	for _, w := range q.Words {
		all = append(all, newSought(w))
	}
	if len(all) == 0 {
		return nil, nil
	}
	_, langs, keys := spansOf(all)
	terms, err := s.terms(ctx, termSQL+` where t.id in (select g.term_id from unnest($1::text[], $2::text[]) k(lang, key) join glossary_word g on g.key = k.key and g.lang = k.lang) order by t.id`, langs, keys)
	if err != nil {
		return nil, fmt.Errorf("terms of a query: %w", err)
	}
	return first(terms, 3), nil
}
