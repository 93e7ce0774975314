// Package search keeps the index row of every item, and answers queries over it.
package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// vector weighs title (A), summary (B) and body (D) with the language's own configuration. It is computed here, by the
// statement that writes the item: a generated column could not see both title and body, and would not survive a dump.
const vector = `setweight(to_tsvector(('public.k_' || @lang)::regconfig, @title), 'A')
	|| setweight(to_tsvector(('public.k_' || @lang)::regconfig, @summary), 'B')
	|| setweight(to_tsvector(('public.k_' || @lang)::regconfig, left(@searched, 200000)), 'D')`

// Row is the part of a new item's statement that writes its index row. Title and language are the item's own arguments.
func Row(summary, body string) item.Part {
	return item.Part{Name: "indexed", SQL: `insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search)
		select id, community_id, audience, author_id, kind, lang, created_at, ` + vector + ` from made`,
		Args: pgx.NamedArgs{"summary": summary, "searched": body}}
}

// Renew writes the index row of a changed item anew, with the translations that there are of it.
func Renew(ctx context.Context, tx pgx.Tx, id item.ID, lang locale.Lang, title, summary, body string) error {
	_, err := tx.Exec(ctx, `update item_search set lang = @lang, search = `+vector+` || `+translations("@id::bigint")+` where item_id = @id`,
		pgx.NamedArgs{"id": id, "lang": lang, "title": title, "summary": summary, "searched": body})
	if err != nil {
		return fmt.Errorf("index item %d: %w", id, err)
	}
	return nil
}
