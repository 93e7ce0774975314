package search

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// translations is the vector of all that an entry says in other languages, each in its own configuration; id is an SQL expression. Other items have none.
func translations(id string) string {
	var all []string
	for _, lang := range locale.All {
		config := "'public.k_" + string(lang) + "'"
		all = append(all, `coalesce((select setweight(to_tsvector(`+config+`, o.title), 'A') || setweight(to_tsvector(`+config+`, o.summary), 'B') || setweight(to_tsvector(`+config+`, left(`+partsOf("o")+`, 50000)), 'D')
			from entry_translation o where o.entry_id = `+id+` and o.lang = '`+string(lang)+`'), '')`)
	}
	return strings.Join(all, "\n\t\t|| ")
}

// partsOf are the texts of an entry, or of a translation, without the names of its parts.
func partsOf(table string) string {
	return `coalesce((select string_agg(f.value, E'\n\n' order by array_position(array['situation', 'done', 'outcome', 'differently', 'use', 'steps', 'effort', 'limits', 'purpose', 'inputs', 'licence',
		'immediate', 'potential', 'applied', 'realised', 'reframing', 'told', 'shows', 'causes', 'ways', 'differs', 'more'], f.key)) from jsonb_each_text(` + table + `.fields) f where f.value <> ''), '')`
}

// Translated writes the index row of an entry anew whose translations changed, and lets their words be learnt.
func Translated(ctx context.Context, tx pgx.Tx, id item.ID) error {
	if err := Rebuild(ctx, tx, []item.ID{id}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into vocabulary_queue (item_id, fresh) values ($1, false) on conflict do nothing`, id); err != nil {
		return fmt.Errorf("index item %d: %w", id, err)
	}
	return nil
}

// translationsShown are the translations of item i as HTML.
var translationsShown = `(select string_agg(concat(` + paragraph("o.title") + `, ` + paragraph("o.summary") + `, o.html), '' order by o.lang) from entry_translation o where o.entry_id = i.id)`

// ownWords is the HTML of item i; of an entry that can be read in other languages too it leaves room for them within the little that is read of a hit.
const ownWords = `case when i.kind = 'entry' and exists (select from entry_translation o where o.entry_id = i.id) then left(t.html, 1600) else t.html end`

// countTranslations counts the words of all translations.
func (s Store) countTranslations(ctx context.Context, counts map[met]int) error {
	rows, err := s.db.Query(ctx, `select lang, title, html from entry_translation`)
	if err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	t := unlearnt{Fresh: true}
	if _, err = pgx.ForEachRow(rows, []any{&t.Lang, &t.Title, &t.HTML}, func() error { t.count(counts); return nil }); err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	return nil
}
